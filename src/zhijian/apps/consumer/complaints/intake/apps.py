from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints.intake"
    label = "complaint_intake"
    verbose_name = "投诉举报接收"

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints"
    label = "complaints"
    verbose_name = "投诉举报"

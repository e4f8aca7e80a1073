from django.apps import AppConfig


class InstantInformationConfig(AppConfig):
    name = "zhijian.apps.supervision.annual_reports.instant_information"
    label = "instant_information"
    verbose_name = "即时信息"

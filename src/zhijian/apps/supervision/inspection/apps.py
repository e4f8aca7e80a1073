from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "zhijian.apps.supervision.inspection"
    label = "inspection"
    verbose_name = "双随机检查"

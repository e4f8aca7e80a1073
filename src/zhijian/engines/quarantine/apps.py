from django.apps import AppConfig


class QuarantineConfig(AppConfig):
    name = "zhijian.engines.quarantine"
    label = "quarantine"
    verbose_name = "隔离数据处理"
    default_auto_field = "django.db.models.BigAutoField"

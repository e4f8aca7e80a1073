from django.apps import AppConfig


class DeclaredRegistersConfig(AppConfig):
    name = "zhijian.engines.registers.declared"
    label = "declared"
    verbose_name = "申报式登记册"
    default_auto_field = "django.db.models.BigAutoField"

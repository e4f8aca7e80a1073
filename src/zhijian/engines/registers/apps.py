from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "zhijian.engines.registers"
    label = "registers"
    verbose_name = "名录登记簿"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "zhijian.engines.forms"
    label = "forms"
    verbose_name = "表单"
    default_auto_field = "django.db.models.BigAutoField"

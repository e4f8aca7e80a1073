from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "zhijian.engines.exchange"
    label = "exchange"
    verbose_name = "数据共享交换"
    default_auto_field = "django.db.models.BigAutoField"

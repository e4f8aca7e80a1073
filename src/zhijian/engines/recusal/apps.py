from django.apps import AppConfig


class RecusalConfig(AppConfig):
    name = "zhijian.engines.recusal"
    label = "recusal"
    verbose_name = "回避"

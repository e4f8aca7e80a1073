from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "zhijian.engines.facts"
    label = "facts"
    verbose_name = "事实"

from django.apps import AppConfig


class DataProtectionConfig(AppConfig):
    name = "zhijian.engines.data_protection"
    label = "data_protection"
    verbose_name = "个人信息保护"

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "zhijian.security"
    label = "security"
    verbose_name = "信息安全"

from django.apps import AppConfig


class CaseChecksConfig(AppConfig):
    name = "zhijian.apps.supervision.case_checks"
    label = "case_checks"
    verbose_name = "个案检查"

from django.apps import AppConfig


class AnnualReportsConfig(AppConfig):
    name = "zhijian.apps.supervision.annual_reports"
    label = "annual_reports"
    verbose_name = "年度报告"

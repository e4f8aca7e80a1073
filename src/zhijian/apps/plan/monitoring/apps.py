from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "zhijian.apps.plan.monitoring"
    label = "plan_monitoring"
    verbose_name = "规划监测评估"

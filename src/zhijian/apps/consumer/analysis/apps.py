from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "zhijian.apps.consumer.analysis"
    label = "consumer_analysis"
    verbose_name = "投诉举报分析与消费警示"

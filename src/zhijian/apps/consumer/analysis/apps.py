from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "zhijian.apps.consumer.analysis"
    label = "consumer_analysis"
    verbose_name = "投诉举报分析与消费警示"

    def ready(self) -> None:
        """Make the procedure of warnings and the notices to subscribers known to their engines."""
        from zhijian.apps.consumer.analysis import subscribing
        from zhijian.apps.consumer.analysis.procedure import WARNING
        from zhijian.engines.notices import declaration as notices
        from zhijian.engines.procedures.declaration import register

        register(WARNING)
        notices.register(subscribing.KINDS)

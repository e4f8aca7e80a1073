from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints.matters"
    label = "complaint_matters"
    verbose_name = "投诉举报事项"

    def ready(self) -> None:
        """Let the judges of signals read complaints and reports."""
        from zhijian.apps.consumer.complaints.matters.counting import counted
        from zhijian.engines.signals.counted import register

        register("consumer/complaints", counted)

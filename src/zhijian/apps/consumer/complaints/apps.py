from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "zhijian.apps.consumer.complaints"
    label = "complaints"
    verbose_name = "投诉举报"

    def ready(self) -> None:
        """Make both procedures known to the engine."""
        from zhijian.apps.consumer.complaints.procedure import COMPLAINT, REPORT
        from zhijian.engines.procedures.declaration import register

        register(COMPLAINT)
        register(REPORT)

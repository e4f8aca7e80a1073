from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "zhijian.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from pathlib import Path

        from zhijian.engines.notices import declaration

        declaration.register(declaration.load(Path(__file__).parent / "notices.yaml"))
        self._watch()

    def _watch(self) -> None:
        """Number the jobs of a worker in its log, and send traces where a collector is set."""
        from django.conf import settings
        from django_tasks.signals import task_finished, task_started

        from zhijian.infrastructure import telemetry
        from zhijian.portal import measuring

        telemetry.start(settings.TRACES_URL)
        task_started.connect(measuring.number_job, dispatch_uid="number_job")
        task_finished.connect(measuring.forget_job, dispatch_uid="forget_job")

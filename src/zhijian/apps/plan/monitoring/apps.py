from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "zhijian.apps.plan.monitoring"
    label = "plan_monitoring"
    verbose_name = "规划监测评估"

    def ready(self) -> None:
        """Make known who sees the papers behind a value, and the reminders to the notices engine."""
        from pathlib import Path

        from zhijian.apps.plan.monitoring import papers
        from zhijian.engines.evidence import access
        from zhijian.engines.notices import declaration

        access.register(papers.OF_VALUE, papers.check_paper)
        declaration.register(declaration.load(Path(__file__).parent / "notices.yaml"))

from django.apps import AppConfig


class AnnualReportsConfig(AppConfig):
    name = "zhijian.apps.supervision.annual_reports"
    label = "annual_reports"
    verbose_name = "年度报告"

    def ready(self) -> None:
        """Make the reminder known to the notices engine."""
        from pathlib import Path

        from zhijian.engines.notices import declaration

        declaration.register(declaration.load(Path(__file__).parent / "notices.yaml"))

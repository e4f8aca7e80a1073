from django.apps import AppConfig


class VisitCodesConfig(AppConfig):
    name = "zhijian.apps.supervision.visit_codes"
    label = "visit_codes"
    verbose_name = "亮码入企"

    def ready(self) -> None:
        """Say who may see the notices."""
        from zhijian.apps.supervision.visit_codes import paperwork
        from zhijian.engines.evidence import access

        access.register(paperwork.OF_VISIT, paperwork.check_paper)

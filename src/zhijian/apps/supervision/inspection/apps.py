from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "zhijian.apps.supervision.inspection"
    label = "inspection"
    verbose_name = "双随机检查"

    def ready(self) -> None:
        """Make the procedure of the quality sample known to its engine, and say who may see papers of checks and objections."""
        from zhijian.apps.supervision.inspection import objecting, orders, procedures, site_papers
        from zhijian.engines.documents import delivering
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register

        register(procedures.RECHECK)
        access.register(objecting.OF_OBJECTION, objecting.check_paper)
        access.register(orders.OF_SITE, site_papers.check_paper)
        delivering.register(orders.OF_SITE, site_papers.page_of)

from django.apps import AppConfig


class ListingConfig(AppConfig):
    name = "zhijian.apps.supervision.listing"
    label = "listing"
    verbose_name = "经营异常名录和严重违法失信名单"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the three procedures, and who may see their papers, known to their engines."""
        from zhijian.apps.supervision.listing import paperwork, procedures
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register

        for one in procedures.ALL:
            register(one)
        access.register(paperwork.OF_MATTER, paperwork.check_paper)

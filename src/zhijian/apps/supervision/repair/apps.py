from django.apps import AppConfig


class RepairConfig(AppConfig):
    name = "zhijian.apps.supervision.repair"
    label = "repair"
    verbose_name = "信用修复和撤回公示"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the three procedures, and who may see their papers and files, known to their engines."""
        from zhijian.apps.supervision.repair import paperwork, procedures
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register

        for one in procedures.ALL:
            register(one)
        access.register(paperwork.OF_MATTER, paperwork.check_paper)

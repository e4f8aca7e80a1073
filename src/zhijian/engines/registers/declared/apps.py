from django.apps import AppConfig


class DeclaredRegistersConfig(AppConfig):
    name = "zhijian.engines.registers.declared"
    label = "declared"
    verbose_name = "申报式登记册"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who may see the papers of registers."""
        from zhijian.engines.evidence import access
        from zhijian.engines.registers.declared import paperwork

        access.register(paperwork.OF_ENTRY, paperwork.check_paper)

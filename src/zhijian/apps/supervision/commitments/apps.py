from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "zhijian.apps.supervision.commitments"
    label = "commitments"
    verbose_name = "告知承诺信用监管"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the registers, the procedure, and who may see its papers, known to their engines."""
        from zhijian.apps.supervision.commitments import paperwork, procedures
        from zhijian.apps.supervision.commitments.registers import REGISTERS
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        register(procedures.CHECK)
        access.register(paperwork.OF_MATTER, paperwork.check_paper)

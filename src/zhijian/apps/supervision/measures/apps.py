from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "zhijian.apps.supervision.measures"
    label = "measures"
    verbose_name = "惩戒和激励措施"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the registers and the notice known to their engines."""
        from pathlib import Path

        from zhijian.apps.supervision.measures.registers import REGISTERS
        from zhijian.engines.notices import declaration
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        declaration.register(declaration.load(Path(__file__).parent / "notices.yaml"))

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "zhijian.apps.supervision.planning"
    label = "planning"
    verbose_name = "抽查事项与名录库"

    def ready(self) -> None:
        """Make the registers known to their engine."""
        from zhijian.apps.supervision.planning.registers import REGISTERS
        from zhijian.engines.registers.declared import registry

        for register in REGISTERS:
            registry.add(register)

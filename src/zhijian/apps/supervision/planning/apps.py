from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "zhijian.apps.supervision.planning"
    label = "planning"
    verbose_name = "抽查事项、名录库和年度计划"

    def ready(self) -> None:
        """Make the registers known to their engine."""
        from zhijian.apps.supervision.planning import object_registers, registers
        from zhijian.engines.registers.declared import registry

        for register in (registers.ITEMS, registers.INSPECTORS, *object_registers.REGISTERS):
            registry.add(register)

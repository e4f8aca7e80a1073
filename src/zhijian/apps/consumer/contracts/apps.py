from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "zhijian.apps.consumer.contracts"
    label = "contracts"
    verbose_name = "合同示范文本和不公平格式条款监管"

    def ready(self) -> None:
        """Make the registers, the procedure, and who may see its papers, known to their engines."""
        from zhijian.apps.consumer.contracts import paperwork
        from zhijian.apps.consumer.contracts.procedure import SUPERVISION
        from zhijian.apps.consumer.contracts.registers import REGISTERS
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        register(SUPERVISION)
        access.register(paperwork.OF_MATTER, paperwork.check_paper)

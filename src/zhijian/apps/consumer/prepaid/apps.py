from django.apps import AppConfig


class PrepaidConfig(AppConfig):
    name = "zhijian.apps.consumer.prepaid"
    label = "prepaid"
    verbose_name = "预付卡消费治理"

    def ready(self) -> None:
        from zhijian.apps.consumer.prepaid.alerts import PREPAID_RISK
        from zhijian.apps.consumer.prepaid.registers import REGISTERS
        from zhijian.engines.procedures.declaration import register as register_procedure
        from zhijian.engines.registers.declared import registry

        for register in REGISTERS:
            registry.add(register)
        register_procedure(PREPAID_RISK)

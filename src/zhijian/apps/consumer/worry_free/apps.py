from django.apps import AppConfig


class WorryFreeConfig(AppConfig):
    name = "zhijian.apps.consumer.worry_free"
    label = "worry_free"
    verbose_name = "放心消费承诺"

    def ready(self) -> None:
        from zhijian.apps.consumer.worry_free.registers import REGISTERS
        from zhijian.engines.registers.declared import registry

        for register in REGISTERS:
            registry.add(register)

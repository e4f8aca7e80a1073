from django.apps import AppConfig


class OdrConfig(AppConfig):
    name = "zhijian.apps.consumer.odr"
    label = "odr"
    verbose_name = "在线消费纠纷解决"

    def ready(self) -> None:
        """Make the registers and the kinds of notices known, and who may see a room's files."""
        from zhijian.apps.consumer.odr import access, noticing
        from zhijian.apps.consumer.odr.registers import REGISTERS
        from zhijian.engines.evidence import access as evidence
        from zhijian.engines.notices import declaration as notices
        from zhijian.engines.registers.declared import registry

        for register in REGISTERS:
            registry.add(register)
        evidence.register(access.OF_ROOM, access.check_file, access.sees_any)
        notices.register(noticing.KINDS)

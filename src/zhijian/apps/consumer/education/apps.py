from django.apps import AppConfig


class EducationConfig(AppConfig):
    name = "zhijian.apps.consumer.education"
    label = "education"
    verbose_name = "网上消费教育基地"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhijian.apps.consumer.education.registers import REGISTERS
        from zhijian.engines.registers.declared import registry

        for register in REGISTERS:
            registry.add(register)

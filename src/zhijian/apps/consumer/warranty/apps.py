from django.apps import AppConfig


class WarrantyConfig(AppConfig):
    name = "zhijian.apps.consumer.warranty"
    label = "warranty"
    verbose_name = "“三包”争议解决"

    def ready(self) -> None:
        from zhijian.apps.consumer.warranty.registers import DISPUTES
        from zhijian.engines.registers.declared import registry

        registry.add(DISPUTES)

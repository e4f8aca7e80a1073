from django.apps import AppConfig


class DrugFilesConfig(AppConfig):
    name = "zhijian.apps.supervision.drug_files"
    label = "drug_files"
    verbose_name = "药品安全信用档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the registers known to their engine, and to draws who is looked at more closely."""
        from zhijian.apps.supervision.drug_files import queries
        from zhijian.apps.supervision.drug_files.registers import REGISTERS
        from zhijian.engines.registers import closer
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        closer.provide("supervision/drug_files", queries.codes_of)

from django.apps import AppConfig


class KeyFilesConfig(AppConfig):
    name = "zhijian.apps.supervision.key_files"
    label = "key_files"
    verbose_name = "重点监管企业监督检查档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the procedure known to its engine, and to draws who is looked at more closely."""
        from zhijian.apps.supervision.key_files import procedures, queries
        from zhijian.engines.procedures.declaration import register
        from zhijian.engines.registers import closer

        register(procedures.KEY_FILE)
        closer.provide("supervision/key_files", queries.codes_of)

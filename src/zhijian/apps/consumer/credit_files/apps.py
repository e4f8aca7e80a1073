from pathlib import Path

from django.apps import AppConfig

_HERE = Path(__file__).parent


class CreditFilesConfig(AppConfig):
    name = "zhijian.apps.consumer.credit_files"
    label = "credit_files"
    verbose_name = "消费领域信用档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the two procedures of the file known: an objection to an item, the repair of one."""
        from zhijian.apps.consumer.credit_files import deciding, services
        from zhijian.engines.procedures.declaration import Procedure, register

        register(
            Procedure(
                code=services.OBJECTION,
                title_zh="消费领域信用信息异议",
                title_en="Objection to an item of a credit file",
                drawing=_HERE / "objection.bpmn",
                plan_ids=("S49",),
                services={"take_in": deciding.take_in, "decide": deciding.decide_objection},
            )
        )
        register(
            Procedure(
                code=services.REPAIR,
                title_zh="消费领域信用修复",
                title_en="Repair of an item of a credit file",
                drawing=_HERE / "repair.bpmn",
                plan_ids=("S49",),
                services={"take_in": deciding.take_in, "decide": deciding.decide_repair},
            )
        )

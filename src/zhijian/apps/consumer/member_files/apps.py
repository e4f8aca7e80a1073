from pathlib import Path

from django.apps import AppConfig


class MemberFilesConfig(AppConfig):
    name = "zhijian.apps.consumer.member_files"
    label = "member_files"
    verbose_name = "会员企业信用档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the registers and the procedure of a member's objection known."""
        from zhijian.apps.consumer.member_files import objections
        from zhijian.apps.consumer.member_files.registers import REGISTERS
        from zhijian.engines.procedures.declaration import Procedure, register
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        register(
            Procedure(
                code=objections.CODE,
                title_zh="会员企业对协会记录的异议",
                title_en="A member's objection to an association's entry",
                drawing=Path(__file__).parent / "objection.bpmn",
                plan_ids=("S50",),
                services={"decide": objections.decide},
            )
        )

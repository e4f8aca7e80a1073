from pathlib import Path

from django.apps import AppConfig


class InclusiveConfig(AppConfig):
    name = "zhijian.apps.supervision.inclusive"
    label = "inclusive"
    verbose_name = "包容审慎监管"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the registers, and the procedure by which a trial is admitted, known to their engines."""
        from django.db.models.signals import post_save

        from zhijian.apps.supervision.inclusive import filing, sweeping
        from zhijian.apps.supervision.inclusive.registers import REGISTERS, TRIALS
        from zhijian.engines.facts.models import Fact
        from zhijian.engines.procedures.declaration import Procedure, register
        from zhijian.engines.registers.declared import applications, registry

        for one in REGISTERS:
            registry.add(one)
        post_save.connect(sweeping.on_fact, sender=Fact, dispatch_uid="inclusive")
        post_save.connect(filing.on_fact, sender=Fact, dispatch_uid="inclusive.filing")
        register(
            Procedure(
                code=TRIALS.procedure,
                title_zh="沙盒监管试点：列入",
                title_en="Bounded trials: admission",
                drawing=Path(__file__).parent / "procedure.bpmn",
                plan_ids=TRIALS.plan_ids,
                services={"decide": applications.decide},
            )
        )

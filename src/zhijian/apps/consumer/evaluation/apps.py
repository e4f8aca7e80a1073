from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "zhijian.apps.consumer.evaluation"
    label = "evaluation"
    verbose_name = "消费后评价"

    def ready(self) -> None:
        """Make the register and the procedure known to their engines."""
        from zhijian.apps.consumer.evaluation.procedure import OBJECTION
        from zhijian.apps.consumer.evaluation.registers import FIRMS
        from zhijian.engines.procedures.declaration import register
        from zhijian.engines.registers.declared import registry

        registry.add(FIRMS)
        register(OBJECTION)

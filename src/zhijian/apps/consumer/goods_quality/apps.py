from django.apps import AppConfig


class GoodsQualityConfig(AppConfig):
    name = "zhijian.apps.consumer.goods_quality"
    label = "goods_quality"
    verbose_name = "消费品质量安全风险监测"

    def ready(self) -> None:
        """Make the registers, the procedure and who sees its papers known to their engines."""
        from zhijian.apps.consumer.goods_quality import policies, services
        from zhijian.apps.consumer.goods_quality.procedure import RISK
        from zhijian.apps.consumer.goods_quality.registers import REGISTERS
        from zhijian.engines.evidence import access
        from zhijian.engines.procedures.declaration import register
        from zhijian.engines.registers.declared import registry

        for one in REGISTERS:
            registry.add(one)
        register(RISK)
        access.register(services.OF_RISK, services.check_paper, policies.can_work)

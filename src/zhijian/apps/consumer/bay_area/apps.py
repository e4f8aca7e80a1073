from django.apps import AppConfig


class BayAreaConfig(AppConfig):
    name = "zhijian.apps.consumer.bay_area"
    label = "bay_area"
    verbose_name = "粤港澳大湾区消费投诉转办"

    def ready(self) -> None:
        """Make the two procedures known to their engine."""
        from zhijian.apps.consumer.bay_area.procedure import INCOMING, OUTGOING
        from zhijian.engines.procedures.declaration import register

        register(OUTGOING)
        register(INCOMING)

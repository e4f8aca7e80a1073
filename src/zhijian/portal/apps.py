from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "zhijian.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from pathlib import Path

        from zhijian.engines.notices import declaration

        declaration.register(declaration.load(Path(__file__).parent / "notices.yaml"))

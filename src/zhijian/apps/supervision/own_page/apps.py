from django.apps import AppConfig


class OwnPageConfig(AppConfig):
    name = "zhijian.apps.supervision.own_page"
    label = "own_page"
    verbose_name = "企业自己的页面"

    def ready(self) -> None:
        """Say who may see the letters."""
        from zhijian.apps.supervision.own_page import paperwork
        from zhijian.engines.evidence import access

        access.register(paperwork.OF_ACCESS, paperwork.check_paper)

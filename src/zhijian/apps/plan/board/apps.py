from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "zhijian.apps.plan.board"
    label = "plan_board"
    verbose_name = "负责人看板"

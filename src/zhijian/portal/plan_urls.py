"""Addresses of the plan: as everybody reads it, and as officers measure it."""

from django.urls import path, re_path

from zhijian.portal.views import (
    plan_evaluations,
    plan_indicators,
    plan_text,
    plan_work,
    plan_work_breaks,
    plan_work_evaluations,
    plan_work_load,
    plan_work_targets,
)

urlpatterns = [
    path("plan/text/", plan_text.text_page, name="plan_text"),
    path("plan/commitments/", plan_text.commitments_page, name="plan_commitments"),
    path("plan/indicators/", plan_indicators.indicators_page, name="plan_indicators"),
    path("plan/indicators/<str:number_>/", plan_indicators.indicator_page, name="plan_indicator"),
    path("plan/evaluations/", plan_evaluations.list_page, name="plan_evaluations"),
    path("plan/evaluations/<int:number>/", plan_evaluations.evaluation_page, name="plan_evaluation"),
    re_path(
        r"^plan/evaluations/(?P<number>\d{1,9})/report\.(?P<form>pdf|docx|zip)$",
        plan_evaluations.evaluation_file,
        name="plan_evaluation_file",
    ),
    path("plan/money/", plan_evaluations.money_page, name="plan_money"),
    path("work/plan/", plan_work.desk, name="plan_work"),
    path("work/plan/enter/", plan_work.enter_page, name="plan_work_enter"),
    path("work/plan/start/", plan_work.start, name="plan_work_start"),
    path("work/plan/targets/", plan_work_targets.targets_page, name="plan_work_targets"),
    path("work/plan/values/<int:number>/", plan_work.value_page, name="plan_work_value"),
    path(
        "work/plan/evaluations/<int:number>/",
        plan_work_evaluations.evaluation_page,
        name="plan_work_evaluation",
    ),
    re_path(
        r"^work/plan/evaluations/(?P<number>\d{1,9})/report\.(?P<form>pdf|docx|zip)$",
        plan_work_evaluations.evaluation_file,
        name="plan_work_evaluation_file",
    ),
    path("work/plan/findings/<int:number>/", plan_work_evaluations.finding_page, name="plan_work_finding"),
    path(
        "work/plan/adjustments/<int:number>/",
        plan_work_evaluations.adjustment_page,
        name="plan_work_adjustment",
    ),
    path("work/plan/breaks/", plan_work_breaks.breaks_page, name="plan_work_breaks"),
    path("work/plan/load/", plan_work_load.load_page, name="plan_work_load"),
    path("work/plan/money/", plan_work_evaluations.money_page, name="plan_work_money"),
]

"""Addresses of the plan as everybody reads it: its text, commitments, indicators, evaluations and money."""

from django.urls import path, re_path

from zhijian.portal.views import plan_evaluations, plan_indicators, plan_text

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
]

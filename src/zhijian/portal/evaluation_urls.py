"""Addresses of evaluation after consumption."""

from django.urls import path

from zhijian.portal.views import evaluation_work, evaluations

urlpatterns = [
    path("consumer/evaluation/", evaluations.evaluation_list, name="evaluations"),
    path("consumer/evaluation/new/", evaluations.evaluate, name="evaluate"),
    path("consumer/evaluation/done/", evaluations.evaluation_done, name="evaluation_done"),
    path("consumer/evaluation/rules/", evaluations.evaluation_rules, name="evaluation_rules"),
    path("consumer/evaluation/desk/", evaluations.desk, name="evaluation_desk"),
    path("consumer/evaluation/firms/<str:key>/", evaluations.evaluated_firm, name="evaluated_firm"),
    path("work/evaluations/", evaluation_work.evaluations_at_work, name="work_evaluations"),
    path(
        "work/evaluations/findings/<int:finding_id>/", evaluation_work.finding_page, name="evaluation_finding"
    ),
]

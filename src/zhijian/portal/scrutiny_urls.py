"""Addresses of how inspections do: for auditors and leaders, and the burden of firms in sums for everybody."""

from django.urls import path

from zhijian.portal.views import scrutiny

urlpatterns = [
    path("results/visits/", scrutiny.burden_page, name="visits_burden"),
    path("work/audit/targeting/", scrutiny.targeting_page, name="work_targeting"),
    path("work/audit/strictness/", scrutiny.strictness_page, name="work_strictness"),
    path("work/audit/quality/", scrutiny.quality_page, name="work_quality"),
    path("work/audit/counting/", scrutiny.counting_page, name="work_counting"),
    path("work/audit/counting/answer/", scrutiny.counting_answer, name="work_counting_answer"),
]

"""Addresses of joint inspections, the round of a day, recordings of checks, and checks for a lead."""

from django.urls import path

from zhijian.portal.views import case_checks, joint, recordings, rounds

urlpatterns = [
    path("joint/", joint.public_list, name="joint_plans"),
    path("joint/<str:plan>/", joint.public_plan, name="joint_plan"),
    path("work/joint/", joint.work_list, name="work_joint"),
    path("work/joint/visits/<int:visit_id>/", joint.visit_page, name="work_joint_visit"),
    path("work/joint/<str:plan>/", joint.work_plan, name="work_joint_plan"),
    path("work/round/", rounds.round_page, name="work_round"),
    path("work/recordings/", recordings.work_page, name="work_recordings"),
    path("work/checks/<int:check_id>/recordings/", recordings.check_page, name="work_recordings_of_check"),
    path("work/case-checks/", case_checks.work_list, name="work_case_checks"),
    path("work/case-checks/<str:number>/", case_checks.work_page, name="work_case_check"),
    path("my/case-checks/", case_checks.of_firm, name="my_case_checks"),
]

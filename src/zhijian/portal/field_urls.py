"""Addresses of joint inspections and of recordings of checks."""

from django.urls import path

from zhijian.portal.views import joint, recordings

urlpatterns = [
    path("joint/", joint.public_list, name="joint_plans"),
    path("joint/<str:plan>/", joint.public_plan, name="joint_plan"),
    path("work/joint/", joint.work_list, name="work_joint"),
    path("work/joint/visits/<int:visit_id>/", joint.visit_page, name="work_joint_visit"),
    path("work/joint/<str:plan>/", joint.work_plan, name="work_joint_plan"),
    path("work/recordings/", recordings.work_page, name="work_recordings"),
    path("work/checks/<int:check_id>/recordings/", recordings.check_page, name="work_recordings_of_check"),
]

"""Addresses of firms' own pages, and of the officers who let them in."""

from django.urls import path

from zhijian.portal.views import (
    annual_reports,
    business,
    instant_information,
    my,
    my_checks,
    objections,
    report_work,
    visits,
)

urlpatterns = [
    path("my/", my.my_page, name="my"),
    path("my/checks/<int:check_id>/", my_checks.record_page, name="my_check"),
    path("my/papers/<uuid:document_id>/", my_checks.paper_file, name="my_paper"),
    path("my/checks/<int:check_id>/objection/", objections.object_to_inspector, name="my_objection"),
    path("my/sign-in/", business.sign_in, name="my_sign_in"),
    path("my/sign-out/", business.sign_out, name="my_sign_out"),
    path("my/activate/", business.activate, name="my_activate"),
    path("my/people/", business.people, name="my_people"),
    path("my/reports/", annual_reports.report_list, name="my_reports"),
    path("my/reports/<int:year>/", annual_reports.report_page, name="my_report"),
    path("entities/<str:uscc>/reports/<int:year>/", annual_reports.public_report, name="annual_report"),
    path("work/annual-reports/", report_work.overview, name="annual_reports"),
    path("work/annual-reports/paper/", report_work.paper, name="annual_report_on_paper"),
    path("work/annual-reports/checks/", report_work.checks, name="annual_report_checks"),
    path("my/information/", instant_information.information_list, name="my_information"),
    path("my/information/<str:kind>/", instant_information.information_form, name="my_information_form"),
    path("entities/<str:uscc>/information/", instant_information.public_information, name="information"),
    path("my/visits/<int:check_id>/", visits.own_visit, name="my_visit"),
    path("visit/", visits.visit_page, name="visit"),
    path("visit/without-code/", visits.without_code, name="visit_without_code"),
    path("work/visits/", visits.work_page, name="work_visits"),
    path("work/visits/<str:number>/", visits.told_page, name="work_uncoded_visit"),
    path("work/checks/<int:check_id>/notice/", visits.notice, name="work_check_notice"),
    path("work/business/", business.codes, name="business_codes"),
]

"""Addresses of procedures and cases: public drawings, the modeller, inbox and case pages."""

from django.urls import path

from zhijian.portal.views import (
    cases,
    leave,
    officer_lists,
    officers,
    procedure_simulation,
    procedure_work,
    procedures,
    timeliness,
)

urlpatterns = [
    path("procedures/", procedures.procedure_list, name="procedures"),
    path("procedures/<path:code>/steps.csv", procedures.steps_csv, name="procedure_steps"),
    path("procedures/<path:code>/", procedures.procedure_page, name="procedure"),
    path("work/cases/", cases.inbox, name="cases"),
    path("work/cases/bulk/", cases.bulk, name="cases_bulk"),
    path("work/cases/items/<int:item_id>/draft/", cases.save_draft, name="case_draft"),
    path("work/cases/<int:case_id>/", cases.case_page, name="case"),
    path("work/leave/", leave.leave, name="leave"),
    path("work/officers/", officers.officer_list, name="officers"),
    path("work/officers/requests/<int:number>/", officers.decide, name="officer_decide"),
    path("work/officers/lists/new/", officer_lists.new_list, name="officer_accounts_new"),
    path("work/officers/lists/<int:number>/", officer_lists.list_page, name="officer_accounts"),
    path("work/officers/<str:username>/", officers.officer_page, name="officer"),
    path("work/units/timeliness/", timeliness.timeliness, name="timeliness"),
    path("work/procedures/", procedure_work.kept_procedures, name="kept_procedures"),
    path("work/procedures/<path:code>/check/", procedure_work.run_checks, name="procedure_check"),
    path(
        "work/procedures/<path:code>/versions/<int:number>/edit/",
        procedure_work.edit_drawing,
        name="procedure_edit",
    ),
    path(
        "work/procedures/<path:code>/versions/<int:number>/decisions/",
        procedure_work.edit_decisions,
        name="procedure_decisions",
    ),
    path(
        "work/procedures/<path:code>/versions/<int:number>/simulate/",
        procedure_simulation.simulation,
        name="procedure_simulation",
    ),
    path(
        "work/procedures/<path:code>/versions/<int:number>/publish/",
        procedure_work.publish,
        name="procedure_publish",
    ),
    path(
        "work/procedures/<path:code>/compare/<int:before>/<int:after>/",
        procedure_work.compare,
        name="procedure_compare",
    ),
    path("work/procedures/<path:code>/", procedure_work.version_list, name="procedure_versions"),
]

"""Addresses of signing in, of emergency access, of looks and their audit, and of requests about one's own data."""

from django.urls import path

from zhijian.portal.views import (
    access_audit,
    access_doors,
    data_requests,
    emergencies,
    first_password,
    outside_sign_in,
    own_account,
    own_looks,
    second_factor,
)

urlpatterns = [
    path("sign-in/code/", second_factor.code_step, name="sign_in_code"),
    path("sign-in/set-up/", second_factor.set_up_step, name="sign_in_set_up"),
    path("sign-in/first/<str:key>/", first_password.first_password, name="first_password"),
    path("sign-in/outside/", outside_sign_in.begin, name="outside_sign_in"),
    path("sign-in/outside/done/", outside_sign_in.finish, name="outside_sign_in_finish"),
    path("sign-out/outside/done/", outside_sign_in.left, name="outside_sign_out_done"),
    path("sign-out/outside/notice/", outside_sign_in.hear_logout, name="outside_sign_out_notice"),
    path("work/account/", own_account.page, name="own_account"),
    path("work/me/", second_factor.own_page, name="own_sign_ins"),
    path("work/me/app/", second_factor.set_up, name="set_up_app"),
    path("work/me/passkey/", second_factor.add_passkey, name="add_passkey"),
    path("work/emergency/", emergencies.emergency_page, name="emergency"),
    path("work/audit/access/", access_audit.records_page, name="access_records"),
    path("work/audit/access/alerts/", access_audit.alerts_page, name="access_alerts"),
    path("work/audit/access/alerts/<int:number>/", access_audit.alert_page, name="access_alert"),
    path("work/audit/access/refusals/", access_audit.refusals_page, name="access_refusals"),
    path("work/audit/access/doors/", access_doors.doors_page, name="access_doors"),
    path("work/data-requests/", data_requests.request_list, name="data_requests"),
    path("work/data-requests/<str:number>/", data_requests.request_page, name="data_request"),
    path("work/deletion-holds/", data_requests.holds_page, name="deletion_holds"),
    path("complain/status/looks/", own_looks.of_person, name="complain_looks"),
    path("my/looks/", own_looks.of_firm, name="my_looks"),
]

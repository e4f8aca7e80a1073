"""Addresses of signing in with a second factor, of an officer's own sign-ins, and of emergency access."""

from django.urls import path

from zhijian.portal.views import emergencies, second_factor

urlpatterns = [
    path("sign-in/code/", second_factor.code_step, name="sign_in_code"),
    path("sign-in/set-up/", second_factor.set_up_step, name="sign_in_set_up"),
    path("work/me/", second_factor.own_page, name="own_sign_ins"),
    path("work/me/app/", second_factor.set_up, name="set_up_app"),
    path("work/emergency/", emergencies.emergency_page, name="emergency"),
]

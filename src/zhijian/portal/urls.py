"""Every address of the site."""

from importlib.util import find_spec

from django.urls import include, path

from zhijian.portal.views import errors, home, preferences, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign_out"),
    path("preferences/elder/", preferences.set_elder, name="set_elder"),
    path("i18n/setlang/", preferences.set_language, name="set_language"),
]

if find_spec("zhijian.apps.supervision.inspection.pages"):
    urlpatterns.append(path("work/", include("zhijian.apps.supervision.inspection.pages")))

if find_spec("zhijian.portal.api"):
    from zhijian.portal.api import api

    urlpatterns.append(path("api/v1/", api.urls))

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.our_fault

"""Officers sign in and out. Citizens need no account."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhijian.portal.views import outside_sign_in
from zhijian.portal.views.own_account import landing
from zhijian.portal.views.register import now
from zhijian.security import factors, sessions
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may


class SignInForm(AuthenticationForm):
    """Name and password; pasting and password managers work, there is no puzzle."""

    error_messages = {
        "invalid_login": _("用户名和密码对不上。请核对后再试，连续5次对不上会锁定15分钟。"),
        "inactive": _("这个账号已停用。请联系本单位管理员。"),
    }

    username = forms.CharField(
        label=_("用户名"),
        widget=forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "username", "autocapitalize": "none"}
        ),
        error_messages={"required": _("请填写用户名。")},
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
        error_messages={"required": _("请填写密码。")},
    )


class SignIn(views.LoginView):
    """The sign-in page; goes on to where the officer wanted to go."""

    template_name = "portal/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        known = {
            "is_password_enough": factors.is_password_enough(at=now()),
            "has_provider": settings.OPENID_PROVIDER is not None,
        }
        return super().get_context_data(**known, **more)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Open a session where the password is enough; else ask for the second factor, or have one set up first."""
        officer = form.get_user()
        assert isinstance(officer, Officer)
        has_app, at = factors.app_of(officer) is not None, now()
        if not has_app and not factors.is_required(officer, at=at):
            sessions.open_for(self.request, officer, method="password", at=at)
            return redirect(landing(officer, self.get_success_url()))
        sessions.wait_for_second(self.request, officer, at=at)
        address = reverse("sign_in_code" if has_app else "sign_in_set_up")
        return redirect(f"{address}?{urlencode({'next': self.get_success_url_allowed()})}")

    def get_success_url_allowed(self) -> str:
        """Return where the officer wanted to go, if it is an address of this site."""
        return str(self.get_redirect_url())

    def get_default_redirect_url(self) -> str:
        """To the workbench; clerks of an association and people of other departments, who have none, to their own desk."""
        if may(self.request.user, Permission.WORK_JOINT):
            return reverse("work_joint")
        is_clerk = isinstance(self.request.user, Officer) and not may(
            self.request.user, Permission.VIEW_WORKBENCH
        )
        return reverse("members") if is_clerk else super().get_default_redirect_url()


class SignOut(views.LogoutView):
    """Ends the session. Only by POST, so that no link or picture elsewhere can do it."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session here, first; then the provider's, if the officer came by one."""
        ended = sessions.sign_out(request, at=now())
        if ended is not None and ended.outside_issuer:
            return outside_sign_in.leave(request, ended)
        return super().post(request, *args, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out, and tell the browser to drop what it cached of this site."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

"""The second step of signing in, and an officer's own page of sign-ins: codes of an app, recovery codes, open sessions."""

import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from zhijian.engines.documents.pictures import qr_svg
from zhijian.portal.components.words import in_english
from zhijian.portal.views.own_account import landing
from zhijian.portal.views.register import now
from zhijian.security import factors, passkeys, passwords, sessions, totp
from zhijian.security.models import Officer

_ISSUER = "Zhijian"
_TOO_MANY = 429
_ASKED = "passkey_asked"
_LONGEST_ANSWER = 20_000


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code_step(request: HttpRequest) -> HttpResponse:
    """Ask for a passkey, the app's code, or a recovery code, after the right password."""
    officer = sessions.waiting_for_second(request, at=now())
    if officer is None:
        return redirect("sign_in")
    problem, status = "", 200
    if request.method == "POST":
        is_passkey = "passkey" in request.POST
        problem, status = _try_passkey(request, officer) if is_passkey else _try_code(request, officer)
        if not problem:
            method = f"{sessions.first_factor(request)}+{'passkey' if is_passkey else 'totp'}"
            sessions.open_for(request, officer, method=method, at=now())
            return redirect(landing(officer, _next(request)))
    context = {"problem": problem, "server_time": now(), "next": _next(request)}
    if passkeys.passkeys_of(officer):
        options, request.session[_ASKED] = passkeys.begin_check(officer, host=_host(request))
        context["options"] = json.dumps(options)
    return render(request, "portal/sign_in_code.html", context, status=status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up_step(request: HttpRequest) -> HttpResponse:
    """Have an officer whose role needs it set up an app before the first session opens."""
    at = now()
    officer = sessions.waiting_for_second(request, at=at)
    if officer is None:
        return redirect("sign_in")
    if factors.app_of(officer) is not None:
        return redirect("sign_in_code")
    problem, codes = _confirmed(request, officer)
    if codes:
        sessions.open_for(request, officer, method=f"{sessions.first_factor(request)}+totp", at=at)
        goes_on = landing(officer, _next(request))
        return render(request, "portal/recovery_codes.html", {"codes": codes, "next": goes_on})
    context = _set_up(officer) | {"problem": problem, "next": _next(request), "is_signing_in": True}
    return render(request, "portal/set_up_app.html", context, status=422 if problem else 200)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def own_page(request: HttpRequest) -> HttpResponse:
    """My sign-ins: which are open, end the others; the password; the second factor, and new recovery codes."""
    officer, problem = request.user, ""
    assert isinstance(officer, Officer)
    act = _OWN_ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    if act is not None:
        done = act(request, officer)
        if isinstance(done, HttpResponse):
            return done
        problem = done
    open_now = sessions.open_of(officer, at=now())
    app = factors.app_of(officer)
    context = {
        "problem": problem,
        "has_others": any(not sessions.is_this_one(request, one) for one in open_now),
        "can_prove": app is not None or officer.has_usable_password(),
        "passkeys": passkeys.passkeys_of(officer),
        "app": app,
        "is_required": factors.is_required(officer, at=now()),
        "codes_left": factors.codes_left(officer),
        "open": [(one, sessions.is_this_one(request, one)) for one in open_now],
    }
    return render(request, "portal/own_sign_ins.html", context, status=422 if problem else 200)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up an app from one's own page."""
    officer = request.user
    assert isinstance(officer, Officer)
    if factors.app_of(officer) is not None:
        return redirect("own_sign_ins")
    problem, codes = _confirmed(request, officer)
    if codes:
        return render(request, "portal/recovery_codes.html", {"codes": codes, "next": "/work/me/"})
    context = _set_up(officer) | {"problem": problem, "next": "/work/me/"}
    return render(request, "portal/set_up_app.html", context, status=422 if problem else 200)


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Add a passkey from one's own page, with a code of the app."""
    officer = request.user
    assert isinstance(officer, Officer)
    if factors.app_of(officer) is None:
        return redirect("set_up_app")
    problem, label = "", request.POST.get("label", "")[:40]
    if request.method == "POST":
        asked, answered = request.session.pop(_ASKED, None), request.POST.get("passkey", "")[:_LONGEST_ANSWER]
        code, host, at = request.POST.get("code", "")[:40], _host(request), now()
        problem, _none = _guarded(
            request,
            officer,
            lambda: (
                passkeys.add(officer, answered, code, label=label, state=asked, host=host, at=at) and None
            ),
        )
        if not problem:
            messages.success(request, _("通行密钥已添加，下次登录可以用它代替验证码。"))
            return redirect("own_sign_ins")
    options, request.session[_ASKED] = passkeys.begin_adding(officer, host=_host(request))
    context = {"problem": problem, "label": label, "options": json.dumps(options)}
    return render(request, "portal/add_passkey.html", context, status=422 if problem else 200)


def _end_others(request: HttpRequest, officer: Officer) -> HttpResponse | str:
    at = now()
    try:
        passwords.prove(request, officer, request.POST.get("proof", ""), at=at)
    except passwords.PasswordRefused as refused:
        return refused.message_en if in_english() else refused.message_zh
    count = sessions.end_others(request, officer, at=at)
    messages.success(request, _("已结束其他%(n)d个登录。") % {"n": count})
    return redirect("own_sign_ins")


def _change_password(request: HttpRequest, officer: Officer) -> HttpResponse | str:
    old, new, again = (request.POST.get(name, "") for name in ("old", "password", "again"))
    try:
        count = passwords.change(request, officer, old, new, again, at=now())
    except passwords.PasswordRefused as refused:
        return refused.message_en if in_english() else refused.message_zh
    messages.success(request, _("密码已改，其他%(n)d个登录已结束。") % {"n": count})
    return redirect("own_sign_ins")


def _renew_codes(request: HttpRequest, officer: Officer) -> HttpResponse | str:
    typed = request.POST.get("code", "")[:40]
    problem, codes = _guarded(
        request,
        officer,
        lambda: factors.renew_codes(officer, typed, randomness=secrets.token_bytes, at=now()),
    )
    if problem:
        return problem
    return render(request, "portal/recovery_codes.html", {"codes": codes, "next": "/work/me/"})


def _remove_passkey(request: HttpRequest, officer: Officer) -> HttpResponse | str:
    number = request.POST.get("number", "")
    if number.isascii() and number.isdigit() and passkeys.remove(officer, int(number[:9]), at=now()):
        messages.success(request, _("已移除这个通行密钥。"))
    return redirect("own_sign_ins")


_OWN_ACTS: dict[str, Callable[[HttpRequest, Officer], HttpResponse | str]] = {
    "end": _end_others,
    "password": _change_password,
    "codes": _renew_codes,
    "remove_passkey": _remove_passkey,
}
"""What an officer's own page does; each answers with a page, or says why not."""


def _confirmed(request: HttpRequest, officer: Officer) -> tuple[str, list[str]]:
    """Take the app into use where its first code was sent; return the problem, or the recovery codes."""
    if request.method != "POST":
        return "", []
    typed = request.POST.get("code", "")[:40]
    return _guarded(
        request,
        officer,
        lambda: factors.confirm_app(officer, typed, randomness=secrets.token_bytes, at=now()),
    )


def _try_code(request: HttpRequest, officer: Officer) -> tuple[str, int]:
    typed = request.POST.get("code", "")[:40]
    problem, _codes = _guarded(request, officer, lambda: factors.check(officer, typed, at=now()))
    if not problem:
        return "", 200
    return problem, 422 if AxesProxyHandler.is_allowed(request, _who(officer)) else _TOO_MANY


def _try_passkey(request: HttpRequest, officer: Officer) -> tuple[str, int]:
    """Take a passkey's answer to the question that this session was asked, once."""
    asked, answered = request.session.pop(_ASKED, None), request.POST["passkey"][:_LONGEST_ANSWER]
    host, at = _host(request), now()
    problem, _none = _guarded(
        request, officer, lambda: passkeys.check(officer, answered, state=asked, host=host, at=at)
    )
    if not problem:
        return "", 200
    return problem, 422 if AxesProxyHandler.is_allowed(request, _who(officer)) else _TOO_MANY


def _host(request: HttpRequest) -> str:
    """Return the host name that passkeys belong to, which Django has held against the allowed ones; without its port."""
    return str(urlsplit(f"//{request.get_host()}").hostname)


def _guarded(request: HttpRequest, officer: Officer, act: Any) -> tuple[str, list[str]]:
    """Do what takes a code; five wrong ones lock for a quarter of an hour, as with passwords."""
    who = _who(officer)
    if not AxesProxyHandler.is_allowed(request, who):
        return _("试的次数太多，请15分钟后再试。"), []
    try:
        return "", act() or []
    except factors.WrongCode as wrong:
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        return wrong.message_en if in_english() else wrong.message_zh, []


def _who(officer: Officer) -> dict[str, str]:
    return {"username": f"second/{officer.username}"}


def _set_up(officer: Officer) -> dict[str, Any]:
    _begun, secret = factors.begin_app(officer, randomness=secrets.token_bytes, at=now())
    address = totp.address(secret, account=officer.username, issuer=_ISSUER)
    text = totp.base32(secret)
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return {"picture": mark_safe(qr_svg(address)), "secret": groups, "server_time": now()}  # noqa: S308 - our own SVG


def _next(request: HttpRequest) -> str:
    """Return where to go on: an address of this site, else the workbench."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if wanted and is_ours else "/work/"

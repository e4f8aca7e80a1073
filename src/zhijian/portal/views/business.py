"""Firms' accounts: signing in, opening one by a code, the people of a firm; and the officer who issues codes."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhijian.apps.supervision.own_page import paperwork
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import market_entities, now, today
from zhijian.security import business
from zhijian.security.business import AccountRefused
from zhijian.security.models import BusinessAct, BusinessCode, BusinessPerson, BusinessRole
from zhijian.security.permissions import OfFirm, Permission, may_for, require, require_for
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode
from zhijian.standards.whole_number import whole_number

View = Callable[..., HttpResponse]
_NAMES = ("uscc", "code", "username", "display_name", "email")
_SHOWN = 100


def said(refused: BilingualError) -> str:
    return refused.message_en if in_english() else refused.message_zh


def role_words() -> dict[str, str]:
    return {
        BusinessRole.MANAGER: _("管理员：能报送，能增减账号"),
        BusinessRole.FILER: _("填报人员：能报送"),
        BusinessRole.READER: _("查看人员：只看"),
    }


def act_words() -> dict[str, str]:
    return {
        "code_issued": _("发放激活码"),
        "account_made": _("开通账号"),
        "signed_in": _("登录"),
        "account_removed": _("停用账号"),
        "all_removed": _("监管部门停用全部账号"),
        "password_changed": _("改了密码"),
    }


def for_firm(right: OfFirm) -> Callable[[View], View]:
    """Guard a page of firms: who is signed in for one, in such a role, comes in as `person`; others sign in first."""

    def guard(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person = business.person_of(request)
            if person is None:
                return redirect("/my/sign-in/?" + urlencode({"next": request.path}))
            require_for(person, right, uscc=person.uscc)
            return view(request, person, *args, **kwargs)

        return guarded

    return guard


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Credit code, name and password. Officers have their own page."""
    if business.person_of(request) is not None:
        return redirect("my")
    after = request.POST.get("next", request.GET.get("next", ""))
    typed = {name: request.POST.get(name, "")[:60] for name in ("uscc", "username")}
    problem, status = "", 200
    if request.method == "POST":
        try:
            business.sign_in(
                request, typed["uscc"], typed["username"], request.POST.get("password", ""), at=now()
            )
            return redirect(after if _is_ours(after) else "my")
        except AccountRefused as refused:
            problem, status = said(refused), refused.status
    context = {"typed": typed, "problem": problem, "next": after}
    return render(request, "portal/my/sign_in.html", context, status=status)


def _is_ours(path: str) -> bool:
    return path.startswith("/my/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if business.person_of(request) is not None:
        business.sign_out(request)
    response = redirect("my_sign_in")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@never_cache
def activate(request: HttpRequest) -> HttpResponse:
    """Make an account by the code of the letter or of the own manager."""
    typed = {name: request.POST.get(name, "")[:200] for name in _NAMES}
    problem, status = "", 200
    if request.method == "POST":
        secret = {name: request.POST.get(name, "")[:256] for name in ("password", "again")}
        try:
            business.activate(request, {**typed, **secret}, at=now())
            messages.success(request, _("账号已开通，请登录。"))
            return redirect("my_sign_in")
        except AccountRefused as refused:
            problem, status = said(refused), refused.status
    return render(request, "portal/my/activate.html", {"typed": typed, "problem": problem}, status=status)


@for_firm(OfFirm.READ)
def people(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """The accounts of the firm, who did what, and the own password; a manager adds and removes."""
    problem, code, status = "", "", 200
    if request.method == "POST":
        try:
            code = _done(request, person)
            if not code:
                return redirect("my_people")
        except AccountRefused as refused:
            problem, status = said(refused), refused.status
    roles, acts = role_words(), act_words()
    context = {
        "person": person,
        "rows": [(one, roles[one.role]) for one in BusinessPerson.objects.filter(uscc=person.uscc, is_active=True)],
        "acts": [(one, acts[one.verb]) for one in BusinessAct.objects.filter(uscc=person.uscc)[:_SHOWN]],
        "roles": [(value, text) for value, text in roles.items()],
        "may_manage": may_for(person, OfFirm.MANAGE, uscc=person.uscc),
        "problem": problem,
        "code": code,
        "days": business.CODE_DAYS.on(today()),
        "synthetic": "all" if person.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/my/people.html", context, status=status)


def _done(request: HttpRequest, person: BusinessPerson) -> str:
    """Do what was asked and return a new code where one was made, to be shown once."""
    match request.POST.get("act"):
        case "invite":
            return business.invite(person, request.POST.get("role", ""), at=now(), randomness=os.urandom)
        case "remove":
            number = whole_number(request.POST.get("person", ""))
            other = get_object_or_404(BusinessPerson, pk=number, uscc=person.uscc)
            business.remove(person, other, at=now())
            messages.success(request, _("已停用。"))
        case "password":
            old, new, again = (request.POST.get(name, "")[:256] for name in ("old", "password", "again"))
            business.change_password(request, person, old, new, again, at=now())
            messages.success(request, _("密码已改，别处的登录已退出。"))
        case _:
            raise AccountRefused("没有这项操作。", "There is no such act.")
    return ""


# ------------------------------------------------------------------------------------------------------ officers'


@never_cache
@login_required
def codes(request: HttpRequest) -> HttpResponse:
    """Issue a firm's activation code with its letter, and close a firm's accounts."""
    officer = require(request.user, Permission.MANAGE_BUSINESS_ACCESS)
    typed, problem = request.GET.get("code", request.POST.get("uscc", "")).strip()[:60], ""
    record, shown, letter = None, "", None
    if typed:
        try:
            record = _record(typed)
        except AccountRefused as refused:
            problem = said(refused)
    division = (record.county_code or record.prefecture_code or "") if record is not None else ""
    if record is not None:
        require(officer, Permission.MANAGE_BUSINESS_ACCESS, division=division)
    if request.method == "POST" and record is not None:
        try:
            if request.POST.get("act") == "close":
                n = business.remove_all(
                    record.uscc, division, reason=request.POST.get("reason", ""), by=officer, at=now()
                )
                messages.success(request, _("已停用%(n)s个账号，没有用过的激活码同时作废。") % {"n": n})
                return redirect("/work/business/?" + urlencode({"code": record.uscc}))
            shown, letter = paperwork.issue_access(
                record.uscc, record.name, division, by=officer, at=now(), randomness=os.urandom,
                is_synthetic=record.is_synthetic,
            )  # fmt: skip
        except (AccountRefused, DocumentRefused) as refused:
            problem = said(refused)
    context = {
        "typed": typed,
        "problem": problem,
        "record": record,
        "shown": shown,
        "letter": letter,
        "days": business.CODE_DAYS.on(today()),
        **_accounts_of(record.uscc if record else ""),
        "synthetic": "all" if record is not None and record.is_synthetic else "",
    }
    return render(request, "portal/my/codes.html", context, status=422 if problem else 200)


def _record(typed: str) -> Any:
    """Return the firm of a code on the register.

    Raises:
        AccountRefused: the code is wrong, or the register has no such firm.
    """
    try:
        code = UnifiedSocialCreditCode.parse(typed).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        raise AccountRefused(first.message_zh, first.message_en) from wrong
    register = market_entities()
    record = register.find(code) if register.is_ready else None
    if record is None:
        raise AccountRefused("登记簿上没有这个代码。", "The register has no such code.")
    return record


def _accounts_of(uscc: str) -> dict[str, Any]:
    if not uscc:
        return {}
    roles, acts = role_words(), act_words()
    persons = BusinessPerson.objects.filter(uscc=uscc)
    return {
        "persons": [(one, roles[one.role]) for one in persons],
        "open_codes": BusinessCode.objects.filter(uscc=uscc, ended_at=None, expires_at__gte=now()).count(),
        "acts": [(one, acts[one.verb]) for one in BusinessAct.objects.filter(uscc=uscc)[:_SHOWN]],
        "is_open": any(one.is_active for one in persons),
    }

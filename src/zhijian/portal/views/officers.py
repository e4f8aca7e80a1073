"""人员和权限: the officers of a unit, their areas and roles; each change with a reason, privileged ones by two persons."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zhijian.portal.components import case_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views import officer_lists
from zhijian.portal.views.register import now
from zhijian.security import accounts, areas, factors, invitations, roles
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest
from zhijian.security.permissions import (
    Forbidden,
    Permission,
    has_area,
    may_administer,
    require,
    with_units_below,
)
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

_MOST_CHANGES = 50


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def officer_list(request: HttpRequest) -> HttpResponse:
    """The officers of one's unit, or of one below it (`?unit=`): roles, area, last sign-in, what waits for a second; enter one."""
    by = require(request.user, Permission.MANAGE_OFFICERS)
    own = unit = by.organisation
    assert own is not None and unit is not None
    if code := request.GET.get("unit", ""):
        unit = get_object_or_404(Organisation, code=code)
    _require_administration(by, unit)
    problem = ""
    if request.method == "POST":
        try:
            officer = _entered(request, unit, by)
        except roles.RoleRefused as refused:
            problem = _said(refused)
        else:
            messages.success(request, _("已登记。另一位管理人员同意以后，把设密码的地址交给本人。"))
            return redirect("officer", username=officer.username)
    asked = roles.open_requests(unit, at=now())
    lists = officer_lists.waiting_lines(asked)
    moments = {(one.asked_by, one.asked_at) for one, _what, _who in lists}
    context = {
        "problem": problem,
        "typed": request.POST,
        "lists": lists,
        "unit": unit,
        "unit_name": case_words.unit_name(unit),
        "rows": [_row(one) for one in areas.officers(unit=unit.code)],
        "waiting": [
            _waiting(one, by)
            for one in asked
            if one.role in roles.PRIVILEGED or (one.asked_by_id, one.asked_at) not in moments
        ],
        "units": [(one.code, case_words.unit_name(one)) for one in with_units_below(own)],
    }
    return render(request, "portal/officers/list.html", context, status=422 if problem else 200)


def _entered(request: HttpRequest, unit: Organisation, by: Officer) -> Officer:
    """Enter the account that the form describes.

    Raises:
        RoleRefused: as for `accounts.enter`.
    """
    names = ("username", "name", "name_en", "number", "reason")
    username, name, name_en, number, reason = (request.POST.get(one, "").strip()[:150] for one in names)
    return accounts.enter(
        username, unit, name=name, name_en=name_en, staff_number=number, reason=reason, by=by, at=now()
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def officer_page(request: HttpRequest, username: str) -> HttpResponse:
    """One officer: set the area, give or end a role, and what was changed before."""
    by = require(request.user, Permission.MANAGE_OFFICERS)
    officer = Officer.objects.select_related("organisation").filter(username=username).first()
    if officer is None or officer.organisation is None:
        raise Http404
    _require_administration(by, officer.organisation)
    problem = ""
    if request.method == "POST":
        problem = _change(request, officer, by)
        if not problem:
            return redirect("officer", username=username)
        officer.refresh_from_db()
    else:
        record_look(by, roles.subject_of(officer), "officer_page", at=now())
    return render(
        request,
        "portal/officers/officer.html",
        _context(officer, by) | {"problem": problem, "typed": request.POST},
        status=422 if problem else 200,
    )


@login_required
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Agree to what a colleague asked for, or refuse it."""
    by = require(request.user, Permission.MANAGE_OFFICERS)
    asked = get_object_or_404(RoleRequest.objects.select_related("officer__organisation"), pk=number)
    unit = asked.officer.organisation
    is_agreed = request.POST.get("answer") == "agree"
    try:
        factors.decide_request(asked, is_agreed=is_agreed, by=by, at=now())
    except roles.RoleRefused as refused:
        messages.error(request, _said(refused))
    else:
        if asked.role == roles.PASSWORD and is_agreed:
            return _handed_out(request, asked.officer)
        messages.success(request, _("已同意，现在起生效。") if is_agreed else _("已退回，没有改变。"))
    return redirect(f"/work/officers/?unit={unit.code}" if unit else "/work/officers/")


def _handed_out(request: HttpRequest, officer: Officer) -> HttpResponse:
    """Show, this once, the address at which the person chooses a password."""
    at = now()
    address = request.build_absolute_uri(
        reverse("first_password", args=[invitations.key_for(officer, at=at)])
    )
    context = {"officer": officer, "address": address, "days": invitations.DAYS.on(statutory_day(at))}
    return render(request, "portal/officers/handed_out.html", context)


def _change(request: HttpRequest, officer: Officer, by: Officer) -> str:
    """Do what the form says; return why not, if so."""
    reason = request.POST.get("reason", "")[:200]
    try:
        if request.POST.get("act") == "area":
            division = request.POST.get("division", "").strip()[:9]
            is_new = areas.limit(officer, division, reason=reason, by=by, at=now())
            messages.success(request, _("辖区已改。") if is_new else _("没有改变。"))
        elif request.POST.get("act") in ("close", "reopen"):
            act = accounts.close if request.POST.get("act") == "close" else accounts.reopen
            is_new = act(officer, reason=reason, by=by, at=now())
            messages.success(request, _("已改，现在起生效。") if is_new else _("没有改变。"))
        elif request.POST.get("act") == "end":
            count = accounts.end_sign_ins(officer, reason=reason, by=by, at=now())
            messages.success(request, _("已结束%(n)d个登录，账号照常可以再登录。") % {"n": count})
        elif request.POST.get("act") in ("reset", "password"):
            asks = factors.ask_reset if request.POST.get("act") == "reset" else accounts.ask_password
            messages.success(request, _outcome_words()[asks(officer, reason=reason, by=by, at=now())])
        else:
            is_giving = request.POST.get("act") == "give"
            outcome = roles.change(
                officer, request.POST.get("role", ""), is_giving=is_giving, reason=reason, by=by, at=now()
            )
            messages.success(request, _outcome_words()[outcome])
    except (areas.WrongArea, roles.RoleRefused) as refused:
        return _said(refused)
    return ""


def _outcome_words() -> dict[str, str]:
    return {
        roles.Outcome.DONE: _("岗位已改，现在起生效。"),
        roles.Outcome.ASKED: _("已提出。这个岗位要由另一位管理人员同意，才生效。"),
        roles.Outcome.UNCHANGED: _("没有改变。"),
    }


def _require_administration(by: Officer, unit: Organisation) -> None:
    """Let pass whoever administers the unit.

    Raises:
        Forbidden: another one's unit, or only a part of the unit's area is the own one.
    """
    require(by, Permission.MANAGE_OFFICERS, division=unit.division_code if has_area(unit) else None)
    if not may_administer(by, unit=unit):
        raise Forbidden(
            "您的工作限于单位辖区的一部分，或者这是另一个部门的单位，不能管理它的人员。",
            "Your work is limited to a part of the unit's area, or the unit is another department's: you do not administer its people.",
        )


def _row(officer: Officer) -> dict[str, Any]:
    return {
        "officer": officer,
        "name": case_words.officer_name(officer),
        "roles": [(case_words.role(role), role in roles.PRIVILEGED) for role in officer.roles],
        "area": _place(officer.division_code),
    }


def _place(code: str) -> str:
    """Name a division; nothing for the whole area."""
    if not code:
        return ""
    english = divisions.name_in_english(code) if in_english() else None
    return f"{english or divisions.full_name(code) or ''} {code}".strip()


def _waiting(asked: RoleRequest, by: Officer) -> dict[str, Any]:
    return {
        "asked": asked,
        "name": case_words.officer_name(asked.officer),
        "what": _what(asked),
        "by": case_words.officer_name(asked.asked_by),
        "is_own": asked.asked_by_id == by.pk,
        "is_about_me": asked.officer_id == by.pk,
    }


def _what(asked: RoleRequest) -> str:
    """Say what a second person agrees to."""
    name = case_words.officer_name(asked.officer)
    if asked.role == roles.PASSWORD:
        return _("给%(name)s一个自己设密码的地址") % {"name": name}
    if asked.role == roles.SECOND_FACTOR:
        return _("重设%(name)s的第二重验证") % {"name": name}
    words = {"name": name, "role": case_words.role(asked.role)}
    return (
        _("给%(name)s“%(role)s”岗位") % words
        if asked.is_giving
        else _("撤去%(name)s的“%(role)s”岗位") % words
    )


def _context(officer: Officer, by: Officer) -> dict[str, Any]:
    assert officer.organisation is not None
    changes = AccessRecord.objects.filter(
        subject=roles.subject_of(officer), part__in=roles.CHANGES
    ).select_related("officer")
    known = {
        "area_set": _("改辖区"), "role_given": _("给予岗位"), "role_ended": _("撤去岗位"),
        "role_asked": _("提出申请"), "role_refused": _("退回申请"), "role_expired": _("申请过期"),
        "staff_number_set": _("登记工号"), "account_closed": _("停用账号"), "sign_ins_ended": _("结束全部登录"), "account_opened": _("恢复账号"),
        "factor_reset": _("重设第二重验证"), "account_entered": _("登记账号"), "password_invited": _("发出设密码的地址"),
    }  # fmt: skip
    return _row(officer) | {
        "unit": officer.organisation,
        "unit_name": case_words.unit_name(officer.organisation),
        "is_own": officer.pk == by.pk,
        "has_app": factors.app_of(officer) is not None,
        "held": [(role, case_words.role(role), role in roles.PRIVILEGED) for role in officer.roles],
        "free": [
            (role, case_words.role(role), role in roles.PRIVILEGED)
            for role in Role.values
            if role not in officer.roles
        ],
        "waiting": [
            _waiting(one, by)
            for one in roles.open_requests(officer.organisation, at=now()).filter(officer=officer)
        ],
        "changes": [
            (known[one.part], one, case_words.officer_name(one.officer)) for one in changes[:_MOST_CHANGES]
        ],
    }


def _said(refused: BilingualError) -> str:
    return refused.message_en if in_english() else refused.message_zh

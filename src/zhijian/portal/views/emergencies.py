"""应急权限: ask for a role for an hour, open a colleague's, and review afterwards what was done under it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.engines.notices.services import notify
from zhijian.portal.components import case_words, look_words
from zhijian.portal.components.words import in_english
from zhijian.portal.views.register import now
from zhijian.security import emergency
from zhijian.security.models import AccessRecord, EmergencyAccess, Officer, Role
from zhijian.security.permissions import Permission, in_area, may, require
from zhijian.security.roles import administering_units

_MOST = 50


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def emergency_page(request: HttpRequest) -> HttpResponse:
    """My own, what waits for me as an administrator, and what an auditor reviews."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    problem = ""
    if request.method == "POST":
        try:
            _act(request, officer)
        except emergency.EmergencyRefused as refused:
            problem = refused.message_en if in_english() else refused.message_zh
        else:
            return redirect("emergency")
    is_auditor, at = may(officer, Permission.VIEW_ACCESS_RECORDS), now()
    own = [_row(one) for one in _own(officer)]
    context = {
        "problem": problem,
        "typed": request.POST,
        "minutes": emergency.MINUTES.on(at.date()),
        "roles": [(role, case_words.role(role)) for role in emergency.ROLES if role not in officer.roles],
        "can_ask": Role.AUDITOR not in officer.roles,
        "deciders": [case_words.unit_name(unit) for unit in administering_units(officer.organisation)],
        "own": own,
        "is_busy": any(one["state"] in (emergency.State.WAITING, emergency.State.OPEN) for one in own),
        "waiting": [_row(one) for one in emergency.waiting_for(officer, at=at)],
        "in_use": [_row(one) for one in emergency.open_under(officer, at=at)],
        "reviewed": [_reviewed(one) for one in emergency.seen_by_auditor(officer)[:_MOST]]
        if is_auditor
        else [],
        "is_auditor": is_auditor,
    }
    return render(request, "portal/emergencies.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, officer: Officer) -> None:
    act, at = request.POST.get("act", ""), now()
    if act == "ask":
        emergency.ask(officer, request.POST.get("role", ""), reason=request.POST.get("reason", ""), at=at)
        messages.success(request, _("已提出，等另一位管理人员开放。"))
        return
    number = request.POST.get("number", "")
    access = get_object_or_404(
        EmergencyAccess, pk=int(number) if number.isdecimal() and len(number) < 10 else 0
    )
    if act == "review":
        emergency.review(access, request.POST.get("finding", ""), by=officer, at=at)
        messages.success(request, _("已复核。"))
        return
    if act == "end":
        emergency.end(access, by=officer, at=at)
        messages.success(request, _("已结束，这个岗位不再起作用。"))
        return
    opened = emergency.decide(access, is_opened=act == "open", by=officer, at=at)
    if opened.until:
        _tell_auditors(opened)
    messages.success(request, _("已开放，审计人员已得到通知。") if opened.until else _("已退回，没有开放。"))


def _tell_auditors(access: EmergencyAccess) -> None:
    """Tell the auditors in whose area the officer's unit lies."""
    unit = access.officer.organisation
    assert unit is not None and access.until is not None and access.decided_at is not None
    people = Officer.objects.filter(is_active=True, roles__icontains=Role.AUDITOR).select_related(
        "organisation"
    )
    data = {
        "unit": unit.name, "unit_en": unit.name_en, "who": str(access.officer), "number": access.pk,
        "until": localtime(access.until).strftime("%Y-%m-%d %H:%M"),
    }  # fmt: skip
    to = [one for one in people if one.has_role(Role.AUDITOR) and in_area(one, unit.division_code)]
    notify("security.emergency_opened", to=to, data=data, at=access.decided_at, once=f"emergency {access.pk}")


def _own(officer: Officer) -> "QuerySet[EmergencyAccess]":
    return EmergencyAccess.objects.filter(officer=officer).select_related("officer", "decided_by")[:_MOST]


def _row(access: EmergencyAccess) -> dict[str, Any]:
    unit = access.officer.organisation
    return {
        "access": access,
        "name": case_words.officer_name(access.officer),
        "unit": case_words.unit_name(unit) if unit else "",
        "role": case_words.role(access.role),
        "by": case_words.officer_name(access.decided_by) if access.decided_by else "",
        "state": emergency.state_of(access, at=now()).value,
        "lapses_at": access.asked_at + emergency.WAITS,
    }


def _reviewed(access: EmergencyAccess) -> dict[str, Any]:
    """An access with what was looked at under it, and who ended it before its time."""
    found = AccessRecord.objects.select_related("officer").order_by("sequence")
    under = found.filter(officer=access.officer, role__startswith=access.mark)
    looks = [{"look": look, "part": look_words.part(look.part)} for look in under[:_MOST]]
    ended = found.filter(subject=emergency.subject_of(access), part="emergency_ended").last()
    more = {
        "looks": looks,
        "count": under.count(),
        "ended_by": case_words.officer_name(ended.officer) if ended else "",
        "reviewer": case_words.officer_name(access.reviewed_by) if access.reviewed_by else "",
    }
    return _row(access) | more

"""Checks for a lead: officers start, decide and record them; a firm reads on which ground, never who told."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.supervision.case_checks import rules, services
from zhijian.apps.supervision.case_checks.models import CaseCheck
from zhijian.apps.supervision.case_checks.services import CaseCheckRefused, Firm
from zhijian.apps.supervision.inspection import item_list
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm, said
from zhijian.portal.views.register import market_entities, now, today, typed_day
from zhijian.security.audit import record_look
from zhijian.security.models import BusinessPerson, Officer, Role
from zhijian.security.permissions import Forbidden, OfFirm, Permission, may, require

_FIELDS = ("uscc", "ground", "lead", "reason", "second")


def _grounds(words: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {key: pair[in_english()] for key, pair in words.items()}


def _officer(request: HttpRequest) -> Officer:
    """Return an officer who starts or oversees such checks.

    Raises:
        Forbidden: another role.
    """
    return require(request.user, Permission.VIEW_CASE_CHECKS)


@never_cache
@login_required
def work_list(request: HttpRequest) -> HttpResponse:
    """The officer's checks for a lead, and the form that starts one."""
    officer = _officer(request)
    typed: dict[str, Any] = {name: request.POST.get(name, "")[:600] for name in _FIELDS}
    typed["items"] = request.POST.getlist("item")[:20]
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            made = services.propose(
                _firm(typed["uscc"]), ground=typed["ground"], lead=typed["lead"], reason=typed["reason"],
                item_codes=typed["items"], second=typed["second"], by=officer, at=now(),
            )  # fmt: skip
            messages.success(request, _("已提出，等第二个人决定。"))
            return redirect("work_case_check", number=made.number)
        except CaseCheckRefused as refused:
            problem, field, status = said(refused), refused.field, 422
    rows = CaseCheck.objects.select_related("decision", "outcome__confirmation", "organisation")
    if not may(officer, Permission.VIEW_VISIT_FEEDBACK):
        rows = rows.filter(Q(inspector_first=officer) | Q(inspector_second=officer))
    else:
        rows = rows.filter(division_code__startswith=officer.territory)
    found = [one for one in rows[:200] if services.may_view(one, officer)]
    may_start, unit = may(officer, Permission.INSPECT), officer.organisation
    context = {
        "rows": [
            {"check": one, "state": _state(one), "waits": services.may_decide(one, officer)} for one in found
        ],
        "may_start": may_start,
        "grounds": _grounds(rules.GROUNDS),
        "items": item_list.offered(unit, today()) if may_start and unit else [],
        "colleagues": _colleagues(officer),
        "typed": typed,
        "problem": problem,
        "field": field,
        "english": in_english(),
        "synthetic": "part" if any(one.is_synthetic for one in found) else "",
    }
    return render(request, "portal/case_checks/list.html", context, status=status)


def _firm(uscc: str) -> Firm:
    register = market_entities()
    record = register.find(uscc) if register.is_ready else None
    if record is None:
        raise CaseCheckRefused("登记簿里没有这个信用代码。", "The register has no such code.", "uscc")
    place = record.county_code or record.prefecture_code or "-"
    return Firm(record.uscc, record.name, place, record.is_synthetic)


def _colleagues(officer: Officer) -> list[Officer]:
    rows = Officer.objects.filter(organisation=officer.organisation, is_active=True).exclude(pk=officer.pk)
    return [one for one in rows.order_by("username")[:300] if Role.INSPECTOR in one.roles]


def _state(check: CaseCheck) -> str:
    decision, outcome = getattr(check, "decision", None), getattr(check, "outcome", None)
    if decision is None:
        return "proposed"
    if not decision.is_approved:
        return "refused"
    if outcome is None:
        return "approved"
    return "confirmed" if hasattr(outcome, "confirmation") else "recorded"


@never_cache
@login_required
def work_page(request: HttpRequest, number: str) -> HttpResponse:
    """One check for a lead: why, who, whether over the cap, what a second person said, what was found."""
    rows = CaseCheck.objects.select_related("decision__decided_by", "outcome__confirmation", "organisation")
    check = get_object_or_404(rows, number=number)
    officer = _officer(request)
    if not services.may_view(check, officer):
        raise Forbidden("这次检查由别的人员办理。", "Others work on this check.")
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            _act(request, check, officer)
            return redirect("work_case_check", number=number)
        except CaseCheckRefused as refused:
            problem, field, status = said(refused), refused.field, 422
    else:
        record_look(officer, check.uscc, "case check", at=now(), reason=check.number)
    state, outcome = _state(check), getattr(check, "outcome", None)
    is_of_team = officer.pk in (check.inspector_first_id, check.inspector_second_id)
    context = {
        "check": check,
        "state": state,
        "ground": rules.GROUNDS[check.ground][in_english()],
        "told": rules.told_to_firm(check.ground)[in_english()],
        "may_decide": state == "proposed" and services.may_decide(check, officer),
        "may_record": state == "approved" and is_of_team,
        "may_confirm": outcome is not None
        and state == "recorded"
        and is_of_team
        and outcome.recorded_by_id != officer.pk,
        "outcome": outcome,
        "typed": request.POST,
        "problem": problem,
        "field": field,
        "today": today(),
        "english": in_english(),
        "synthetic": "all" if check.is_synthetic else "",
    }
    return render(request, "portal/case_checks/check.html", context, status=status)


def _act(request: HttpRequest, check: CaseCheck, officer: Officer) -> None:
    act, typed = request.POST.get("act", ""), request.POST
    if act in {"approve", "refuse"}:
        services.decide(check, act == "approve", typed.get("reason", ""), by=officer, at=now())
    elif act == "record":
        services.record(
            check, typed_day(typed.get("visited_on", "")), typed.get("problem") == "yes", typed.get("words", ""),
            by=officer, at=now(),
        )  # fmt: skip
    elif act == "confirm":
        services.confirm(check, by=officer, at=now())
    else:
        raise CaseCheckRefused("没有这项操作。", "There is no such act.")
    messages.success(request, _("已记下。"))


@for_firm(OfFirm.READ)
def of_firm(request: HttpRequest, person: BusinessPerson) -> HttpResponse:
    """What a firm reads of checks for a lead: when, by whom, on which ground and basis. Nobody who told is named."""
    found = services.of_firm(person.uscc)
    context = {
        "person": person,
        "rows": [{"check": one, "ground": rules.told_to_firm(one.ground)[in_english()]} for one in found],
        "english": in_english(),
        "synthetic": "part" if any(one.is_synthetic for one in found) else "",
    }
    return render(request, "portal/case_checks/of_firm.html", context)

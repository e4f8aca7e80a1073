"""Pages of what must follow from a result: all of an area with how they stand, and one with how it ended."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.supervision.inspection import (
    ending_rules,
    entries,
    following,
    orders,
    policies,
    queries,
    rules,
    services,
)
from zhijian.apps.supervision.inspection.codes import ENDING_LABELS
from zhijian.apps.supervision.inspection.ending_rules import Told
from zhijian.apps.supervision.inspection.frame import officer_of, officers_only, words_of
from zhijian.apps.supervision.inspection.models import FollowUp
from zhijian.engines.procedures import policies as case_policies
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.calendar import statutory_day

_SHOWN, _UNITS = 50, 10
_FILTERS = ("open", "late", "ended")


@require_GET
@officers_only
def follow_ups(request: HttpRequest) -> HttpResponse:
    """Show how the follow-ups of the area stand, unit by unit, and the rows: open, late or ended."""
    officer, today = require(officer_of(request), Permission.VIEW_CHECK), statutory_day(timezone.now())
    record_look(officer, "follow-ups", "follow_ups", at=timezone.now())
    show = request.GET.get("show", "open")
    show = show if show in _FILTERS else "open"
    page = Paginator(_chosen(officer, show, today), _SHOWN).get_page(request.GET.get("page"))
    tallies = following.tallies(officer, year=today.year, today=today)
    endings = [code for code in ["", *ENDING_LABELS] if any(one.ended[code] for one in tallies)]
    shown = [_tally_shown(one, endings) for one in tallies]
    with_open = [one for one in shown if one["open"]]
    context = {
        "officer_id": request.user.pk,
        "field_api": "/work/field",
        "show": show,
        "page": page,
        "rows": [queries.follow_up_row(one, today) for one in page] if show != "ended" else [],
        "tallies": shown,
        "tallies_first": with_open[:_UNITS],
        "tallies_rest": with_open[_UNITS:],
        "endings": [_ending_words(code) for code in endings],
        "late": sum(one.open_by_light[following.LATE] for one in tallies),
        "open": sum(one.open_count for one in tallies),
        "year": today.year,
        "synthetic": "part" if any(one.check_record.is_synthetic for one in page) else "",
    }
    return render(request, "inspection/follow_ups.html", context)


def _tally_shown(one: following.UnitTally, endings: list[str]) -> dict[str, Any]:
    unit = one.unit
    return {
        "unit": (unit.name_en or unit.name) if in_english() else unit.name,
        "open": one.open_count,
        "late": one.open_by_light[following.LATE],
        "ages": [one.open_by_age[age] for age in following.AGES],
        "ended": one.ended_count,
        "ended_late": one.ended_by_light[following.LATE],
        "endings": [one.ended[code] for code in endings],
    }


def _chosen(officer: Officer, show: str, today: date) -> Any:
    rows = following.of_area(officer)
    if show == "ended":
        return rows.exclude(closing=None).order_by("-closing__closed_at", "-id")
    rows = rows.filter(closing=None)
    return rows.filter(due_on__lt=today) if show == "late" else rows


def _ending_words(code: str) -> dict[str, str]:
    zh, en = ENDING_LABELS[code] if code else ("只写了说明", "Words alone")
    return {"zh": zh, "en": en}


@require_http_methods(["GET", "POST"])
@officers_only
def follow_up(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """What must follow from a result: until when, by which article, how it ended, and what that hangs on."""
    rows = FollowUp.objects.select_related(
        "check_record__organisation", "result", "closing__closed_by", "closing__case"
    )
    found, officer = get_object_or_404(rows, pk=follow_up_id), officer_of(request)
    check, today = found.check_record, statutory_day(timezone.now())
    policies.check_view(check, officer)
    if request.method == "GET":
        record_look(officer, check.uscc, "check", at=timezone.now(), reason=check.number)
    refusal: policies.Refused | None = None
    typed = request.POST.dict()
    if request.method == "POST":
        try:
            key = entries.key_of(request.POST.get("client_key"))
            services.close_follow_up(found, told_of(typed), by=officer, at=timezone.now(), key=key)
            messages.success(request, gettext("已办结。"))
            return redirect("work_follow_up", follow_up_id=found.pk)
        except policies.Refused as problem:
            refusal = problem
    context = {
        "officer_id": request.user.pk,
        "field_api": "/work/field",
        "follow_up": found,
        "check": check,
        "synthetic": check.is_synthetic,
        "light": rules.light(
            found.starts_on,
            found.due_on,
            today,
            done_on=None if found.is_open else statutory_day(found.closing.closed_at),
        ),
        "order_ends_on": orders.order_ends_on(found),
        "others": check.follow_ups.exclude(pk=found.pk),
        "may_close": policies.can_close(found, officer),
        "endings": _endings(found, typed) if found.is_open else [],
        "cases": services.cases_to_choose(found) if found.is_open else [],
        "propose_url": _propose_url(found) if may(officer, Permission.KEEP_CREDIT_FILE) else "",
        **_case_shown(found, officer),
        "refusals": [
            {"field": _input_of(typed, getattr(problem, "field", "")), "words": words_of(problem)}
            for problem in getattr(refusal, "problems", [refusal] if refusal else [])
        ],
        "outcome": typed.get("outcome", ""),
        "client_key": typed.get("client_key") or uuid.uuid4(),
        "today": today,
    }
    return render(request, "inspection/follow_up.html", context, status=422 if refusal else 200)


def _case_shown(found: FollowUp, officer: Officer) -> dict[str, Any]:
    """Return how the case stands that a follow-up ended with, and whether the officer may open it."""
    case = None if found.is_open else found.closing.case
    if case is None:
        return {}
    return {
        "case_status": gettext(str(case.get_status_display())),
        "may_open_case": case_policies.can_see(officer, case),
    }


def told_of(typed: Mapping[str, str]) -> Told:
    """Read the ending that was chosen, and its own fields: each stands on the form under the ending's name."""
    ending = typed.get("ending", "")
    text = {
        name: typed.get(f"{ending}-{name}", "")
        for name in ("case", "number", "authority", "acted_on", "until")
    }
    return Told(
        ending=ending,
        outcome=typed.get("outcome", ""),
        case=text["case"],
        number=text["number"],
        authority=text["authority"],
        acted_on=_day(text["acted_on"]),
        until=_day(text["until"]),
    )


def _day(text: str) -> date | None:
    """Read a day; what is none is asked for again by the rule."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _input_of(typed: Mapping[str, str], name: str) -> str:
    """Return the id of the input that a problem is about."""
    ending = typed.get("ending", "")
    if name in ending_rules.fields_of(ending):
        return f"{ending}-{name}"
    return name or "ending"


def _endings(found: FollowUp, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "code": str(code),
            "words": dict(zip(("zh", "en"), ENDING_LABELS[code], strict=True)),
            "article": ending_rules.ENDING_ARTICLES[code],
            "is_chosen": typed.get("ending") == code,
            "fields": [
                {"name": name, "id": f"{code}-{name}", "value": typed.get(f"{code}-{name}", "")}
                for name in ending_rules.fields_of(code)
            ],
        }
        for code in ending_rules.endings_of(found.kind)
    ]


def _propose_url(found: FollowUp) -> str:
    """Return where a listing of this firm is proposed, with what the check knows filled in."""
    check = found.check_record
    told = {
        "uscc": check.uscc,
        "name": check.entity_name,
        "clue": gettext("双随机检查%(number)s") % {"number": check.number},
    }
    if found.code == "5":
        told |= {"ground": "unreachable", "arose_on": found.starts_on.isoformat()}
    return f"/work/lists/?{urlencode(told)}"


urlpatterns = [
    path("", follow_ups, name="work_follow_ups"),
    path("<int:follow_up_id>/", follow_up, name="work_follow_up"),
]

"""The page of another department: ask which measures apply to a firm in a case of its own, and say what was done about each."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.supervision.measures import queries, services
from zhijian.apps.supervision.measures.codes import ACTIONS, LISTS, MATTERS
from zhijian.apps.supervision.measures.models import MeasureMatch
from zhijian.apps.supervision.measures.rules import ANY_MATTER
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.registers.declared.columns import Code
from zhijian.infrastructure.language import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

_SHOWN = 50


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest) -> HttpResponse:
    """What the officer's own unit was told, what still waits for its answer, and asking anew under its grant."""
    officer, at = require(request.user, Permission.ANSWER_MEASURES), timezone.now()
    refusal = ""
    if request.method == "POST":
        try:
            messages.success(request, _act(request, officer, at))
            return redirect("measure_answers")
        except Refused as problem:
            refusal = problem.message_en if in_english() else problem.message_zh
    record_look(officer, "measures told to the unit", "measure_answers", at=at)
    context = _overview(officer, statutory_day(at)) | {
        "refusal": refusal, "typed": request.POST, "number": request.POST.get("number", ""),
    }  # fmt: skip
    return render(request, "measures/answers.html", context, status=422 if refusal else 200)


def _act(request: HttpRequest, officer: Officer, at: datetime) -> str:
    if request.POST.get("act") == "ask":
        told = services.ask_as_officer(
            _number(request, "grant"), _typed(request, "uscc"), _typed(request, "matter"), _typed(request, "reference", 100),
            by=officer, at=at,
        )  # fmt: skip
        if not told.measures:
            return gettext("这一户今天没有适用的惩戒措施。")
        return gettext("有%(n)s项措施适用，列在下面，请按期反馈。") % {"n": len(told.measures)}
    kept, is_new = services.answer_as_officer(
        _number(request, "number"), action=_typed(request, "action", 20), decision_no=_typed(request, "decision_no", 100),
        reason=_typed(request, "reason", 300), acted_on=_day(request, "acted_on"), by=officer, at=at,
    )  # fmt: skip
    if is_new:
        return gettext("已反馈：%(said)s。") % {"said": _words(ACTIONS, kept.action)}
    return gettext("之前已经这样反馈过，没有变化。")


def _overview(officer: Officer, on: date) -> dict[str, Any]:
    told = list(queries.told_to(officer))
    waiting = [_row(one, on) for one in told if one.is_open]
    done = sorted((one for one in told if not one.is_open), key=lambda one: one.pk, reverse=True)
    return {
        "unit_name": _unit_name(officer),
        "today": on,
        "waiting": waiting[:_SHOWN],
        "waiting_count": len(waiting),
        "late_count": sum(one["is_late"] for one in waiting),
        "done": [_row(one, on) for one in done[:_SHOWN]],
        "done_count": len(done),
        "grants": queries.grants_of(officer, on=on),
        "actions": [(one.value, _words(ACTIONS, one.value)) for one in ACTIONS],
        "matters": [(one.value, _words(MATTERS, one.value)) for one in MATTERS if one.value not in (ANY_MATTER, "post")],
        "synthetic": "part" if any(one.is_synthetic for one in told) else "",
    }  # fmt: skip


def _row(match: MeasureMatch, on: date) -> dict[str, Any]:
    response = getattr(match, "response", None)
    return {
        "match": match,
        "is_late": match.is_open and match.due_on < on,
        "matter": _words(MATTERS, match.matter_code),
        "list": _words(LISTS, match.list_kind),
        "said": _words(ACTIONS, response.action) if response is not None else "",
        "response": response,
        "end": getattr(match, "end", None),
    }


def _typed(request: HttpRequest, name: str, most: int = 200) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()[:most]


def _number(request: HttpRequest, name: str) -> int:
    text = _typed(request, name, 18)
    return int(text) if text.isascii() and text.isdigit() else 0


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(_typed(request, name, 10))
    except ValueError:
        raise Refused(
            422, "acted_on", "请写明办理日期，例如2026-06-30。", "Give the day on which it was done, such as 2026-06-30."
        ) from None  # fmt: skip


def _unit_name(officer: Officer) -> str:
    unit = officer.organisation
    if unit is None:
        return ""
    return (unit.name_en if in_english() else "") or unit.name


def _words(codes: tuple[Code, ...], value: str) -> str:
    found = next((one.label for one in codes if one.value == value), None)
    return value if found is None else found.en if in_english() else found.zh

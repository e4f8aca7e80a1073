"""Cases about one platform or shop that are settled in one fast procedure (S58): each keeps its own clock and end."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.analysis import grouping, services
from zhijian.apps.consumer.analysis.models import FastGroup
from zhijian.apps.consumer.analysis.policies import NotNow, seen_by
from zhijian.engines.signals.counted import REPORT, Counted
from zhijian.engines.signals.daily import TOPIC
from zhijian.portal.views.analysis import analyst, key_words, own_cases, words_of
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require

_DAYS = 365
_SHOWN = 100


@never_cache
@login_required
def group_page(request: HttpRequest, group_id: int) -> HttpResponse:
    """One group: how its cases stand, what came since, the offer to all, and every case with its own end."""
    officer = analyst(request)
    group = get_object_or_404(FastGroup.objects.select_related("lead__organisation"), pk=group_id)
    unit = group.lead.organisation
    require(officer, Permission.VIEW_SIGNALS, division=unit.division_code if unit else None)
    known = seen_by(officer, own_cases(officer, today() - timedelta(days=_DAYS), today()))
    problem = ""
    if request.method == "POST":
        try:
            _act(request, group, known, officer)
        except NotNow as refused:
            problem = words_of(refused)
        else:
            return redirect("fast_group", group_id=group.pk)
    numbers = set(group.numbers)
    own = [case for case in known if case.number in numbers]
    if request.GET.get("format") == "csv":
        record_look(officer, f"group/{group.pk}", "cases_csv", at=now())
        return _csv(group, own)
    record_look(officer, f"group/{group.pk}", "group", at=now())
    context: dict[str, Any] = {
        "group": group,
        "progress": grouping.progress(own, on=today()),
        "new": len(_new(group, known)) if group.ended_at is None else 0,
        "is_answer_late": bool(group.answer_by and not group.offered_on and group.answer_by < today()),
        "cases": [_row(case, officer) for case in own[:_SHOWN]],
        "hidden": len(numbers) - len(own) if may(officer, Permission.VIEW_REPORT) else 0,
        "may_work": may(officer, Permission.WORK_WARNING) and group.ended_at is None,
        "problem": problem,
        "synthetic": "part" if group.is_synthetic else "",
    }
    return render(request, "portal/analysis/group.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, group: FastGroup, known: list[Counted], officer: Officer) -> None:
    verb = request.POST.get("verb", "")
    if verb == "add":
        services.add_to_group(group, _new(group, known), by=officer, at=now())
    elif verb == "ask":
        services.ask_for_offer(group, by=officer, at=now())
    elif verb == "offer":
        services.keep_offer(group, offer=request.POST.get("offer", ""), by=officer, at=now())
    else:
        services.end_group(group, outcome=request.POST.get("outcome", ""), by=officer, at=now())


def _new(group: FastGroup, known: list[Counted]) -> list[Counted]:
    others = FastGroup.objects.filter(ended_at=None).exclude(pk=group.pk).values_list("numbers", flat=True)
    elsewhere = {number for numbers in others for number in numbers}
    return grouping.newcomers(known, key=group.key, known=group.numbers, elsewhere=elsewhere)


def _row(case: Counted, officer: Officer) -> dict[str, Any]:
    """Make the line of a case; it leads to the case's page for whom that page opens."""
    right = Permission.VIEW_REPORT if case.kind == REPORT else Permission.VIEW_COMPLAINT
    return {
        "case": case,
        "topic": key_words(TOPIC, case.topic),
        "state": _state(case),
        "path": case.path if may(officer, right, division=case.division_code) else "",
    }


def _state(case: Counted) -> str:
    if case.is_open:
        is_late = case.due_on and case.answered_on is None and case.due_on < today()
        return _("逾期") if is_late else _("在办")
    return _("达成协议") if case.ending == "agreed" else _("已有结果")


def _csv(group: FastGroup, own: list[Counted]) -> HttpResponse:
    head = ("number", "kind", "received_on", "due_on", "answered_on", "ending", "amount_yuan")
    rows = [(c.number, c.kind, c.received_on, c.due_on, c.answered_on, c.ending, c.amount_yuan) for c in own]
    return csv_file(f"group-{group.pk}.csv", [head, *rows])

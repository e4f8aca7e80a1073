"""Analysis of complaints and reports for officers: what stood out, drill to the cases, cases taken up together."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from zhijian.apps.consumer.analysis import services
from zhijian.apps.consumer.analysis.grouping import PLATFORM, Together, together
from zhijian.apps.consumer.analysis.models import FastGroup, Run, Signal
from zhijian.apps.consumer.analysis.policies import NotNow, seen_by, without_reported_firm
from zhijian.engines.signals import charts
from zhijian.engines.signals.counted import REPORT, Counted, cases
from zhijian.engines.signals.daily import CLUSTER, FIRM, KEYS, PAIR, PLACE, PRODUCT, TOPIC, daily_counts
from zhijian.portal.components import bar_chart, trend_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import consumer_matters, divisions
from zhijian.standards.whole_number import whole_number

_WEEKS = 13
_BARS = 8
_CASES = 50  # on the page; the file has all
_CHART_DAYS = 42


def kind_words(kind: str) -> str:
    """Name a kind of signal."""
    return {
        PLACE: _("地区"), FIRM: _("经营者"), PRODUCT: _("商品或服务"), TOPIC: _("事项"), PAIR: _("商品与事项"),
        CLUSTER: _("相邻县（区）"),
    }[kind]  # fmt: skip


def key_words(kind: str, key: str, label: str = "") -> str:
    """Write what a signal is about."""
    if kind == FIRM:
        return label or key
    if kind == TOPIC:
        return consumer_matters.full_name(key, english=in_english())
    if kind in (PLACE, CLUSTER):
        return _("、").join(divisions.full_name(code) or code for code in key.split(","))
    if kind == PAIR:
        product, topic = key.split("｜", 1)
        return f"{product} · {consumer_matters.full_name(topic, english=in_english())}"
    return key


def said(pair: Sequence[str]) -> str:
    """Choose the language of a (Chinese, English) pair."""
    return pair[1] if in_english() else pair[0]


def words_of(problem: NotNow) -> str:
    return problem.message_en if in_english() else problem.message_zh


def analyst(request: HttpRequest, permission: Permission = Permission.VIEW_SIGNALS) -> Officer:
    """Return the officer.

    Raises:
        Forbidden: the role sees no signals.
    """
    return require(request.user, permission)


def own_cases(officer: Officer, first: date, last: date) -> list[Counted]:
    """Return the cases of the officer's area."""
    area = officer.territory
    return [case for case in cases(first, last) if case.division_code.startswith(area)]


def own_signals(officer: Officer) -> list[Signal]:
    """Return the signals of the officer's area; those of the whole province are for the province's unit."""
    return list(Signal.objects.filter(division_code__startswith=officer.territory)[:200])


def _known(officer: Officer, day: date) -> list[Counted]:
    """Return the cases of the last weeks as this officer may see them: what is shown, and what may be taken up."""
    return seen_by(officer, own_cases(officer, day - timedelta(days=7 * _WEEKS - 1), day))


@never_cache
@login_required
def analysis_page(request: HttpRequest) -> HttpResponse:
    """What stood out lately, how many cases came each week, and which open cases may be taken up together."""
    officer = analyst(request)
    signals = [_row(signal) for signal in own_signals(officer)]
    if request.GET.get("format") == "csv":
        return _signals_csv(signals)
    problem = _take_up(request, officer) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect("analysis")
    day = today()
    known = _known(officer, day)
    context = {
        "signals": [row for row in signals if row["signal"].is_open],
        "closed": [row for row in signals if not row["signal"].is_open][:20],
        "run": Run.objects.first(),
        "weeks": _weeks(known, day),
        "topics": _topics(known, day),
        "groups": [_group(one) for one in _groups(known, day)],
        "taken_up": _taken_up(officer),
        "may_work": may(officer, Permission.WORK_WARNING),
        "problem": problem,
        "synthetic": "part" if any(case.is_synthetic for case in known) else "",
    }
    record_look(officer, "consumer/analysis", "signals", at=now())
    return render(request, "portal/analysis/analysis.html", context, status=422 if problem else 200)


def _taken_up(officer: Officer) -> list[FastGroup]:
    """Return what the officer's unit, and those below it, handle together."""
    open_groups = FastGroup.objects.filter(ended_at=None).select_related("lead")
    return list(open_groups.filter(lead__organisation__division_code__startswith=officer.territory)[:20])


def _row(signal: Signal) -> dict[str, Any]:
    return {
        "signal": signal,
        "kind": kind_words(signal.kind),
        "about": key_words(signal.kind, signal.key, signal.label),
        "place": divisions.full_name(signal.division_code) or signal.division_code,
        "reasons": [said(reason) for reason in signal.reasons],
        "chance": f"{signal.chance:.1e}" if signal.chance < 0.001 else f"{signal.chance:.3f}",
        "expected": f"{signal.expected:.1f}",
        "also": [f"{kind_words(kind)}：{key_words(kind, key)}" for kind, key in signal.also],
        "total": len(signal.numbers),
    }


def _signals_csv(rows: Sequence[dict[str, Any]]) -> HttpResponse:
    head = (
        "kind",
        "key",
        "about",
        "place",
        "first_on",
        "last_on",
        "count",
        "expected",
        "chance",
        "false_share",
        "is_open",
    )
    body = (
        (
            row["signal"].kind, row["signal"].key, row["about"], row["place"], row["signal"].first_on,
            row["signal"].last_on, row["signal"].count, row["expected"], row["signal"].chance,
            row["signal"].false_share, row["signal"].is_open,
        )
        for row in rows
    )  # fmt: skip
    return csv_file("signals.csv", [head, *body])


def _weeks(known: Sequence[Counted], day: date) -> dict[str, Any]:
    """Count the cases of each week; the chart's x is how many weeks ago, as a negative number."""
    counts = Counter(-((day - case.received_on).days // 7) for case in known)
    xs = range(1 - _WEEKS, 1)
    ys = [float(counts[x]) for x in xs]
    latest = int(ys[-1])
    chart = trend_chart.draw(
        _("近7天收到%(n)s件") % {"n": latest},
        _("距今周数"),
        _("件"),
        [(_("投诉和举报"), list(xs), ys)],
        write=lambda value: f"{value:g}",
    )
    rows = [(day - timedelta(days=7 * -x + 6), day + timedelta(days=7 * x), counts[x]) for x in xs]
    return {"chart": chart, "rows": rows}


def _topics(known: Sequence[Counted], day: date) -> Any:
    recent = [case for case in known if (day - case.received_on).days < 7]
    counts = Counter(case.topic for case in recent if case.topic).most_common(_BARS)
    if not counts:
        return None
    rows = [(key_words(TOPIC, topic), float(count), str(count)) for topic, count in counts]
    return bar_chart.bars(_("近7天最多的事项：%(name)s") % {"name": rows[0][0]}, rows)


def _groups(known: Sequence[Counted], day: date) -> list[Together]:
    taken = set(FastGroup.objects.filter(ended_at=None).values_list("key", flat=True))
    found = together(known, least=services.LIMITS.on(day)["fast_group_least"])
    return [group for group in found if group.key not in taken][:20]


def _group(group: Together) -> dict[str, Any]:
    late = sum(bool(case.due_on and not case.answered_on and case.due_on < today()) for case in group.cases)
    return {
        "key": group.key,
        "label": group.label,
        "kind": _("平台") if group.kind == PLATFORM else _("经营者"),
        "count": len(group.cases),
        "late": late,
        "topics": "、".join(
            key_words(TOPIC, topic)
            for topic, _n in Counter(c.topic for c in group.cases if c.topic).most_common(2)
        ),
    }


def _take_up(request: HttpRequest, officer: Officer) -> str:
    """Take a group up, or end one; return what was wrong."""
    day = today()
    try:
        if number := request.POST.get("end"):
            group = get_object_or_404(FastGroup, pk=whole_number(number))
            services.end_group(group, outcome=request.POST.get("plan", ""), by=officer, at=now())
            messages.success(request, _("已记录办理结果。"))
            return ""
        chosen = next(
            (g for g in _groups(_known(officer, day), day) if g.key == request.POST.get("key")), None
        )
        services.take_up(
            chosen.key if chosen else "",
            chosen.cases if chosen else (),
            plan=request.POST.get("plan", ""),
            by=officer,
            at=now(),
        )
    except NotNow as problem:
        return words_of(problem)
    messages.success(request, _("已牵头，各件的期限和结果仍分别计算。"))
    return ""


@never_cache
@login_required
def signal_page(request: HttpRequest, signal_id: int) -> HttpResponse:
    """One signal: why, its days against their limit, its cases, and what may be done."""
    officer = analyst(request)
    signal = get_object_or_404(Signal, pk=signal_id)
    require(officer, Permission.VIEW_SIGNALS, division=signal.division_code or None)
    problem = ""
    if request.method == "POST":
        try:
            services.close_signal(signal, note=request.POST.get("note", ""), by=officer, at=now())
        except NotNow as refused:
            problem = words_of(refused)
        else:
            return redirect("analysis_signal", signal_id=signal.pk)
    numbers = set(signal.numbers)
    since = signal.first_on - timedelta(days=_CHART_DAYS)
    area = seen_by(officer, [case for case in own_cases(officer, since, today()) if case.number in numbers])
    if request.GET.get("format") == "csv":
        record_look(officer, f"signal/{signal.pk}", "cases_csv", at=now())
        return _cases_csv(signal, area)
    record_look(officer, f"signal/{signal.pk}", "signal", at=now())
    context = {
        "row": _row(signal),
        "signal": signal,
        "cases": [_case_row(case, officer) for case in reversed(area[-_CASES:])],
        "hidden": len(numbers) - len(area),
        "chart": _series(signal, since),
        "may_work": may(officer, Permission.WORK_WARNING),
        "problem": problem,
        "warnings": signal.warnings.all(),
    }
    return render(request, "portal/analysis/signal.html", context, status=422 if problem else 200)


def _case_row(case: Counted, officer: Officer) -> dict[str, Any]:
    """Make the line of a case; it leads to the case's page for whom that page opens."""
    right = Permission.VIEW_REPORT if case.kind == REPORT else Permission.VIEW_COMPLAINT
    return {
        "case": case,
        "path": case.path if may(officer, right, division=case.division_code) else "",
        "topic": key_words(TOPIC, case.topic) if case.topic else "—",
        "place": divisions.full_name(case.division_code) or case.division_code,
        "state": _("在办") if case.is_open else _("已有结果"),
    }


def _cases_csv(signal: Signal, own: Sequence[Counted]) -> HttpResponse:
    head = (
        "number",
        "kind",
        "received_on",
        "division_code",
        "firm",
        "firm_name",
        "product",
        "topic",
        "ending",
    )
    body = (
        (c.number, c.kind, c.received_on, c.division_code, c.firm, c.firm_name, c.product, c.topic, c.ending)
        for c in own
    )
    return csv_file(f"signal-{signal.pk}-cases.csv", [head, *body])


def _series(signal: Signal, since: date) -> Any:
    """Draw the days of a key beside the limit of the surge rule; pairs and clusters have no single key of a case."""
    if signal.kind not in KEYS:
        return None
    last = signal.last_on
    known = [
        case
        for case in map(without_reported_firm, cases(since, last))
        if KEYS[signal.kind](case) == signal.key
    ]
    chart = charts.ears_c2_chart(daily_counts(known, since, last))
    xs = list(range(1 - len(chart.value), 1))
    start = charts.C2_BASELINE_DAYS + charts.C2_GAP_DAYS
    return trend_chart.draw(
        _("每天的件数，和按前9至3天算出的界限"),
        _("距%(day)s的天数") % {"day": last},
        _("件"),
        [
            (_("件数"), xs, chart.value.tolist()),
            (_("突增界限"), xs[start:], chart.limit[start:].tolist()),
        ],
        write=lambda value: f"{value:g}",
    )

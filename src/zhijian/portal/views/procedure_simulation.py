"""How last year's cases would have flowed: a version of a drawing, a staff, and what would come of it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.engines.procedures import history, versions
from zhijian.engines.procedures.simulate import Simulation, simulate
from zhijian.portal.components import bar_chart, case_words
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.procedure_work import keeper, version_of
from zhijian.portal.views.procedures import declared, title_of
from zhijian.portal.views.register import today

_MOST_OFFICERS, _MOST_RUNS, _WORK = 9_999, 10, 40_000
DEFAULT_SEED = 2026


@never_cache
@require_GET
def simulation(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The form with what is there now, and below it the result; as a file with `format=csv`."""
    officer = keeper(request)
    procedure, version = declared(code), version_of(code, number)
    assert officer.organisation is not None
    territory, last = officer.organisation.territory, today()
    first = last - timedelta(days=365)
    read = versions.compiled_of(version).drawing
    flow = history.flow_of(read)
    past = history.past_of(code, first, last, territory=territory)
    there = history.staff_of(flow.roles, territory=territory)
    staff = {
        role: _within(request.GET.get(f"staff-{role}"), there[role], _MOST_OFFICERS) for role in flow.roles
    }
    seed = _within(request.GET.get("seed"), DEFAULT_SEED, 10**9)
    runs = max(1, min(_MOST_RUNS, _WORK // max(1, len(past.arrivals))))
    limits = history.limits_of(read, last)
    result = simulate(flow, past, staff, limits, seed=seed, runs=runs) if past.arrivals else None
    if request.GET.get("format") == "csv" and result is not None:
        return csv_file(f"simulation-{code.replace('/', '-')}-{number}.csv", _csv_rows(result, seed))
    context = {
        "procedure": procedure,
        "title": title_of(procedure),
        "version": version,
        "first": first,
        "last": last,
        "seed": seed,
        "staff": [(role, case_words.role(role), staff[role], there[role]) for role in flow.roles],
        "result": result,
        "roles": [(case_words.role(one.role), one) for one in result.roles] if result else [],
        "steps": [(case_words.role(one.role), one) for one in result.steps] if result else [],
        "bottleneck": case_words.role(result.bottleneck.role) if result and result.bottleneck else "",
        "chart": _chart(result) if result else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "portal/procedures/simulation.html", context)


def _within(text: str | None, otherwise: int, most: int) -> int:
    return (
        max(1, min(most, int(text)))
        if text and text.isascii() and text.isdigit() and len(text) < 11
        else otherwise
    )


def _chart(result: Simulation) -> bar_chart.BarChart:
    """Draw the load of each role; its title is the finding."""
    rows = [
        (case_words.role(one.role), 100 * one.load, f"{100 * one.load:.1f}%")
        for one in sorted(result.roles, key=lambda one: -one.load)
    ]
    title = _("各岗位的忙碌比例，最高%(share)s") % {"share": rows[0][2]} if rows else ""
    return bar_chart.bars(title, rows)


def _csv_rows(result: Simulation, seed: int) -> list[list[Any]]:
    head = [
        "步骤 step", "岗位 role", "每次模拟经过 visits_a_run", "平均等待（工作日） mean_wait_working_days",
        "平均办理（工作日） mean_work_working_days", "超期比例 late_share", "种子 seed", "次数 runs",
    ]  # fmt: skip
    rows = [
        [
            one.name, case_words.role(one.role), round(one.visits, 1), round(one.mean_wait, 3), round(one.mean_work, 3),
            "" if one.late_share is None else round(one.late_share, 4), seed, result.runs,
        ]
        for one in result.steps
    ]  # fmt: skip
    return [head, *rows]

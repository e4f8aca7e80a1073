"""By unit: how many periods of the law were met, how many were not, and what is overdue now. Never by person."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.engines.procedures import queries
from zhijian.portal.components import bar_chart, case_words, words
from zhijian.portal.views.cases import officer_of
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today
from zhijian.security.models import Officer

_MOST_BARS = 25


@never_cache
@login_required
@require_GET
def timeliness(request: HttpRequest) -> HttpResponse:
    """The units that an officer may see, over a span of days; as a file with `format=csv`."""
    officer = officer_of(request)
    first = _day(request.GET.get("from"), date(today().year, 1, 1))
    last = _day(request.GET.get("to"), today())
    rows = unit_rows(officer, first, last)
    if request.GET.get("format") == "csv":
        return csv_file(f"timeliness-{first}-{last}.csv", _csv_rows(rows, first, last))
    met, late = sum(row["met"] for row in rows), sum(row["late"] for row in rows)
    context = {
        "rows": rows,
        "first": first,
        "last": last,
        "met": met,
        "late": late,
        "overdue": sum(row["overdue"] for row in rows),
        "share": words.percent(met, met + late),
        "chart": _chart(rows, met, late),
        "query": f"from={first}&to={last}",
        "synthetic": "part" if any(row["unit"].is_synthetic for row in rows) else "",
    }
    return render(request, "portal/cases/timeliness.html", context)


def unit_rows(officer: Officer, first: date, last: date) -> list[dict[str, Any]]:
    """Add up for each unit at and below the officer's how its periods were kept; each period stands below it."""
    assert officer.organisation is not None
    units: dict[int, dict[str, Any]] = {}
    for one in queries.timeliness(officer.organisation, first, last):
        unit = one.organisation
        row = units.setdefault(
            unit.pk,
            {"unit": unit, "name": case_words.unit_name(unit), "met": 0, "late": 0, "overdue": 0, "extended": 0,
             "clocks": []},
        )  # fmt: skip
        row["met"] += one.on_time
        row["late"] += one.late
        row["overdue"] += one.overdue
        row["extended"] += one.extended
        row["clocks"].append((case_words.parameter_label(one.clock), one))
    for row in units.values():
        row["share"] = words.percent(row["met"], row["met"] + row["late"])
    return list(units.values())


def _chart(rows: list[dict[str, Any]], met: int, late: int) -> bar_chart.BarChart:
    drawn = []
    for row in rows[:_MOST_BARS]:
        whole = row["met"] + row["late"]
        percents = (100 * row["met"] / whole, 100 * row["late"] / whole) if whole else None
        drawn.append((row["name"], percents, _("没有办结的")))
    share = words.percent(met, met + late)
    title = _("按时办结%(share)s") % {"share": share} if share else _("这段时间没有办结的")
    return bar_chart.parts(title, (_("按时"), _("超期")), drawn)


def _csv_rows(rows: list[dict[str, Any]], first: date, last: date) -> list[list[Any]]:
    head = [
        "单位 unit", "区划 division_code", "期限 period", "按时办结 met", "超期办结 late", "尚未办结已超期 overdue",
        "延长过 extended", "自 from", "至 to", "合成数据 is_synthetic",
    ]  # fmt: skip
    return [
        head,
        *(
            [
                row["unit"].name, row["unit"].division_code, label, one.on_time, one.late, one.overdue, one.extended,
                first, last, int(row["unit"].is_synthetic),
            ]
            for row in rows
            for label, one in row["clocks"]
        ),
    ]  # fmt: skip


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return otherwise

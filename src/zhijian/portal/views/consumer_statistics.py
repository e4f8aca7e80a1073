"""The statistics of complaints and reports for everybody, by city and month, as pictures, tables and a file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.consumer.analysis.statistics import (
    Share,
    Summary,
    by_month,
    by_place,
    recovered_told,
    summarise,
)
from zhijian.engines.registers import code_lists
from zhijian.engines.signals.counted import cases
from zhijian.portal.components import bar_chart, trend_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import market_entities, today

_DAYS = 365
_HEAD = (
    "division_code", "place", "complaints", "reports", "on_time_part", "on_time_whole", "mediated_on_time_part",
    "mediated_on_time_whole", "mediated_part", "mediated_whole",
    "verified_on_time_part", "verified_on_time_whole", "filed_part", "filed_whole", "repeated_part", "repeated_whole",
    "recovered_yuan", "entities", "complaints_per_10000_entities",
)  # fmt: skip


def statistics_page(request: HttpRequest) -> HttpResponse:
    """The last 365 days: time kept, success of mediation, cases filed, money recovered, repeats, per 10,000 entities."""
    last = today()
    first = last - timedelta(days=_DAYS - 1)
    known = cases(first, last, with_beside=True)
    entities = _entities()
    whole = summarise(known, on=last, entities=sum(entities.values()) or None)
    places = by_place(known, on=last, entities=entities)
    if request.GET.get("format") == "csv":
        return csv_file("complaint-statistics.csv", _csv_rows(whole, places))
    context = {
        "first": first,
        "last": last,
        "whole": whole,
        "tiles": _tiles(whole),
        "places": [{"name": _name(code), "sums": sums} for code, sums in places.items()],
        "months": _months(by_month(known)),
        "mediation": _mediation(places),
        "month_rows": by_month(known),
        "synthetic": "part" if any(case.is_synthetic for case in known) else "",
    }
    return render(request, "portal/warnings/statistics.html", context)


def _entities() -> Mapping[str, int]:
    """Return the market entities of each city, or nothing where no register is served."""
    register = market_entities()
    counted = register.counts_by_prefecture() if register.is_ready else {}
    return {code: count for code, count in counted.items() if code.isdigit()}


def _name(code: str) -> str:
    label = code_lists.prefecture_label(code)
    return label.en if in_english() else label.zh


def _tiles(whole: Summary) -> list[tuple[str, str]]:
    def share(one: Share) -> str:
        return _("件数太少") if one.ratio is None else f"{one.ratio:.1%}"

    return [
        (_("投诉按期受理率"), share(whole.on_time)),
        (_("按期调解率"), share(whole.mediated_on_time)),
        (_("调解成功率"), share(whole.mediated)),
        (_("举报按期核查率"), share(whole.verified_on_time)),
        (_("举报立案率"), share(whole.filed)),
        (_("重复投诉率"), share(whole.repeated)),
        (
            _("挽回经济损失（元）"),
            _("件数太少") if whole.recovered_told is None else f"{whole.recovered_told:,.0f}",
        ),
        (_("每万户主体投诉"), "—" if whole.per_10000 is None else f"{whole.per_10000:.2f}"),
    ]


def _months(rows: list[tuple[str, int, int]]) -> Any:
    """Draw months by their place before the present one; the table names them."""
    if not rows:
        return None
    xs = list(range(1 - len(rows), 1))
    return trend_chart.draw(
        _("每月收到的投诉和举报"),
        _("距今月数"),
        _("件"),
        [
            (_("投诉"), xs, [float(complaints) for _m, complaints, _r in rows]),
            (_("举报"), xs, [float(reports) for _m, _c, reports in rows]),
        ],
        write=lambda value: f"{value:g}",
    )


def _mediation(places: Mapping[str, Summary]) -> Any:
    rows = [
        (
            _name(code),
            sums.mediated.ratio,
            "" if sums.mediated.ratio is None else f"{sums.mediated.ratio:.1%}",
        )
        for code, sums in places.items()
        if sums.mediated.ratio is not None
    ]
    return bar_chart.bars(_("各市调解成功率"), sorted(rows, key=lambda row: -(row[1] or 0))) if rows else None


def _told(share: Share) -> tuple[Any, Any]:
    """Return part and whole, or nothing where so few would tell of single cases."""
    return ("", "") if share.ratio is None else (share.part, share.whole)


def _csv_rows(whole: Summary, places: Mapping[str, Summary]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [_HEAD]
    recovered = {"440000": whole.recovered_told, **recovered_told(places)}
    for code, sums in {"440000": whole, **places}.items():
        name = _("全省") if code == "440000" else _name(code)
        shares = (
            sums.on_time,
            sums.mediated_on_time,
            sums.mediated,
            sums.verified_on_time,
            sums.filed,
            sums.repeated,
        )
        told = [value for one in shares for value in _told(one)]
        rate = "" if sums.per_10000 is None else f"{sums.per_10000:.4f}"
        yuan = "" if recovered[code] is None else recovered[code]
        rows.append((code, name, sums.complaints, sums.reports, *told, yuan, sums.entities or "", rate))
    return rows

"""The statistics of rooms for everybody: how they end and in what time, as pictures, tables and a file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.consumer.odr.statistics import OUTCOME_WORDS, Summary, by_place, counted, summarise
from zhijian.engines.registers import code_lists
from zhijian.portal.components import bar_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now, today

_DAYS = 365
_HEAD = (
    "division_code", "place", "rooms", *OUTCOME_WORDS, "offers", "firms_came", "on_time_part", "on_time_whole",
    "median_days_to_agreement", "first_day", "last_day", "source", "is_synthetic",
)  # fmt: skip


def statistics_page(request: HttpRequest) -> HttpResponse:
    """The last 365 days of rooms, by outcome and by city."""
    last = today()
    first = last - timedelta(days=_DAYS - 1)
    several = counted(first, last, at=now())
    whole, places = summarise(several, on=last), by_place(several, on=last)
    is_synthetic = any(one.is_synthetic for one in several)
    if request.GET.get("format") == "csv":
        tail = (first.isoformat(), last.isoformat(), "odr", int(is_synthetic))
        name = "odr-statistics_SYNTHETIC.csv" if is_synthetic else "odr-statistics.csv"
        return csv_file(name, _rows(whole, places, tail))
    context = {
        "first": first,
        "last": last,
        "whole": whole,
        "tiles": _tiles(whole),
        "outcomes": _outcomes(whole),
        "success": _success(places),
        "places": [{"name": _name(code), "sums": sums} for code, sums in places.items()],
        "synthetic": "part" if is_synthetic else "",
    }
    return render(request, "portal/odr/statistics.html", context)


def _name(code: str) -> str:
    label = code_lists.prefecture_label(code)
    return label.en if in_english() else label.zh


def _said(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


def _share(value: float | None) -> str:
    return _("件数太少") if value is None else f"{value:.1%}"


def _tiles(whole: Summary) -> list[tuple[str, str]]:
    return [
        (_("谈成的比例"), _share(whole.success)),
        (_("期限内结束"), _share(whole.on_time_share)),
        (_("开室到谈成（天，中位数）"), "—" if whole.days is None else f"{whole.days:g}"),
        (_("提出的方案"), f"{whole.offers:,}"),
        (_("商家进来的"), f"{whole.firms_came:,}"),
    ]


def _outcomes(whole: Summary) -> Any:
    rows = [(_said(words), float(whole.outcomes[name]), str(whole.outcomes[name])) for name, words in OUTCOME_WORDS.items()]  # fmt: skip
    return bar_chart.bars(_("调解室怎么结束（个）"), rows) if whole.rooms else None


def _success(places: Mapping[str, Summary]) -> Any:
    """Draw the cities with enough rooms to tell a share."""
    rows = [(_name(code), sums.success, _share(sums.success)) for code, sums in places.items()]
    told = sorted((row for row in rows if row[1] is not None), key=lambda row: -(row[1] or 0))
    return bar_chart.bars(_("各市谈成的比例"), told) if told else None


def _rows(whole: Summary, places: Mapping[str, Summary], tail: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [_HEAD]
    for code, sums in {"440000": whole, **places}.items():
        name = _("全省") if code == "440000" else _name(code)
        kept = ("", "") if sums.on_time_share is None else (sums.on_time, sums.judged)
        days = "" if sums.days is None else f"{sums.days:g}"
        rows.append((code, name, sums.rooms, *sums.outcomes.values(), sums.offers, sums.firms_came, *kept, days, *tail))  # fmt: skip
    return rows

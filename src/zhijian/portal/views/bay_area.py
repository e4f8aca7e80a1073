"""The statistics of transfers between Guangdong, Hong Kong and Macao: pictures, tables, a file; small numbers hidden."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.apps.consumer.bay_area.codes import COUNCILS, DIRECTION_WORDS
from zhijian.apps.consumer.bay_area.queries import goods_words
from zhijian.apps.consumer.bay_area.statistics import FEWEST, OUTCOME_WORDS, Cell, Counted, by, counted
from zhijian.engines.registers import code_lists
from zhijian.portal.components import bar_chart
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today

_DAYS = 365
_HEAD = (
    "table", "code", "name", "transfers", *OUTCOME_WORDS, "median_days", "first_day", "last_day", "source",
    "is_synthetic",
)  # fmt: skip


def statistics_page(request: HttpRequest) -> HttpResponse:
    """The last 365 days of transfers."""
    last = today()
    first = last - timedelta(days=_DAYS - 1)
    several = counted(first, last)
    is_synthetic = any(one.is_synthetic for one in several)
    tables = [_table(name, title, head, several) for name, title, head in _tables()]
    if request.GET.get("format") == "csv":
        tail = (first.isoformat(), last.isoformat(), "bay_area", int(is_synthetic))
        lines = [(table["name"], code, label, *_plain(cell), *tail) for table in tables for code, label, cell in table["cells"]]  # fmt: skip
        name = "bay-area-statistics_SYNTHETIC.csv" if is_synthetic else "bay-area-statistics.csv"
        return csv_file(name, [_HEAD, *lines])
    context = {
        "first": first,
        "last": last,
        "tables": tables,
        "chart": _chart(tables[0]["cells"]) if several else None,
        "outcomes": list(OUTCOME_WORDS.values()),
        "fewest": FEWEST,
        "synthetic": "part" if is_synthetic else "",
    }
    return render(request, "portal/bay_area/statistics.html", context)


def _tables() -> list[tuple[str, str, str]]:
    return [
        ("direction", _("方向"), _("方向")),
        ("council", _("港澳"), _("地方")),
        ("city", _("广东各市"), _("地市")),
        ("goods_code", _("商品和服务"), _("类别")),
    ]


def _table(name: str, title: str, head: str, several: list[Counted]) -> dict[str, Any]:
    cells = [(code, _label(name, code), cell) for code, cell in by(name, several).items()]
    rows = [
        (label, [_shown(cell.count), *map(_shown, cell.outcomes.values()), _days(cell)])
        for _, label, cell in cells
    ]
    return {"name": name, "title": title, "head": head, "cells": cells, "rows": rows}


def _label(name: str, code: str) -> str:
    if not code:
        return _("其他和不清楚的")
    if name == "city":
        label = code_lists.prefecture_label(code)
        return label.en if in_english() else label.zh
    words = {
        "direction": lambda: DIRECTION_WORDS[code],
        "council": lambda: COUNCILS[code].place,
        "goods_code": lambda: goods_words(code),
    }[name]()
    return words[1] if in_english() else words[0]


def _shown(value: int | None) -> str:
    return f"＜{FEWEST}" if value is None else str(value)


def _days(cell: Cell) -> str:
    return "—" if cell.days is None else f"{cell.days:g}"


def _plain(cell: Cell) -> tuple[Any, ...]:
    return tuple("" if one is None else one for one in (cell.count, *cell.outcomes.values(), cell.days))


def _chart(cells: list[tuple[str, str, Cell]]) -> Any:
    rows = [
        (label, None if cell.count is None else float(cell.count), _shown(cell.count))
        for _, label, cell in cells
    ]
    return bar_chart.bars(_("转出和转入（件）"), rows)

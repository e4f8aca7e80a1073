"""Values of a plan by quarter, as pages show them: a table of years and quarters, a line, and which quarters are late."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zhijian.apps.plan.monitoring.figures import Figure
from zhijian.apps.plan.monitoring.models import PlanIndicator
from zhijian.apps.plan.monitoring.rules import QUARTERS, Basis
from zhijian.portal.components import tile_map, trend_chart, words

ALL = range(1, QUARTERS + 1)


def quarter_words() -> dict[int, str]:
    return {0: _("全年"), 1: _("一季度"), 2: _("二季度"), 3: _("三季度"), 4: _("四季度")}


def when(year: int, quarter: int) -> str:
    """Write a year, or a quarter of it."""
    told = {"year": year, "quarter": quarter_words()[quarter]}
    return _("%(year)s年%(quarter)s") % told if quarter else str(year)


def period(year: int, quarter: int) -> str:
    """Write a year or a quarter of it within a sentence."""
    return when(year, quarter) if quarter else _("%(year)s年") % {"year": year}


def shown(row: PlanIndicator, figure: Figure, unit: str) -> dict[str, Any] | None:
    """Return what a page says of a row's quarters; None where it has none and is not reported so."""
    if not figure.quarters and not row.is_quarterly:
        return None
    values = {(one.year, one.quarter): one.value for one in figure.quarters}
    return {
        "rule": rule_of(row), "chart": _chart(row, figure, unit), "late": list(late_words(asdict(one) for one in figure.late_quarters)),
        "heads": [quarter_words()[quarter] for quarter in ALL],
        "rows": [_row(year, values, figure.series) for year in sorted({year for year, _quarter in values})],
    }  # fmt: skip


def _row(
    year: int, values: Mapping[tuple[int, int], Decimal], series: Mapping[int, Decimal]
) -> dict[str, Any]:
    cells = [(quarter_words()[quarter], _number(values.get((year, quarter)))) for quarter in ALL]
    return {"year": year, "cells": cells, "whole": _number(series.get(year))}


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".").replace("-", "−") or "0"


def rule_of(row: PlanIndicator) -> str:
    """Say how four quarters make the year."""
    if row.basis == Basis.NEW:
        return _("每季填当季新增的数，四季相加为全年；缺一季不成全年。")
    if "%" in row.unit_zh:
        return _("每季填从年初累计到季末的比例，四季度的就是全年的。")
    return _("每季填季末的数，四季度的就是全年的。")


def late_words(late: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Say which quarters are late, as figures tell them in JSON; where only some cities reported, which are not there."""
    comma = ", " if words.in_english() else "、"
    for one in late:
        lacking = comma.join(map(tile_map.city_name, one["lacking"]))
        named = {"when": when(one["year"], one["quarter"]), "names": lacking}
        if lacking:
            yield _("%(when)s缺%(names)s，全省没有合计。") % named
        else:
            yield _("%(when)s没有公布的值。") % named


def _chart(row: PlanIndicator, figure: Figure, unit: str) -> Any:
    if not figure.quarters:
        return None
    xs = [one.year * QUARTERS + one.quarter - 1 for one in figure.quarters]
    ys = [float(one.value) for one in figure.quarters]
    is_close = min(ys) > max(ys) / 2 and len(set(ys)) > 1
    name = row.name_en if words.in_english() else row.name_zh
    return trend_chart.draw(
        _("%(name)s：各季的值") % {"name": name}, _("季度（纵轴不从零起）") if is_close else _("季度"), unit,
        [(_("当季值"), xs, ys)], write=lambda value: f"{value:,.6g}", from_zero=not is_close,
        tell=lambda x: f"{x // QUARTERS}Q{x % QUARTERS + 1}",
    )  # fmt: skip

"""What data that are late may change: each light, and the composite."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from zhijian.apps.plan.monitoring import rules, summing
from zhijian.apps.plan.monitoring.figures import Figure, Late, Sensitivity, Value
from zhijian.apps.plan.monitoring.rules import Basis, Composite, Light

Period = tuple[date, date]


def sensitivity(
    figures: Sequence[Figure],
    composite: Composite,
    values: Mapping[str, Sequence[Value]],
    period: Period,
) -> Sensitivity:
    """Say what values that are still missing at the day may change; `values` has each row's, by its number."""
    rows = tuple(late for one in figures if (late := _late(one, values[one.number], period)) is not None)
    total = composite.counted + composite.left_out
    if not total:
        return Sensitivity(rows, None, None)
    sure = (composite.index or Fraction(0)) * composite.counted
    return Sensitivity(rows, sure / total, (sure + composite.left_out) / total)


def _late(one: Figure, values: Sequence[Value], period: Period) -> Late | None:
    """Return what the newest missing year leaves open; nothing where a later one is known, or where years add up."""
    if not one.missing_years or not one.series or one.goal.basis == Basis.NEW:
        return None
    year = one.missing_years[-1]
    if year < max(one.series):
        return None
    share = rules.elapsed(date(year, 12, 31), *period)
    still = rules.judge(one.goal, one.series[max(one.series)], share=share).light
    cities = None
    if one.cities is not None and one.cities.year == year and one.cities.lacking:
        cities = summing.filled_in(one.cities, values, one.goal, share)
    return Late(one.number, year, one.light, still, _if_trend(one, year, share), cities)


def _if_trend(one: Figure, year: int, share: Fraction) -> Light | None:
    """Return the light if the values went on as before; None where they are too few for a trend."""
    trend = rules.forecast(one.goal, one.series if one.comparable is None else one.comparable, year)
    if trend is None:
        return None
    return rules.judge(one.goal, Decimal(repr(round(trend.value, 6))), share=share).light

"""What the cities make of the province: counts and rates that add up, the gap to the target split by city, and what late ones leave open."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from zhijian.apps.plan.monitoring import city_rules, rules
from zhijian.apps.plan.monitoring.figures import Cities, LateCities, Value
from zhijian.apps.plan.monitoring.rules import Basis, Goal

PROVINCE: Final = "440000"
CITIES: Final = 21
NOTHING: Final = Decimal(0)


def of_cities(
    values: Sequence[Value], own: Mapping[int, Value], *, unit_zh: str, basis: Basis
) -> tuple[dict[int, Value], int]:
    """Sum the cities where the province has no value of its own and all of them reported; say how many lack in the newest year.

    A rate is the sum of numerators over that of denominators; a stock and what is new are counts, which add up; any other
    level has no sum, and the province reports it itself.
    """
    made, lacking = {}, 0
    times = rules.times(unit_zh)
    adds_up = rules.adds_up(basis, unit_zh)
    for year in sorted({one.year for one in values if one.area != PROVINCE} - set(own)):
        cities = _reported(values, year, needs_parts=times is not None)
        lacking = CITIES - len(cities)
        whole = added(cities, times, into=PROVINCE) if adds_up and not lacking else None
        if whole is not None:
            made[year] = whole
    return made, lacking


def _reported(values: Sequence[Value], year: int, *, needs_parts: bool) -> list[Value]:
    """Return the cities' values of a year; of a rate those that can be added, with their denominators."""
    return [
        one
        for one in values
        if one.year == year and one.area != PROVINCE and (one.denominator or not needs_parts)
    ]


def added(cities: Sequence[Value], times: int | None, *, into: str) -> Value | None:
    """Return the value of the area that its parts make up: as old as the newest, as sure as the least sure, checked where all are."""
    top = bottom = None
    value: Decimal | None = sum((one.value for one in cities), NOTHING)
    if times is not None:
        parts = [(one.numerator or NOTHING, one.denominator or NOTHING) for one in cities]
        value = rules.rate(parts, times=times)
        top, bottom = (sum(column, NOTHING) for column in zip(*parts, strict=True))
    if value is None:
        return None
    return Value(
        into, cities[0].year, max(one.as_of for one in cities), max(one.kind for one in cities), value, top, bottom,
        max(one.entered_on for one in cities), all(one.is_checked for one in cities), cities[0].quarter,
    )  # fmt: skip


def compared(goal: Goal, values: Sequence[Value]) -> Cities | None:
    """Return what the cities make of the newest year that any of them reported with its numbers."""
    told = [one for one in values if one.area != PROVINCE and _has_parts(one)]
    if not told:
        return None
    year = max(one.year for one in told)
    parts = {
        one.area: (one.numerator or NOTHING, one.denominator or NOTHING) for one in told if one.year == year
    }
    rows = city_rules.contributions(goal, parts)
    percent = sum((one.weight * one.percent for one in rows), Fraction(0))
    lacking = tuple(sorted(code for _, codes in city_rules.KINDS for code in codes if code not in parts))
    return Cities(year, lacking, percent, tuple(rows), tuple(city_rules.grouped(parts)))


def _has_parts(one: Value) -> bool:
    return one.numerator is not None and bool(one.denominator)


def filled_in(cities: Cities, values: Sequence[Value], goal: Goal, share: Fraction) -> LateCities:
    """Fill in the late cities with what they last counted; where one never reported there is nothing to fill in."""
    now, before = _now_and_before(cities, values)
    if set(before) != set(cities.lacking):
        return LateCities(cities.lacking, cities.percent, None, None, None, None)
    hits, of = _parts_of(now)
    same, more = _parts_of(before.values())
    filled = (hits + same) * 100 / (of + more)
    exact = Decimal(filled.numerator) / Decimal(filled.denominator)
    return LateCities(
        cities.lacking, cities.percent, filled, rules.judge(goal, exact, share=share).light,
        low=hits * 100 / (of + more), high=(hits + more) * 100 / (of + more),
    )  # fmt: skip


def _now_and_before(cities: Cities, values: Sequence[Value]) -> tuple[list[Value], dict[str, Value]]:
    """Return the year's values of the cities that reported, and of those that did not their last ones."""
    told = sorted(filter(_has_parts, values), key=lambda one: one.year)
    now = [one for one in told if one.year == cities.year and one.area != PROVINCE]
    before = {one.area: one for one in told if one.area in cities.lacking and one.year < cities.year}
    return now, before


def _parts_of(values: Iterable[Value]) -> tuple[Fraction, Fraction]:
    """Return the sums of numerators and of denominators."""
    told = list(values)
    return (
        sum((Fraction(one.numerator or 0) for one in told), Fraction(0)),
        sum((Fraction(one.denominator or 0) for one in told), Fraction(0)),
    )

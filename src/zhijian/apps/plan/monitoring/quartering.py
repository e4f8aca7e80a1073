"""Values by quarter: what they make of a year, what is known of one that is not whole, and which quarters are late."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from zhijian.apps.plan.monitoring import rules, summing
from zhijian.apps.plan.monitoring.figures import LateQuarter, Quarter, Value
from zhijian.apps.plan.monitoring.rules import QUARTERS, Basis
from zhijian.apps.plan.monitoring.summing import PROVINCE
from zhijian.standards import divisions

Key = tuple[int, int]  # a year and its quarter


def first_day(year: int, quarter: int) -> date:
    return date(year, 3 * quarter - 2, 1)


def last_day(year: int, quarter: int) -> date:
    """Return the last day of a quarter, and of the year for quarter 0."""
    return (first_day(year + 1, 1) if quarter in (0, QUARTERS) else first_day(year, quarter + 1)) - timedelta(
        days=1
    )


def years(values: Sequence[Value], basis: Basis) -> list[Value]:
    """Return the values of whole years, of every area: those reported, and those that an area's quarters make."""
    told = [one for one in values if not one.quarter]
    known = {(one.area, one.year) for one in told}
    for key, some in _by_year(values).items():
        made = rules.whole_year(basis, {quarter: one.value for quarter, one in some.items()})
        if key not in known and made is not None:
            told.append(_of_quarters(some, basis, made, quarter=0))
    return told


def _by_year(values: Sequence[Value]) -> dict[tuple[str, int], dict[int, Value]]:
    """Return the quarters of each area and year."""
    made: dict[tuple[str, int], dict[int, Value]] = defaultdict(dict)
    for one in values:
        if one.quarter:
            made[one.area, one.year][one.quarter] = one
    return made


def _of_quarters(some: Mapping[int, Value], basis: Basis, value: Decimal, *, quarter: int) -> Value:
    """Return a year's value from its quarters: as the last of them, of what adds up as sure and as checked as all of them."""
    last = some[quarter or QUARTERS]
    if basis != Basis.NEW:
        return replace(last, quarter=quarter)
    parts = [some[n] for n in range(1, last.quarter + 1)]
    return replace(
        last, value=value, quarter=quarter, numerator=None, denominator=None, kind=max(one.kind for one in parts),
        is_checked=all(one.is_checked for one in parts),
    )  # fmt: skip


def of_province(values: Sequence[Value], *, unit_zh: str, basis: Basis) -> dict[Key, Value]:
    """Return the province's quarters: its own values, else those of all its cities together."""
    made: dict[Key, Value] = {}
    for quarter in range(1, QUARTERS + 1):
        some = [one for one in values if one.quarter == quarter]
        own = {one.year: one for one in some if one.area == PROVINCE}
        summed, _ = summing.of_cities(some, own, unit_zh=unit_zh, basis=basis)
        made |= {(year, quarter): one for year, one in (summed | own).items()}
    return dict(sorted(made.items()))


def so_far(quarters: Mapping[Key, Value], own: Mapping[int, Value], basis: Basis) -> Value | None:
    """Return what is known of the newest year that has quarters and is not whole; None where a later year is whole."""
    year = max((year for year, _ in quarters), default=0)
    if not year or year <= max(own, default=0):
        return None
    some = {quarter: one for (of, quarter), one in quarters.items() if of == year}
    found = rules.year_so_far(basis, {quarter: one.value for quarter, one in some.items()})
    return _of_quarters(some, basis, found[1], quarter=found[0]) if found else None


def told(quarters: Mapping[Key, Value]) -> tuple[Quarter, ...]:
    """Return the province's quarters as a figure carries them."""
    return tuple(
        Quarter(year, quarter, one.value, one.as_of, one.kind) for (year, quarter), one in quarters.items()
    )


def late(
    values: Sequence[Value],
    quarters: Mapping[Key, Value],
    whole: Mapping[int, Value],
    on: date,
    years_: range,
) -> Iterator[LateQuarter]:
    """Yield the quarters that are over and have no value: of a year that has begun by quarters, or is not over itself.

    A year that is over and has no quarter at all lacks as a year.
    """
    begun = {one.year for one in values if one.quarter}
    for year in years_:
        if year in whole or not (year in begun or on < last_day(year, 0)):
            continue
        for quarter in range(1, QUARTERS + 1):
            if last_day(year, quarter) <= on and (year, quarter) not in quarters:
                yield LateQuarter(year, quarter, _lacking(values, year, quarter))


def _lacking(values: Sequence[Value], year: int, quarter: int) -> tuple[str, ...]:
    """Return the cities without a value where others have one."""
    areas = {one.area for one in values if (one.year, one.quarter) == (year, quarter)}
    return tuple(one.code6 for one in divisions.PREFECTURES if areas and one.code6 not in areas)

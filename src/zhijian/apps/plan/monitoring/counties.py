"""Values by county: what they make of their city, by the rules by which cities make the province, and which counties are late."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from zhijian.apps.plan.monitoring import quartering, rules, summing
from zhijian.apps.plan.monitoring.figures import LateCounties, Value
from zhijian.apps.plan.monitoring.rules import Basis
from zhijian.standards import divisions

Key = tuple[str, int, int]  # a city, a year, its quarter or 0


@dataclass(frozen=True)
class Rolled:
    """Values of cities and the province alone: `made` are those that counties make; `late` the counties that keep a city from one."""

    values: list[Value]
    made: tuple[Value, ...] = ()
    late: tuple[LateCounties, ...] = ()


def is_county(area: str) -> bool:
    """Say whether an area is a county: neither the province nor one of its cities."""
    return not area.endswith("00")


@cache
def of_city(city: str) -> frozenset[str]:
    """Return the counties of a city; none for the two that have none."""
    return frozenset(code for code, _name in divisions.counties(city[:4]) if is_county(code))


def rolled_up(values: Sequence[Value], *, unit_zh: str, basis: Basis) -> Rolled:
    """Add up the counties of each city that has no value of its own, where all of them reported."""
    told = [one for one in values if not is_county(one.area)]
    groups = _by_city([one for one in values if is_county(one.area)], basis)
    known = {(one.area, one.year, one.quarter) for one in [*told, *quartering.years(told, basis)]}
    times, made, late = rules.times(unit_zh), [], []
    for key, some in sorted(groups.items()):
        if key in known:
            continue
        parts = [one for one in some if one.denominator or times is None]
        lacking = of_city(key[0]) - {one.area for one in parts}
        whole = None if lacking else summing.added(parts, times, into=key[0])
        if whole is not None:
            made.append(whole)
        elif lacking:
            late.append(LateCounties(*key, tuple(sorted(lacking))))
    return Rolled([*told, *made], tuple(made), _newest(late))


def _by_city(values: Sequence[Value], basis: Basis) -> dict[Key, list[Value]]:
    """Return the counties' values by city and time; a year that is reported by quarters counts once its quarters make it."""
    made: dict[Key, list[Value]] = defaultdict(list)
    for one in [*quartering.years(values, basis), *(one for one in values if one.quarter)]:
        made[f"{one.area[:4]}00", one.year, one.quarter].append(one)
    return dict(made)


def _newest(late: Sequence[LateCounties]) -> tuple[LateCounties, ...]:
    """Return what is late of the newest year; of a year that is reported by quarters its quarters alone."""
    year = max((one.year for one in late), default=0)
    by_quarter = {one.city for one in late if one.year == year and one.quarter}
    return tuple(one for one in late if one.year == year and (one.quarter or one.city not in by_quarter))

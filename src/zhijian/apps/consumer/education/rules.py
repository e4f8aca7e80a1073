"""When a county counts as covered by consumer education. Pure: takes what was counted and a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

COVERAGE = parameters.load("consumer/education_coverage")


@dataclass(frozen=True)
class Coverage:
    """How many of the counties are covered, and which."""

    counties: int
    covered: frozenset[str]

    @property
    def share_percent(self) -> float | None:
        return 100 * len(self.covered) / self.counties if self.counties else None


@rule(cites="《广东省市场监管现代化“十四五”规划》第五章第二节")
def coverage(
    counties: Iterable[str],
    *,
    bases: Iterable[str],
    events: Iterable[tuple[str, date]],
    readings: Mapping[str, int],
    on: date,
) -> Coverage:
    """Return which counties consumer education reaches on a day.

    One is covered that has a base, had an event within the months of the parameter, or from which at least so many
    readings were counted within them. `readings` are those of the months, by county.

    ASSUMPTION: the plan names no method; the months and the number are starting values of this project.
    """
    values = COVERAGE.on(on)
    since = add_months(on, -values["window_months"])
    known = set(counties)
    reached = {code for code in bases if code in known}
    reached |= {code for code, day in events if code in known and since < day <= on}
    reached |= {code for code, n in readings.items() if code in known and n >= values["least_readings"]}
    return Coverage(len(known), frozenset(reached))

"""How often firms are visited in a year, under what cap, and how near the visits are to the fewest possible.

A visit is a firm and a day: two tasks done on one day by one errand are one visit, as the cap counts visits and not items.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from zhijian.apps.supervision.inspection.lookups import rows_of
from zhijian.apps.supervision.inspection.models import Check, CheckEvent, InspectionItem
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.datazone.lake import Lake
from zhijian.standards.calendar import statutory_day

FEWEST = 5  # cells of fewer firms are not told one by one
OFTEN = 3  # this many visits or more stand together


@dataclass(frozen=True)
class Duty:
    """One check of a firm: when it may be done, whether with others, and on which day it was (None: not yet)."""

    number: str
    first_day: date
    last_day: date
    is_jointable: bool
    done_on: date | None


@dataclass(frozen=True)
class Firm:
    """A firm's year: its visits by day, its cap, its checks."""

    uscc: str
    division: str
    section: str
    duties: tuple[Duty, ...]
    cap: int | None

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(sorted({one.done_on for one in self.duties if one.done_on}))

    @property
    def visits(self) -> int:
        return len(self.days)

    @property
    def is_over(self) -> bool:
        return self.cap is not None and self.visits > self.cap

    @property
    def least(self) -> int:
        """The fewest visits in which what was done could have been done."""
        return least_visits([one for one in self.duties if one.done_on])


@dataclass(frozen=True)
class Row:
    """Firms of one kind: how many, their visits, and how many had 1, 2, 3 or more. A hidden row is told to nobody outside."""

    name: str
    firms: int
    visits: int
    by_visits: tuple[int, int, int]
    is_hidden: bool = False

    @property
    def per_firm(self) -> float:
        return self.visits / self.firms if self.firms else 0.0

    @property
    def shown(self) -> tuple[int | None, ...]:
        """The counts, those that would tell of few firms left out."""
        return shown(self.by_visits)


@dataclass(frozen=True)
class Year:
    """A year's burden in sums."""

    year: int
    firms: int
    visits: int
    least: int
    checks: int
    over_cap: int
    whole: Row
    by_county: tuple[Row, ...] = field(default=())
    by_trade: tuple[Row, ...] = field(default=())

    @property
    def gap(self) -> float | None:
        """The share of visits that were more than the fewest possible."""
        return (self.visits - self.least) / self.visits if self.visits else None


def shown(counts: Sequence[int]) -> tuple[int | None, ...]:
    """Return counts with those of 1 to 4 left out, and one more where a single one left out could be reckoned back."""
    hidden = {place for place, count in enumerate(counts) if 0 < count < FEWEST}
    if len(hidden) == 1:
        others = [place for place in range(len(counts)) if place not in hidden and counts[place]]
        hidden |= set(sorted(others, key=lambda place: counts[place])[:1])
    return tuple(None if place in hidden else count for place, count in enumerate(counts))


def least_visits(duties: Iterable[Duty]) -> int:
    """Return the fewest visits for checks with windows: those that must be alone, and one for each point that stabs the others.

    Taking always the earliest last day is exact for intervals on a line.
    """
    alone, last_stab, stabs = 0, date.min, 0
    for one in sorted(duties, key=lambda duty: duty.last_day):
        if not one.is_jointable:
            alone += 1
        elif one.first_day > last_stab:
            stabs, last_stab = stabs + 1, one.last_day
    return alone + stabs


def firms_of(year: int, lake: Lake, *, scope: str = "") -> list[Firm]:
    """Return every firm that was visited in a year, by code. Drills are no visits."""
    done = _done_in(year, scope)
    rows = (
        Check.objects.filter(pk__in=list(done))
        .select_related("task")
        .prefetch_related("task__items")
        .order_by("uscc", "number")
    )
    duties: dict[str, list[Duty]] = defaultdict(list)
    divisions: dict[str, str] = {}
    caps: dict[str, list[int]] = defaultdict(list)
    items: dict[int, list[InspectionItem]] = {}
    for check in rows.iterator(500):
        listed = items.setdefault(check.task_id, check.task.ordered_items)
        duties[check.uscc].append(
            Duty(
                check.number,
                check.task.drawn_on,
                max(check.due_on, done[check.pk]),
                all(item.is_jointable for item in listed),
                done[check.pk],
            )
        )
        divisions[check.uscc] = check.division_code[:6]
        caps[check.uscc] += [item.cap_per_year for item in listed if item.cap_per_year is not None]
    sections = sections_of(duties, lake)
    return [
        Firm(
            uscc, divisions[uscc], sections.get(uscc, "?"), tuple(duties[uscc]), min(caps[uscc], default=None)
        )
        for uscc in sorted(duties)
    ]


def sections_of(codes: Iterable[str], lake: Lake) -> dict[str, str]:
    """Return the letter of the industry of each firm that the register knows."""
    rows = rows_of(lake, "entity_market_entities", set(codes), ("industry_section",))
    return {row["uscc"]: row["industry_section"] for row in rows if row.get("industry_section")}


def _done_in(year: int, scope: str) -> dict[int, date]:
    """Return on which day of the year each check was begun."""
    begun = CheckEvent.objects.filter(
        verb=Verb.BEGIN, check_record__task__is_rehearsal=False, check_record__division_code__startswith=scope
    ).filter(happened_at__gte=f"{year - 1}-12-31T00:00Z", happened_at__lt=f"{year + 1}-01-02T00:00Z")
    days = {
        pk: statutory_day(at)
        for pk, at in begun.values_list("check_record", "happened_at").order_by("-sequence")
    }
    return {pk: day for pk, day in days.items() if day.year == year}


def account(year: int, firms: Sequence[Firm]) -> Year:
    """Return a year's burden in sums."""
    return Year(
        year=year,
        firms=len(firms),
        visits=sum(one.visits for one in firms),
        least=sum(one.least for one in firms),
        checks=sum(len(one.duties) for one in firms),
        over_cap=sum(one.is_over for one in firms),
        whole=_row("", firms),
        by_county=_rows({one.uscc: one.division for one in firms}, firms),
        by_trade=_rows({one.uscc: one.section for one in firms}, firms),
    )


def _rows(kind_of: Mapping[str, str], firms: Sequence[Firm]) -> tuple[Row, ...]:
    members: dict[str, list[Firm]] = defaultdict(list)
    for one in firms:
        members[kind_of[one.uscc]].append(one)
    rows = [_row(name, members[name]) for name in sorted(members, key=lambda n: (-len(members[n]), n))]
    return hidden(rows)


def hidden(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return rows, the largest first, of which those of few firms are hidden; never one alone, which the total would tell."""
    count = sum(row.firms < FEWEST for row in rows)
    count = 2 if count == 1 else count
    return tuple(replace(row, is_hidden=place >= len(rows) - count) for place, row in enumerate(rows))


def _row(name: str, firms: Sequence[Firm]) -> Row:
    counted = Counter(min(one.visits, OFTEN) for one in firms)
    return Row(name, len(firms), sum(one.visits for one in firms), (counted[1], counted[2], counted[3]))

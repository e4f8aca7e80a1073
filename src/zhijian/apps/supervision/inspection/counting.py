"""Counting for counting's sake: visits crowded before an assessment, records copied, journeys nobody can make.

Each finding has its evidence and, where there is a law of chance, its exact chance. It is no verdict: leaders of the unit
above, and auditors, answer it (audit.answer).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any

from zhijian.apps.supervision.inspection.models import Check, CheckEvent
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.engines.draws import auditing
from zhijian.engines.signals import alike, discovery
from zhijian.security.models import Officer, Role
from zhijian.standards import calendar, county_centroids
from zhijian.standards.calendar import statutory_day

RATE = 0.05
CROWDED_DAYS = 10  # working days before the end of a quarter, by which units are assessed
LONG_TEXT = 30  # letters; shorter records are alike by nature
FEWEST_COPIES = 3
FASTEST_KM_H = 120
NEAR_KM = 2.0
COUNTY_KM = 15.0  # by which a county's middle may miss a place in it


@dataclass(frozen=True)
class Seen:
    """One finished visit: who, where (latitude, longitude or the county's middle), when from and to, and its record."""

    number: str
    unit: str
    team: tuple[str, str]
    division: str
    window: tuple[date, date]
    began_at: datetime
    ended_at: datetime | None
    place: tuple[float, float] | None
    error_km: float
    text: str
    is_synthetic: bool = False


@dataclass(frozen=True)
class Clue:
    """One finding: its kind, whose it is, the visits that are its evidence. `chance` is None where no law of chance fits."""

    kind: str
    unit: str
    who: tuple[str, ...]
    numbers: tuple[str, ...]
    seen: float
    expected: float | None = None
    chance: float | None = None
    q: float | None = None
    day: date | None = None

    @property
    def key(self) -> str:
        return (
            f"{self.kind}@{self.numbers[0]}/{self.numbers[-1]}"
            if self.numbers
            else f"{self.kind}@{self.unit}"
        )

    @property
    def rings(self) -> bool:
        return self.q is None or self.q <= RATE


def clues(visits: Sequence[Seen], year: int) -> list[Clue]:
    """Return everything that rings, crowded quarters judged together."""
    tested = [clue for end in quarter_ends(year) for clue in crowded(visits, end)]
    q = discovery.adjusted([clue.chance or 0.0 for clue in tested])
    judged = [replace(clue, q=float(value)) for clue, value in zip(tested, q, strict=True)]
    return [clue for clue in judged if clue.rings] + copied(visits) + impossible(visits)


def quarter_ends(year: int) -> list[date]:
    return [date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31)]


def crowded(visits: Iterable[Seen], end: date) -> list[Clue]:
    """Judge of each unit how many visits lie in the last working days before `end`.

    If days were alike, each visit would fall on any working day of its own window; the count is then a Poisson binomial.
    Visits whose window is all before or all within the stretch tell nothing.
    """
    first = end
    while calendar.working_days_between(first, end, provisional=True) < CROWDED_DAYS:
        first -= timedelta(days=1)
    by_unit: dict[str, list[tuple[Seen, float]]] = defaultdict(list)
    for one in visits:
        share = _share(one.window, first, end)
        if 0 < share < 1:
            by_unit[one.unit].append((one, share))
    found = []
    for unit, members in sorted(by_unit.items()):
        inside = sorted(one.number for one, _ in members if first < statutory_day(one.began_at) <= end)
        chances = [share for _, share in members]
        chance = auditing.chance_of_at_least(len(inside), chances)
        if inside:
            found.append(Clue("crowded", unit, (), tuple(inside), len(inside), sum(chances), chance, day=end))
    return found


def _share(window: tuple[date, date], first: date, end: date) -> float:
    whole = _working_days(*window)
    low, high = max(window[0], first + timedelta(days=1)), min(window[1], end)
    return _working_days(low, high) / whole if whole and low <= high else 0.0


@cache
def _working_days(first: date, last: date) -> int:
    """Count the working days from the first to the last, both included."""
    return (
        calendar.working_days_between(first - timedelta(days=1), last, provisional=True)
        if first <= last
        else 0
    )


def copied(visits: Iterable[Seen]) -> list[Clue]:
    """Find teams whose long records are near copies of each other, three or more."""
    by_team: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in visits:
        if len(one.text) >= LONG_TEXT:
            by_team[one.team].append(one)
    found = []
    for team, members in sorted(by_team.items()):
        if len(members) < FEWEST_COPIES:
            continue
        linked = alike.pairs(alike.signatures([one.text for one in members]))
        for places in alike.groups(len(members), linked):
            if len(places) >= FEWEST_COPIES:
                numbers = tuple(sorted(members[place].number for place in places))
                found.append(Clue("copied", members[places[0]].unit, team, numbers, len(places)))
    return found


def impossible(visits: Iterable[Seen]) -> list[Clue]:
    """Find two visits of one inspector, one after the other, too far apart for the time between.

    The distance is the straight line less what both positions may be wrong by; no road is shorter. The time runs from the
    end of the first visit where it is known, else from its beginning.
    """
    by_person: dict[str, list[Seen]] = defaultdict(list)
    for one in visits:
        for person in one.team:
            if one.place is not None:
                by_person[person].append(one)
    found: dict[tuple[str, str], Clue] = {}
    for person, members in sorted(by_person.items()):
        for one, other in pairwise(sorted(members, key=lambda visit: (visit.began_at, visit.number))):
            speed = speed_between(one, other)
            if speed is None or speed <= FASTEST_KM_H:
                continue
            key = (one.number, other.number)
            who = (*found[key].who, person) if key in found else (person,)
            found[key] = Clue("impossible", other.unit, who, key, speed, day=statutory_day(other.began_at))
    return list(found.values())


def speed_between(one: Seen, other: Seen) -> float | None:
    """Return the least speed in km/h by which somebody came from one visit to the other; None where they are near."""
    assert one.place is not None and other.place is not None
    distance = kilometres(one.place, other.place) - one.error_km - other.error_km
    if distance <= NEAR_KM:
        return None
    left = min(one.ended_at or one.began_at, other.began_at)
    hours = (other.began_at - left).total_seconds() / 3600
    return distance / max(hours, 1 / 60)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places (latitude, longitude) over the globe."""
    (a, b), (c, d) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * 6371.0 * asin(min(1.0, sqrt(half)))


def seen_in(year: int, *, scope: str) -> list[Seen]:
    """Return the visits of a year in an area whose result is recorded; drills are none."""
    begun = (
        CheckEvent.objects.filter(
            verb=Verb.BEGIN,
            check_record__task__is_rehearsal=False,
            check_record__organisation__division_code__startswith=scope,
        )
        .select_related("check_record__task", "check_record__organisation")
        .prefetch_related("check_record__events", "check_record__results__item_results")
        .order_by("check_record", "sequence")
    )
    people = dict(Officer.objects.values_list("pk", "username"))
    found = {}
    for event in begun:
        if statutory_day(event.happened_at).year == year and event.check_record_id not in found:
            found[event.check_record_id] = _seen(event.check_record, event, people)
    return list(found.values())


def _seen(check: Check, begun: CheckEvent, people: Mapping[int, str]) -> Seen:
    recorded = check.last(Verb.RECORD)
    result = check.result
    notes = [row.note for row in result.item_results.all() if row.note] if result else []
    place, error = _place(check, begun.payload.get("position", {}))
    one, other = sorted((people[check.inspector_first_id], people[check.inspector_second_id]))
    return Seen(
        check.number, check.organisation.code, (one, other), check.division_code[:6],
        (check.task.drawn_on, check.due_on), begun.happened_at, recorded.happened_at if recorded else None,
        place, error, " ".join([result.summary if result else "", *notes]).strip(), check.is_synthetic,
    )  # fmt: skip


def _place(check: Check, position: Mapping[str, Any]) -> tuple[tuple[float, float] | None, float]:
    """Return where a visit was and by how many kilometres that may be wrong: the phone's position, else the county's middle."""
    if position.get("latitude") is not None and position.get("longitude") is not None:
        return (float(position["latitude"]), float(position["longitude"])), (
            position.get("accuracy_m") or 0
        ) / 1000
    found = county_centroids.points().get(check.division_code[:6])
    if found is None:
        return None, 0.0
    return county_centroids.degrees(found), COUNTY_KM


def may_see(officer: Officer, unit_division: str, *, is_own: bool) -> bool:
    """Say whether an officer sees a unit's clues: auditors those of their area, leaders those of the units below their own."""
    if officer.organisation is None or not unit_division.startswith(officer.territory):
        return False
    return officer.has_role(Role.AUDITOR) or (officer.has_role(Role.LEADER) and not is_own)


__all__ = ["Clue", "Seen", "clues", "copied", "crowded", "impossible", "may_see", "seen_in"]

"""The figures of every area, counted at night and kept: the page reads one row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from zhijian.apps.plan.board.models import BoardNight

REGISTERED, CHECKED, COMPLAINED, OPENED, RISEN = "registered", "checked", "complained", "opened", "risen"
TOPICS = (REGISTERED, CHECKED, COMPLAINED, OPENED, RISEN)
ABOUT_PERSONS = frozenset({COMPLAINED, OPENED, RISEN})
"""Topics in whose small counts a person could be seen."""

WEEK, MONTH = 7, 30
SPANS = (WEEK, MONTH)
DAYS = 2 * MONTH
_KEPT_NIGHTS = 400


@dataclass(frozen=True)
class Happening:
    """So many things of a topic on one day in one place. `kind` is what the topic is broken down by."""

    topic: str
    day: date
    division_code: str
    kind: str
    count: int = 1
    is_synthetic: bool = False


def part_of(area: str, division_code: str) -> str:
    """Return the part of an area that a division lies in: the city in the province, the county in a city, then the street."""
    if len(area) < 4:
        return f"{division_code[:4]}00" if len(division_code) >= 4 and division_code[2:4] != "00" else ""
    if len(area) < 6:
        return division_code[:6] if len(division_code) >= 6 and division_code[4:6] != "00" else ""
    return division_code if len(division_code) > 6 else ""


def figures(happenings: Iterable[Happening], area: str, ends: dict[str, date]) -> dict[str, Any]:
    """Return what the board of an area shows of each topic: by day, and for each span by part and kind.

    `ends` says for each topic which day is its last: a source that is delivered late is compared up to its own last day.
    """
    own = [one for one in happenings if one.division_code.startswith(area)]
    return {
        topic: _topic([one for one in own if one.topic == topic], area, last)
        for topic, last in sorted(ends.items())
    }


def _topic(rows: Sequence[Happening], area: str, last: date) -> dict[str, Any]:
    daily = Counter[int]()
    for one in rows:
        daily[(last - one.day).days] += one.count
    return {
        "last_on": last.isoformat(),
        "daily": [daily[age] for age in range(DAYS - 1, -1, -1)],
        "spans": {str(span): _span(rows, area, last, span) for span in SPANS},
        "is_synthetic": any(one.is_synthetic for one in rows),
    }


def _span(rows: Sequence[Happening], area: str, last: date, span: int) -> dict[str, Any]:
    parts: dict[str, list[int]] = {}
    kinds: dict[str, list[int]] = {}
    sums = [0, 0]
    for one in rows:
        age = (last - one.day).days
        if not 0 <= age < 2 * span:
            continue
        place = 0 if age < span else 1
        sums[place] += one.count
        parts.setdefault(part_of(area, one.division_code), [0, 0])[place] += one.count
        kinds.setdefault(one.kind, [0, 0])[place] += one.count
    return {
        "now": sums[0],
        "before": sums[1],
        "parts": [[key, *pair] for key, pair in sorted(parts.items())],
        "kinds": [[key, *pair] for key, pair in sorted(kinds.items())],
    }


@transaction.atomic
def keep(
    happenings: Sequence[Happening], areas: Iterable[str], ends: dict[str, date], *, day: date, at: datetime
) -> int:
    """Keep the boards of these areas for one night; return how many. A night that is counted again is replaced."""
    made = [
        BoardNight(area=area, day=day, made_at=at, figures=figures(happenings, area, ends))
        for area in sorted(set(areas))
    ]
    BoardNight.objects.filter(day=day).delete()
    BoardNight.objects.filter(day__lt=day - timedelta(days=_KEPT_NIGHTS)).delete()
    BoardNight.objects.bulk_create(made)
    return len(made)


def newest(area: str) -> BoardNight | None:
    """Return the last board of an area, or None before the first night."""
    return BoardNight.objects.filter(area=area).first()

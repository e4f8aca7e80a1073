"""What pages read of follow-ups: those that are open, how old, how they ended, unit by unit."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate

from zhijian.apps.supervision.inspection import queries
from zhijian.apps.supervision.inspection.models import FollowUp
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import ZONE

AGES = ("15", "30", "90", "more")  # days since the follow-up began, up to
OPEN, ENDED = "open", "ended"
IN_TIME, LATE, NO_LIMIT = "in_time", "late", "no_limit"


@dataclass
class UnitTally:
    """How the follow-ups of a unit stand: open ones by age and by deadline, those that ended in a year by ending and by deadline."""

    unit: Organisation
    open_by_age: Counter[str] = field(default_factory=Counter)
    open_by_light: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    ended_by_light: Counter[str] = field(default_factory=Counter)

    @property
    def open_count(self) -> int:
        return self.open_by_age.total()

    @property
    def ended_count(self) -> int:
        return self.ended.total()


def of_area(officer: Officer) -> QuerySet[FollowUp]:
    """Return the follow-ups of the officer's area and own checks, the most urgent first."""
    rows = FollowUp.objects.filter(queries.follow_ups_for(officer))
    return rows.select_related("check_record__organisation", "result", "closing").order_by(
        F("due_on").asc(nulls_last=True), "id"
    )


def tallies(officer: Officer, *, year: int, today: date) -> list[UnitTally]:
    """Count the follow-ups of the officer's area by unit, the most that are late first."""
    found: dict[int, UnitTally] = {}
    units = Organisation.objects.in_bulk(
        set(of_area(officer).values_list("check_record__organisation", flat=True))
    )
    for row in _counted(officer, year, today):
        tally = found.setdefault(row["unit"], UnitTally(units[row["unit"]]))
        if row["standing"] == OPEN:
            tally.open_by_age[row["age"]] += row["n"]
            tally.open_by_light[row["light"]] += row["n"]
        else:
            tally.ended[row["closing__ending"]] += row["n"]
            tally.ended_by_light[row["light"]] += row["n"]
    return sorted(found.values(), key=lambda one: (-one.open_by_light[LATE], -one.open_count, one.unit.code))


def _counted(officer: Officer, year: int, today: date) -> Iterable[Mapping[str, Any]]:
    """Count open follow-ups and those that ended in a year, by what the tallies tell apart."""
    ended_on = TruncDate("closing__closed_at", tzinfo=ZONE)
    rows = FollowUp.objects.filter(queries.follow_ups_for(officer)).annotate(ended_on=ended_on)
    rows = rows.filter(Q(closing=None) | Q(ended_on__year=year))
    late = Q(closing=None, due_on__lt=today) | Q(ended_on__gt=F("due_on"))
    return (
        rows.annotate(
            unit=F("check_record__organisation"),
            standing=_words(When(closing=None, then=Value(OPEN)), default=ENDED),
            light=_words(
                When(due_on=None, then=Value(NO_LIMIT)), When(late, then=Value(LATE)), default=IN_TIME
            ),
            age=_words(
                *[
                    When(starts_on__gte=today - timedelta(days=int(most)), then=Value(most))
                    for most in AGES[:-1]
                ],
                default=AGES[-1],
            ),
        )
        .order_by()
        .values("unit", "standing", "light", "age", "closing__ending")
        .annotate(n=Count("pk"))
    )


def _words(*cases: When, default: str) -> Case:
    return Case(*cases, default=Value(default), output_field=CharField())

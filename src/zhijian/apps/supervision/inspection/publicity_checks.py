"""Random checks of what firms published: who was drawn for the item, and what was found beside what was reported."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from zhijian.apps.supervision.inspection.models import Check, CheckItemResult, InspectionTask
from zhijian.apps.supervision.inspection.rules import Finding, Verb
from zhijian.standards import parameters

PERCENT = parameters.load("supervision/publicity_check_annual_rate_percent")
ITEM = "PUB-01"  # published annual report
OPEN, RIGHT, WRONG, UNSEEN = "open", "right", "wrong", "unseen"
FOUND = {
    OPEN: ("还没有查", "Not checked yet"),
    RIGHT: ("与公示的一致", "As published"),
    WRONG: ("与公示的不一致", "Not as published"),
    UNSEEN: ("没有查到这一项", "This item could not be checked"),
}
_SAID = {Finding.CONFORM: RIGHT, Finding.NONCONFORM: WRONG}


@dataclass(frozen=True)
class Drawn:
    """One firm drawn for a check of what it published, and what was found; `found` is a key of FOUND."""

    uscc: str
    name: str
    number: str
    drawn_on: date
    found: str
    is_synthetic: bool


def drawn(area: str, year: int) -> list[Drawn]:
    """Return the checks of an area and year that have the item, those that found something wrong first."""
    rows = list(_checks(year).filter(organisation__division_code__startswith=area).select_related("task"))
    found = _found([one.pk for one in rows])
    made = [
        Drawn(one.uscc, one.entity_name, one.number, one.task.drawn_on, found.get(one.pk, OPEN), one.is_synthetic)
        for one in rows
    ]  # fmt: skip
    return sorted(made, key=lambda one: (one.found != WRONG, one.found == OPEN, one.number))


def share(year: int) -> tuple[int, int]:
    """Return how many were drawn for the item in a year in the province, and from how many; of all its draws together."""
    tasks = InspectionTask.objects.filter(drawn_on__year=year, is_rehearsal=False, items__code=ITEM)
    total = tasks.aggregate(n=Sum("drawn_count"))["n"] or 0
    frames = tasks.values_list("frame_by_prefecture", flat=True)
    return total, max((sum(one.values()) for one in frames), default=0)


def _checks(year: int) -> QuerySet[Check]:
    return Check.objects.filter(
        task__drawn_on__year=year, task__is_rehearsal=False, task__items__code=ITEM
    ).distinct()


def _found(checks: list[int]) -> dict[int, str]:
    """Return what two inspectors confirmed of the item, by check: of the newest version of each result."""
    rows = CheckItemResult.objects.filter(
        item__code=ITEM, result__check_record__in=checks, result__check_record__events__verb=Verb.CONFIRM
    )
    newest = rows.order_by("result__version").values_list("result__check_record", "finding")
    return {check: _SAID.get(Finding(finding), UNSEEN) for check, finding in newest}

"""What a firm may see of inspections of itself: visits that began, and what it was ordered to correct."""

from dataclasses import dataclass
from datetime import date, datetime

from zhijian.apps.supervision.inspection import orders, site_papers, site_rules
from zhijian.apps.supervision.inspection.codes import FollowUpKind
from zhijian.apps.supervision.inspection.models import CheckEvent, FollowUp, InspectionItem
from zhijian.apps.supervision.inspection.rules import State, Verb
from zhijian.standards.calendar import statutory_day

_TOLD = (FollowUpKind.ORDER_CORRECTION, FollowUpKind.RECHECK)


@dataclass(frozen=True)
class Visit:
    """A visit that began. What is only drawn, or on its way, is told to nobody outside."""

    number: str
    title: str
    title_en: str
    unit: str
    unit_en: str
    began_at: datetime
    items: tuple[InspectionItem, ...]
    is_published: bool
    check_id: int
    is_readable: bool  # the firm may read its record: both inspectors stand behind it


def visits_of(uscc: str, year: int) -> list[Visit]:
    """Return the visits that began at a firm in a year, newest first; rehearsals are no visits."""
    begun = CheckEvent.objects.filter(
        verb=Verb.BEGIN, check_record__uscc=uscc, check_record__task__is_rehearsal=False
    ).select_related("check_record__task", "check_record__organisation")
    rows = [
        event for event in begun.order_by("-happened_at") if statutory_day(event.happened_at).year == year
    ]
    return [
        Visit(
            number=event.check_record.number,
            title=event.check_record.task.title,
            title_en=event.check_record.task.title_en,
            unit=event.check_record.organisation.name,
            unit_en=event.check_record.organisation.name_en,
            began_at=event.happened_at,
            items=tuple(event.check_record.task.ordered_items),
            is_published=event.check_record.state == State.PUBLISHED,
            check_id=event.check_record_id,
            is_readable=site_papers.may_firm_read(event.check_record),
        )
        for event in rows
    ]


def cap_of(visits: list[Visit]) -> int | None:
    """Return the least yearly cap among the items of the visits, or None where the lists name none."""
    return min(
        (item.cap_per_year for visit in visits for item in visit.items if item.cap_per_year is not None),
        default=None,
    )


def orders_of(uscc: str) -> list[tuple[date | None, str]]:
    """Return the orders to correct of a firm that are not closed: the day by which, and the article.

    Of published results, and of orders that the firm received: what the unit does else with a result stays with the unit.
    """
    rows = FollowUp.objects.filter(
        check_record__uscc=uscc, kind__in=[str(kind) for kind in _TOLD], closing=None
    ).select_related("check_record")
    told = ((one, orders.received_on(one.check_record)) for one in rows)
    return [
        (site_rules.order_ends_on(one.kind, one.due_on, delivered_on=received), one.article)
        for one, received in told
        if one.check_record.state == State.PUBLISHED or received is not None
    ]

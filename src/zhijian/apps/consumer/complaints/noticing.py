"""Who is told what of a complaint or report: officers of their steps, the complainant of receipt and decision.

A notice carries the matter's number, the step and days: nobody's name and no firm's. Of a report only those are told who
may look at its case; a reporter gets no message, so that none can give her away.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.complaints import people
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.notices.declaration import load
from zhijian.engines.notices.services import Contact, notify
from zhijian.engines.procedures import policies
from zhijian.engines.procedures.models import Case, CaseEvent, ItemState, WorkItem
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

KINDS = load(Path(__file__).parent / "notices.yaml")
LOOKS_BACK = timedelta(days=7)
"""How long after a colour changed it is still told, where nothing ran in between."""


def tell_of_act(case: Case, events: Sequence[CaseEvent], *, by: Officer | None, at: datetime) -> None:
    """Tell officers of what an act on a case asks of them; whoever did the act knows it already."""
    verbs = {event.verb for event in events}
    opened = list(_open_items(case).filter(opened_at=at)) if verbs & _MOVING else []
    for item in opened:
        _tell("consumer.step_waits", item, _workers(item), by=by, at=at, once=f"item {item.pk}")
    for event in events:
        if event.verb in _OF_A_STEP:
            for item in _open_items(case).filter(task=event.task):
                _tell_of_event(event, item, by=by, at=at)


_MOVING = {"open", "complete", "message", "timer"}
_OF_A_STEP = {"assign", "hand_over", "supervise", "escalate"}


def _tell_of_event(event: CaseEvent, item: WorkItem, *, by: Officer | None, at: datetime) -> None:
    once = f"item {item.pk}, event {event.sequence}"
    if event.verb == "supervise":
        _tell("consumer.step_supervised", item, _workers(item), by=by, at=at, once=once)
        return
    named = Officer.objects.filter(username=event.data.get("to", ""), is_active=True)
    kind = "consumer.step_escalated" if event.verb == "escalate" else "consumer.step_waits"
    _tell(kind, item, named.select_related("organisation"), by=by, at=at, once=once)


def tell_of_colours(procedures: Iterable[str], *, by: Officer | None, at: datetime) -> int:
    """Tell who has a step that turned yellow or red in the last days; each is told once. Return how many steps."""
    today = statutory_day(at)
    steps = WorkItem.objects.filter(state=ItemState.OPEN, case__procedure__in=list(procedures))
    steps = steps.select_related("case__organisation", "organisation", "holder__organisation")
    yellow = steps.filter(yellow_on__gt=today - LOOKS_BACK, yellow_on__lte=today, due_on__gte=today)
    red = steps.filter(due_on__gte=today - LOOKS_BACK, due_on__lt=today)
    count = 0
    for kind, several in (("consumer.step_yellow", yellow), ("consumer.step_red", red)):
        for item in several.order_by("pk"):
            _tell(kind, item, _workers(item), by=by, at=at, once=f"item {item.pk}, {item.due_on}")
            count += 1
    return count


def _open_items(case: Case) -> Any:
    found = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
    return found.select_related("case__organisation", "organisation", "holder__organisation").order_by("pk")


def _workers(item: WorkItem) -> list[Officer]:
    """Who holds the step; where nobody does, those of the unit who may take it."""
    if item.holder is not None:
        return [item.holder]
    people_there = item.organisation.officers.filter(is_active=True).select_related("organisation")
    return [one for one in people_there.order_by("pk") if one.has_role(item.role)]


def _tell(
    kind: str, item: WorkItem, officers: Iterable[Officer], *, by: Officer | None, at: datetime, once: str
) -> None:
    told = [one for one in officers if one != by and policies.can_see(one, item.case)]
    data = {
        "number": item.case.number,
        "step": item.name,
        "due_on": _day(item.due_on),
        "case_id": item.case_id,
    }
    if told:
        notify(kind, to=told, data=data, at=at, once=once)


# ----------------------------------------------------------------------------------------------------- the complainant


def complaint_received(
    complaint: Complaint, due_on: date | None, *, by: Officer | None, at: datetime
) -> None:
    _tell_complainant("consumer.complaint_received", complaint, {"due_on": _day(due_on)}, at=at)


def complaint_accepted(complaint: Complaint, due_on: date, *, by: Officer, at: datetime) -> None:
    data = {"due_on": _day(due_on), "decided_on": _day(statutory_day(at))}
    _tell_complainant("consumer.complaint_accepted", complaint, data, at=at)


def complaint_refused(complaint: Complaint, *, by: Officer, at: datetime) -> None:
    data = {"decided_on": _day(statutory_day(at))}
    _tell_complainant("consumer.complaint_refused", complaint, data, at=at)


def _tell_complainant(kind: str, complaint: Complaint, data: Mapping[str, str], *, at: datetime) -> None:
    """By e-mail, where an address was left; by nothing else."""
    submission = complaint.submission
    party = people.told(submission)
    address = people.address_for_notices(party) if party is not None else ""
    if not address:
        return
    language = "en" if submission.language.startswith("en") else "zh"
    contact = Contact({"email": address}, language, key=f"complainant {submission.receipt_number}")
    tail = submission.receipt_number[-4:]
    notify(kind, to=[contact], data={"tail": tail, **data}, at=at, once=complaint.number)


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""

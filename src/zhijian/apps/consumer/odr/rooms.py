"""How a room stands: which part of the procedure its complaint is in, until when, and who may act in it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zhijian.apps.consumer.complaints import rules as complaint_rules
from zhijian.apps.consumer.complaints import services as complaints
from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import rules
from zhijian.apps.consumer.odr.errors import NoRoom, RoomClosed, TermOver
from zhijian.apps.consumer.odr.models import Room
from zhijian.engines.procedures.models import ItemState, WorkItem
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

MEDIATE = "mediate"  # the step of the complaint's drawing that a room works on


class Phase(StrEnum):
    WAITING = "waiting"  # the firm was invited and has not come in
    NEGOTIATION = "negotiation"  # between the two, before mediation
    MEDIATION = "mediation"
    HELD = "held"  # testing, a recusal, or on the way between units
    AGREED = "agreed"
    ENDED = "ended"


PHASE_WORDS: dict[Phase, tuple[str, str]] = {
    Phase.WAITING: ("等商家进来", "Waiting for the firm"),
    Phase.NEGOTIATION: ("双方协商", "Negotiation"),
    Phase.MEDIATION: ("在线调解", "Mediation online"),
    Phase.HELD: ("暂停", "Standing still"),
    Phase.AGREED: ("已达成协议", "Agreed"),
    Phase.ENDED: ("已结束", "Ended"),
}
_BEFORE = {ComplaintState.RECEIVED, ComplaintState.ID_PENDING, ComplaintState.ACCEPTED}
_STILL = {ComplaintState.TESTING, ComplaintState.RECUSAL, ComplaintState.TRANSFERRED}


@dataclass(frozen=True)
class Standing:
    """A room now: its complaint as it stands, the phase, and the last day of mediation (None before acceptance)."""

    complaint: Complaint
    phase: Phase
    due_on: date | None
    joins_by: date | None  # until when an enterprise may come in

    @property
    def is_live(self) -> bool:
        return self.phase in (Phase.NEGOTIATION, Phase.MEDIATION)


def locked(room: Room) -> Room:
    """Return the room, held until the transaction ends: acts in one room follow one another."""
    return Room.objects.select_for_update().get(pk=room.pk)


def complaint_of(room: Room) -> Complaint:
    """Return the room's complaint as it stands in the database now."""
    found = Complaint.objects.select_related("organisation", "case", "submission").prefetch_related("steps")
    return found.get(pk=room.complaint_id)


def mediation_step(complaint: Complaint) -> WorkItem | None:
    """Return the open step of mediation, or None where the procedure is elsewhere."""
    if complaint.case_id is None:
        return None
    return WorkItem.objects.filter(case=complaint.case_id, task=MEDIATE, state=ItemState.OPEN).first()


def standing(room: Room, *, at: datetime) -> Standing:
    """Say how a room stands at a moment."""
    complaint = complaint_of(room)
    accepted = complaint.accepted_at
    due_on = None
    if accepted is not None:
        spans = complaints.suspensions(complaint, until=statutory_day(at))
        due_on = complaint_rules.mediation_period(statutory_day(accepted), spans).due_on
    joins_by = rules.reply_due_on(statutory_day(room.created_at)) if room.is_for_enterprise else None
    return Standing(complaint, _phase(room, complaint), due_on, joins_by)


def _phase(room: Room, complaint: Complaint) -> Phase:
    if hasattr(room, "conclusion") or complaint.moment_of(ComplaintState.AGREED) is not None:
        return Phase.AGREED  # here, or at a session that the mediator recorded beside the room
    if complaint.state in _STILL:
        return Phase.HELD
    if complaint.state in _BEFORE:
        return Phase.NEGOTIATION if is_begun(room) else Phase.WAITING
    if complaint.state == ComplaintState.MEDIATING and mediation_step(complaint) is not None:
        return Phase.MEDIATION
    return Phase.ENDED


def is_begun(room: Room) -> bool:
    """Say whether the mediator, or the firm by coming in, opened the room."""
    return bool(room.events.filter(verb="opened").exists())


def check_live(room: Room, *, at: datetime, done_at: datetime | None = None) -> Standing:
    """Refuse acts in a room that is closed, waits, stands still, or whose term is over.

    `done_at`: when the parties did what is only completed now; the term is judged at that moment.

    Raises:
        RoomClosed, TermOver
    """
    now = standing(room, at=at)
    if now.phase is Phase.WAITING:
        raise RoomClosed(
            "商家还没有进来，现在不能办这一步。", "The firm has not come in yet; this is not possible now."
        )
    if now.phase is Phase.HELD:
        raise RoomClosed(
            f"这件投诉现在是“{now.complaint.state_words[0]}”，调解室暂停，恢复后再办。",
            f"The complaint is “{now.complaint.state_words[1]}”; the room stands still until it goes on.",
        )
    if not now.is_live:
        raise RoomClosed("这个调解室已经结束，只能查看。", "This room has ended; it can only be read.")
    if now.phase is Phase.MEDIATION and not rules.is_within_term(statutory_day(done_at or at), now.due_on):
        raise TermOver(
            f"调解期限{now.due_on}已届满，不能再达成协议。由调解员依法终止调解。",
            f"The term of mediation ended on {now.due_on}; no agreement is possible. The mediator ends it by law.",
        )
    return now


def officer_in(room: Room, officer: object) -> Officer:
    """Return the officer who may mediate in this room.

    Raises:
        Forbidden: another role, or another area.
    """
    return require(officer, Permission.MEDIATE_ONLINE, division=complaint_of(room).organisation.division_code)


def find(number: str) -> Room:
    """Return a room by its number.

    Raises:
        NoRoom: there is none.
    """
    room = Room.objects.filter(number=number.strip().upper()[:60]).first()
    if room is None:
        raise NoRoom("没有这个编号的调解室。", "There is no room of this number.")
    return room

"""Opening a room and coming in: the mediator with the account, the firm by invitation, the consumer by the receipt."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.intake import receipts, standing
from zhijian.apps.consumer.complaints.intake.models import Repeat
from zhijian.apps.consumer.complaints.models import Complaint, Submission
from zhijian.apps.consumer.odr import reading, rooms
from zhijian.apps.consumer.odr.errors import (
    InvitationEnded,
    NoRoom,
    OdrRefused,
    RoomClosed,
    TermOver,
    WrongCode,
)
from zhijian.apps.consumer.odr.models import (
    CONSUMER,
    FIRM,
    MEDIATOR,
    OFFICE,
    Invitation,
    InvitationEnd,
    OdrEnterprise,
    Room,
)
from zhijian.apps.consumer.odr.record import tell
from zhijian.engines.facts import services as facts
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

SOURCE = "odr"
HOLDS = parameters.load("consumer/odr_invitation")
CODE_LENGTH = 12  # 60 bits
_PURPOSE = "odr invitation"
_EARLY = {ComplaintState.RECEIVED, ComplaintState.ID_PENDING}


def record_fact(room: Room, what: str, key: str, *, by: Officer | None, at: datetime, **payload: str) -> None:
    """Record a fact about the complaint of a room; it names no person and says nothing in the firm's own file."""
    complaint = rooms.complaint_of(room)
    facts.record(
        what,
        subject=f"complaint/{complaint.number}",
        occurred_on=statutory_day(at),
        payload={
            "room_no": room.number,
            "complaint_no": complaint.number,
            "authority": complaint.organisation.name,
            **payload,
        },
        source=SOURCE,
        source_key=f"{room.number}/{key}",
        by=by or "system:odr",
        at=at,
        is_synthetic=room.is_synthetic,
    )


def complaint_numbered(number: str) -> Complaint:
    """Return a complaint by its number; whether a report has the number is not told.

    Raises:
        NoRoom: no complaint has it.
    """
    found = Complaint.objects.select_related("organisation", "submission").filter(number=number.strip()[:40])
    complaint = found.prefetch_related("steps").first()
    if complaint is None:
        raise NoRoom(
            "没有这个编号的投诉。举报不开调解室。",
            "No complaint has this number. Reports have no room.",
        )
    return complaint


@transaction.atomic
def open_room(complaint: Complaint, *, by: Officer, at: datetime) -> Room:
    """Open the room of a complaint that is in mediation; the mediator's act.

    Raises:
        Forbidden: no mediator of this area.
        RoomClosed: the complaint is not in mediation. OdrRefused: it has a room, or its firm's code is not known.
    """
    require(by, Permission.MEDIATE_ONLINE, division=complaint.organisation.division_code)
    if complaint.state != ComplaintState.MEDIATING or rooms.mediation_step(complaint) is None:
        raise RoomClosed(
            f"这件投诉现在是“{complaint.state_words[0]}”。双方同意调解、进入调解后才能开在线调解室。",
            f"This complaint is “{complaint.state_words[1]}”. A room opens once both agreed to mediation.",
        )
    _check_firm_known(complaint)
    room = _new(complaint, is_for_enterprise=False, by=by, at=at)
    tell(room, "opened", side=MEDIATOR, by=by, at=at)
    record_fact(room, "odr.opened", "opened", by=by, at=at, stage="mediation")
    return room


@transaction.atomic
def invite_enterprise(
    complaint: Complaint, *, by: Officer, at: datetime, randomness: receipts.Randomness
) -> tuple[Room, str]:
    """Let an ODR enterprise settle with the consumer before acceptance; returns the room and the firm's code.

    The clock of acceptance goes on meanwhile. The room opens when the firm comes in.

    Raises:
        Forbidden: no right, or another area.
        RoomClosed: the complaint is accepted or over. NoRoom: the firm is no ODR enterprise today.
    """
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    if complaint.state not in _EARLY:
        raise RoomClosed(
            f"这件投诉现在是“{complaint.state_words[0]}”。受理之前才能先请企业在线和解。",
            f"This complaint is “{complaint.state_words[1]}”. An enterprise is asked first only before acceptance.",
        )
    if enterprise_of(complaint, at=at) is None:
        raise NoRoom(
            "被投诉人不在在线消费纠纷解决（ODR）企业名录里，或者已经退出。请按投诉程序办理。",
            "The firm does not stand in the register of ODR enterprises. Handle it by the complaint procedure.",
        )
    room = _new(complaint, is_for_enterprise=True, by=by, at=at)
    tell(room, "invited_enterprise", side=OFFICE, by=by, at=at)
    return room, invite(room, by=by, at=at, randomness=randomness)


def enterprise_of(complaint: Complaint, *, at: datetime) -> OdrEnterprise | None:
    """Return the entry of the firm among ODR enterprises, if it stands on the day."""
    if not complaint.respondent_code:
        return None
    today = statutory_day(at)
    several = OdrEnterprise.objects.filter(uscc=complaint.respondent_code)
    return next((one for one in several if one.stands_on(today)), None)


def _check_firm_known(complaint: Complaint) -> None:
    if not complaint.respondent_code:
        raise OdrRefused(
            "被投诉人的统一社会信用代码还没有核对，调解室和邀请码只给登记主体。请先在“核对被投诉人”里核对是哪一户。",
            "The firm's code was not established; room and code are for a registered entity only. Establish the firm first, "
            "by the link “Establish the firm”.",
        )


def _new(complaint: Complaint, *, is_for_enterprise: bool, by: Officer, at: datetime) -> Room:
    Complaint.objects.select_for_update().get(pk=complaint.pk)
    there = Room.objects.filter(complaint=complaint).first()
    if there is not None:
        raise OdrRefused(
            f"这件投诉已有在线调解室{there.number}。", f"This complaint has the room {there.number} already."
        )
    room = Room(
        number=_number(complaint, at),
        complaint=complaint,
        is_for_enterprise=is_for_enterprise,
        created_by=by,
        created_at=at,
        is_synthetic=complaint.is_synthetic,
    )
    room.save()
    return room


def _number(complaint: Complaint, at: datetime) -> str:
    """Return a number from which nobody reads the complaint's, which is half of what opens its status page."""
    digest = bytes.fromhex(receipts.digest(complaint.number, "odr room", settings.SECRET_KEY))
    drawn = receipts.new_code(8, lambda length: digest[:length])
    return f"ODR-{statutory_day(at):%Y%m%d}-{drawn.replace('-', '')}"


# --------------------------------------------------------------------------------------------------- the firm's code


@transaction.atomic
def invite(room: Room, *, by: Officer, at: datetime, randomness: receipts.Randomness) -> str:
    """Return a new code for the registered entity, shown once; an earlier one ends.

    Raises:
        Forbidden: no right, or another area.
        OdrRefused: the firm's code of the register was not established.
    """
    complaint = rooms.complaint_of(room)
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    _check_firm_known(complaint)
    room = rooms.locked(room)
    for earlier in live_invitations(room, at=at):
        InvitationEnd.objects.create(invitation=earlier, reason="已换发新的邀请码", officer=by, at=at)
    code = receipts.new_code(CODE_LENGTH, randomness)
    Invitation.objects.create(
        room=room,
        uscc=complaint.respondent_code,
        firm_name=complaint.respondent_name,
        code_hash=_digest(room, code),
        issued_by=by,
        issued_at=at,
        expires_at=at + timedelta(days=HOLDS.on(statutory_day(at))),
    )
    tell(room, "invitation_issued", side=OFFICE, by=by, at=at)
    return code


@transaction.atomic
def revoke(invitation: Invitation, *, reason: str, by: Officer, at: datetime) -> InvitationEnd:
    """Take an invitation back; whoever came in by it is out at once.

    Raises:
        Forbidden: no right, or another area. InvitationEnded: it ended before. BadInput: no reason.
    """
    complaint = rooms.complaint_of(invitation.room)
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    said = reading.words("reason", reason, longest=200)
    room = rooms.locked(invitation.room)
    if InvitationEnd.objects.filter(invitation=invitation).exists():
        raise InvitationEnded("这个邀请码已经收回。", "This invitation has ended already.")
    end: InvitationEnd = InvitationEnd.objects.create(invitation=invitation, reason=said, officer=by, at=at)
    tell(room, "invitation_revoked", side=OFFICE, by=by, at=at)
    return end


def live_invitations(room: Room, *, at: datetime) -> list[Invitation]:
    return list(room.invitations.filter(end=None, expires_at__gte=at))


def check_invitation(invitation: Invitation, *, at: datetime) -> None:
    """Refuse an invitation that ended or ran out, or whose firm the complaint is not about any more.

    Raises:
        InvitationEnded: with what to do.
    """
    if InvitationEnd.objects.filter(invitation=invitation).exists():
        raise InvitationEnded(
            "这个邀请码已被收回或者换发，不能再用。请用最新的邀请码，或者联系经办单位。",
            "This invitation was taken back or replaced. Use the newest one, or ask the office in charge.",
        )
    if rooms.complaint_of(invitation.room).respondent_code != invitation.uscc:
        raise InvitationEnded(
            "投诉登记的被投诉人已经更正，这个邀请码不能再用。请联系经办单位。",
            "The complaint is about another firm now; this invitation does not hold. Ask the office in charge.",
        )
    if at > invitation.expires_at:
        raise InvitationEnded(
            "这个邀请码已过期。请联系经办单位换发。",
            "This invitation has run out. Ask the office for a new one.",
        )


def holds(invitation: Invitation, *, at: datetime) -> bool:
    """Say whether an invitation still lets in."""
    try:
        check_invitation(invitation, at=at)
    except InvitationEnded:
        return False
    return True


def _digest(room: Room, code: str) -> str:
    return receipts.digest(code, f"{_PURPOSE} {room.number}", settings.SECRET_KEY)


# ---------------------------------------------------------------------------------------------------------- coming in


def firm_by_code(number: str, code: str, *, at: datetime) -> tuple[Room, Invitation]:
    """Return the room that the firm's code opens.

    Raises:
        WrongCode: no room of this number, or the code is another room's. InvitationEnded: it ended.
    """
    wrong = WrongCode(
        "调解室编号和邀请码对不上。请对照邀请函核对；别的调解室的邀请码在这里不能用。",
        "Room number and invitation code do not match. The code of another room does not work here.",
    )
    room = Room.objects.filter(number=number.strip().upper()[:60]).first()
    if room is None or len(code) > 40:
        raise wrong
    invitation = room.invitations.filter(code_hash=_digest(room, code)).first()
    if invitation is None:
        raise wrong
    check_invitation(invitation, at=at)
    return room, invitation


def consumer_room(submission: Submission) -> Room:
    """Return the room of the complaint that came with this receipt.

    Raises:
        NoRoom: a report has none; a repeat acts through the first receipt; none was opened yet.
    """
    if Repeat.objects.filter(submission=submission).exists():
        raise NoRoom(
            "这件投诉是凭先前的回执办理的，请用那个回执进调解室。",
            "This complaint is handled under an earlier receipt. Come in with that one.",
        )
    complaint = standing.own_complaint(submission)
    if complaint is None:
        raise NoRoom(
            "这个回执是举报的。举报不调解，没有调解室；进度请到“查进度”。",
            "This receipt is of a report. Reports are not mediated and have no room.",
        )
    room = Room.objects.filter(complaint=complaint).first()
    if room is None:
        raise NoRoom(
            "这件投诉还没有开在线调解室。开了以后，用同一个回执号和查询码进。",
            "No room was opened for this complaint yet. Once it is, the same receipt and code open it.",
        )
    return room


@transaction.atomic
def come_in(room: Room, side: str, *, by: Officer | None, at: datetime) -> None:
    """Write down that a side came in; a firm that was invited as an enterprise opens the room by it.

    Raises:
        TermOver: the enterprise's time to come in is over.
    """
    room = rooms.locked(room)
    if side == FIRM and room.is_for_enterprise and not rooms.is_begun(room):
        now = rooms.standing(room, at=at)
        if now.phase is rooms.Phase.WAITING:
            if now.joins_by is not None and statutory_day(at) > now.joins_by:
                raise TermOver(
                    f"应答期限{now.joins_by}已过，不能再先行和解。投诉按程序办理。",
                    f"The time to answer ended on {now.joins_by}. The complaint goes its way.",
                )
            tell(room, "opened", side=FIRM, by=None, at=at)
            record_fact(room, "odr.opened", "opened", by=None, at=at, stage="negotiation")
    tell(room, "entered", side=side, by=by, at=at)


def look_in(room: Room, *, by: Officer, at: datetime) -> None:
    """Write into the chain of looks that an officer opened a room."""
    record_look(by, rooms.complaint_of(room).number, "odr_room", at=at, reason=room.number)


def code_is_right(room: Room, side: str, code: str, invitation: Invitation | None, *, at: datetime) -> bool:
    """Say whether a code typed for a signature is that of this side of this room."""
    if side == CONSUMER:
        return len(code) <= 40 and standing.opens(rooms.complaint_of(room).submission, code)
    if invitation is None or invitation.room_id != room.pk or len(code) > 40:
        return False
    check_invitation(invitation, at=at)
    return receipts.is_same(code, f"{_PURPOSE} {room.number}", invitation.code_hash, settings.SECRET_KEY)

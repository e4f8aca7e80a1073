"""What the sides do in a room: talk, hand in, offer, accept, confirm. One verb each, in one transaction, under the room's lock.

`side` is who acts: consumer or firm, let in by a code, or the mediator with the account (`by`). A verb refuses by itself,
whatever the page let through.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import transaction

from zhijian.apps.consumer.complaints import paperwork, representing
from zhijian.apps.consumer.complaints.intake import receipts
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.standard_papers import PAPERS
from zhijian.apps.consumer.odr import noticing, opening, reading, rooms, rules
from zhijian.apps.consumer.odr.access import OF_ROOM
from zhijian.apps.consumer.odr.errors import (
    BadInput,
    NotIndependent,
    NotJoint,
    OdrRefused,
    OfferGone,
    RoomClosed,
    RoomMoved,
    TermOver,
    WrongCode,
)
from zhijian.apps.consumer.odr.models import (
    ALL,
    CONSUMER,
    FIRM,
    MEDIATOR,
    OFFICE,
    PARTIES,
    SYSTEM,
    Agreement,
    AgreementEnd,
    Conclusion,
    Confirmation,
    CourtRequest,
    Disclosure,
    Invitation,
    Offer,
    OfferEnd,
    Room,
    RoomEvent,
    RoomFile,
    other,
)
from zhijian.apps.consumer.odr.record import tell
from zhijian.apps.consumer.odr.rooms import Phase
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence import services as evidence
from zhijian.engines.evidence.services import Owner
from zhijian.engines.procedures import services as procedures
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.security.persons import is_same_person
from zhijian.standards.calendar import statutory_day

SIDE_WORDS = {
    CONSUMER: ("消费者", "Consumer"),
    FIRM: ("商家", "Firm"),
    MEDIATOR: ("调解员", "Mediator"),
    OFFICE: ("经办人员", "Officer"),
    SYSTEM: ("系统", "System"),
}
WAYS = {"phone": ("电话", "By phone"), "online": ("线上", "Online"), "on_site": ("现场", "On site")}
_GONE = {
    rules.OfferState.ACCEPTED: ("已被接受", "was accepted"),
    rules.OfferState.DECLINED: ("已被拒绝", "was declined"),
    rules.OfferState.WITHDRAWN: ("已被撤回", "was withdrawn"),
    rules.OfferState.COUNTERED: ("已有新的方案取代", "was met by a counter-offer"),
    rules.OfferState.EXPIRED: ("已过期", "has run out"),
}


def offer_state(offer: Offer, *, at: datetime) -> rules.OfferState:
    """Say how an offer stands."""
    end = OfferEnd.objects.filter(offer=offer).first()
    return rules.offer_state(ended_by=end.verb if end else "", expires_at=offer.expires_at, at=at)


def open_offer(room: Room, *, at: datetime) -> Offer | None:
    """Return the one offer that can be accepted now; there is never a second."""
    found = room.offers.filter(end=None, expires_at__gte=at).order_by("-number").first()
    return found if isinstance(found, Offer) else None


def pending_agreement(room: Room) -> Agreement | None:
    """Return the text that waits for confirmation, or for the mediator."""
    found = room.agreements.filter(end=None, conclusion=None).order_by("-id").first()
    return found if isinstance(found, Agreement) else None


# ------------------------------------------------------------------------------------------------------------ talking


@transaction.atomic
def say(
    room: Room, text: str, *, side: str, is_private: bool = False, by: Officer | None, at: datetime
) -> RoomEvent:
    """Send a message to everybody, or of a party to the mediator alone.

    Raises:
        Forbidden: no mediator of this area. RoomClosed, TermOver, BadInput
    """
    if side not in PARTIES:
        rooms.officer_in(room, by)
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    audience = side if is_private and side in PARTIES else ALL
    return tell(room, "message", side=side, audience=audience, by=by, at=at, text=reading.words("text", text))


@transaction.atomic
def note_to(room: Room, text: str, *, to: str, by: Officer, at: datetime) -> RoomEvent:
    """The mediator's private note to one party (背对背); the other never sees it.

    Raises:
        Forbidden, RoomClosed, TermOver, BadInput
    """
    rooms.officer_in(room, by)
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    if to not in PARTIES:
        raise BadInput("to", "请选给哪一方。", "Choose to whom.")
    return tell(room, "caucus", side=MEDIATOR, audience=to, by=by, at=at, text=reading.words("text", text))


@transaction.atomic
def appoint(room: Room, *, starts: str, way: str, place: str, by: Officer, at: datetime) -> RoomEvent:
    """Appoint a talk: when and how; both sides answer.

    Raises:
        Forbidden, RoomClosed, TermOver, BadInput
    """
    rooms.officer_in(room, by)
    room = rooms.locked(room)
    now = rooms.check_live(room, at=at)
    starts_at = reading.moment("starts", starts, at=at)
    if way not in WAYS:
        raise BadInput("way", "请选电话、线上或者现场。", "Choose phone, online or on site.")
    if not rules.is_within_term(statutory_day(starts_at), now.due_on):
        raise BadInput(
            "starts",
            f"调解期限{now.due_on}届满，请约在那之前。",
            f"The term ends on {now.due_on}; appoint an earlier day.",
        )
    where = reading.words("place", place, longest=200, may_be_empty=way != "on_site")
    data = {"starts_at": starts_at.isoformat(), "way": way}
    made = tell(room, "appointment", side=MEDIATOR, by=by, at=at, text=where, data=data)
    for party in PARTIES:
        noticing.tell_side("odr.talk_appointed", room, party, once=f"event {made.sequence}", at=at)
    return made


@transaction.atomic
def answer_appointment(
    room: Room, sequence: int, *, comes: bool, side: str, by: Officer | None, at: datetime
) -> RoomEvent:
    """Say whether a side comes to an appointed talk; the last answer counts.

    Raises:
        RoomClosed, TermOver; BadInput: there is no such appointment.
    """
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    if not room.events.filter(sequence=sequence, verb="appointment").exists():
        raise BadInput("appointment", "没有这次约谈。", "There is no such appointment.")
    data = {"appointment": sequence, "comes": comes}
    return tell(room, "appointment_answer", side=side, by=by, at=at, data=data)


# ---------------------------------------------------------------------------------------------------------- documents


@transaction.atomic
def hand_in(
    room: Room,
    chunks: Iterable[bytes],
    name: str,
    *,
    side: str,
    discloses: bool = False,
    media: Path,
    by: Officer | None,
    at: datetime,
) -> RoomFile:
    """Keep a document of a side with its chain of custody; the other side sees it only once it is disclosed.

    Raises:
        RoomClosed, TermOver; RefusedFile: what is wrong with the file.
    """
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    who = f"{SIDE_WORDS[side][0]}（在线调解室）"
    file = evidence.receive(
        chunks, name, Owner(OF_ROOM, f"{room.number}/{side}"), media=media, by=by or who, at=at
    )
    found = RoomFile.objects.filter(file=file).first()
    if found is None:
        found = RoomFile.objects.create(room=room, number=room.files.count() + 1, side=side, file=file, at=at)
        data = {"file": found.number, "sha256": file.sha256}
        tell(room, "file", side=side, audience=side, by=by, at=at, data=data)
    if discloses:
        _disclose(room, found, by=by, at=at)
    assert isinstance(found, RoomFile)
    return found


@transaction.atomic
def disclose(room: Room, number: int, *, side: str, by: Officer | None, at: datetime) -> None:
    """Let the other side see one's own document. What was seen cannot be unseen: there is no way back.

    Raises:
        RoomClosed, TermOver; BadInput: it is not a document of this side.
    """
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    mine = room.files.filter(number=number, side=side).first()
    if mine is None:
        raise BadInput("file", "您没有交过这份材料。", "You handed in no such document.")
    _disclose(room, mine, by=by, at=at)


def _disclose(room: Room, mine: RoomFile, *, by: Officer | None, at: datetime) -> None:
    if Disclosure.objects.filter(room_file=mine).exists():
        return
    Disclosure.objects.create(room_file=mine, at=at)
    data = {"file": mine.number, "sha256": mine.file.sha256}
    tell(room, "disclosed", side=mine.side, by=by, at=at, data=data)


def file_for(room: Room, number: int, side: str) -> RoomFile | None:
    """Return a document that a side may see: its own, or one that was disclosed; the mediator sees all."""
    found = room.files.select_related("file").filter(number=number).first()
    if not isinstance(found, RoomFile):
        return None
    is_seen = side in (found.side, MEDIATOR) or Disclosure.objects.filter(room_file=found).exists()
    return found if is_seen else None


# -------------------------------------------------------------------------------------------------------------- offers


@transaction.atomic
def offer(
    room: Room,
    *,
    amount: str,
    what: str,
    done_by: str,
    open_until: str,
    side: str,
    seen: int | None = None,
    by: Officer | None,
    at: datetime,
) -> Offer:
    """Make an offer; where the other side's is open, it is a counter-offer and ends that one.

    `seen` is the last offer that the page showed.

    Raises:
        RoomClosed, TermOver, BadInput
        RoomMoved: the other side offered meanwhile. OdrRefused: one's own offer is still open, or a text waits.
    """
    room = rooms.locked(room)
    now = rooms.check_live(room, at=at)
    if side not in PARTIES:
        raise OdrRefused("方案由双方提出。", "Offers are made by the parties.")
    sum_yuan = reading.yuan("amount", amount)
    text = reading.words("what", what, longest=500, may_be_empty=sum_yuan > 0)
    done_on = reading.day("done_by", done_by, at=at)
    last_day = reading.day("open_until", open_until, at=at)
    if not rules.is_within_term(last_day, now.due_on):
        raise BadInput(
            "open_until",
            f"调解期限{now.due_on}届满，方案的有效期不能更晚。",
            f"The term ends on {now.due_on}; an offer cannot stay open longer.",
        )
    _check_talk_is_open(room)
    last = room.offers.order_by("-number").first()
    number = last.number if last else 0
    if seen is not None and number != seen:
        raise RoomMoved(
            "对方刚刚提出了新的方案。请先看过，再决定接受还是另提。您填的内容没有丢。",
            "The other side has just made an offer. Read it first, then accept it or make yours. What you typed is kept.",
        )
    standing_one = open_offer(room, at=at)
    if standing_one is not None and standing_one.side == side:
        raise OdrRefused(
            "您已有一个方案在等对方答复。要改，请先撤回。",
            "Your own offer still waits for an answer. Withdraw it first.",
        )
    if standing_one is not None:
        OfferEnd.objects.create(offer=standing_one, verb="countered", side=side, at=at)
    made: Offer = Offer.objects.create(
        room=room,
        number=number + 1,
        side=side,
        answers=standing_one,
        amount_yuan=sum_yuan,
        what=text,
        done_by=done_on,
        expires_at=reading.end_of(last_day),
        at=at,
    )
    tell(room, "offer", side=side, by=by, at=at, data=_told(made))
    noticing.tell_side("odr.new_offer", room, other(side), once=f"offer {made.number}", at=at)
    return made


def _told(made: Offer) -> dict[str, object]:
    return {
        "offer": made.number,
        "answers": made.answers.number if made.answers else None,
        "amount_yuan": str(made.amount_yuan),
        "what": made.what,
        "done_by": made.done_by.isoformat(),
        "expires_at": made.expires_at.isoformat(),
    }


def _check_talk_is_open(room: Room) -> None:
    if pending_agreement(room) is not None:
        raise OdrRefused(
            "有一份协议在等双方确认。要另提方案，请先说明不同意这份协议。",
            "An agreement waits for confirmation. Say first that you do not stand by it.",
        )


def _open_one(room: Room, number: int, *, at: datetime) -> Offer:
    """Return the offer of this number.

    Raises:
        OfferGone: none, or it is not open any more; says which.
    """
    found = room.offers.filter(number=number).first()
    if not isinstance(found, Offer):
        raise OfferGone("没有这个方案。", "There is no such offer.")
    state = offer_state(found, at=at)
    if state is not rules.OfferState.OPEN:
        zh, en = _GONE[state]
        raise OfferGone(
            f"第{number}号方案{zh}，不能再办。请看最新的方案。",
            f"Offer {number} {en}; nothing can be done with it. See the newest one.",
        )
    return found


@transaction.atomic
def accept(room: Room, number: int, *, side: str, by: Officer | None, at: datetime) -> Agreement:
    """Accept the other side's offer: it becomes the text that both confirm.

    Raises:
        RoomClosed, TermOver; OfferGone: expired, withdrawn or ended otherwise; OdrRefused: one's own.
    """
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    found = _open_one(room, number, at=at)
    if found.side != other(side):
        raise OdrRefused("自己的方案由对方接受。", "One's own offer is accepted by the other side.")
    OfferEnd.objects.create(offer=found, verb="accepted", side=side, at=at)
    text = terms_of(found)
    said = {"room": room.number, "offer": found.number, "text": text}
    digest = sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    made: Agreement = Agreement.objects.create(room=room, offer=found, text=text, digest=digest, at=at)
    tell(room, "accepted", side=side, by=by, at=at, text=text, data={"offer": number, "digest": digest})
    noticing.tell_side("odr.text_waits", room, other(side), once=f"agreement {made.pk}", at=at)
    return made


def terms_of(found: Offer) -> str:
    """Write the terms of an offer as the agreement says them."""
    parts = []
    if found.amount_yuan:
        parts.append(f"被投诉人向投诉人支付{found.amount_yuan:,}元。")
    if found.what:
        ends = found.what.endswith(("。", "！", "？"))
        parts.append(found.what if ends else f"{found.what}。")
    parts.append(f"于{chinese_day(found.done_by)}前履行完毕。")
    return "".join(parts)


@transaction.atomic
def decline(room: Room, number: int, *, side: str, by: Officer | None, at: datetime) -> None:
    """Decline the other side's offer.

    Raises:
        RoomClosed, TermOver, OfferGone; OdrRefused: one's own.
    """
    _end(room, number, "declined", side=side, of=other(side), by=by, at=at)


@transaction.atomic
def withdraw(room: Room, number: int, *, side: str, by: Officer | None, at: datetime) -> None:
    """Withdraw one's own offer before it is accepted.

    Raises:
        RoomClosed, TermOver, OfferGone; OdrRefused: the other side's.
    """
    _end(room, number, "withdrawn", side=side, of=side, by=by, at=at)


def _end(room: Room, number: int, verb: str, *, side: str, of: str, by: Officer | None, at: datetime) -> None:
    room = rooms.locked(room)
    rooms.check_live(room, at=at)
    found = _open_one(room, number, at=at)
    if found.side != of:
        raise OdrRefused(
            "这个方案不是您能撤回或者拒绝的那一方的。",
            "This offer is not of the side that you can decline or withdraw for.",
        )
    OfferEnd.objects.create(offer=found, verb=verb, side=side, at=at)
    tell(room, verb, side=side, by=by, at=at, data={"offer": number})


# ------------------------------------------------------------------------------------------------------- the agreement


@transaction.atomic
def confirm(
    room: Room,
    *,
    code: str,
    side: str,
    digest: str,
    invitation: Invitation | None = None,
    by: Officer | None,
    at: datetime,
) -> Confirmation:
    """Sign the text with one's code, typed once more.

    Raises:
        RoomClosed, TermOver; WrongCode; InvitationEnded
        OdrRefused: nothing waits, another text than the one shown, or signed already.
    """
    room = rooms.locked(room)
    now = rooms.check_live(room, at=at)
    text = pending_agreement(room)
    if text is None or text.digest != digest:
        raise OdrRefused(
            "没有等您确认的协议，或者协议已经变了。请刷新后看清再确认。",
            "No agreement waits for you, or it has changed. Reload and read it first.",
        )
    if Confirmation.objects.filter(agreement=text, side=side).exists():
        raise OdrRefused("您已经确认过。", "You have confirmed already.")
    if not opening.code_is_right(room, side, code, invitation, at=at):
        raise WrongCode(
            "码不对，没有确认。消费者输入查询码，商家输入邀请码。",
            "The code is wrong; nothing was confirmed. Consumers type the receipt's code, firms the invitation code.",
        )
    mark = receipts.digest(code, f"odr confirm {text.digest}", settings.SECRET_KEY)
    signed: Confirmation = Confirmation.objects.create(
        agreement=text, side=side, mark=mark, invitation=invitation if side == FIRM else None, at=at
    )
    tell(room, "confirmed", side=side, by=by, at=at, data={"digest": text.digest, "mark": mark})
    if is_confirmed(text):
        sealers = _sealers(text, now)
        noticing.tell_officers("odr.to_seal", room, sealers, once=f"agreement {text.pk}", at=at)
    return signed


def _sealers(text: Agreement, now: rooms.Standing) -> list[Officer]:
    """Return who of the office may seal a text: the mediators, before mediation whoever works on the complaint."""
    unit = now.complaint.organisation
    right = Permission.MEDIATE_ONLINE if now.phase is Phase.MEDIATION else Permission.WORK_COMPLAINT
    people = unit.officers.filter(is_active=True).select_related("organisation").order_by("pk")
    able = [one for one in people if may(one, right, division=unit.division_code)]
    return [one for one in able if why_not_sealed_by(one, text, now.complaint) is None]


def is_confirmed(text: Agreement) -> bool:
    """Say whether both sides signed."""
    return {one.side for one in text.confirmations.all()} == set(PARTIES)


def signed_at(text: Agreement | None) -> datetime | None:
    """Return when the second side signed a text; None where one has not."""
    if text is None or not is_confirmed(text):
        return None
    return max(one.at for one in text.confirmations.all())


def may_be_sealed(text: Agreement | None, now: rooms.Standing) -> bool:
    """Say whether both signed, in mediation within its term."""
    signed = signed_at(text)
    return signed is not None and (
        now.phase is not Phase.MEDIATION or rules.is_within_term(statutory_day(signed), now.due_on)
    )


@transaction.atomic
def reject(room: Room, *, reason: str, side: str, by: Officer | None, at: datetime) -> None:
    """Not stand by the text: a side that has not signed, or the mediator where it breaks the law. The talk goes on.

    A text that both signed within the term the mediator may give back after it too, as it may be sealed after it.

    Raises:
        RoomClosed, TermOver, BadInput; OdrRefused: nothing waits, or one has signed.
    """
    if side == MEDIATOR:
        rooms.officer_in(room, by)
    room = rooms.locked(room)
    text = pending_agreement(room)
    rooms.check_live(room, at=at, done_at=signed_at(text) if side == MEDIATOR else None)
    if text is None:
        raise OdrRefused("没有等确认的协议。", "No agreement waits.")
    if Confirmation.objects.filter(agreement=text, side=side).exists():
        raise OdrRefused("您已经确认，不能再反悔。", "You have confirmed and cannot go back.")
    said = reading.words("reason", reason, longest=500)
    AgreementEnd.objects.create(agreement=text, side=side, reason=said, at=at)
    tell(room, "rejected", side=side, by=by, at=at, text=said, data={"digest": text.digest})


@transaction.atomic
def conclude(room: Room, *, consent_seen: bool = False, by: Officer, at: datetime) -> Conclusion:
    """Seal what both sides signed, all or nothing; a text that both signed within the term may be sealed after it.

    In mediation the mediator issues the paper and the complaint's step is handed in; before it an officer in charge
    checks the settlement and the complaint is taken back. Nobody seals through whose hands a side's code went.
    `consent_seen`: the officer checked the paper by which those represented consent to this text.

    Raises:
        Forbidden; NotIndependent; RoomClosed, TermOver; NotJoint: a side has not signed.
        Incomplete: an agent or representatives signed, and the consent of those represented was not seen.
        ProcedureRefused: a colleague holds the step, or the case moved. DocumentRefused
    """
    division = rooms.complaint_of(room).organisation.division_code
    require(by, Permission.WORK_COMPLAINT, division=division)
    room = rooms.locked(room)
    text = pending_agreement(room)
    signed = signed_at(text)
    now = rooms.check_live(room, at=at, done_at=signed)
    if now.phase is Phase.MEDIATION:
        rooms.officer_in(room, by)
    if text is None or signed is None:
        raise NotJoint("双方还没有都确认，不能出具调解书。", "Both sides must confirm before it is sealed.")
    refused = why_not_sealed_by(by, text, now.complaint)
    if refused is not None:
        raise refused
    if now.phase is Phase.NEGOTIATION:
        return _settle(room, text, now.complaint, consent_seen=consent_seen, by=by, at=at)
    item = rooms.mediation_step(now.complaint)
    if item is None:
        raise RoomClosed("投诉不在调解中，不能出具调解书。", "The complaint is not in mediation.")
    document = _issue(room, text, now.complaint, by=by, at=at)
    procedures.complete(item, data=_session(room, signed) | _agreed(text, consent_seen), by=by, at=at)
    return _take_effect(room, text, document, stage="mediation", by=by, at=at)


def why_not_sealed_by(officer: Officer, text: Agreement, complaint: Complaint) -> NotIndependent | None:
    """Return why an officer may not seal a signed text: the firm's code, or the consumer's receipt, was made by them."""
    invitation = _signed_by_invitation(text)
    if invitation is not None and _is_by(invitation.issued_by, officer):
        return NotIndependent(
            "商家确认用的邀请码是您发出的，您不能再核对、出具。请由另一名工作人员办理。",
            "The firm signed with a code that you issued, so you cannot seal it. Let another officer do it.",
        )
    if _is_by(complaint.submission.registered_by, officer):
        return NotIndependent(
            "消费者的回执是您登记时出具的，您不能再核对、出具。请由另一名工作人员办理。",
            "You registered the complaint and made the consumer's receipt, so you cannot seal it. Let another officer do it.",
        )
    return None


def _is_by(first: Officer | None, officer: Officer) -> bool:
    """Say whether an officer, by this account or another one, did a step; what no officer did is nobody's."""
    return first is not None and is_same_person(first, officer)


def _signed_by_invitation(text: Agreement) -> Invitation | None:
    """Return the invitation under which the firm signed; of an older signature, the last one that was issued before it."""
    signed = text.confirmations.filter(side=FIRM).select_related("invitation").first()
    if signed is None or signed.invitation is not None:
        return signed.invitation if signed else None
    found = text.room.invitations.filter(issued_at__lte=signed.at).order_by("-issued_at", "-id").first()
    return found if isinstance(found, Invitation) else None


def _settle(
    room: Room, text: Agreement, complaint: Complaint, *, consent_seen: bool, by: Officer, at: datetime
) -> Conclusion:
    """Before mediation: both settled by themselves, and the complaint is taken back by its drawing."""
    assert complaint.case is not None
    words = f"双方在在线调解室{room.number}达成和解并确认。"
    words += "委托人、被代表的投诉人的书面同意已核对。" if consent_seen else ""
    data = {"withdrawal_text": words, "is_settled": True, "represented_consent": consent_seen}
    procedures.send_message(complaint.case, representing.WITHDRAWN, data, by=by, at=at)
    return _take_effect(room, text, None, stage="negotiation", by=by, at=at)


def _issue(room: Room, text: Agreement, complaint: Complaint, *, by: Officer, at: datetime) -> Document:
    signed = {one.side: one.at for one in text.confirmations.all()}
    how = (
        f"投诉人于{chinese_day(statutory_day(signed[CONSUMER]))}凭查询码、被投诉人于"
        f"{chinese_day(statutory_day(signed[FIRM]))}凭邀请码在在线调解室{room.number}确认，"
        f"协议文本的SHA-256为{text.digest}。"
    )
    data = {
        "complainant": representing.names_of(complaint),
        "respondent": complaint.respondent_name,
        "case_number": complaint.number,
        "dispute": complaint.facts_text,
        "terms": f"{text.text}{how}",
        "performance": f"于{chinese_day(text.offer.done_by)}前履行。",
    }
    return documents.issue(
        PAPERS["mediation_agreement"],
        data,
        paperwork.owner_of(complaint),
        site=settings.SITE,
        media=settings.HOME.media,
        by=by,
        at=at,
        is_synthetic=room.is_synthetic,
    )


def _session(room: Room, at: datetime) -> dict[str, object]:
    count = room.offers.count()
    return {
        "mode": "online",
        "held_on": statutory_day(at).isoformat(),
        "attended": ["complainant", "respondent"],
        "statement": f"在线调解室{room.number}：双方先后提出{count}个方案，经过见该室记录。",
    }


def _agreed(text: Agreement, consent_seen: bool) -> dict[str, object]:
    given = {
        "outcome": "agreed",
        "agreement": text.text,
        "performed_at_once": False,
        "both_waive_document": False,
        "represented_consent": consent_seen,
    }
    if text.offer.amount_yuan > Decimal(0):
        given["agreed_yuan"] = f"{text.offer.amount_yuan:.2f}"
    return given


def _take_effect(
    room: Room, text: Agreement, document: Document | None, *, stage: str, by: Officer, at: datetime
) -> Conclusion:
    day = statutory_day(at)
    made: Conclusion = Conclusion.objects.create(
        room=room, agreement=text, document=document, effective_on=day, officer=by, at=at
    )
    side = MEDIATOR if document else OFFICE
    tell(room, "concluded", side=side, by=by, at=at, data={"digest": text.digest, "stage": stage})
    opening.record_fact(room, "odr.agreed", "agreed", by=by, at=at, stage=stage, agreement_sha256=text.digest)
    return made


@transaction.atomic
def end_without(room: Room, *, statement: str, by: Officer, at: datetime) -> None:
    """End the talk without an agreement by the complaint's drawing: a side said no, or the term is over.

    Raises:
        Forbidden; RoomClosed: not in mediation. BadInput: nothing is said. ProcedureRefused
        NotIndependent: both sides signed a text in time, which this officer neither seals nor may set aside alone.
    """
    rooms.officer_in(room, by)
    room = rooms.locked(room)
    now = rooms.standing(room, at=at)
    if now.phase is not Phase.MEDIATION:
        raise RoomClosed("这个调解室不在调解中。", "This room is not in mediation.")
    _check_nothing_signed(room, now, by)
    item = rooms.mediation_step(now.complaint)
    assert item is not None
    said = reading.words("statement", statement)
    is_late = not rules.is_within_term(statutory_day(at), now.due_on)
    session = _session(room, at)
    session["statement"] = f"{session['statement']}{said}"
    procedures.complete(item, data=session | {"outcome": "stop" if is_late else "not_agreed"}, by=by, at=at)
    tell(room, "ended", side=MEDIATOR, by=by, at=at, text=said, data={"is_late": is_late})


def _check_nothing_signed(room: Room, now: rooms.Standing, by: Officer) -> None:
    """Refuse to end over a text that both signed in time: it is sealed, or another officer says why it is not."""
    text = room.agreements.filter(conclusion=None).order_by("-id").first()
    if text is None or not may_be_sealed(text, now):
        return
    set_aside = room.events.filter(verb="rejected", side=MEDIATOR, data__digest=text.digest).first()
    if set_aside is None or _is_by(set_aside.officer, by):
        raise NotIndependent(
            "双方已经在期限内都确认了协议：请出具调解书。认为协议违法、不能出具的，由另一名工作人员写明理由退回以后，您才能结束调解。",
            "Both sides signed an agreement in time: seal it. If it breaks the law, another officer gives it back with the reason before you end the mediation.",
        )


@transaction.atomic
def ask_for_court(room: Room, *, side: str, by: Officer | None, at: datetime) -> CourtRequest:
    """One side asks that the agreement be confirmed by a court; the package goes out when both did.

    Raises:
        OdrRefused: there is no mediation agreement, or the side asked before. TermOver: the 30 days are over.
    """
    room = rooms.locked(room)
    check_court_is_open(room, at=at)
    if CourtRequest.objects.filter(room=room, side=side).exists():
        raise OdrRefused("您已经提出过。", "You have asked already.")
    asked: CourtRequest = CourtRequest.objects.create(room=room, side=side, at=at)
    tell(room, "asked_for_court", side=side, by=by, at=at)
    return asked


def check_court_is_open(room: Room, *, at: datetime) -> Conclusion:
    """Return the agreement that a court may still be asked to confirm.

    Raises:
        OdrRefused: none of a mediation. TermOver: the 30 days are over.
    """
    made = Conclusion.objects.filter(room=room).select_related("document", "agreement").first()
    if made is None or made.document is None:
        raise OdrRefused(
            "只有调解达成的协议才能申请司法确认。",
            "Only an agreement reached in mediation can be confirmed by a court.",
        )
    due_on = rules.confirmation_due_on(made.effective_on)
    if statutory_day(at) > due_on:
        raise TermOver(
            f"申请司法确认的期限{due_on}已过（协议生效之日起30日）。协议仍然有效，对方不履行的，可以起诉。",
            f"The time to ask the court ended on {due_on} (30 days from effect). The agreement still binds; sue on it.",
        )
    return made

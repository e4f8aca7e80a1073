"""What one side sees of its room. The other side's documents, private notes and contact data are not read at all."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from zhijian.apps.consumer.odr import packages, rooms, rules, services
from zhijian.apps.consumer.odr.models import (
    ALL,
    MEDIATOR,
    OFFICE,
    PARTIES,
    Agreement,
    Conclusion,
    Disclosure,
    Offer,
    Package,
    Room,
    RoomEvent,
    RoomFile,
)
from zhijian.apps.consumer.odr.rooms import PHASE_WORDS, Standing
from zhijian.apps.consumer.odr.rules import OfferState
from zhijian.apps.consumer.odr.words import OFFER_WORDS, PACKAGE_WORDS, VERB_WORDS
from zhijian.standards.calendar import statutory_day

_MOST_EVENTS = 300
_QUIET = {"entered", "file", "offer"}  # shown elsewhere, or no words of anybody


@dataclass(frozen=True)
class ShownOffer:
    """One link of the chain of offers, as a side sees it."""

    offer: Offer
    state: OfferState
    who: tuple[str, str]
    is_mine: bool

    @property
    def words(self) -> tuple[str, str]:
        return OFFER_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state is OfferState.OPEN

    @property
    def tone(self) -> str:
        return {"open": "pill-brand", "accepted": "pill-ok"}.get(str(self.state), "")


@dataclass(frozen=True)
class ShownFile:
    """One document: its own side reads the name, the other a number."""

    row: RoomFile
    who: tuple[str, str]
    is_mine: bool
    is_disclosed: bool


@dataclass(frozen=True)
class ShownEvent:
    """One line of the talk."""

    event: RoomEvent
    who: tuple[str, str]
    words: tuple[str, str]
    is_private: bool
    appointed_at: datetime | None
    way: tuple[str, str] | None
    answers: tuple[tuple[tuple[str, str], bool], ...]


def view(room: Room, side: str, *, at: datetime) -> dict[str, Any]:
    """Return what the page of a room shows to a side (consumer, firm, mediator, office)."""
    now = rooms.standing(room, at=at)
    offers = _offers(room, side, at=at)
    text = services.pending_agreement(room)
    return {
        "room": room,
        "side": side,
        "side_words": services.SIDE_WORDS[side],
        "now": now,
        "phase_words": PHASE_WORDS[now.phase],
        "is_over_term": now.due_on is not None and statutory_day(at) > now.due_on,
        "is_party": side in PARTIES,
        "offers": offers,
        "seen": offers[-1].offer.number if offers else 0,
        "open_offer": next((one for one in reversed(offers) if one.is_open), None),
        "text": text,
        "signed": _signed(text),
        "i_signed": side in _signed_sides(text),
        "is_signed_by_both": text is not None and services.is_confirmed(text),
        "files": _files(room, side),
        "events": _events(room, side),
        "packages": _packages(room, side),
        **_court(room, side, now, at=at),
    }


def _offers(room: Room, side: str, *, at: datetime) -> list[ShownOffer]:
    several = room.offers.select_related("answers", "end").order_by("number")
    return [
        ShownOffer(
            one,
            rules.offer_state(
                ended_by=one.end.verb if hasattr(one, "end") else "", expires_at=one.expires_at, at=at
            ),
            services.SIDE_WORDS[one.side],
            one.side == side,
        )
        for one in several
    ]


def _signed_sides(text: Agreement | None) -> set[str]:
    return {one.side for one in text.confirmations.all()} if text else set()


def _signed(text: Agreement | None) -> list[tuple[tuple[str, str], datetime]]:
    return [(services.SIDE_WORDS[one.side], one.at) for one in text.confirmations.all()] if text else []


def _files(room: Room, side: str) -> list[ShownFile]:
    if side == OFFICE:
        return []
    seen = set(Disclosure.objects.filter(room_file__room=room).values_list("room_file_id", flat=True))
    return [
        ShownFile(one, services.SIDE_WORDS[one.side], one.side == side or side == MEDIATOR, one.pk in seen)
        for one in room.files.select_related("file").order_by("number")
        if side in (one.side, MEDIATOR) or one.pk in seen
    ]


def _events(room: Room, side: str) -> list[ShownEvent]:
    """Return the talk, the newest last; a note to one party is read by that party and the mediator alone."""
    found = room.events.all()
    if side != MEDIATOR:
        found = found.filter(Q(audience=ALL) | Q(audience=side))
    answers: dict[int, dict[str, bool]] = {}
    lines = []
    for event in found.order_by("sequence"):
        if event.verb == "appointment_answer":
            answers.setdefault(event.data["appointment"], {})[event.side] = event.data["comes"]
        elif event.verb not in _QUIET:
            lines.append(event)
    return [_shown(event, answers.get(event.sequence, {})) for event in lines[-_MOST_EVENTS:]]


def _shown(event: RoomEvent, answers: dict[str, bool]) -> ShownEvent:
    is_talk = event.verb == "appointment"
    return ShownEvent(
        event,
        services.SIDE_WORDS[event.side],
        VERB_WORDS[event.verb],
        event.audience != ALL,
        datetime.fromisoformat(event.data["starts_at"]) if is_talk else None,
        services.WAYS[event.data["way"]] if is_talk else None,
        tuple((services.SIDE_WORDS[side], comes) for side, comes in sorted(answers.items())),
    )


def _packages(room: Room, side: str) -> list[tuple[Package, tuple[str, str]]]:
    if side == OFFICE:
        return []
    return [(one, PACKAGE_WORDS[one.kind]) for one in room.packages.all() if packages.open_to(one, side)]


def _court(room: Room, side: str, now: Standing, *, at: datetime) -> dict[str, Any]:
    """Return how the agreement stands, and the way to the court that is open."""
    made = Conclusion.objects.filter(room=room).select_related("agreement", "document").first()
    asked = {one.side for one in room.court_requests.all()}
    court_due_on: date | None = None
    if made is not None and made.document is not None:
        court_due_on = rules.confirmation_due_on(made.effective_on)
    today = statutory_day(at)
    return {
        "made": made,
        "court_due_on": court_due_on,
        "court_is_open": court_due_on is not None and today <= court_due_on,
        "i_asked": side in asked,
        "asked": [services.SIDE_WORDS[one] for one in sorted(asked)],
        "both_asked": asked == set(PARTIES),
        "may_sue": packages.may_sue(room, now.complaint),
        "limits": rules.thresholds(today),
        "wants": rules.WANTS,
    }

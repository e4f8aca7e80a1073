"""Who is told that something is new in a room: a side by e-mail where it left an address, officers in the bell.

A message says that something waits and nothing of what it is: no sum, no word of an offer, nobody's name. The quiet hours
are those of the engine.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from zhijian.apps.consumer.complaints import people
from zhijian.apps.consumer.odr import opening, rooms
from zhijian.apps.consumer.odr.errors import BadInput
from zhijian.apps.consumer.odr.models import CONSUMER, Invitation, NoticeAddress, Room
from zhijian.engines.notices.declaration import load
from zhijian.engines.notices.services import Contact, masked, notify
from zhijian.security.models import Officer
from zhijian.security.sealed_text import seal, unseal

KINDS = load(Path(__file__).parent / "notices.yaml")
_LONGEST = 100


def keep_address(
    room: Room, typed: str, *, side: str, invitation: Invitation | None, language: str, at: datetime
) -> NoticeAddress | None:
    """Keep where a side is told; nothing typed takes it back.

    Raises:
        BadInput: no e-mail address.
    """
    email = typed.strip()
    if not email:
        NoticeAddress.objects.filter(room=room, side=side).delete()
        return None
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > _LONGEST:
        raise BadInput(
            "email",
            "邮箱的写法不对，例如name@example.com。",
            "This is no e-mail address, e.g. name@example.com.",
        )
    kept, _is_new = NoticeAddress.objects.update_or_create(
        room=room,
        side=side,
        defaults={
            "invitation": invitation,
            "email_sealed": seal(email, key=people.PARTIES, context=_context(room, side)),
            "mask": masked(email),
            "language": "en" if language.startswith("en") else "zh",
            "given_at": at,
        },
    )
    return kept


def address_of(room: Room, side: str, *, at: datetime) -> NoticeAddress | None:
    """Return where a side is told; a firm's address ends with the invitation under which it was given."""
    kept = NoticeAddress.objects.filter(room=room, side=side).select_related("invitation").first()
    if kept is None or kept.invitation is None:
        return kept
    return kept if opening.holds(kept.invitation, at=at) else None


def tell_side(kind: str, room: Room, side: str, *, once: str, at: datetime) -> None:
    """Tell a side, where it left an address in the room or, the consumer, with the complaint; else nobody."""
    contact = _contact(room, side, at=at)
    if contact is None:
        return
    submission = rooms.complaint_of(room).submission
    tail = submission.receipt_number[-4:] if side == CONSUMER else room.number[-4:]
    notify(kind, to=[contact], data={"side": side, "tail": tail}, at=at, once=f"{room.number} {once}")


def tell_officers(kind: str, room: Room, officers: Iterable[Officer], *, once: str, at: datetime) -> None:
    """Tell officers in the bell, and by e-mail where they have an address."""
    notify(kind, to=officers, data={"number": room.number}, at=at, once=f"{room.number} {once}")


def _contact(room: Room, side: str, *, at: datetime) -> Contact | None:
    key, kept = f"odr {room.number} {side}", address_of(room, side, at=at)
    if kept is not None:
        email = unseal(kept.email_sealed, key=people.PARTIES, context=_context(room, side))
        return Contact({"email": email}, kept.language, key=key)
    submission = rooms.complaint_of(room).submission
    party = people.told(submission) if side == CONSUMER else None
    email = people.address_for_notices(party) if party is not None else ""
    language = "en" if submission.language.startswith("en") else "zh"
    return Contact({"email": email}, language, key=key) if email else None


def _context(room: Room, side: str) -> str:
    return f"odr/{room.number}/{side}/notices"

"""The record of a room: a chain of events in which a changed or missing one shows."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from zhijian.apps.consumer.odr.models import ALL, Room, RoomEvent
from zhijian.security.models import Officer

FORM = "zhijian-odr/1"


def tell(
    room: Room,
    verb: str,
    *,
    side: str,
    by: Officer | None,
    at: datetime,
    text: str = "",
    audience: str = ALL,
    data: Mapping[str, Any] | None = None,
) -> RoomEvent:
    """Add an event; the caller holds the room's lock."""
    last = room.events.order_by("-sequence").first()
    event = RoomEvent(
        room=room,
        sequence=last.sequence + 1 if last else 1,
        verb=verb,
        side=side,
        audience=audience,
        officer=by,
        at=at,
        text=text,
        data=dict(data or {}),
        previous_hash=last.row_hash if last else start_of(room),
    )
    event.row_hash = hash_of(event)
    event.save()
    return event


def start_of(room: Room) -> str:
    return sha256(f"{FORM} {room.number}".encode()).hexdigest()


def hash_of(event: RoomEvent) -> str:
    """Return the hash of an event over all it says and the hash before it."""
    said = {
        "form": FORM,
        "room": event.room_id,
        "sequence": event.sequence,
        "verb": event.verb,
        "side": event.side,
        "audience": event.audience,
        "officer": event.officer_id,
        "at": event.at.astimezone(UTC).isoformat(),
        "text": event.text,
        "data": event.data,
        "previous": event.previous_hash,
    }
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def broken(room: Room) -> Iterator[tuple[int, str]]:
    """Yield each place of the record that does not hold, with 'missing' or 'altered'."""
    place, before = 0, start_of(room)
    for event in room.events.order_by("sequence"):
        if event.sequence != place + 1:
            yield place + 1, "missing"
        elif event.previous_hash != before or event.row_hash != hash_of(event):
            yield event.sequence, "altered"
        place, before = event.sequence, event.row_hash


def head_of(room: Room) -> str:
    """Return the hash under which the whole record stands now."""
    last = room.events.order_by("-sequence").first()
    return last.row_hash if last else start_of(room)

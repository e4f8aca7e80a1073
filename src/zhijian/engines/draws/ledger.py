"""The ledger: an append-only hash chain of every step of every draw of the organisation."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from zhijian.engines.draws import core, publication
from zhijian.engines.draws.errors import Tampered
from zhijian.engines.draws.models import CeremonyEvent, Draw
from zhijian.engines.draws.plan import stamp
from zhijian.infrastructure.home import current_home

NOTHING_BEFORE = "0" * 64
_LEDGER_LOCK = 0x5A4A4452  # any number, the same for every process


def event_fields(event: CeremonyEvent) -> dict[str, Any]:
    """Return an event as published, without its body."""
    return {
        "n": event.n,
        "at": stamp(event.at),
        "actor": event.actor,
        "kind": event.kind,
        "plan": event.draw.plan_id,
        "attempt": event.draw.attempt,
        "body_sha256": event.body_sha256,
        "previous": event.previous,
    }


def record_of(event: CeremonyEvent) -> dict[str, Any]:
    """Return an event as a line of a file."""
    return {"kind": "event", "event": event_fields(event), "body": json.loads(event.body)}


def append(draw: Draw, kind: str, body: Mapping[str, Any], *, actor: str, at: datetime) -> CeremonyEvent:
    """Add one event; call it inside a transaction."""
    _lock()
    last = CeremonyEvent.objects.order_by("-n").first()
    text = core.canonical(dict(body))
    event = CeremonyEvent(
        n=last.n + 1 if last else 1,
        draw=draw,
        at=at.replace(microsecond=0),
        actor=actor,
        kind=kind,
        body=text,
        body_sha256=core.sha256(text),
        previous=last.hash if last else NOTHING_BEFORE,
    )
    event.hash = core.digest("event", core.canonical(event_fields(event))).hex()
    event.save()
    transaction.on_commit(write)
    return event


def _lock() -> None:
    """Let one process at a time append (SQLite's immediate transactions do so already)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LEDGER_LOCK])


def check() -> int:
    """Return the number of events after making sure that the stored chain is whole.

    Raises:
        Tampered: an event was changed, removed or put in.
    """
    previous, count = NOTHING_BEFORE, 0
    for count, event in enumerate(CeremonyEvent.objects.select_related("draw").order_by("n"), start=1):
        own = core.digest("event", core.canonical(event_fields(event))).hex()
        whole = (event.n, event.previous, event.body_sha256, event.hash)
        if whole != (count, previous, core.sha256(event.body), own):
            raise Tampered(
                f"抽签总账第{count}条与链条不符，可能被改动。请停止使用并对照已公布的副本。",
                f"Event {count} of the draw ledger does not fit the chain. Stop, and compare with a published copy.",
            )
        previous = own
    return count


def _records() -> Iterator[dict[str, Any]]:
    for event in CeremonyEvent.objects.select_related("draw").order_by("n").iterator():
        yield record_of(event)


def write() -> str:
    """Publish the whole ledger as ``draws/ledger.json``; returns its SHA-256."""
    path = current_home().published / "draws" / "ledger.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(".ledger.lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)  # whoever comes later also reads later: an older ledger never wins
        return publication.write(path, publication.seal(_records(), publication.LEDGER_HEADER))

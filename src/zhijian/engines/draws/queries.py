"""What pages and services ask about a draw. Its state is read from its events."""

import csv
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zhijian.engines.draws import store
from zhijian.engines.draws.models import CeremonyEvent, Draw, EventKind, Selection


@dataclass(frozen=True)
class State:
    """Where a ceremony stands: event bodies by step; empty where a step was not taken."""

    last_at: datetime
    frozen: dict[str, Any] = field(default_factory=dict)
    commitments: dict[str, str] = field(default_factory=dict)  # party key: commitment
    value: str = ""
    nonces: dict[str, str] = field(default_factory=dict)  # party key: nonce
    drawn: dict[str, Any] = field(default_factory=dict)
    published: tuple[dict[str, Any], ...] = ()
    outcomes: tuple[dict[str, Any], ...] = ()
    voided: dict[str, Any] = field(default_factory=dict)
    step: str = EventKind.ANNOUNCED.value  # the last step in the order of the ceremony


def events_of(draw: Draw) -> list[CeremonyEvent]:
    return list(CeremonyEvent.objects.filter(draw=draw).select_related("draw").order_by("n"))


def state_of(draw: Draw) -> State:
    """Return the state of a draw, computed from its events."""
    events = events_of(draw)
    bodies: dict[str, list[dict[str, Any]]] = {kind.value: [] for kind in EventKind}
    for event in events:
        bodies[event.kind].append(event.as_body())

    def one(kind: EventKind) -> dict[str, Any]:
        return bodies[kind][0] if bodies[kind] else {}

    return State(
        last_at=events[-1].at,
        frozen=one(EventKind.FROZEN),
        commitments={body["party"]: body["commitment"] for body in bodies[EventKind.COMMITTED]},
        value=one(EventKind.PUBLIC_VALUE).get("value", ""),
        nonces={body["party"]: body["nonce"] for body in bodies[EventKind.REVEALED]},
        drawn=one(EventKind.DRAWN),
        published=tuple(bodies[EventKind.PUBLISHED]),
        outcomes=tuple(bodies[EventKind.OUTCOMES]),
        voided=one(EventKind.VOIDED),
        step=events[-1].kind,
    )


def public_chance_of(plan_id: str, attempt: int, object_id: str) -> str:
    """Return the exact chance with which a named object of an open draw was drawn, as its published table says: '3/40'.

    Empty for a salted draw, whose chances would tell the class, and where there is no such table or object.
    """
    draw = Draw.objects.filter(plan_id=plan_id, attempt=attempt).first()
    chosen = Selection.objects.filter(draw=draw, object_id=object_id, is_reserve=False).first()
    if draw is None or chosen is None or draw.plan.mode != "open":
        return ""
    path = store.public_path(draw, "drawn", ".csv")
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return next((row["probability"] for row in csv.DictReader(lines) if row["leaf"] == chosen.leaf), "")

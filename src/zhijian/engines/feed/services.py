"""Bring new facts into the lake: first a number for each, then rows and the number reached in one transaction."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Exists, OuterRef

from zhijian.datazone.lake import Lake
from zhijian.datazone.sources import state
from zhijian.datazone.sources.state import State
from zhijian.engines.facts.errors import FactProblem
from zhijian.engines.facts.models import Fact, Seal
from zhijian.engines.feed.models import FactPlace

TABLE = "raw_own__facts"
BATCH = 20_000
SCHEMA = pa.schema(
    [
        ("sequence", pa.int64()),
        ("fact_id", pa.string()),
        ("subject", pa.string()),
        ("kind", pa.string()),
        ("occurred_on", pa.date32()),
        ("recorded_at", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("revision", pa.int32()),
        ("payload", pa.string()),
        ("legal_basis", pa.string()),
        ("public_until", pa.date32()),
        ("is_synthetic", pa.bool_()),
        ("supersedes_id", pa.string()),
        ("is_withdrawal", pa.bool_()),
        ("reason", pa.string()),
        ("leaf_hash", pa.string()),
        ("delivery", pa.string()),
        ("pulled_at", pa.timestamp("us", "UTC")),
    ]
)


class FeedBroken(FactProblem):
    """A number is missing or a fact is: nothing is fed past a gap."""


@dataclass(frozen=True)
class FeedReport:
    """What one feed did: facts that got a number, rows that reached the lake, and the number reached."""

    numbered: int
    fed: int
    sequence: int


@dataclass(frozen=True)
class FeedCheck:
    """Facts, numbers and rows counted side by side. `gaps` are numbers below the highest that the lake lacks."""

    facts: int
    numbered: int
    rows: int
    highest: int
    gaps: int

    @property
    def is_complete(self) -> bool:
        """Every fact has its number, and every number its one row."""
        return self.gaps == 0 and self.facts == self.numbered == self.rows == self.highest


def feed(lake: Lake, *, at: datetime) -> FeedReport:
    """Number the facts that have no number yet, and append to the lake those that it lacks.

    Dying between the two leaves numbered facts that the next feed brings. Two feeds at once take turns.

    Raises:
        FeedBroken: a number or a fact is missing.
    """
    with _alone(lake):
        numbered = 0
        while batch := _number_some():
            numbered += batch
        fed, reached = 0, _reached(lake)
        while rows := _rows_after(reached):
            _append(lake, rows, at)
            fed, reached = fed + len(rows), reached + len(rows)
        return FeedReport(numbered, fed, reached)


def check(lake: Lake) -> FeedCheck:
    """Count facts, numbers and rows of the lake, so that anybody can see that none is missing or twice."""
    counted = {"n": 0, "different": 0, "highest": 0}
    if lake.exists(TABLE):
        con = lake.ibis()
        lake.table(con, TABLE)
        query = f"select count(*), count(distinct sequence), coalesce(max(sequence), 0) from {TABLE}"  # noqa: S608
        counted = dict(zip(counted, con.raw_sql(query).fetchone(), strict=True))
    gaps = counted["highest"] - counted["different"]
    return FeedCheck(Fact.objects.count(), FactPlace.objects.count(), counted["n"], counted["highest"], gaps)


def _number_some() -> int:
    """Give the next numbers to facts that have none. All before the last known seal have one already."""
    with transaction.atomic():
        last = FactPlace.objects.order_by("-sequence").first()
        seal = Seal.objects.order_by("-day").first()
        waiting = Fact.objects.filter(~Exists(FactPlace.objects.filter(fact_id=OuterRef("pk"))))
        if last is not None and last.complete_through is not None:
            waiting = waiting.filter(recorded_at__gt=last.complete_through)
        found = list(waiting.order_by("recorded_at", "fact_id").values_list("pk", flat=True)[:BATCH])
        first = last.sequence + 1 if last else 1
        through = last.complete_through if last else None
        if len(found) < BATCH and seal is not None:  # nothing that is sealed is left over
            through = seal.sealed_through
        FactPlace.objects.bulk_create(
            FactPlace(sequence=first + place, fact_id=fact_id, complete_through=through)
            for place, fact_id in enumerate(found)
        )
    return len(found)


def _reached(lake: Lake) -> int:
    known = state.state_of(lake, TABLE)
    return int(known.watermark.split(" ")[1]) if known else 0


def _rows_after(reached: int) -> list[dict[str, Any]]:
    """Return the next facts by number.

    Raises:
        FeedBroken: a number or its fact is missing.
    """
    places = list(FactPlace.objects.filter(sequence__gt=reached).order_by("sequence")[:BATCH])
    facts = _facts([place.fact_id for place in places])
    for expected, place in enumerate(places, start=reached + 1):
        if place.sequence != expected or place.fact_id not in facts:
            raise FeedBroken(
                f"事实序号 {expected} 缺失，入湖停在 {expected - 1}。请运行 zhijian facts verify，并从备份恢复。",
                f"Fact number {expected} is missing; the feed stops at {expected - 1}. Run `zhijian facts verify` and restore it.",
            )
    return [_row(place.sequence, facts[place.fact_id]) for place in places]


def _facts(ids: list[Any]) -> dict[Any, Fact]:
    found: dict[Any, Fact] = {}
    for start in range(0, len(ids), 500):
        found.update(Fact.objects.in_bulk(ids[start : start + 500]))
    return found


def _row(sequence: int, fact: Fact) -> dict[str, Any]:
    """A fact without what only its verification needs, and without who recorded it."""
    taken = {name: getattr(fact, name) for name in SCHEMA.names if hasattr(fact, name)}
    return {
        **taken,
        "sequence": sequence,
        "fact_id": str(fact.fact_id),
        "recorded_at": fact.recorded_at.astimezone(UTC),
        "payload": json.dumps(fact.payload, ensure_ascii=False, sort_keys=True),
        "supersedes_id": str(fact.supersedes_id) if fact.supersedes_id else None,
    }


def _append(lake: Lake, rows: list[dict[str, Any]], at: datetime) -> None:
    known = state.state_of(lake, TABLE)
    number, reached = (known.number if known else 0) + 1, rows[-1]["sequence"]
    stamped = [{**row, "delivery": f"own-facts-{number:06d}", "pulled_at": at} for row in rows]
    with lake.transaction() as writing:
        writing.write(TABLE, pa.Table.from_pylist(stamped, schema=SCHEMA), mode="append")
        state.write(lake, writing, State(TABLE, "sequence", f"int {reached}", number, reached, at))


@contextmanager
def _alone(lake: Lake) -> Iterator[None]:
    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / "feed.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

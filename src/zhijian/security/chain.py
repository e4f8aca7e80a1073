"""Chains of records (looks, refusals): each carries the hash of the one before it, so that none goes or changes unseen."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Form:
    """What a kind of record puts under its hash: its fields in order, and the field of the moment."""

    name: str
    fields: tuple[str, ...]
    moment: str

    @property
    def start(self) -> str:
        """What stands before the first record."""
        return sha256(self.name.encode()).hexdigest()


LOOKS = Form(
    "zhijian-look/1",
    ("sequence", "officer_id", "organisation_name", "role", "subject", "part", "reason", "previous_hash"),
    "looked_at",
)
REFUSALS = Form(
    "zhijian-refusal/1",
    ("sequence", "kind", "officer_id", "organisation_name", "network", "place", "count", "previous_hash"),
    "refused_at",
)
START = LOOKS.start


def row_hash(record: Any, form: Form = LOOKS) -> str:
    """Return the hash of a record with its place and the hash of the record before it."""
    moment = getattr(record, form.moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    values = [form.name, *(getattr(record, name) for name in form.fields), moment]
    return sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def broken(records: Iterable[Any], form: Form = LOOKS) -> Iterator[tuple[int, str]]:
    """Yield each place of the chain that does not hold, with 'missing' or 'altered'; records come in order."""
    place, before = 0, form.start
    for record in records:
        if record.sequence != place + 1:
            yield place + 1, "missing"
        elif record.previous_hash != before or record.row_hash != row_hash(record, form):
            yield record.sequence, "altered"
        place, before = record.sequence, record.row_hash


def linked(records: Iterable[Any]) -> Iterator[Any]:
    """Give each record, in order, its place and hashes: for records that were kept before there was a chain."""
    before = START
    for place, record in enumerate(records, start=1):
        record.sequence, record.previous_hash = place, before
        record.row_hash = before = row_hash(record)
        yield record

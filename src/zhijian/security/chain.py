"""The chain of looks: each record carries the hash of the one before it, so that none goes or changes unseen."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

FORM = "zhijian-look/1"
START = sha256(FORM.encode()).hexdigest()
"""What stands before the first record."""

_FIELDS = (
    "sequence",
    "officer_id",
    "organisation_name",
    "role",
    "subject",
    "part",
    "reason",
    "previous_hash",
)


def row_hash(record: Any) -> str:
    """Return the hash of a record with its place and the hash of the record before it."""
    moment = record.looked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    values = [FORM, *(getattr(record, name) for name in _FIELDS), moment]
    return sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def broken(records: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """Yield each place of the chain that does not hold, with 'missing' or 'altered'; records come in order."""
    place, before = 0, START
    for record in records:
        if record.sequence != place + 1:
            yield place + 1, "missing"
        elif record.previous_hash != before or record.row_hash != row_hash(record):
            yield record.sequence, "altered"
        place, before = record.sequence, record.row_hash


def linked(records: Iterable[Any]) -> Iterator[Any]:
    """Give each record, in order, its place and hashes: for records that were kept before there was a chain."""
    before = START
    for place, record in enumerate(records, start=1):
        record.sequence, record.previous_hash = place, before
        record.row_hash = before = row_hash(record)
        yield record

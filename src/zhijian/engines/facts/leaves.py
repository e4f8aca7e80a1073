"""A fact as a leaf of the log: which fields, in which form, and how an altered field is named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID, uuid5
from zlib import crc32

from zhijian.engines.facts.canonical import canonical
from zhijian.engines.facts.merkle import leaf_hash

FORM = "zhijian-fact/1"
NAMESPACE = UUID("6ac5b55d-21a4-5ba5-b6d5-9b1d1c1ad3a9")
"""Of the ids of facts: UUIDv5 of the canonical list [source, source_key, revision]."""

FIELDS = (
    "fact_id",
    "is_synthetic",
    "is_withdrawal",
    "kind",
    "legal_basis",
    "occurred_on",
    "payload",
    "public_until",
    "reason",
    "recorded_at",
    "recorder",
    "revision",
    "salt",
    "source",
    "source_key",
    "subject",
    "supersedes",
)
"""The members of a leaf beside `form`, sorted as the canonical form sorts them."""


@dataclass(frozen=True)
class Leaf:
    """What the log needs to know about one fact."""

    recorded_at: datetime
    fact_id: UUID
    leaf_hash: bytes


class LeafSource(Protocol):
    """Where facts to be sealed come from: our own records, or tables about everyone in the lake."""

    def pending(self, *, after: datetime | None, through: datetime) -> Iterator[Leaf]:
        """Yield the facts recorded after `after` and up to `through`, in the order of (recorded_at, fact_id)."""
        ...


def fact_id_of(source: str, source_key: str, revision: int) -> UUID:
    """Return the id that a fact has wherever it is recorded."""
    return uuid5(NAMESPACE, canonical([source, source_key, revision]))


def moment(at: datetime) -> str:
    """Return a time as leaves carry it: UTC, six decimals, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def recorder_commitment(recorder_salt: str, recorded_by: str) -> str:
    """Return the hash that stands for the recorder's name, which is not published."""
    return sha256(f"{recorder_salt}:{recorded_by}".encode()).hexdigest()


def leaf_members(fact: Any) -> dict[str, Any]:
    """Return the leaf of a `Fact` as the object that is published with it."""
    return {
        "form": FORM,
        "fact_id": str(fact.fact_id),
        "is_synthetic": fact.is_synthetic,
        "is_withdrawal": fact.is_withdrawal,
        "kind": fact.kind,
        "legal_basis": fact.legal_basis,
        "occurred_on": fact.occurred_on.isoformat(),
        "payload": fact.payload,
        "public_until": _iso(fact.public_until),
        "reason": fact.reason,
        "recorded_at": moment(fact.recorded_at),
        "recorder": recorder_commitment(fact.recorder_salt, fact.recorded_by),
        "revision": fact.revision,
        "salt": fact.salt,
        "source": fact.source,
        "source_key": fact.source_key,
        "subject": fact.subject,
        "supersedes": str(fact.supersedes_id) if fact.supersedes_id else None,
    }


def texts_of(members: Mapping[str, Any], payload_text: str | None = None) -> list[str]:
    """Return the canonical text of each of FIELDS, in their order.

    `payload_text` spares writing the payload again where its canonical text is known.

    Raises:
        NotCanonical: a member has no canonical form.
    """
    return [
        payload_text if payload_text and name == "payload" else canonical(members[name], name)
        for name in FIELDS
    ]


def hash_of(texts: list[str]) -> bytes:
    """Return the leaf hash over the canonical texts of FIELDS."""
    rows = [f'"{name}":{text}' for name, text in zip(FIELDS, texts, strict=True)]
    rows.insert(_FORM_AT, f'"form":"{FORM}"')
    return leaf_hash(("{" + ",".join(rows) + "}").encode("utf-8"))


def marks_of(texts: list[str]) -> str:
    """Return a checksum per field: no defence, but it names the field that somebody altered."""
    return " ".join(f"{crc32(text.encode('utf-8')):08x}" for text in texts)


def altered_fields(texts: list[str], marks: str) -> list[str]:
    """Return the names of the fields whose checksum is not the stored one."""
    stored, now = marks.split(" "), marks_of(texts).split(" ")
    if len(stored) != len(now):
        return ["marks"]
    return [name for name, was, found in zip(FIELDS, stored, now, strict=True) if was != found]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


_FORM_AT = sorted([*FIELDS, "form"]).index("form")

"""Facts read as the database holds them, text by text, so that what somebody broke by hand can still be named."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from zhijian.engines.facts.canonical import NotCanonical, canonical
from zhijian.engines.facts.leaves import (
    Leaf,
    altered_fields,
    hash_of,
    recorder_commitment,
    texts_of,
)
from zhijian.engines.facts.models import Fact

CHUNK = 2000
_TEXTS = ("kind", "legal_basis", "reason", "salt", "source", "source_key", "subject")
_DATES = ("occurred_on", "public_until")
_FLAGS = ("is_synthetic", "is_withdrawal")
_OTHERS = ("recorded_by", "recorder_salt", "leaf_hash", "marks")
_STORAGE = {
    **dict.fromkeys((*_TEXTS, *_OTHERS, "occurred_on", "fact_id", "recorded_at", "payload"), ("text",)),
    **dict.fromkeys(("public_until", "supersedes_id"), ("text", "null")),
    **dict.fromkeys((*_FLAGS, "revision"), ("integer",)),
}
"""The storage classes that each column may have. SQLite takes any in any column, and then finds the row no more."""
COLUMNS = (
    *_TEXTS,
    *_DATES,
    *_FLAGS,
    *_OTHERS,
    "fact_id",
    "supersedes_id",
    "revision",
    "recorded_at",
    "payload",
    "misstored",  # columns of a wrong storage class, with the class that they have
)


@dataclass(frozen=True)
class StoredFact:
    """One row as it stands: its place in the log if it has one, and what is wrong with it."""

    fact_id: str
    label: str  # kind, subject and day, for messages
    recorded_at: str  # as leaves carry it
    leaf_hash: bytes | None  # over the row as it stands; None where the row cannot be read
    stored_leaf_hash: str
    altered: tuple[str, ...]  # fields whose checksum is not the stored one
    source_key: str
    problem: str = ""  # why it cannot be read


def select(joined: str = "", condition: str = "", order: str = "") -> str:
    """Return the query of every column as text, with a table before it where `joined` names one."""
    columns = ", ".join(_as_text(name) for name in COLUMNS)
    before = "l.index, l.fact_id, l.leaf_hash, " if joined else ""
    if connection.vendor == "postgresql" and joined:
        before = "l.index, replace(l.fact_id::text, '-', ''), l.leaf_hash, "
    table = f"{joined} LEFT JOIN facts_fact f ON f.fact_id = l.fact_id" if joined else "facts_fact f"
    return f"SELECT {before}{columns} FROM {table} {condition} {order}".replace("l.index", 'l."index"')  # noqa: S608


def rows(query: str, parameters: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield rows without holding them all: by a server-side cursor on PostgreSQL."""
    opened = connection.chunked_cursor()
    with opened as cursor, _broken_text_kept():
        cursor.execute(query, parameters)
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


@contextmanager
def _broken_text_kept() -> Iterator[None]:
    """SQLite stores even text that is no UTF-8: read it with half characters, which no leaf can hold."""
    if connection.vendor == "postgresql":
        yield
        return
    driver: Any = connection.connection
    usual, driver.text_factory = driver.text_factory, lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual


def read(values: tuple[Any, ...]) -> StoredFact:
    """Read a row of COLUMNS and compute what its leaf is now."""
    row = dict(zip(COLUMNS, values, strict=True))
    name = dashed(row["fact_id"])
    label = f"{row['kind']} {row['subject']} {row['occurred_on']}"
    known = {"fact_id": name, "label": label, "source_key": str(row["source_key"])}
    known |= {"recorded_at": _moment(row["recorded_at"]), "stored_leaf_hash": str(row["leaf_hash"])}
    try:
        texts = texts_of(_members(row, name))
    except (NotCanonical, ValueError, TypeError, RecursionError) as problem:
        return StoredFact(**known, leaf_hash=None, altered=(), problem=str(problem))
    altered = (*altered_fields(texts, str(row["marks"])), *str(row["misstored"]).split())
    return StoredFact(**known, leaf_hash=hash_of(texts), altered=altered)


def insert(facts: Sequence[Fact]) -> None:
    """Add new facts in bulk: as `bulk_create` does, without its cost per field."""
    fields = [field for field in Fact._meta.concrete_fields if field.column]
    adapters = _adapters()
    names = [field.attname for field in fields]
    rows = [
        [
            adapters[type(value)](value) if type(value) in adapters else value
            for value in map(vars(fact).get, names)
        ]
        for fact in facts
    ]
    insert_rows("facts_fact", [str(field.column) for field in fields], rows)


def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows of values that the database's driver takes as they are. Table and columns are our own names."""
    head = f"INSERT INTO {table} ({', '.join(map(connection.ops.quote_name, columns))}) VALUES "  # noqa: S608
    one = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(head + one, rows)
            return
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            cursor.execute(head + ", ".join([one] * len(part)), [value for row in part for value in row])


def id_of(fact_id: UUID) -> Any:
    """Return an id as the database's driver takes it."""
    return fact_id.hex if connection.vendor == "sqlite" else fact_id


def _adapters() -> dict[type, Callable[[Any], Any]]:
    known: dict[type, Callable[[Any], Any]] = {
        datetime: connection.ops.adapt_datetimefield_value,
        date: date.isoformat,
        dict: canonical,
    }
    return known | ({UUID: lambda fact_id: fact_id.hex} if connection.vendor == "sqlite" else {})


class DatabaseFacts:
    """The source of leaves that lies in our own database."""

    def pending(self, *, after: datetime | None, through: datetime) -> Iterator[Leaf]:
        """Yield the facts recorded after `after` and up to `through`, in the order of (recorded_at, fact_id).

        Raises:
            ValueError: a row is not what was recorded; the message names it.
        """
        limits = [through] if after is None else [through, after]
        condition = "WHERE f.recorded_at <= %s" + (" AND f.recorded_at > %s" if after else "")
        parameters = tuple(connection.ops.adapt_datetimefield_value(limit) for limit in limits)
        for values in rows(
            select(condition=condition, order="ORDER BY f.recorded_at, f.fact_id"), parameters
        ):
            fact = read(values)
            if fact.leaf_hash is None or fact.leaf_hash.hex() != fact.stored_leaf_hash or fact.altered:
                what = fact.problem or "、".join(fact.altered) or "leaf_hash"
                raise ValueError(f"{fact.fact_id} ({fact.label}): {what}")
            yield Leaf(datetime.fromisoformat(fact.recorded_at), UUID(fact.fact_id), fact.leaf_hash)


def _as_text(name: str) -> str:
    if name == "misstored":
        return _misstored()
    if connection.vendor == "postgresql":
        if name == "recorded_at":
            return "to_char(f.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        if name in _DATES:
            return f"to_char(f.{name}, 'YYYY-MM-DD')"
        if name in ("fact_id", "supersedes_id"):
            return f"replace(f.{name}::text, '-', '')"
    elif name in _FLAGS:  # SQLite takes any value in any column: only 0 and 1 are flags
        return (
            f"CASE CAST(f.{name} AS TEXT) WHEN '0' THEN 'false' WHEN '1' THEN 'true' ELSE '=' || f.{name} END"
        )
    return f"CAST(f.{name} AS TEXT)"


def _misstored() -> str:
    if connection.vendor == "postgresql":  # has types and keeps them
        return "''"
    parts = []
    for name, classes in _STORAGE.items():
        allowed = ", ".join(f"'{one}'" for one in classes)
        parts.append(
            f"CASE WHEN typeof(f.{name}) IN ({allowed}) THEN '' ELSE ' {name}(' || typeof(f.{name}) || ')' END"
        )
    return " || ".join(parts)


def broken_indexes(tables: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield tables of which an index lacks rows, with the first thing that is wrong.

    Pages ask by subject, through an index; `verify` reads the table. On SQLite an index can be made without a row and
    its definition put back, so that the row is whole and never found. PostgreSQL keeps its catalogue from that.
    """
    if connection.vendor == "postgresql":
        return
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA integrity_check({table})")
            said = [
                str(text) for (text,) in cursor.fetchall() if " index " in str(text)
            ]  # other faults: by row
        if said:
            yield table, said[0]


def misstored_rows(table: str, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield rows (by the text of their first column) with a value of another storage class, and which column it is.

    `columns` names the storage class of each. PostgreSQL has types and keeps them: nothing there.
    """
    if connection.vendor == "postgresql":
        return
    key = next(iter(columns))
    for name, storage in columns.items():
        query = f'SELECT CAST("{key}" AS TEXT) FROM {table} WHERE typeof("{name}") <> %s'  # noqa: S608
        for (where,) in rows(query, (storage,)):
            yield str(where), name


def _members(row: dict[str, Any], name: str) -> dict[str, Any]:
    members = {key: row[key] for key in (*_TEXTS, *_DATES)}
    members |= {key: _flag(row[key], key) for key in _FLAGS}
    return members | {
        "fact_id": name,
        "supersedes": dashed(row["supersedes_id"]) if row["supersedes_id"] else None,
        "revision": int(row["revision"]),
        "recorded_at": _moment(row["recorded_at"]),
        "recorder": recorder_commitment(row["recorder_salt"], row["recorded_by"]),
        "payload": json.loads(row["payload"], object_pairs_hook=_once),
    }


def _flag(text: str, name: str) -> bool:
    if text not in ("false", "true"):
        raise ValueError(f"{name} is '{text.lstrip('=')}', neither true nor false")
    return text == "true"


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two members with one name: refuse."""
    if len({name for name, _ in members}) != len(members):
        raise ValueError("payload names a member twice")
    return dict(members)


def _moment(text: str) -> str:
    """Write a stored time as leaves carry it; any other form stays as it is and so fails the hash.

    PostgreSQL is asked for that form. On SQLite only the very text that Django stores counts, in UTC without an
    offset: with one, Django would read another moment than these digits say.
    """
    if connection.vendor == "postgresql":
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return f"{text} (?)"
    is_stored_form = at.tzinfo is None and text == str(at)
    return at.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if is_stored_form else f"{text} (?)"


def dashed(text: str) -> str:
    """Write an id of 32 digits as people do."""
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

"""The map of every day in one file: leaves and nodes by the day on which they changed, texts as they stand now.

Nothing of a day is changed later: a night adds rows. The texts of the newest day alone are kept, for what left the
publicity must not be handed out again. Nodes are stored down to `TOP` bits, below them a few leaves are hashed anew.
"""

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from zhijian.engines.publicity.lists import Leaf
from zhijian.engines.publicity.tree import (
    EMPTY,
    Entry,
    Proof,
    Subtree,
    bit,
    joined,
    key_of,
    prove,
    subtree,
)

TOP = 18
"""Depth of the lowest stored nodes: 262,144 of them, each over 68 leaves where everyone of 17.8 million has one."""
_SCHEMA = """
create table if not exists day (
  day integer primary key, entities integer not null, items integer not null, root blob not null,
  facts text not null, sources text not null, form text not null, signed text
);
create table if not exists leaf (key blob, day integer, value blob, primary key (key, day)) without rowid;
create table if not exists node (
  number integer, day integer, hash blob not null, is_leaf integer not null, primary key (number, day)
) without rowid;
create table if not exists content (
  uscc text primary key, value blob, text blob, count integer not null, next_change integer
) without rowid;
create index if not exists content_due on content (next_change) where next_change is not null;
create table if not exists change (day integer, uscc text, primary key (day, uscc)) without rowid;
create table if not exists unsealed (mark integer, uscc text, primary key (mark, uscc)) without rowid;
"""


@dataclass(frozen=True)
class Day:
    """A day of the map, and from what it was made: to know in the next night what changed."""

    day: date
    entities: int
    items: int
    root: bytes
    facts: str  # the moment up to which recorded facts are in
    sources: str  # version of the delivered facts
    form: str  # by which declarations of kinds it was judged
    signed: str | None  # the signed root as published

    def signed_root(self) -> dict[str, Any]:
        """Return the signed root as members."""
        return dict(json.loads(self.signed or "{}"))


class PublicityMap:
    """The file of the map. One process writes it, at night; any number read it."""

    def __init__(self, path: Path, *, is_writer: bool = False) -> None:
        self.path = path
        if is_writer:
            path.parent.mkdir(parents=True, exist_ok=True)
        target = path if is_writer else f"{path.absolute().as_uri()}?mode=ro"
        self._store = sqlite3.connect(
            target, uri=not is_writer, isolation_level=None, timeout=60, check_same_thread=is_writer
        )
        if is_writer:
            self._store.execute("pragma journal_mode = wal")
            self._store.execute("pragma synchronous = normal")
            self._store.executescript(_SCHEMA)
        self._store.execute("pragma cache_size = -65536")
        self._store.execute("pragma mmap_size = 1073741824")

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> "PublicityMap":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Let everything of a night become visible at once, or nothing."""
        self._store.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._store.execute("rollback")
            raise
        self._store.execute("commit")

    def hold(self) -> Day | None:
        """Read from now on what stands at this moment, whatever a night writes meanwhile; return the newest day."""
        self._store.execute("begin")
        return self.newest()

    # --- days ---

    def newest(self) -> Day | None:
        """Return the newest day of the map, or None before the first."""
        return self._day("order by day desc limit 1")

    def day(self, day: date) -> Day | None:
        """Return one day of the map, or None where none was built for it."""
        return self._day("where day = ?", day.toordinal())

    def days(self) -> list[Day]:
        """Return the days of the map, oldest first."""
        return [_read_day(row) for row in self._store.execute(f"select {_DAY} from day order by day")]  # noqa: S608

    def _day(self, condition: str, *parameters: object) -> Day | None:
        row = self._store.execute(f"select {_DAY} from day {condition}", parameters).fetchone()  # noqa: S608
        return _read_day(row) if row else None

    def add_day(self, day: Day) -> None:
        """Write down a finished day."""
        values = [
            day.day.toordinal(),
            day.entities,
            day.items,
            day.root,
            day.facts,
            day.sources,
            day.form,
            day.signed,
        ]
        self._store.execute("insert into day values (?, ?, ?, ?, ?, ?, ?, ?)", values)

    # --- what stands ---

    def subjects(self) -> Iterator[str]:
        """Yield every code of which the map knows something, in their order."""
        for (uscc,) in self._store.execute("select uscc from content order by uscc"):
            yield uscc

    def due(self, day: date) -> list[str]:
        """Return the codes whose items change by themselves on or before a day."""
        rows = self._store.execute("select uscc from content where next_change <= ?", [day.toordinal()])
        return [uscc for (uscc,) in rows]

    def unsealed(self, marks: Iterable[int]) -> set[str]:
        """Return the codes with delivered facts under these marks."""
        found: set[str] = set()
        for one in marks:
            found.update(
                uscc for (uscc,) in self._store.execute("select uscc from unsealed where mark = ?", [one])
            )
        return found

    def text(self, uscc: str) -> tuple[bytes, str] | None:
        """Return hash and text of what stands under a code on the newest day, or None: nothing does."""
        row = self._store.execute("select value, text from content where uscc = ?", [uscc]).fetchone()
        return (row[0], zlib.decompress(row[1]).decode("utf-8")) if row and row[0] is not None else None

    def texts(self) -> Iterator[str]:
        """Yield the text of every leaf of the newest day, by code."""
        for (text,) in self._store.execute("select text from content where value is not null order by uscc"):
            yield zlib.decompress(text).decode("utf-8")

    def changed_since(self, day: date) -> Iterator[tuple[str, str | None]]:
        """Yield each code that changed after a day, with its newest text: what stood between is never handed out again."""
        rows = self._store.execute(
            "select uscc, (select text from content where content.uscc = c.uscc and value is not null)"
            " from (select distinct uscc from change where day > ?) c order by uscc",
            [day.toordinal()],
        )
        for uscc, text in rows:
            yield uscc, None if text is None else zlib.decompress(text).decode("utf-8")

    # --- building ---

    def apply(self, day: date, leaves: Iterable[tuple[Leaf, Sequence[int]]]) -> tuple[bytes, int, int]:
        """Write what changed on a day; return the root, and how many codes and items more or less there are.

        Each leaf comes with the marks of its delivered facts. One that says what stands already changes nothing.
        """
        store = self._store
        is_first = self.newest() is None
        store.execute("create temp table if not exists incoming (key blob, value blob)")
        store.execute("delete from incoming")
        entities = items = 0
        for leaf, marks in leaves:
            old = store.execute(
                "select value, count, next_change from content where uscc = ?", [leaf.uscc]
            ).fetchone()
            value, due = leaf.value, leaf.next_change.toordinal() if leaf.next_change else None
            if marks:
                store.executemany(
                    "insert or ignore into unsealed values (?, ?)", [(mark, leaf.uscc) for mark in marks]
                )
            was, count, was_due = old or (None, 0, None)
            if (was, was_due) == (value, due):
                continue
            self._keep(leaf, value, due)
            if was != value:
                store.execute("insert into incoming values (?, ?)", [key_of(leaf.uscc), value])
                entities += (value is not None) - (was is not None)
                items += leaf.count - count
                if not is_first:
                    store.execute("insert into change values (?, ?)", [day.toordinal(), leaf.uscc])
        number = day.toordinal()
        store.execute("insert into leaf select key, ?, value from incoming order by key", [number])
        return self._hash_again(number), entities, items

    def _keep(self, leaf: Leaf, value: bytes | None, due: int | None) -> None:
        if value is None and due is None:
            self._store.execute("delete from content where uscc = ?", [leaf.uscc])
            return
        text = None if leaf.text is None else zlib.compress(leaf.text.encode("utf-8"), 3)
        row = [leaf.uscc, value, text, leaf.count, due]
        self._store.execute("insert or replace into content values (?, ?, ?, ?, ?)", row)

    def _hash_again(self, day: int) -> bytes:
        """Hash anew the nodes over the leaves that came, level by level, and return the root."""
        touched = (_bucket(key) for (key,) in self._store.execute("select key from incoming order by key"))
        level: dict[int, Subtree] = {
            1 << TOP | bucket: subtree(self._entries(bucket, day), TOP) for bucket, _ in groupby(touched)
        }
        self._write_nodes(day, level)
        for _ in range(TOP):
            above: dict[int, Subtree] = {}
            for number in level:
                parent = number >> 1
                if parent not in above:
                    left, right = (
                        level.get(child) or self._node(child, day) for child in (2 * parent, 2 * parent + 1)
                    )
                    above[parent] = joined(left, right)
            level = above
            self._write_nodes(day, level)
        return self._node(1, day).hash

    def _write_nodes(self, day: int, level: dict[int, Subtree]) -> None:
        rows = ((number, day, one.hash, int(one.is_leaf)) for number, one in level.items())
        self._store.executemany("insert or replace into node values (?, ?, ?, ?)", rows)

    def _node(self, number: int, day: int) -> Subtree:
        row = self._store.execute(
            "select hash, is_leaf from node where number = ? and day <= ? order by day desc limit 1",
            [number, day],
        ).fetchone()
        return Subtree(row[0], bool(row[1])) if row else Subtree()

    def _entries(self, bucket: int, day: int) -> list[Entry]:
        """Return the leaves of a stored node as they stood on a day, by key."""
        low = bucket << 24 - TOP
        high = bucket + 1 << 24 - TOP
        rows = self._store.execute(
            "select key, max(day), value from leaf where key >= ? and key < ? and day <= ? group by key",
            [low.to_bytes(3, "big"), high.to_bytes(3, "big") if high < 1 << 24 else b"\xff" * 33, day],
        )
        return [(key, value) for key, _, value in rows if value is not None]

    # --- proving ---

    def prove(self, uscc: str, day: date) -> Proof:
        """Return the proof of what stood under a code on a day of the map, or that nothing did."""
        key, number = key_of(uscc), day.toordinal()
        siblings: list[bytes] = []
        place = 1
        for depth in range(TOP):
            here = self._node(place, number)
            if here.is_leaf or here.hash == EMPTY:
                break
            place = 2 * place + bit(key, depth)
            siblings.append(self._node(place ^ 1, number).hash)
        here = self._node(place, number)
        if here.hash == EMPTY:
            return Proof(tuple(siblings), None)
        if here.is_leaf:
            return Proof(tuple(siblings), self._lonely(place, number))
        below = prove(self._entries(_bucket(key), number), key, TOP)
        return Proof((*siblings, *below.siblings), below.end)

    def _lonely(self, place: int, day: int) -> Entry:
        """Return the one leaf below a node."""
        depth = place.bit_length() - 1
        while depth < TOP:
            depth, place = depth + 1, 2 * place + (self._node(2 * place, day).hash == EMPTY)
        [entry] = self._entries(place - (1 << TOP), day)
        return entry


_DAY = "day, entities, items, root, facts, sources, form, signed"


def _read_day(row: tuple[int, int, int, bytes, str, str, str, str | None]) -> Day:
    return Day(date.fromordinal(row[0]), *row[1:])


def _bucket(key: bytes) -> int:
    return int.from_bytes(key[:3], "big") >> 24 - TOP

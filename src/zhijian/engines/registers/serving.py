"""The serving store: what the portal reads about every market entity, built from the lake in one go.

A store is a pair of SQLite files that nobody changes once they are built: `entities-<n>.sqlite` with what
pages show, and `classes-<n>.sqlite` with the internal credit classes, so that what the public reads does not
even contain them. The small file CURRENT names the store in use; replacing it is the one instant at which a
new store takes over. A build that dies before leaves the old one serving.

Rows are numbered by the length of their names, shortest first. That number is the key of the search index,
so a search that stops after twenty hits has found the twenty shortest names, without sorting anything.
"""

import contextlib
import fcntl
import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zhijian.datazone.lake import Lake, replace_file
from zhijian.engines.registers.filters import FACETS, stored
from zhijian.engines.registers.folding import fold
from zhijian.engines.registers.records import ENTITY_COLUMNS
from zhijian.engines.registers.words import (
    facet_word,
    initials_of_name,
    words_of_address,
    words_of_code,
    words_of_name,
)

FORMAT = 5  # raise it when the schema or the words change: every store is then built anew
ENTITIES = "entity_market_entities"
HISTORY = "entity_market_entities__history"
FACTS = "standard_supervision__facts"
CLASSES = "mart_credit_class"
SCORES = "mart_credit_score"
CUT = "mart_credit_class_cut"
_BATCH_ROWS = 20_000
_SORT_MEMORY = "2GB"  # beyond it DuckDB sorts on the disk
_POINTER = "CURRENT"

Progress = Callable[[str, int, int], None]
"""Called with the table being loaded, the rows loaded so far and the rows in all."""


class ServingError(Exception):
    """The store cannot be built or read; the message says why and what to do."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh, self.message_en = message_zh, message_en


class BuildRunning(ServingError):
    """Another build is at work in the same folder."""


class NothingServed(ServingError):
    """No store has been built yet."""


@dataclass(frozen=True)
class ServingReport:
    """What a build did. `is_unchanged`: the lake has nothing new, so the store in use was kept."""

    number: int
    is_unchanged: bool
    entity_count: int
    version_count: int
    fact_count: int
    class_count: int
    as_of: str | None
    built_at: str
    seconds: float
    store_bytes: int
    sources: dict[str, int]
    facts_left_out: int = 0  # their synthetic flag is not their subject's


class StoreFiles(NamedTuple):
    number: int
    entities: Path
    classes: Path


def store_files(serving_dir: Path, number: int) -> StoreFiles:
    return StoreFiles(
        number, serving_dir / f"entities-{number}.sqlite", serving_dir / f"classes-{number}.sqlite"
    )


def find_current(serving_dir: Path) -> StoreFiles | None:
    """Return the store in use, or None before the first build."""
    try:
        number = int((serving_dir / _POINTER).read_text("ascii"))
    except FileNotFoundError:
        return None
    return store_files(serving_dir, number)


def pointer(serving_dir: Path) -> Path:
    return serving_dir / _POINTER


# --- schema ---------------------------------------------------------------------------------------------

_TYPES = {
    "entity_id": "integer",
    "version": "integer",
    "is_synthetic": "integer",
    "industry_confidence": "real",
}
_COLUMNS = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in ENTITY_COLUMNS)
_ENTITY_SCHEMA = f"""
create table meta (key text primary key, value text not null) without rowid;
create table entities (id integer primary key, folded text not null, {_COLUMNS});
create virtual table search using fts5(
  words, content='', detail=none, columnsize=0, tokenize='ascii'
);
create table facets (
  {", ".join(f"{name} text not null" for name in FACETS)}, registered_year integer, entity_count integer not null
);
create table versions (
  uscc text not null, version integer not null, valid_to text, changed_fields text, change_reason text,
  snapshot text  -- null for the version that stands: it is the row of `entities`
);
create table facts (
  fact_id text not null, uscc text not null, kind text not null, occurred_on text not null,
  recorded_at text not null, source text not null, source_key text not null, payload text not null,
  legal_basis text, public_until text, is_synthetic integer not null
);
"""
_CLASS_SCHEMA = """
create table classes (
  uscc text not null, class_code text not null, score integer not null, rule_version text not null,
  snapshot_month text not null, is_insufficient integer not null, measured text not null
);
create table cut (cut_score integer not null);
"""
_BULK = """
pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off;
pragma locking_mode = exclusive; pragma cache_size = -262144; pragma temp_store = file;
"""
_FACET_LIST = ", ".join(FACETS)
_FACET_VALUES = ", ".join(f"coalesce(cast({name} as text), 'unknown')" for name in FACETS)
_FACET_COUNTS = f"""
insert into facets ({_FACET_LIST}, registered_year, entity_count)
select {_FACET_VALUES}, cast(substr(registered_on, 1, 4) as integer), count(*) from entities
group by {", ".join(str(place) for place in range(1, len(FACETS) + 2))}
"""  # noqa: S608 (names are our own constants)
FACT_COLUMNS = (
    "fact_id", "uscc", "kind", "occurred_on", "recorded_at", "source", "source_key", "payload",
    "legal_basis", "public_until", "is_synthetic",
)  # fmt: skip
_IS_RIGHTLY_MARKED = f"is_synthetic = (uscc in (select uscc from {ENTITIES} where is_synthetic))"  # noqa: S608
CLASS_COLUMNS = (
    "uscc", "class_code", "score", "rule_version", "snapshot_month", "is_insufficient", "measured",
)  # fmt: skip


# --- building -------------------------------------------------------------------------------------------


def build(
    lake: Lake,
    serving_dir: Path,
    *,
    at: datetime,
    progress: Progress | None = None,
    is_forced: bool = False,
) -> ServingReport:
    """Build a store from the lake and put it in use; keep the one in use if the lake has nothing new.

    Raises:
        BuildRunning: another build is at work here.
        ServingError: the lake has no market entities yet.
    """
    serving_dir.mkdir(parents=True, exist_ok=True)
    with _alone(serving_dir):
        sources = _sources(lake)
        before = find_report(serving_dir)
        if before and not is_forced and before.sources == sources and _is_whole(serving_dir, before.number):
            return ServingReport(**{**asdict(before), "is_unchanged": True})
        number = _next_number(serving_dir)
        report = _build(lake, serving_dir, number, sources, at, progress or (lambda *_: None))
        replace_file(pointer(serving_dir), f"{number}\n".encode("ascii"))
        _remove_others(serving_dir, keep={number, before.number if before else number})
        return report


@contextlib.contextmanager
def _alone(serving_dir: Path) -> Iterator[None]:
    with (serving_dir / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BuildRunning(
                f"{serving_dir}中已有一次构建在进行。请等它结束后再试。",
                f"A build is already at work in {serving_dir}. Wait for it to end and try again.",
            ) from error
        yield


def _sources(lake: Lake) -> dict[str, int]:
    if not lake.exists(ENTITIES):
        raise ServingError(
            f"数据湖中还没有市场主体（{ENTITIES}）。请先导入并建库：zhijian ingest，zhijian build。",
            f"The lake has no market entities yet ({ENTITIES}). Run 'zhijian ingest' and 'zhijian build' first.",
        )
    present = [table for table in (ENTITIES, HISTORY, FACTS, CLASSES, SCORES) if lake.exists(table)]
    return {"format": FORMAT, **{table: lake.version(table) for table in present}}


def find_report(serving_dir: Path) -> ServingReport | None:
    """Return the report of the build that made the store in use; None before the first one."""
    current = find_current(serving_dir)
    if current is None or not current.entities.exists():
        return None
    with contextlib.closing(open_read_only(current.entities)) as store:
        (text,) = store.execute("select value from meta where key = 'report'").fetchone()
    return ServingReport(**json.loads(text))


def _is_whole(serving_dir: Path, number: int) -> bool:
    files = store_files(serving_dir, number)
    return files.entities.exists() and files.classes.exists()


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a finished store. It never changes again, so SQLite needs no locks on it."""
    store = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    store.execute("pragma query_only = on")
    store.execute("pragma mmap_size = 2147418112")
    return store


def _next_number(serving_dir: Path) -> int:
    names = (re.fullmatch(r"(?:entities|classes)-(\d+)\.sqlite", path.name) for path in serving_dir.iterdir())
    return max((int(name[1]) for name in names if name), default=0) + 1


def _remove_others(serving_dir: Path, *, keep: set[int]) -> None:
    """Remove stores that no reader needs; one that still has a removed file open can read it to the end."""
    for path in serving_dir.iterdir():
        name = re.fullmatch(
            r"(?:entities|classes)-(\d+)\.sqlite|\.(?:entities|classes)\.building.*", path.name
        )
        if name and (name[1] is None or int(name[1]) not in keep):
            path.unlink(missing_ok=True)


def _build(
    lake: Lake, serving_dir: Path, number: int, sources: dict[str, int], at: datetime, progress: Progress
) -> ServingReport:
    started = time.monotonic()
    files = store_files(serving_dir, number)
    with _building(serving_dir, "classes", _CLASS_SCHEMA) as (classes, class_path):
        class_count = _load_classes(classes, lake, progress)
    with _building(serving_dir, "entities", _ENTITY_SCHEMA) as (store, entity_path):
        entity_count = _load_entities(store, lake, progress)
        version_count = _load_versions(store, lake, progress)
        fact_count = _load_facts(store, lake, progress)
        progress("index", 0, 1)
        _index(store)
        progress("index", 1, 1)
        store.commit()
        (as_of,) = store.execute("select max(delivered_on) from entities").fetchone()
        report = ServingReport(
            number=number,
            is_unchanged=False,
            entity_count=entity_count,
            version_count=version_count,
            fact_count=fact_count,
            class_count=class_count,
            as_of=as_of,
            built_at=at.isoformat(),
            seconds=round(time.monotonic() - started, 2),
            store_bytes=entity_path.stat().st_size + class_path.stat().st_size,
            sources=sources,
            facts_left_out=(lake.count(FACTS) if lake.exists(FACTS) else 0) - fact_count,
        )
        store.execute("insert into meta values ('report', ?)", [json.dumps(asdict(report))])
    class_path.replace(files.classes)
    entity_path.replace(files.entities)
    return report


@contextlib.contextmanager
def _building(serving_dir: Path, kind: str, schema: str) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """Give an empty database to fill; flush it to the disk at the end."""
    path = serving_dir / f".{kind}.building.sqlite"
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as store:
        store.executescript(_BULK + schema)
        yield store, path
        store.commit()
    with path.open("rb") as finished:
        os.fsync(finished.fileno())


def _index(store: sqlite3.Connection) -> None:
    store.execute("create unique index entities_by_uscc on entities (uscc)")
    store.execute("create index versions_by_uscc on versions (uscc, version)")
    store.execute("create index facts_by_uscc on facts (uscc, occurred_on)")
    store.execute(_FACET_COUNTS)
    store.execute("insert into search(search) values ('optimize')")


# --- loading --------------------------------------------------------------------------------------------


def _batches(
    lake: Lake, table: str, columns: Sequence[str], order: str, progress: Progress, where: str = "true"
) -> Iterator[list[tuple[Any, ...]]]:
    """Read a table in sorted batches of plain values; DuckDB sorts on the disk where memory is short.

    `where` is SQL over the table's columns and over the table of market entities.
    """
    connection = lake.ibis()
    spill = str(lake.root / ".spill").replace("'", "''")
    connection.raw_sql(f"set memory_limit = '{_SORT_MEMORY}'; set temp_directory = '{spill}'")
    try:
        for name in {table, ENTITIES}:
            lake.table(connection, name)
        total, done = lake.count(table), 0
        names = ", ".join(f'"{name}"' for name in columns)
        sql = f'select {names} from "{table}" where {where} order by {order}'  # noqa: S608
        for batch in connection.con.sql(sql).to_arrow_reader(_BATCH_ROWS):
            done += batch.num_rows
            yield list(zip(*(_plain_column(column) for column in batch.columns), strict=True))
            progress(table, done, total)
    finally:
        connection.disconnect()


def _plain_column(column: pa.Array) -> list[Any]:
    """Turn dates, times and exact numbers into text, the rest into Python values."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz))
        return [None if moment is None else moment.isoformat() for moment in column.to_pylist()]
    if pa.types.is_date(kind) or pa.types.is_decimal(kind):
        column = pc.cast(column, pa.string())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    values: list[Any] = column.to_pylist()
    return values


def _places(count: int) -> str:
    return ", ".join("?" * count)


_FACET_PLACES = [(letter, ENTITY_COLUMNS.index(name)) for name, letter in FACETS.items()]
_USCC, _NAME, _ADDRESS = (ENTITY_COLUMNS.index(name) for name in ("uscc", "name", "address"))


def _load_entities(store: sqlite3.Connection, lake: Lake, progress: Progress) -> int:
    row_number = 0
    into_entities = f"insert into entities values ({_places(len(ENTITY_COLUMNS) + 2)})"  # noqa: S608
    for rows in _batches(lake, ENTITIES, ENTITY_COLUMNS, "length(name), name, uscc", progress):
        numbered = [(row_number + place, fold(row[_NAME]), *row) for place, row in enumerate(rows, start=1)]
        row_number += len(rows)
        store.executemany(into_entities, numbered)
        store.executemany(
            "insert into search(rowid, words) values (?, ?)",
            ((number, " ".join(_words(folded, row))) for number, folded, *row in numbered),
        )
    return row_number


def _words(folded: str, row: Sequence[Any]) -> set[str]:
    words = words_of_name(folded) | initials_of_name(folded) | words_of_code(row[_USCC].lower())
    words |= words_of_address(fold(row[_ADDRESS] or ""))
    words.update(facet_word(letter, stored(row[place])) for letter, place in _FACET_PLACES)
    return words


def _load_versions(store: sqlite3.Connection, lake: Lake, progress: Progress) -> int:
    if not lake.exists(HISTORY):
        return 0
    columns = (*ENTITY_COLUMNS, "valid_to", "changed_fields", "change_reason")
    count = 0
    for rows in _batches(lake, HISTORY, columns, "uscc, version", progress):
        count += len(rows)
        store.executemany("insert into versions values (?, ?, ?, ?, ?, ?)", map(_version, rows))
    return count


def _version(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *values, valid_to, changed_fields, change_reason = row
    snapshot = dict(zip(ENTITY_COLUMNS, values, strict=True))
    text = None if valid_to is None else json.dumps(snapshot, ensure_ascii=False)
    return snapshot["uscc"], snapshot["version"], valid_to, changed_fields, change_reason, text


def _load_facts(store: sqlite3.Connection, lake: Lake, progress: Progress) -> int:
    """Load the delivered facts, but none whose synthetic flag is not its subject's.

    An invented fact never stands on a real firm's page, nor a real one on an invented firm's; an invented fact
    needs an invented subject on the register.
    """
    order = "uscc, occurred_on, fact_id"
    return _copy(store, lake, FACTS, "facts", FACT_COLUMNS, order, progress, where=_IS_RIGHTLY_MARKED)


def _load_classes(store: sqlite3.Connection, lake: Lake, progress: Progress) -> int:
    """Load the classes, each with the points and counts of its score; the words are made when somebody looks."""
    count = 0
    if lake.exists(CLASSES):
        insert = f"insert into classes values ({_places(len(CLASS_COLUMNS))})"  # noqa: S608
        for rows in _class_batches(lake, progress):
            store.executemany(insert, rows)
            count += len(rows)
    if lake.exists(CUT):
        cuts = lake.read(CUT)["cut_score"].to_pylist()
        store.executemany("insert into cut values (?)", [(cut,) for cut in cuts])
    store.execute("create unique index classes_by_uscc on classes (uscc)")
    return count


def _class_batches(lake: Lake, progress: Progress) -> Iterator[list[tuple[Any, ...]]]:
    """Read class and score side by side; of the score's columns, those that are not zero, as JSON."""
    connection = lake.ibis()
    try:
        lake.table(connection, CLASSES)
        lake.table(connection, SCORES)
        total, done = lake.count(CLASSES), 0
        joined = connection.con.sql(
            f"select c.uscc, c.class_code, c.score, c.rule_version, c.snapshot_month, c.is_insufficient,"  # noqa: S608
            f" c.is_held_back, s.* exclude (entity_id, uscc, score, is_insufficient, snapshot_month)"
            f" from {CLASSES} c left join {SCORES} s using (entity_id) order by c.uscc"
        )
        for batch in joined.to_arrow_reader(_BATCH_ROWS):
            done += batch.num_rows
            yield [_class_row(row) for row in batch.to_pylist()]
            progress(CLASSES, done, total)
    finally:
        connection.disconnect()


def _class_row(row: dict[str, Any]) -> tuple[Any, ...]:
    own = [row.pop(name) for name in CLASS_COLUMNS[:6]]
    measured = {name: int(value) for name, value in row.items() if value}
    return (*own, json.dumps(measured))


def _copy(
    store: sqlite3.Connection,
    lake: Lake,
    table: str,
    into: str,
    columns: Sequence[str],
    order: str,
    progress: Progress,
    where: str = "true",
) -> int:
    count = 0
    if lake.exists(table):
        for rows in _batches(lake, table, columns, order, progress, where):
            count += len(rows)
            store.executemany(f"insert into {into} values ({_places(len(columns))})", rows)  # noqa: S608
    return count

"""The serving store: what the portal reads about every market entity, built from the lake in one go.

Nothing of a store changes once it is built. `search-<n>/` has all entities of a full build, `over-<n>/` those that
changed since (`segment`, `layers`); `entities-<n>.sqlite` has versions and facts delivered as JSON, `facts-<n>/` the
typed facts and `classes-<n>/` the internal credit classes, both as links to the files of the lake. What the public
reads does not even contain a class. The small file CURRENT names the store in use; replacing it is the one instant
at which a new store takes over. A build that dies before leaves the old one serving.

A build indexes only what changed in the lake, as long as that is little; the answers are those of a full build.
Rows are numbered by the length of their names, shortest first, so a search that stops after twenty hits has found
the twenty shortest names, without sorting anything.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from zhijian.datazone.files import PATCH, is_patch
from zhijian.datazone.lake import Lake
from zhijian.datazone.sql import literal
from zhijian.engines.registers.layers import write_over
from zhijian.engines.registers.records import ENTITY_COLUMNS
from zhijian.engines.registers.segment import Segment, SegmentWriter, TooManyRows, plain_column
from zhijian.infrastructure.files import replace_file
from zhijian.standards.bilingual import BilingualError

FORMAT = 7  # raise it when the schema or the words change: every store is then built anew
ENTITIES = "entity_market_entities"
HISTORY = "entity_market_entities__history"
FACTS = "standard_supervision__facts"
TYPED_FACTS = "entity_facts"
CLASSES = "mart_credit_class"
SCORES = "mart_credit_score"
SECTORS = "mart_sector_class"
CUT = "mart_credit_class_cut"
COMPACT_ABOVE = 0.1
"""Part of all entities that may lie over the full build before the next build is full again."""
_BATCH_ROWS = 20_000
_SEGMENT_BATCH = 122_880
_SORT_MEMORY = "4GB"  # beyond it DuckDB sorts on the disk
_POINTER = "CURRENT"

Progress = Callable[[str, int, int], None]
"""Called with the table being loaded, the rows loaded so far and the rows in all."""


class ServingError(BilingualError):
    """The store cannot be built or read; the message says why and what to do."""


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
    base: int = 0  # the store whose full index is read
    base_version: int = 0  # of the table of entities, when that was built
    changed_count: int | None = None  # entities indexed over it; None where the build was full


class StoreFiles(NamedTuple):
    """Where the parts of a store lie. `base` and `over` are known from the report of the store."""

    number: int
    entities: Path
    classes: Path
    facts: Path

    def base(self, report: ServingReport) -> Path:
        return self.entities.parent / f"search-{report.base}"

    def over(self, report: ServingReport) -> Path | None:
        return self.entities.parent / f"over-{self.number}" if report.changed_count else None


def store_files(serving_dir: Path, number: int) -> StoreFiles:
    return StoreFiles(
        number,
        serving_dir / f"entities-{number}.sqlite",
        serving_dir / f"classes-{number}",
        serving_dir / f"facts-{number}",
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

_ENTITY_SCHEMA = """
create table meta (key text primary key, value text not null) without rowid;
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
_BULK = """
pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off;
pragma locking_mode = exclusive; pragma cache_size = -262144; pragma temp_store = file;
"""
FACT_COLUMNS = (
    "fact_id", "uscc", "kind", "occurred_on", "recorded_at", "source", "source_key", "payload",
    "legal_basis", "public_until", "is_synthetic",
)  # fmt: skip
_IS_RIGHTLY_MARKED = f"is_synthetic = (uscc in (select uscc from {ENTITIES} where is_synthetic))"  # noqa: S608
CLASS_COLUMNS = ("uscc", "class_code", "score", "rule_version", "snapshot_month", "is_insufficient")


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
        if before and not is_forced and before.sources == sources and _is_whole(serving_dir, before):
            return ServingReport(**{**asdict(before), "is_unchanged": True})
        number = _next_number(serving_dir)
        usable = before if before and not is_forced and _is_whole(serving_dir, before) else None
        report = _build(lake, serving_dir, number, sources, at, progress or (lambda *_: None), usable)
        replace_file(pointer(serving_dir), f"{number}\n".encode("ascii"))
        _remove_others(serving_dir, keep=[report, before or report])
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
    present = [
        table
        for table in (ENTITIES, HISTORY, FACTS, TYPED_FACTS, CLASSES, SCORES, SECTORS)
        if lake.exists(table)
    ]
    return {"format": FORMAT, **{table: lake.version(table) for table in present}}


def find_report(serving_dir: Path) -> ServingReport | None:
    """Return the report of the build that made the store in use; None before the first one."""
    current = find_current(serving_dir)
    if current is None or not current.entities.exists():
        return None
    with contextlib.closing(open_read_only(current.entities)) as store:
        (text,) = store.execute("select value from meta where key = 'report'").fetchone()
    return ServingReport(**json.loads(text))


def _is_whole(serving_dir: Path, report: ServingReport) -> bool:
    files = store_files(serving_dir, report.number)
    parts = [files.entities, files.classes, files.facts, files.base(report), files.over(report)]
    return report.sources.get("format") == FORMAT and all(part is None or part.exists() for part in parts)


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a finished store. It never changes again, so SQLite needs no locks on it."""
    store = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    store.execute("pragma query_only = on")
    store.execute("pragma mmap_size = 2147418112")
    return store


_PART = re.compile(r"(entities|classes|facts|search|over)-(\d+)(?:\.sqlite)?")


def _next_number(serving_dir: Path) -> int:
    names = (_PART.fullmatch(path.name) for path in serving_dir.iterdir())
    return max((int(name[2]) for name in names if name), default=0) + 1


def _remove_others(serving_dir: Path, *, keep: Sequence[ServingReport]) -> None:
    """Remove stores that no reader needs; one that still has a removed file open can read it to the end."""
    numbers, bases = {one.number for one in keep}, {one.base for one in keep}
    for path in serving_dir.iterdir():
        name = _PART.fullmatch(path.name)
        if (
            name and int(name[2]) not in (bases if name[1] == "search" else numbers)
        ) or ".building" in path.name:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _build(
    lake: Lake,
    serving_dir: Path,
    number: int,
    sources: dict[str, int],
    at: datetime,
    progress: Progress,
    before: ServingReport | None,
) -> ServingReport:
    started = time.monotonic()
    files = store_files(serving_dir, number)
    progress("index", 0, 1)
    base, base_version, changed = _write_index(lake, serving_dir, number, progress, before)
    class_count = _link_classes(lake, files.classes)
    typed_count = _link(lake, TYPED_FACTS, files.facts)
    with _building(serving_dir, "entities", _ENTITY_SCHEMA) as (store, entity_path):
        version_count = _load_versions(store, lake, progress)
        fact_count = _load_facts(store, lake, progress)
        store.execute("create index versions_by_uscc on versions (uscc, version)")
        store.execute("create index facts_by_uscc on facts (uscc, occurred_on)")
        store.commit()
        report = ServingReport(
            number=number,
            is_unchanged=False,
            entity_count=lake.count(ENTITIES),
            version_count=version_count,
            fact_count=fact_count if lake.exists(FACTS) else typed_count,
            class_count=class_count,
            as_of=_as_of(lake),
            built_at=at.isoformat(),
            seconds=round(time.monotonic() - started, 2),
            store_bytes=0,
            sources=sources,
            facts_left_out=lake.count(FACTS) - fact_count if lake.exists(FACTS) else 0,
            base=base,
            base_version=base_version,
            changed_count=changed,
        )
        parts = [files.base(report), files.over(report), files.classes, files.facts]
        size = sum(map(_size, filter(None, parts))) + entity_path.stat().st_size
        report = replace(report, store_bytes=size)
        store.execute("insert into meta values ('report', ?)", [json.dumps(asdict(report))])
    entity_path.replace(files.entities)
    progress("index", 1, 1)
    return report


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _as_of(lake: Lake) -> str | None:
    connection = lake.ibis()
    try:
        newest = lake.table(connection, ENTITIES).delivered_on.max().to_pyarrow().as_py()
    finally:
        connection.disconnect()
    return None if newest is None else newest.isoformat()


# --- the index of entities ------------------------------------------------------------------------------


def _write_index(
    lake: Lake, serving_dir: Path, number: int, progress: Progress, before: ServingReport | None
) -> tuple[int, int, int | None]:
    """Index what changed, or everything; return base, its version of the table, and how many entities lie over it."""
    if before is not None:
        patches = _patches(lake, before)
        if patches == []:
            return before.base, before.base_version, 0
        if patches is not None:
            changed = _write_over(lake, serving_dir, number, patches, before, progress)
            if changed is not None:
                return before.base, before.base_version, changed
    with _aside(serving_dir, f"search-{number}") as folder:
        _write_segment(lake, folder, None, progress)
    return number, lake.version(ENTITIES), None


def _patches(lake: Lake, before: ServingReport) -> list[str] | None:
    """Return the files of patches that came since the full build; None where more than patches came."""
    added = lake.added_files(ENTITIES, before.base_version)
    is_patched = lake.key(ENTITIES) == ("entity_id",)
    return added if added is not None and (not added or is_patched) and all(map(is_patch, added)) else None


def _write_over(
    lake: Lake,
    serving_dir: Path,
    number: int,
    patches: Sequence[str],
    before: ServingReport,
    progress: Progress,
) -> int | None:
    """Index the patched entities; return how many, or None if they are so many that a full build is due."""
    base = Segment(serving_dir / f"search-{before.base}")
    listed = ", ".join(map(literal, patches))
    newest = (
        f"(select * from read_parquet([{listed}], union_by_name = true) "  # noqa: S608
        f"qualify row_number() over (partition by entity_id order by {PATCH} desc) = 1)"
    )
    connection = lake.ibis()
    try:
        [(count,)] = connection.con.sql(f"select count(*) from {newest}").fetchall()  # noqa: S608
    finally:
        connection.disconnect()
    if count > COMPACT_ABOVE * len(base):
        return None
    with _aside(serving_dir, f"over-{number}") as folder:
        _write_segment(lake, folder, newest, progress)
        write_over(base, folder)
    return int(count)


def _sort_on_disk(connection: Any, folder: Path) -> None:
    """Let a connection sort beyond its memory in a folder."""
    spill = literal(folder / ".spill")
    connection.raw_sql(f"set memory_limit = '{_SORT_MEMORY}'; set temp_directory = {spill}")


def _write_segment(lake: Lake, folder: Path, rows: str | None, progress: Progress) -> None:
    """Write the rows of an SQL source, or all entities of the lake, as a segment."""
    connection = lake.ibis()
    _sort_on_disk(connection, folder)
    writer = SegmentWriter(folder)
    try:
        source = rows or f'"{lake.table(connection, ENTITIES).get_name()}"'
        [(total,)] = connection.con.sql(f"select count(*) from {source}").fetchall()  # noqa: S608
        names = ", ".join(ENTITY_COLUMNS)
        sql = f"select {names} from {source} order by length(name), name, uscc"  # noqa: S608
        for batch in connection.con.sql(sql).to_arrow_reader(_SEGMENT_BATCH):
            writer.add(batch)
            progress(ENTITIES, writer.count, total)
        if not total:
            writer.add(pa.RecordBatch.from_pylist([], connection.con.sql(sql).to_arrow_table().schema))
    except TooManyRows as problem:
        raise ServingError("主体数量超过服务库的上限（33,554,431）。", str(problem)) from problem
    finally:
        connection.disconnect()
    shutil.rmtree(folder / ".spill", ignore_errors=True)
    writer.finish(lambda done, every: progress("index", done, every))


@contextlib.contextmanager
def _aside(serving_dir: Path, name: str) -> Iterator[Path]:
    """Give the name of a new folder to fill; flush it to the disk and put it in its place at the end."""
    aside = serving_dir / f".{name}.building"
    _remove(aside)
    yield aside
    for path in aside.iterdir():
        with path.open("rb") as finished:
            os.fsync(finished.fileno())
    aside.replace(serving_dir / name)


# --- links to the lake ----------------------------------------------------------------------------------


def _link(lake: Lake, table: str, folder: Path) -> int:
    """Link the files of a table into a folder, copying where the disk is another; return the table's rows."""
    folder.mkdir(parents=True, exist_ok=True)
    if not lake.exists(table):
        return 0
    for file in map(Path, lake.files(table)):
        try:
            os.link(file, folder / file.name)
        except OSError:
            shutil.copy2(file, folder / file.name)
    return lake.count(table)


def _link_classes(lake: Lake, folder: Path) -> int:
    """Link classes and their scores, apart from what the public reads; the words are made when somebody looks."""
    count = _link(lake, CLASSES, folder / "class")
    _link(lake, SCORES, folder / "score")
    _link(lake, SECTORS, folder / "sector")
    cuts = lake.read(CUT)["cut_score"].to_pylist() if lake.exists(CUT) else []
    (folder / "cut.json").write_text(json.dumps(cuts), "utf-8")
    return count


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


# --- loading --------------------------------------------------------------------------------------------


def _batches(
    lake: Lake, table: str, columns: Sequence[str], order: str, progress: Progress, where: str = "true"
) -> Iterator[list[tuple[Any, ...]]]:
    """Read a table in sorted batches of plain values; DuckDB sorts on the disk where memory is short.

    `where` is SQL over the table's columns and over the table of market entities.
    """
    connection = lake.ibis()
    _sort_on_disk(connection, lake.root)
    try:
        for name in {table, ENTITIES}:
            lake.table(connection, name)
        total, done = lake.count(table), 0
        names = ", ".join(f'"{name}"' for name in columns)
        sql = f'select {names} from "{table}" where {where} order by {order}'  # noqa: S608
        for batch in connection.con.sql(sql).to_arrow_reader(_BATCH_ROWS):
            done += batch.num_rows
            yield list(zip(*(plain_column(column) for column in batch.columns), strict=True))
            progress(table, done, total)
    finally:
        connection.disconnect()


def _places(count: int) -> str:
    return ", ".join("?" * count)


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

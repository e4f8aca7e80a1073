"""How a query becomes Parquet files of a Delta table, and how a patched table is read.

A large table is written by DuckDB on all cores and then committed file by file; Delta Lake's own writer would take
every row through one thread. A *patched* table is a base and patches: a night that touches one entity in a hundred
adds their new rows instead of writing all others again. The newest row of a key counts.
"""

# ruff: noqa: S608 - names come from table names that `Lake.path` has checked, files from our own folder

import json
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction
from ibis.backends.sql.datatypes import DuckDBType

from zhijian.datazone.sql import literal

KEEP_THE_LOG = {  # Delta would forget versions after 30 days; what leaves, and when, is decided by `lake_upkeep`
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}
PATCH = "_patch"
_PATCH_PREFIX = "patch-"
_FILE_BYTES = "256MB"
ROW_GROUP = 16_384
"""Rows of a row group: what is read to find one entity. Whole tables are scanned as fast as with eight times as many."""


def copy_query(
    con: Any, expression: Any, folder: Path, *, patch: int | None, order: Sequence[str] = ()
) -> list[Path]:
    """Run an Ibis expression on DuckDB, write its rows as Parquet files into `folder`, and return the files.

    `patch` numbers the rows of a patch; None writes rows of a base. The rows of a row group lie together in `order`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".writing-{uuid.uuid4().hex}"
    numbered = expression if patch is None else expression.mutate(ibis.literal(patch, "int32").name(PATCH))
    view = con.create_view(f"writing_{uuid.uuid4().hex}", numbered)
    con.raw_sql(
        f"copy (select {_typed(numbered.schema())} from {view.get_name()}{_ordered(order)}) to '{aside}' "
        f"(format parquet, compression zstd, file_size_bytes '{_FILE_BYTES}', row_group_size {ROW_GROUP})"
    ).fetchall()
    con.raw_sql(f"drop view {view.get_name()}").fetchall()
    prefix = f"{_PATCH_PREFIX}{patch:06d}" if patch is not None else "part"
    written = sorted(aside.glob("*.parquet")) if aside.is_dir() else [aside]
    files = [path.rename(folder / f"{prefix}-{uuid.uuid4().hex}.parquet") for path in written]
    if aside.is_dir():
        shutil.rmtree(aside)
    return files


def stage(folder: Path) -> Path:
    """Return a new folder aside, inside the table's own, for files that are not yet part of it."""
    aside = folder / f".writing-{uuid.uuid4().hex}"
    aside.mkdir(parents=True)
    return aside


def take_staged(aside: Path, folder: Path, *, prefix: str) -> list[Path]:
    """Move the Parquet files of a folder aside into the table's folder, and return them."""
    written = sorted(aside.glob("*.parquet"))
    run = uuid.uuid4().hex
    files = [path.rename(folder / f"{prefix}-{n:05d}-{run}.parquet") for n, path in enumerate(written)]
    shutil.rmtree(aside)
    return files


def _typed(schema: ibis.Schema) -> str:
    """Every column in the type that the model promises: DuckDB itself would write the sum of integers as a double."""
    return ", ".join(f'"{name}"::{DuckDBType.to_string(kind)} as "{name}"' for name, kind in schema.items())


def _ordered(columns: Sequence[str]) -> str:
    return " order by " + ", ".join(f'"{name}"' for name in columns) if columns else ""


def commit_files(
    folder: Path,
    files: Sequence[Path],
    schema: pa.Schema,
    *,
    mode: str,
    is_patched: bool,
    properties: Mapping[str, str],
    at_ms: int,
) -> None:
    """Make written files the table's rows (`overwrite`) or add them to its rows (`append`), in one Delta commit."""
    whole = schema.append(pa.field(PATCH, pa.int32())) if is_patched else schema
    delta = (
        DeltaTable(str(folder))
        if DeltaTable.is_deltatable(str(folder))
        else DeltaTable.create(str(folder), whole, configuration=KEEP_THE_LOG)
    )
    delta.create_write_transaction(
        [_added(path, at_ms) for path in files],
        mode=mode,
        schema=whole,
        partition_by=[],
        commit_properties=CommitProperties(custom_metadata=dict(properties)),
    )


def _added(path: Path, at_ms: int) -> AddAction:
    stats = json.dumps({"numRecords": row_count(path)})
    return AddAction(path.name, path.stat().st_size, {}, at_ms, True, stats)


def row_count(path: Path) -> int:
    """Return the rows of a Parquet file, by its footer."""
    return int(pq.read_metadata(path).num_rows)


def is_patch(file: str) -> bool:
    """Say whether a file of a table belongs to a patch."""
    return Path(file).name.startswith(_PATCH_PREFIX)


def patched_query(files: Iterable[str], key: Sequence[str]) -> str:
    """Return the SQL of a patched table as it stands: the newest patch of a key, else its row in the base."""
    every = list(files)
    base, patches = [f for f in every if not is_patch(f)], [f for f in every if is_patch(f)]
    rows = f"select * from read_parquet({_list(base)}, union_by_name = true)"
    if not patches:
        return rows
    keys = ", ".join(f'"{column}"' for column in key)
    newest = (
        f"select * exclude ({PATCH}) from read_parquet({_list(patches)}, union_by_name = true) "
        f"qualify row_number() over (partition by {keys} order by {PATCH} desc) = 1"
    )
    return (
        f"with newest as materialized ({newest}) "
        f"select base.* from ({rows}) as base anti join newest using ({keys}) union all by name select * from newest"
    )


def _list(files: Iterable[str]) -> str:
    return "[" + ", ".join(map(literal, files)) + "]"

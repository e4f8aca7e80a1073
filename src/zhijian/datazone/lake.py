"""The lake: Delta tables by layer, and one small file that says which versions of them are published.

Delta Lake makes the write of *one* table atomic. A delivery writes several (clean rows, quarantine), so
the lake adds ``catalog.json``: for each table the Delta versions that were published. Replacing that file
(write aside, flush, rename) is the one instant at which everything of a transaction becomes visible. A run
that dies before it leaves Delta versions that no catalogue names: no reader sees them, and the next writer
undoes them.
"""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote

import ibis
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from zhijian.datazone import files as parquet
from zhijian.infrastructure.files import replace_file

LAYERS = ("raw", "standard", "entity", "theme", "mart")
WriteMode = Literal["overwrite", "append"]
QueryMode = Literal["overwrite", "append", "patch"]
Rows: TypeAlias = pa.Table | pa.RecordBatchReader  # a reader is written batch by batch, never held whole
_TABLE_NAME = re.compile(rf"({'|'.join(LAYERS)})_[a-z0-9_]+")


class LakeError(Exception):
    """Something is asked of the lake that it cannot do; the message says what and what next."""


class NoSuchTable(LakeError):
    """The table was never published."""


class NoSuchVersion(LakeError):
    """The table has no published version of that number."""


class CorruptFile(LakeError):
    """A Parquet file of a table is missing or is not as long as it was written; the message says how to mend it."""


@dataclass(frozen=True)
class TableVersion:
    """One published version of a table: its Delta number, when it was written (UTC), what was noted."""

    version: int
    written_at: datetime
    properties: dict[str, str]


@dataclass
class Transaction:
    """Writes to several tables that become visible together, or not at all."""

    lake: "Lake"
    _pending: dict[str, int] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written_rows: int = 0  # of the newest write_query
    _files_before: dict[str, set[Path]] = field(default_factory=dict)

    def write(
        self,
        table: str,
        data: Rows,
        *,
        mode: WriteMode = "overwrite",
        properties: Mapping[str, str] | None = None,
    ) -> int:
        """Write a new Delta version of `table`, still unseen by readers; return its number."""
        self._files_before.setdefault(table, self.lake._data_files(table))
        version = self.lake._write_unpublished(
            table, data, mode, dict(properties or {}), self._pending.get(table)
        )
        self._pending[table] = version
        return version

    def write_query(
        self,
        table: str,
        con: Any,
        expression: Any,
        *,
        at: datetime,
        mode: QueryMode = "overwrite",
        key: tuple[str, ...] = (),
        order: tuple[str, ...] = (),
        properties: Mapping[str, str] | None = None,
    ) -> int:
        """Write what an Ibis expression gives on DuckDB as a new version of `table`; return its number.

        For large tables: DuckDB writes the files on all cores. A table that is overwritten with a `key` can later be
        written in mode `patch`, which takes the place of the rows with the same key and leaves the files of all others.
        `at` (aware) is the time of the write; `order` the columns by which rows that are looked for together lie together.

        Raises:
            LakeError: a patch for a table that was not written with a key.
        """
        self._files_before.setdefault(table, self.lake._data_files(table))
        if table not in self._pending:
            self.lake._make_ready(table)
        known = self._keys.get(table) or self.lake.key(table)
        if mode == "patch" and not known:
            raise LakeError(
                f"Table {table!r} has no key, so it cannot be patched; write it whole with a key first."
            )
        keys = known if mode != "overwrite" else key
        patch = self._next_patch(table) if mode == "patch" else None
        written = parquet.copy_query(con, expression, self.lake.path(table), patch=patch, order=order)
        how: WriteMode = "overwrite" if mode == "overwrite" else "append"
        return self._commit(table, written, expression.schema().to_pyarrow(), how, keys, properties, at)

    def stage(self, table: str) -> Path:
        """Return a new folder for Parquet files that the caller writes, for `write_staged`."""
        self._files_before.setdefault(table, self.lake._data_files(table))
        if table not in self._pending:
            self.lake._make_ready(table)
        return parquet.stage(self.lake.path(table))

    def write_staged(
        self,
        table: str,
        staged: Path,
        schema: pa.Schema,
        *,
        at: datetime,
        mode: WriteMode = "overwrite",
        key: tuple[str, ...] = (),
        properties: Mapping[str, str] | None = None,
    ) -> int:
        """Make the files of a staged folder, in the order of their names, a new version of `table`; return its number.

        With a `key` the table can later be patched, see `write_query`.
        """
        written = parquet.take_staged(staged, self.lake.path(table), prefix="part")
        return self._commit(table, written, schema, mode, key, properties, at)

    def _commit(
        self,
        table: str,
        written: list[Path],
        schema: pa.Schema,
        mode: WriteMode,
        key: tuple[str, ...],
        properties: Mapping[str, str] | None,
        at: datetime,
    ) -> int:
        """Make Parquet files in the table's folder its new version; return its number."""
        folder = self.lake.path(table)
        parquet.commit_files(
            folder,
            written,
            schema,
            mode=mode,
            is_patched=bool(key),
            properties=properties or {},
            at_ms=int(at.timestamp() * 1000),
        )
        self.written_rows = sum(parquet.row_count(path) for path in written)
        self._keys[table] = key
        self._pending[table] = int(DeltaTable(str(folder)).version())
        return self._pending[table]

    def files(self, name: str) -> list[str]:
        """Return the files of a table as this transaction sees it, for engines that read them directly."""
        if name not in self._pending:
            return self.lake.files(name)
        delta = DeltaTable(str(self.lake.path(name)), version=self._pending[name])
        return [unquote(uri) for uri in delta.file_uris()]

    def table(self, con: Any, name: str) -> Any:
        """Return an Ibis table as this transaction sees it: its own unpublished writes included."""
        if name not in self._pending:
            return self.lake.table(con, name)
        delta = DeltaTable(str(self.lake.path(name)), version=self._pending[name])
        return self.lake._view(
            con, name, delta, self._keys.get(name) or self.lake.key(name), f"{name}__pending"
        )

    def restore(self, table: str, version: int, *, properties: Mapping[str, str]) -> int:
        """Make the rows of a published version the newest again, as a new Delta version; return its number.

        Raises:
            NoSuchVersion: `version` is no published version.
            CorruptFile: that version cannot be read any more.
        """
        self.lake.files(table, version)
        self.lake._make_ready(table)
        delta = DeltaTable(str(self.lake.path(table)))
        delta.restore(version, commit_properties=CommitProperties(custom_metadata=dict(properties)))
        self._pending[table] = int(DeltaTable(str(self.lake.path(table))).version())
        return self._pending[table]

    def _next_patch(self, table: str) -> int:
        """Patches are numbered by the Delta version that brings them, so a later one always counts more."""
        return int(DeltaTable(str(self.lake.path(table))).version()) + 1


class Lake:
    """The Delta tables under one folder. Tables are named ``<layer>_<name>`` and lie in ``<layer>/``."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @property
    def deliveries(self) -> Path:
        """Files as they were delivered, one folder per SHA-256."""
        return self.root / "deliveries"

    @property
    def contracts(self) -> Path:
        """Versions of data contracts that were published here, one folder per contract."""
        return self.root / "contracts"

    def path(self, table: str) -> Path:
        """Return the table's folder.

        Raises:
            LakeError: the name does not begin with a layer.
        """
        match = _TABLE_NAME.fullmatch(table)
        if match is None:
            raise LakeError(
                f"{table!r} is no table name: it must be <layer>_<name> in a-z, 0-9 and _, "
                f"with the layer one of {', '.join(LAYERS)}."
            )
        return self.root / match[1] / table

    def tables(self) -> list[str]:
        """Return the names of all published tables, sorted."""
        return sorted(self._catalog())

    def exists(self, table: str) -> bool:
        """Say whether the table has a published version."""
        self.path(table)
        return table in self._catalog()

    def version(self, table: str) -> int:
        """Return the number of the newest published version.

        Raises:
            NoSuchTable: nothing was published under this name.
        """
        return self._published(table)[-1]

    def versions(self, table: str) -> list[TableVersion]:
        """Return every published version, newest first.

        Raises:
            NoSuchTable: nothing was published under this name.
        """
        published = set(self._published(table))
        commits = DeltaTable(str(self.path(table))).history()
        return [_table_version(commit) for commit in commits if commit["version"] in published]

    def read(self, table: str, as_of: int | None = None) -> pa.Table:
        """Return the table's rows as of a published version, default the newest.

        Raises:
            NoSuchTable: nothing was published under this name.
            NoSuchVersion: `as_of` is no published version.
            CorruptFile: a file is missing or cut off.
        """
        self._refuse_corrupt(table, as_of)
        if self.key(table):
            rows: pa.Table = self.table(self.ibis(), table, as_of).to_pyarrow()
            return rows
        return self._open(table, as_of).to_pyarrow_table()

    def read_where(
        self, table: str, filters: list[tuple[str, str, Any]], as_of: int | None = None
    ) -> pa.Table:
        """Return the rows for which all `filters` hold, each (column, operator, value), as Parquet filters.

        Raises:
            NoSuchTable: nothing was published under this name.
        """
        self._refuse_corrupt(table, as_of)
        return self._open(table, as_of).to_pyarrow_table(filters=filters)

    def count(self, table: str, as_of: int | None = None) -> int:
        """Return the number of rows, without reading them where the table was never patched."""
        delta = self._open(table, as_of)
        if any(parquet.is_patch(file) for file in delta.file_uris()):
            return int(self.table(self.ibis(), table, as_of).count().to_pyarrow().as_py())
        return int(delta.count())

    def key(self, table: str) -> tuple[str, ...]:
        """Return the columns by which the table is patched; none where it is only written whole or added to."""
        self.path(table)
        return tuple(self._whole_catalog().get("keys", {}).get(table, ()))

    def added_files(self, table: str, since: int) -> list[str] | None:
        """Return the files that came after version `since`; None where files went too, so that all is new."""
        before, now = set(self.files(table, since)), self.files(table)
        return [file for file in now if file not in before] if before <= set(now) else None

    def files(self, table: str, as_of: int | None = None) -> list[str]:
        """Return the Parquet files that hold the table, for engines that read them directly.

        Raises:
            CorruptFile: one of them is missing or cut off.
        """
        self._refuse_corrupt(table, as_of)
        return [unquote(uri) for uri in self._open(table, as_of).file_uris()]

    def ibis(self) -> Any:
        """Return a new Ibis connection to an in-memory DuckDB without progress bars."""
        connection = ibis.duckdb.connect()
        connection.raw_sql("set enable_progress_bar = false; set timezone = 'UTC'")
        return connection

    def table(self, con: Any, name: str, as_of: int | None = None) -> Any:
        """Return an Ibis table over the Delta table `name`, read lazily by the connection `con`.

        Raises:
            NoSuchTable: nothing was published under this name.
            CorruptFile: a file is missing or cut off.
        """
        self._refuse_corrupt(name, as_of)
        view = name if as_of is None else f"{name}__v{as_of}"
        return self._view(con, name, self._open(name, as_of), self.key(name), view)

    def _view(self, con: Any, name: str, delta: DeltaTable, key: tuple[str, ...], view: str) -> Any:
        files = [unquote(uri) for uri in delta.file_uris()]
        if not files:
            con.con.register(view, delta.to_pyarrow_table())
            return con.table(view)
        if not any(parquet.is_patch(file) for file in files):
            return con.read_parquet(files, table_name=view, union_by_name=True)
        con.raw_sql(f'create or replace temp view "{view}" as {parquet.patched_query(files, key)}')
        return con.table(view)

    def write(
        self,
        table: str,
        data: Rows,
        *,
        mode: WriteMode = "overwrite",
        properties: Mapping[str, str] | None = None,
    ) -> int:
        """Publish a new version of one table and return its number.

        `append` widens the table by columns it does not have yet. Waits while another writer is at work.
        """
        with self.transaction() as transaction:
            return transaction.write(table, data, mode=mode, properties=properties)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Publish the writes of a block together, at its end; on an error publish none of them."""
        with self._writing():
            transaction = Transaction(self)
            try:
                yield transaction
                if transaction._pending:
                    self._publish(transaction._pending, transaction._keys)
            except BaseException:
                for table, files in transaction._files_before.items():
                    self._remove_new_files(table, files)
                raise

    def _write_unpublished(
        self, table: str, data: Rows, mode: WriteMode, properties: dict[str, str], pending: int | None
    ) -> int:
        path = self.path(table)
        is_new = pending is None and not self.exists(table)
        if pending is None:
            self._make_ready(table)
        if mode == "append" and not is_new:
            widen(DeltaTable(str(path)), data.schema)
        write_deltalake(
            str(path),
            data,
            mode="overwrite" if is_new else mode,
            schema_mode="merge" if mode == "append" and not is_new else "overwrite",
            configuration=parquet.KEEP_THE_LOG if is_new else None,
            commit_properties=CommitProperties(custom_metadata=properties),
        )
        return int(DeltaTable(str(path)).version())

    def schema(self, table: str) -> dict[str, str]:
        """Return the columns of the newest version with their types, without reading rows."""
        fields = pa.schema(self._open(table, None).schema().to_arrow())
        return {one.name: str(one.type) for one in fields if one.name != parquet.PATCH}

    def ibis_schema(self, table: str) -> Any:
        """Return the Ibis schema of the newest version, without reading rows."""
        fields = pa.schema(self._open(table, None).schema().to_arrow())
        return ibis.schema(pa.schema([one for one in fields if one.name != parquet.PATCH]))

    def sizes(self, table: str, as_of: int | None = None) -> dict[Path, int]:
        """Return the Parquet files of a version with their length in bytes as written."""
        added = pa.table(self._open(table, as_of).get_add_actions(flatten=True))
        paths = (self.path(table) / unquote(path) for path in added["path"].to_pylist())
        return dict(zip(paths, added["size_bytes"].to_pylist(), strict=True))

    def _refuse_corrupt(self, table: str, as_of: int | None) -> None:
        """Compare each file's length with the log: a cut or missing file is named before an engine stumbles on it."""
        for path, size in self.sizes(table, as_of).items():
            found = path.stat().st_size if path.exists() else None
            if found != size:
                version = self.version(table) if as_of is None else as_of
                what = "is missing" if found is None else f"has {found:,} bytes instead of {size:,}"
                raise CorruptFile(
                    f"Table {table!r}, version {version}: file {path.name} {what}. {self._mend(table, path)}"
                )

    def _mend(self, table: str, path: Path) -> str:
        """Say how to get on without one file of a table."""
        without = [one for one in self._published(table) if path not in self.sizes(table, one)]
        if not without:
            return f"Every version needs it: put {path.name} back from the backup, or build the table again."
        return (
            f"Nothing else was touched. Version {without[-1]} does not need the file: zhijian lake restore {table} "
            f"--to {without[-1]} --reason ..., then deliver or build again what came after it."
        )

    def _make_ready(self, table: str) -> None:
        """Bring the table's folder to its published state, or to an empty one, before the first write."""
        path = self.path(table)
        if self.exists(table):
            self._undo_unpublished(table)
        elif not DeltaTable.is_deltatable(str(path)):
            shutil.rmtree(path, ignore_errors=True)  # what a writer left that died before its first commit
        path.mkdir(parents=True, exist_ok=True)
        for aside in path.glob(".writing-*"):
            shutil.rmtree(aside)  # what a writer left that died in mid copy

    def _data_files(self, table: str) -> set[Path]:
        return set(self.path(table).glob("*.parquet"))

    def _remove_new_files(self, table: str, files_before: set[Path]) -> None:
        """Give back the room of a failed transaction; its Delta versions, if any, are undone by the next writer."""
        if not files_before and not self.exists(table):
            shutil.rmtree(self.path(table), ignore_errors=True)
            return
        for path in self._data_files(table) - files_before:
            path.unlink(missing_ok=True)

    def _undo_unpublished(self, table: str) -> None:
        """Bring a table back to its published state after a writer died before it could publish."""
        delta = DeltaTable(str(self.path(table)))
        if delta.version() > self.version(table):
            delta.restore(self.version(table))

    def _open(self, table: str, as_of: int | None) -> DeltaTable:
        published = self._published(table)
        if as_of is not None and as_of not in published:
            raise NoSuchVersion(
                f"Table {table!r} has no published version {as_of}; it has "
                f"{', '.join(map(str, published[-10:]))} (newest last)."
            )
        return DeltaTable(str(self.path(table)), version=published[-1] if as_of is None else as_of)

    def _published(self, table: str) -> list[int]:
        self.path(table)
        versions = self._catalog().get(table)
        if not versions:
            known = ", ".join(self.tables()) or "none yet"
            raise NoSuchTable(f"The lake at {self.root} has no table {table!r}. Published tables: {known}.")
        return versions

    def _catalog(self) -> dict[str, list[int]]:
        tables: dict[str, list[int]] = self._whole_catalog().get("tables", {})
        return tables

    def _whole_catalog(self) -> dict[str, Any]:
        try:
            text = (self.root / "catalog.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        catalog: dict[str, Any] = json.loads(text)
        return catalog

    def _publish(self, pending: Mapping[str, int], keys: Mapping[str, tuple[str, ...]]) -> None:
        whole = self._whole_catalog()
        catalog, known = whole.get("tables", {}), whole.get("keys", {})
        for table, version in pending.items():
            catalog[table] = [*catalog.get(table, []), version]
        known = {**known, **{table: list(key) for table, key in keys.items()}}
        content = {
            "format": 1,
            "tables": dict(sorted(catalog.items())),
            "keys": {table: key for table, key in sorted(known.items()) if key},
        }
        replace_file(self.root / "catalog.json", json.dumps({**whole, **content}, indent=1).encode())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lake's write lock; the system releases it if the process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "write.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def widen(delta: DeltaTable, incoming: pa.Schema) -> None:
    """Rewrite a table whose columns are narrower than those that come: 32 bits become 64, 18 digits become 24.

    Delta Lake would refuse the rows, or squeeze them into the old type where they happen to fit. New columns need
    no rewriting.
    """
    schema = pa.schema(delta.schema().to_arrow())
    wider = {
        field.name: incoming.field(field.name).type
        for field in schema
        if field.name in incoming.names and is_wider(field.type, incoming.field(field.name).type)
    }
    if not wider:
        return
    target = pa.schema([field.with_type(wider.get(field.name, field.type)) for field in schema])
    batches = (batch.cast(target) for batch in delta.to_pyarrow_dataset().to_batches())
    rows = pa.RecordBatchReader.from_batches(target, batches)
    write_deltalake(delta.table_uri, rows, mode="overwrite", schema_mode="overwrite")


def is_wider(old: pa.DataType, new: pa.DataType) -> bool:
    """Say whether every value of the old type has its exact place in the new one, and the types differ."""
    if pa.types.is_integer(old) and pa.types.is_integer(new):
        return bool(new.bit_width > old.bit_width)
    if pa.types.is_floating(old) and pa.types.is_floating(new):
        return bool(new.bit_width > old.bit_width)
    if pa.types.is_decimal(old) and pa.types.is_decimal(new):
        has_room = new.precision - new.scale >= old.precision - old.scale and new.scale >= old.scale
        return bool(new != old and has_room)
    return bool(pa.types.is_integer(old) and pa.types.is_decimal(new) and new.precision - new.scale >= 19)


def _table_version(commit: Mapping[str, Any]) -> TableVersion:
    ours = {key: value for key, value in commit.items() if key not in _DELTA_KEYS and isinstance(value, str)}
    written_at = datetime.fromtimestamp(commit["timestamp"] / 1000, tz=UTC)
    return TableVersion(version=int(commit["version"]), written_at=written_at, properties=ours)


_DELTA_KEYS = {
    "timestamp",
    "operation",
    "operationParameters",
    "operationMetrics",
    "engineInfo",
    "clientVersion",
    "version",
}

"""The lake: Delta tables by layer, and one small file that says which versions of them are published.

Delta Lake makes the write of *one* table atomic. A delivery writes several (clean rows, quarantine), so
the lake adds ``catalog.json``: for each table the Delta versions that were published. Replacing that file
(write aside, flush, rename) is the one instant at which everything of a transaction becomes visible. A run
that dies before it leaves Delta versions that no catalogue names: no reader sees them, and the next writer
undoes them.
"""

import fcntl
import json
import os
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

LAYERS = ("raw", "standard", "entity", "theme", "mart")
WriteMode = Literal["overwrite", "append"]
Rows: TypeAlias = pa.Table | pa.RecordBatchReader  # a reader is written batch by batch, never held whole
_TABLE_NAME = re.compile(rf"({'|'.join(LAYERS)})_[a-z0-9_]+")


class LakeError(Exception):
    """Something is asked of the lake that it cannot do; the message says what and what next."""


class NoSuchTable(LakeError):
    """The table was never published."""


class NoSuchVersion(LakeError):
    """The table has no published version of that number."""


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


class Lake:
    """The Delta tables under one folder. Tables are named ``<layer>_<name>`` and lie in ``<layer>/``."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    @property
    def deliveries(self) -> Path:
        """Files as they were delivered, one folder per SHA-256."""
        return self.root / "deliveries"

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
        """
        return self._open(table, as_of).to_pyarrow_table()

    def read_where(
        self, table: str, filters: list[tuple[str, str, Any]], as_of: int | None = None
    ) -> pa.Table:
        """Return the rows for which all `filters` hold, each (column, operator, value), as Parquet filters.

        Raises:
            NoSuchTable: nothing was published under this name.
        """
        return self._open(table, as_of).to_pyarrow_table(filters=filters)

    def count(self, table: str, as_of: int | None = None) -> int:
        """Return the number of rows, without reading them."""
        return int(self._open(table, as_of).count())

    def files(self, table: str, as_of: int | None = None) -> list[str]:
        """Return the Parquet files that hold the table, for engines that read them directly."""
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
        """
        files = self.files(name, as_of)
        view = name if as_of is None else f"{name}__v{as_of}"
        if not files:
            con.con.register(view, self.read(name, as_of))
            return con.table(view)
        return con.read_parquet(files, table_name=view, union_by_name=True)

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
                    self._publish(transaction._pending)
            except BaseException:
                for table, files in transaction._files_before.items():
                    self._remove_new_files(table, files)
                raise

    def _write_unpublished(
        self, table: str, data: Rows, mode: WriteMode, properties: dict[str, str], pending: int | None
    ) -> int:
        path = self.path(table)
        is_new = pending is None and not self.exists(table)
        if pending is None and not is_new:
            self._undo_unpublished(table)
        if is_new and not DeltaTable.is_deltatable(str(path)):
            shutil.rmtree(path, ignore_errors=True)  # what a writer left that died before its first commit
        path.mkdir(parents=True, exist_ok=True)
        write_deltalake(
            str(path),
            data,
            mode="overwrite" if is_new else mode,
            schema_mode="merge" if mode == "append" and not is_new else "overwrite",
            commit_properties=CommitProperties(custom_metadata=properties),
        )
        return int(DeltaTable(str(path)).version())

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
        try:
            text = (self.root / "catalog.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        tables: dict[str, list[int]] = json.loads(text)["tables"]
        return tables

    def _publish(self, pending: Mapping[str, int]) -> None:
        catalog = self._catalog()
        for table, version in pending.items():
            catalog[table] = [*catalog.get(table, []), version]
        replace_file(
            self.root / "catalog.json",
            json.dumps({"format": 1, "tables": dict(sorted(catalog.items()))}, indent=1).encode(),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lake's write lock; the system releases it if the process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "write.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a reader, or a crash, meets the old file or the new one, whole."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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

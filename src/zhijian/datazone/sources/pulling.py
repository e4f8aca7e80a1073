"""One pull: slice by slice, rows and watermark in one transaction each, what was there already left out."""

# ruff: noqa: S608 - names were checked by the declaration or come from the lake's schema

import fcntl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhijian.datazone.contracts import UnknownContract
from zhijian.datazone.ingest import DeliveryError, ingest
from zhijian.datazone.lake import Lake, Transaction
from zhijian.datazone.sources import databases, shape, state
from zhijian.datazone.sources.databases import Database, Mark
from zhijian.datazone.sources.declaration import Declaration
from zhijian.datazone.sources.errors import BadDeclaration, NoSuchColumns, PullRunning, SourceError
from zhijian.datazone.sources.state import State

SLICE_ROWS = 1_000_000
Progress = Callable[[int], None]
"""Called with the rows read so far, after each slice."""


@dataclass(frozen=True)
class PullReport:
    """What a pull did: rows read from the source, rows that were new, slices published, and the watermark reached."""

    table: str
    rows_read: int
    rows_new: int
    slices: int
    watermark: str | None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def pull(
    lake: Lake,
    declaration: Declaration,
    url: str,
    *,
    by: str,
    at: datetime,
    slice_rows: int = SLICE_ROWS,
    progress: Progress | None = None,
) -> PullReport:
    """Bring what is new in a source into its raw table; return what was done.

    Each slice is published with its watermark in one transaction: a pull that dies goes on where the last slice
    ended. With a contract, new rows are also judged by it and go where the contract says, in the same transaction.

    Args:
        url: the address of the database, from the settings.
        by: who pulls, as the record shall say.
        at: when, aware; kept with every row.
        slice_rows: about how many rows are held and published at once.

    Raises:
        SourceError: the source cannot be reached or read, or is of another shape than before.
    """
    database = Database.at(url, declaration)
    with _alone(lake, declaration):
        database.probe()
        return _Pull(lake, declaration, database, by, at).run(slice_rows, progress or (lambda rows: None))


@dataclass
class _Pull:
    lake: Lake
    declaration: Declaration
    database: Database
    by: str
    at: datetime
    read: int = 0
    new: int = 0
    slices: int = 0

    def run(self, slice_rows: int, progress: Progress) -> PullReport:
        known = self._state()
        newest = self.database.newest()
        reached = databases.from_text(known.watermark) if known else None
        if newest is None:
            return self._report(known)
        columns = self.database.columns()
        lower = (
            databases.less(_alike(reached, newest), self.declaration.overlap) if reached is not None else None
        )
        while True:
            through = self.database.boundary(reached, newest, slice_rows)
            if reached is not None and _is_before(through, reached):
                through = reached  # the source went back; the overlap is still looked at
            rows = shape.plain(self.database.rows(columns, lower, through), columns)
            self.read += rows.num_rows
            known = self._take_in(rows, lower, through, known)
            progress(self.read)
            if not _is_before(through, newest):
                return self._report(known)
            reached = lower = through

    def _state(self) -> State | None:
        known = state.state_of(self.lake, self.declaration.table)
        if known is not None and known.watermark_column != self.declaration.watermark:
            raise NoSuchColumns(
                f"{known.table_name} 此前以 {known.watermark_column} 为水位，现声明为 {self.declaration.watermark}。请以新名称声明。",
                f"{known.table_name} was pulled by {known.watermark_column}, now {self.declaration.watermark} is declared. "
                "Declare it under a new name.",
            )
        return known

    def _take_in(
        self, rows: pa.Table, lower: Mark | None, through: Mark, known: State | None
    ) -> State | None:
        """Publish the new rows of a slice with its watermark."""
        number = (known.number if known else 0) + 1
        new = self._new_rows(rows, lower, f"{self.declaration.source}-{self.declaration.name}-{number:06d}")
        if not new.num_rows and known is not None and known.watermark == databases.as_text(through):
            return known
        total = (known.rows_total if known else 0) + new.num_rows
        reached = State(
            self.declaration.table,
            self.declaration.watermark,
            databases.as_text(through),
            number,
            total,
            self.at,
        )

        def write(transaction: Transaction) -> None:
            if new.num_rows:
                transaction.write(
                    reached.table_name, new, mode="append", properties={"delivery": f"{number}"}
                )
            state.write(self.lake, transaction, reached)

        self._publish(new, write)
        self.new, self.slices = self.new + new.num_rows, self.slices + 1
        return reached

    def _publish(self, new: pa.Table, write: Callable[[Transaction], None]) -> None:
        if self.declaration.contract is None or not new.num_rows:
            with self.lake.transaction() as transaction:
                write(transaction)
            return
        with tempfile.TemporaryDirectory(prefix="pull-", dir=self.lake.root) as folder:
            delivery = new["delivery"][0].as_py()
            path = Path(folder) / f"{delivery}.parquet"
            pq.write_table(new.drop_columns([*shape.OWN, "is_synthetic"]), path)
            try:
                ingest(
                    self.lake,
                    self.declaration.contract,
                    path,
                    by=self.by,
                    at=self.at,
                    source=self.declaration.source,
                    is_synthetic=self.declaration.is_synthetic,
                    also=write,
                )
            except DeliveryError as problem:
                raise SourceError(problem.message_zh, problem.message_en) from None
            except UnknownContract as problem:
                raise BadDeclaration(f"没有这个合同：{problem}", str(problem)) from None

    def _new_rows(self, rows: pa.Table, lower: Mark | None, delivery: str) -> pa.Table:
        """Return the rows whose newest known version says something else, with hash, delivery and time."""
        table, is_known = self.declaration.table, self.lake.exists(self.declaration.table)
        schema = self.lake.ibis_schema(table).to_pyarrow() if is_known else None
        rows = shape.fitted(table, rows, schema)
        if "is_synthetic" not in rows.column_names:
            flags = pa.repeat(pa.scalar(self.declaration.is_synthetic), rows.num_rows)
            rows = rows.append_column("is_synthetic", flags)
        con = self.lake.ibis()
        con.con.register("slice", rows)
        con.raw_sql("create temp table hashed as select *, md5(slice::varchar) as row_hash from slice")
        self._refuse_doubles(con)
        without = ""
        if is_known and lower is not None:
            self.lake.table(con, table)
            key = ", ".join(f'"{name}"' for name in self.declaration.key)
            con.con.register("lowest", pa.table({"mark": [lower]}))
            con.raw_sql(
                f"create temp table before as select {key}, arg_max(row_hash, delivery) as row_hash from {table} "
                f'where "{self.declaration.watermark}" >= (select mark from lowest) group by {key}'
            )
            without = f"anti join before using ({key}, row_hash)"
        found = con.con.sql(f"select * from hashed {without}").to_arrow_table()
        con.disconnect()
        stamps = {"delivery": pa.scalar(delivery), "pulled_at": pa.scalar(self.at, pa.timestamp("us", "UTC"))}
        for name, value in stamps.items():
            found = found.append_column(name, pa.repeat(value, found.num_rows))
        return found

    def _refuse_doubles(self, con: Any) -> None:
        names = {name.lower() for name in con.table("hashed").columns}
        if missing := [name for name in self.declaration.key if name.lower() not in names]:
            raise NoSuchColumns(f"来源没有键列 {missing}。", f"The source has no key column {missing}.")
        key = ", ".join(f'"{name}"' for name in self.declaration.key)
        double = con.raw_sql(
            f"select {key} from hashed group by {key} having count(*) > 1 limit 1"
        ).fetchone()
        if double is not None:
            raise NoSuchColumns(
                f"键 {list(self.declaration.key)} 不唯一，例如 {double}。请在 key 中加上能区分各行的列。",
                f"Key {list(self.declaration.key)} is not unique, e.g. {double}. Add columns to 'key' that tell rows apart.",
            )

    def _report(self, known: State | None) -> PullReport:
        reached = known.watermark.split(" ", 1)[1] if known else None
        return PullReport(self.declaration.table, self.read, self.new, self.slices, reached)


def _alike(reached: Mark, newest: Mark) -> Mark:
    """Return the old watermark if the new one is of its kind.

    Raises:
        NoSuchColumns: the watermark became of another kind.
    """
    if type(reached) is type(newest):
        return reached
    raise NoSuchColumns(
        f"水位列的类型变了：此前 {reached}，现在 {newest}。请以新名称声明。",
        f"The watermark changed its kind: it was {reached}, now {newest}. Declare it under a new name.",
    )


def _is_before(one: Mark, other: Mark) -> bool:
    return bool(one < other)  # type: ignore[operator]


@contextmanager
def _alone(lake: Lake, declaration: Declaration) -> Iterator[None]:
    """Hold the right to pull this table; the system gives it back if the process dies."""
    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / f"pull-{declaration.table}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullRunning(
                f"{declaration.table} 已有一次抽取在进行，请等它结束。",
                f"Another pull of {declaration.table} is at work; wait for it to end.",
            ) from None
        yield


__all__ = ["PullReport", "SourceError", "pull"]

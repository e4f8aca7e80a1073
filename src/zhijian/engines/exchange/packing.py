"""The rows of a grant as bytes: only its columns, its area, and what came since a version."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal

import pyarrow as pa

from zhijian.datazone.lake import Lake, NoSuchVersion
from zhijian.engines.exchange.catalogue import DataService

Format = Literal["jsonl", "arrow"]
MIME = {"jsonl": "application/x-ndjson", "arrow": "application/vnd.apache.arrow.stream"}
_BATCH = 50_000


@dataclass(frozen=True)
class Selection:
    """An Ibis expression over the rows that may leave. `since` is None where it is the whole table."""

    con: Any
    expression: Any
    columns: tuple[str, ...]
    version: int
    since: int | None
    rows: int


@dataclass(frozen=True)
class Packet:
    """A file of rows, ready to be sent, with the digest of its bytes."""

    file: IO[bytes]
    bytes: int
    sha256: str


def select(
    lake: Lake, service: DataService, columns: tuple[str, ...], region: str, since: int | None
) -> Selection:
    """Return what came since a version; all rows where that cannot be told (rewritten, or a version that is gone).

    A patched table gives the rows as they are now of the keys that changed.

    Raises:
        NoSuchTable: the service's table is not published yet.
    """
    con, version = lake.ibis(), lake.version(service.table)
    rows, added = lake.table(con, service.table), _added(lake, service.table, since)
    if added is not None:
        rows = _only(con, rows, added, lake.key(service.table))
    if region and not region.endswith("0000"):
        rows = rows.filter(rows[service.region[0] if region.endswith("00") else service.region[1]] == region)
    chosen = rows.select(*columns)
    count = int(chosen.count().to_pyarrow().as_py())
    return Selection(con, chosen, columns, version, None if added is None else since, count)


def _added(lake: Lake, table: str, since: int | None) -> list[str] | None:
    if since is None:
        return None
    try:
        return lake.added_files(table, since)
    except NoSuchVersion:
        return None


def _only(con: Any, rows: Any, added: list[str], key: tuple[str, ...]) -> Any:
    if not added:
        return rows.limit(0)
    new = con.read_parquet(added, table_name="added_since", union_by_name=True)
    return rows.semi_join(new, list(key)) if key else new


def pack(selection: Selection, form: Format) -> Packet:
    """Write the rows into a temporary file."""
    file, digest = tempfile.TemporaryFile(), hashlib.sha256()  # noqa: SIM115 (whoever sends it closes it)
    reader = selection.con.con.sql(selection.con.compile(selection.expression)).to_arrow_reader(_BATCH)
    if form == "arrow":
        with pa.ipc.new_stream(file, reader.schema) as stream:
            for batch in reader:
                stream.write_batch(batch)
    else:
        file.writelines(line for batch in reader for line in _lines(batch))
    size = file.tell()
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    file.seek(0)
    return Packet(file, size, digest.hexdigest())


def _lines(batch: pa.RecordBatch) -> Iterator[bytes]:
    for row in batch.to_pylist():
        yield (json.dumps(row, ensure_ascii=False, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)

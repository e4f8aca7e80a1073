"""The rows of a grant as bytes: only its columns, its area, and what came since a version."""

import hashlib
import tempfile
from dataclasses import dataclass
from typing import IO, Any, Literal

import ibis
import pyarrow as pa

from zhijian.datazone.lake import Lake, NoSuchVersion
from zhijian.datazone.sql import identifier
from zhijian.engines.exchange.catalogue import DataService
from zhijian.engines.facts import kinds

Format = Literal["jsonl", "arrow"]
MIME = {"jsonl": "application/x-ndjson", "arrow": "application/vnd.apache.arrow.stream"}
LEFT = "_left"  # in a table that is patched, for one area: the row has left the area; only its key is given
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

    @property
    def mode(self) -> str:
        """Full: the rows take the place of all that the reader has; increment: they are added, or replace by key."""
        return "full" if self.since is None else "increment"


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

    A patched table gives the rows as they are now of the keys that changed; where the grant is for one area, also the
    keys of rows that were in it at version `since` and are no more, marked by the column `_left`. Everything is read at
    one version, the one that is returned, whatever is published meanwhile.

    Raises:
        NoSuchTable: the service's table is not published yet.
    """
    con, version = lake.ibis(), lake.version(service.table)
    rows, key = lake.table(con, service.table, as_of=version), lake.key(service.table)
    added = _added(lake, service.table, since, version)
    new = con.read_parquet(added, table_name="added_since", union_by_name=True) if added else None
    if added is not None:
        rows = rows.limit(0) if new is None else rows.semi_join(new, list(key)) if key else new
    chosen = _within(service, rows, region).select(*columns)
    if region and key and set(key) <= set(columns):
        chosen = chosen.mutate(**{LEFT: False})
        if new is not None:
            before = _within(service, lake.table(con, service.table, as_of=since), region)
            stayed = _within(service, rows, region)
            gone = before.semi_join(new, list(key)).anti_join(stayed, list(key)).select(*key)
            chosen = chosen.union(_marked(gone, chosen.schema()))
    count = int(chosen.count().to_pyarrow().as_py())
    return Selection(con, chosen, columns, version, None if added is None else since, count)


def _added(lake: Lake, table: str, since: int | None, version: int) -> list[str] | None:
    """Return the files that came after `since` up to `version`; None where files went too, or `since` is gone."""
    if since is None:
        return None
    try:
        before, now = set(lake.files(table, since)), lake.files(table, version)
    except NoSuchVersion:
        return None
    return [file for file in now if file not in before] if before <= set(now) else None


def _within(service: DataService, rows: Any, region: str) -> Any:
    """Return the rows of a prefecture or county; and those of public fact kinds where the service gives no others."""
    if region:
        rows = rows.filter(rows[service.region[0] if region.endswith("00") else service.region[1]] == region)
    if service.kinds:
        rows = rows.filter(rows.kind.isin(service.kinds))
    return rows.filter(rows.kind.isin(kinds.public_kinds())) if service.only_public_facts else rows


def _marked(gone: Any, schema: Any) -> Any:
    """Return keys as rows of the schema: nothing but the key, and the mark that they have left."""
    empty = {name: ibis.null(kind) for name, kind in schema.items() if name not in gone.columns}
    return gone.mutate(**{**empty, LEFT: True}).select(*schema)


def pack(selection: Selection, form: Format) -> Packet:
    """Write the rows into a temporary file."""
    file, digest = tempfile.TemporaryFile(), hashlib.sha256()  # noqa: SIM115 (whoever sends it closes it)
    rows = selection.con.compile(selection.expression)
    if form == "arrow":
        reader = selection.con.con.sql(rows).to_arrow_reader(_BATCH)
        with pa.ipc.new_stream(file, reader.schema) as stream:
            for batch in reader:
                stream.write_batch(batch)
    else:
        told = ", ".join(_told(name, kind) for name, kind in selection.expression.schema().items())
        lines = f"select to_json(told)::varchar from (select {told} from ({rows})) as told"  # noqa: S608
        for batch in selection.con.con.sql(lines).to_arrow_reader(_BATCH):
            file.writelines(f"{line}\n".encode() for line in batch.column(0).to_pylist())
    size = file.tell()
    file.seek(0)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    file.seek(0)
    return Packet(file, size, digest.hexdigest())


def _told(name: str, kind: Any) -> str:
    """Return the SQL of a column as JSON tells it: decimals exactly, moments in ISO 8601, bytes in base64.

    Numbers that JSON does not know (NaN, infinity) become null, so that every parser reads every line.
    """
    column = identifier(name)
    if kind.is_decimal():
        told = f"{column}::varchar"
    elif kind.is_timestamp():
        told = f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%f{'+00:00' if kind.timezone else ''}')"
    elif kind.is_floating():
        told = f"case when isfinite({column}) then {column} end"
    elif kind.is_binary():
        told = f"base64({column})"
    elif kind.is_nested():
        raise TypeError(f"Column {name} of type {kind} has no form in JSON Lines.")
    else:
        told = column
    return f"{told} as {column}"

"""Some rows of a table about everyone: those asked for are read, the other millions are not."""

from collections.abc import Collection, Sequence
from typing import Any

import ibis
import pyarrow as pa

from zhijian.datazone.lake import Lake

_MEMORY = "2GB"  # beyond it DuckDB works on the disk


def rows_of(
    lake: Lake, table: str, codes: Collection[str], columns: Sequence[str], *, as_of: int | None = None
) -> list[dict[str, Any]]:
    """Return the named columns of the rows with these codes; a column that the table lacks is left out, and so is a table.

    Only the named columns of the table's files are read, and only the rows that fit come into memory.
    """
    if not codes or not lake.exists(table):
        return []
    connection = lake.ibis()
    try:
        connection.raw_sql(f"set memory_limit = '{_MEMORY}'; set threads = 2")
        whole = lake.table(connection, table, as_of)
        wanted = ibis.memtable(pa.table({"uscc": pa.array(sorted(codes), pa.string())}))
        known = [name for name in dict.fromkeys(("uscc", *columns)) if name in whole.columns]
        rows: list[dict[str, Any]] = whole.select(known).semi_join(wanted, "uscc").to_pyarrow().to_pylist()
        return rows
    finally:
        connection.disconnect()

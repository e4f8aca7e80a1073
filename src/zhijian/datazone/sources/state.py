"""How far each source was pulled: one row per table, published in the transaction that publishes the rows."""

from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from zhijian.datazone.lake import Lake, Transaction

STATE = "raw_pulls"
SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("watermark_column", pa.string()),
        ("watermark", pa.string()),
        ("number", pa.int64()),
        ("rows_total", pa.int64()),
        ("pulled_at", pa.timestamp("us", "UTC")),
    ]
)


@dataclass(frozen=True)
class State:
    """The highest watermark that was published, as text, and how many pulls and rows it took."""

    table_name: str
    watermark_column: str
    watermark: str
    number: int
    rows_total: int
    pulled_at: datetime


def state_of(lake: Lake, table: str) -> State | None:
    """Return how far a table was pulled; None before the first pull."""
    if not lake.exists(STATE):
        return None
    rows = lake.read(STATE).to_pylist()
    return next((State(**row) for row in rows if row["table_name"] == table), None)


def write(lake: Lake, transaction: Transaction, state: State) -> None:
    """Put a new state beside those of the other tables."""
    others = [row for row in _rows(lake) if row["table_name"] != state.table_name]
    transaction.write(STATE, pa.Table.from_pylist([*others, asdict(state)], schema=SCHEMA))


def _rows(lake: Lake) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = lake.read(STATE).to_pylist() if lake.exists(STATE) else []
    return rows

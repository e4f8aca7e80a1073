"""The rows in quarantine as somebody works on them: one entry for each refused row, with every rule that it broke."""

# ruff: noqa: S608 - names of columns are our own, values are bound

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from zhijian.datazone.ingest.refusals import QUARANTINE
from zhijian.datazone.lake import Lake

KEY = ("contract", "delivery_sha256", "source_line")
_FILTERS = ("contract", "rule_id", "delivery_sha256", "field")
_SETTLED = pa.schema(
    [("contract", pa.string()), ("delivery_sha256", pa.string()), ("source_line", pa.int64())]
)


@dataclass(frozen=True)
class RefusedRow:
    """One refused row as it was delivered, and what was found wrong with it."""

    contract: str
    delivery_sha256: str
    source_line: int
    row: dict[str, Any]
    problems: tuple[dict[str, Any], ...]  # field, value, rule_id, reason_, remedy_ (zh, en), suggestion

    @property
    def key(self) -> tuple[str, str, int]:
        return self.contract, self.delivery_sha256, self.source_line

    @property
    def rule_ids(self) -> list[str]:
        return [problem["rule_id"] for problem in self.problems]

    @property
    def suggestions(self) -> dict[str, str]:
        """What the rules suggest, by field."""
        return {
            one["field"]: one["suggestion"] for one in self.problems if one["field"] and one["suggestion"]
        }


def find(lake: Lake, key: tuple[str, str, int]) -> RefusedRow | None:
    """Return one refused row, or None."""
    if not lake.exists(QUARANTINE):
        return None
    filters = [(name, "=", value) for name, value in zip(KEY, key, strict=True)]
    rows = lake.read_where(QUARANTINE, filters).to_pylist()
    return _grouped(rows)[0] if rows else None


def page(
    lake: Lake,
    filters: Mapping[str, str],
    settled: Iterable[tuple[str, str, int]],
    *,
    offset: int,
    limit: int,
) -> tuple[int, list[RefusedRow]]:
    """Return how many unsettled rows there are under the filters, and some of them by delivery and line."""
    if not lake.exists(QUARANTINE):
        return 0, []
    con, chosen, values = _unsettled(lake, filters, settled)
    total = con.execute(
        f"select count(*) from (select distinct {', '.join(KEY)} {chosen})", values
    ).fetchone()[0]
    keys = con.execute(
        f"select distinct {', '.join(KEY)} {chosen} order by all limit {int(limit)} offset {int(offset)}",
        values,
    ).fetchall()
    found = (find(lake, key) for key in keys)
    return total, [row for row in found if row is not None]


def open_by_rule(lake: Lake, settled: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Return for each contract and rule how many unsettled rows broke it, most first."""
    if not lake.exists(QUARANTINE):
        return []
    con, chosen, values = _unsettled(lake, {}, settled)
    rows = con.execute(
        f"select contract, rule_id, any_value(field), count(distinct (delivery_sha256, source_line)) as n "
        f"{chosen} group by contract, rule_id order by n desc, rule_id",
        values,
    ).fetchall()
    return [dict(zip(("contract", "rule_id", "field", "count"), row, strict=True)) for row in rows]


def _unsettled(lake: Lake, filters: Mapping[str, str], settled: Iterable[tuple[str, str, int]]) -> Any:
    """Return a connection, the rest of a query that begins with from, and its values."""
    connection = lake.ibis()
    lake.table(connection, QUARANTINE)
    con = connection.con
    keys = [dict(zip(KEY, key, strict=True)) for key in settled]
    con.register("settled", pa.Table.from_pylist(keys, schema=_SETTLED))
    chosen = {name: filters[name] for name in _FILTERS if filters.get(name)}
    where = " and ".join(["true", *(f"{name} = ?" for name in chosen)])
    return (
        con,
        f"from {QUARANTINE} anti join settled using ({', '.join(KEY)}) where {where}",
        list(chosen.values()),
    )


def _grouped(rows: list[dict[str, Any]]) -> list[RefusedRow]:
    by_key: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault((row["contract"], row["delivery_sha256"], row["source_line"]), []).append(row)
    return [
        RefusedRow(
            *key, json.loads(problems[0]["row"]), tuple(sorted(problems, key=lambda one: one["rule_id"]))
        )
        for key, problems in by_key.items()
    ]

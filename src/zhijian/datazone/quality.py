"""What came in and how good it was: deliveries, their quality reports, and the rows in quarantine."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import ibis
import pyarrow as pa

from zhijian.datazone.lake import Lake

DELIVERIES = "standard_deliveries"
QUARANTINE = "standard_quarantine"
RowKey: TypeAlias = tuple[str, str, int]  # contract, fingerprint of the delivery, line
_ROW_KEY = ("contract", "delivery_sha256", "source_line")
SCORE_WEIGHTS = {"validity": 0.5, "completeness": 0.4, "uniqueness": 0.1}
SCORE_DEFINITION_ZH = (
    "质量分（0–100）＝100×（0.5×有效率＋0.4×完整率＋0.1×唯一率）。有效率：通过全部规则的行数÷交付行数；"
    "完整率：合同各字段已知值占比的平均，注明不计的字段除外；唯一率：主键不重复的行数÷主键有值的行数。"
)
SCORE_DEFINITION_EN = (
    "Quality score (0–100) = 100 × (0.5 × validity + 0.4 × completeness + 0.1 × uniqueness). Validity: rows that pass "
    "every rule ÷ rows delivered. Completeness: mean share of known values over the contract's fields, those marked as "
    "not counted left out. Uniqueness: rows whose key is not repeated ÷ rows that have a key."
)


def score(*, validity: float, completeness: float, uniqueness: float) -> float:
    """Return the quality score, 0 to 100 with one decimal, from three shares between 0 and 1.

    Raises:
        ValueError: a share is outside 0 to 1.
    """
    shares = {"validity": validity, "completeness": completeness, "uniqueness": uniqueness}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}; it must be a share between 0 and 1.")
    return round(100 * sum(SCORE_WEIGHTS[name] * share for name, share in shares.items()), 1)


def reports(lake: Lake, contract: str | None = None) -> list[dict[str, Any]]:
    """Return the quality report of every delivery, newest first; of one contract only, if it is named."""
    if not lake.exists(DELIVERIES):
        return []
    rows = lake.read(DELIVERIES).sort_by([("delivered_at", "descending")]).to_pylist()
    found = [json.loads(row["report"]) for row in rows]
    return [report for report in found if contract in (None, report["contract"])]


def find_report(lake: Lake, contract: str, sha256: str) -> dict[str, Any] | None:
    """Return the report of one delivery, or None where it was never taken in."""
    if not lake.exists(DELIVERIES):
        return None
    rows = lake.read_where(DELIVERIES, [("contract", "=", contract), ("delivery_sha256", "=", sha256)])
    return json.loads(rows["report"][0].as_py()) if rows.num_rows else None


@dataclass(frozen=True)
class QuarantinePage:
    """Some of the rows in quarantine."""

    rows: list[dict[str, Any]]
    first: int  # how many stand before the first of them
    count: int  # how many there are in all


def quarantine(
    lake: Lake,
    filters: Mapping[str, str] | None = None,
    *,
    settled: Collection[RowKey] = (),
    first: int = 0,
    limit: int,
) -> QuarantinePage:
    """Return at most `limit` rows in quarantine from the one numbered `first`, by delivery and line.

    `filters` are column names and values they must have; rows with a key in `settled` are left out. A `first` past
    the end begins again at 0. Whatever the length of the quarantine, only these rows are held.
    """
    if not lake.exists(QUARANTINE):
        return QuarantinePage([], 0, 0)
    rows = lake.table(lake.ibis(), QUARANTINE)
    for column, value in (filters or {}).items():
        rows = rows.filter(rows[column] == value)
    if settled:
        keys = pa.table(dict(zip(_ROW_KEY, map(list, zip(*settled, strict=True)), strict=True)))
        rows = rows.anti_join(ibis.memtable(keys), _ROW_KEY)
    count = int(rows.count().to_pyarrow().as_py())
    start = first if 0 <= first < count else 0
    order = ("delivery_sha256", "source_line", "contract", "rule_id")  # one rule is broken once in a line
    shown = rows.select(*order).order_by(*order).limit(limit, offset=start)  # sorts keys, not whole rows
    page = rows.semi_join(shown, order).order_by(*order).to_pyarrow().to_pylist()
    return QuarantinePage(page, start, count)


def reasons(lake: Lake) -> list[dict[str, Any]]:
    """Return how many rows each rule refused over all deliveries, most first."""
    totals: dict[tuple[str, str], dict[str, Any]] = {}
    for report in reports(lake):
        for rule in report["rules"]:
            if rule["severity"] == "error":
                key = (report["contract"], rule["rule_id"])
                entry = totals.setdefault(key, {**rule, "contract": report["contract"], "count": 0})
                entry["count"] += rule["count"]
    return sorted(totals.values(), key=lambda entry: (-entry["count"], entry["rule_id"]))

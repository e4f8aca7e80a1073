"""Rate everyone: read the entity master and the facts, run the class model, publish the mart."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.credit_class import mart_credit_class
from zhijian.standards import parameters

TABLE = "mart_credit_class"
FACTS = "standard_supervision__facts"
FACT_SCHEMA = pa.schema(
    [
        ("uscc", pa.string()),
        ("kind", pa.string()),
        ("occurred_on", pa.date32()),
        ("payload", pa.string()),
    ]
)


@dataclass(frozen=True)
class RateReport:
    """How many entities fell into each class, and whether anything changed since the last rating."""

    entities: int
    classes: dict[str, int]
    insufficient: int
    month: str
    rule_version: str
    version: int
    changed: bool


def rate(lake: Lake, *, month_end: date, own_facts: pa.Table | None = None) -> RateReport:
    """Rate every entity as of `month_end` and publish ``mart_credit_class``.

    `own_facts` are the facts born in our own records (columns uscc, kind, occurred_on, payload as JSON
    text); facts delivered by other systems are read from the lake, but for those whose synthetic flag is
    not their subject's: an invented fact never rates a real firm. Rating the same inputs again publishes
    nothing.
    """
    weights = parameters.load("supervision/credit_class").on(month_end)
    rows = _run_model(lake, month_end, weights, own_facts).sort_by("entity_id")
    changed = not lake.exists(TABLE) or not lake.read(TABLE).sort_by("entity_id").equals(rows)
    version = lake.write(TABLE, rows) if changed else lake.version(TABLE)
    counted = Counter(rows["class_code"].to_pylist())
    return RateReport(
        entities=rows.num_rows,
        classes={code: counted[code] for code in "ABCD"},
        insufficient=int(pc.sum(rows["is_insufficient"]).as_py() or 0),
        month=f"{month_end:%Y-%m}",
        rule_version=weights["rule_version"],
        version=version,
        changed=changed,
    )


def _run_model(lake: Lake, month_end: date, weights: dict[str, Any], own_facts: pa.Table | None) -> pa.Table:
    con = lake.ibis()
    con.con.register("own_facts", own_facts if own_facts is not None else FACT_SCHEMA.empty_table())
    facts = con.table("own_facts")
    entities = lake.table(con, "entity_market_entities")
    if lake.exists(FACTS):
        delivered, invented = lake.table(con, FACTS), entities.filter(entities.is_synthetic)
        rightly_marked = delivered.filter(delivered.is_synthetic == delivered.uscc.isin(invented.uscc))
        facts = rightly_marked.select(*FACT_SCHEMA.names).union(facts)
    result: pa.Table = mart_credit_class(entities, facts, month_end=month_end, weights=weights).to_pyarrow()
    return result

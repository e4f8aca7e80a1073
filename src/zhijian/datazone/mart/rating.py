"""Rate everyone: read the entity master and the facts, run the class models, publish the marts together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zhijian.datazone.entity.facts import FACTS_SCHEMA, standing_facts, typed_facts
from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.mart.credit_class import mart_credit_class, mart_credit_class_cut
from zhijian.datazone.mart.credit_score import mart_credit_related, mart_credit_score
from zhijian.datazone.mart.sector_class import mart_sector_class
from zhijian.datazone.mart.vocabulary import late_feeds
from zhijian.datazone.models import RAW_ENTITIES
from zhijian.standards import parameters

TABLE = "mart_credit_class"
SECTORS = "mart_sector_class"
SCORE, CUT, RELATED = "mart_credit_score", "mart_credit_class_cut", "mart_credit_related"
ENTITIES = "entity_market_entities"
TYPED = "entity_facts"
FACTS = "standard_supervision__facts"
FACT_ORDER = ("entity_id", "kind", "occurred_on", "source", "source_key")


class RatedByRefresh(LakeError):
    """This home's deliveries came as codes: `zhijian refresh` rates it, inside the engine."""


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
    cut_score: int
    late_feeds: tuple[str, ...] = ()


def rate(lake: Lake, *, month_end: date, own_facts: Iterable[Mapping[str, Any]] = ()) -> RateReport:
    """Rate every entity as of `month_end` and publish class, score, cut, relations and typed facts together.

    `own_facts` are the facts born in our own records (uscc, kind, occurred_on, payload); facts delivered by other
    systems are read from the lake, but for those whose synthetic flag is not their subject's: an invented fact
    never rates a real firm. Rating the same inputs again publishes nothing.

    Raises:
        RatedByRefresh: the home has deliveries in codes.
    """
    if lake.exists(RAW_ENTITIES):
        raise RatedByRefresh(
            f"数据湖 {lake.root} 的登记数据以代码交付，分类由 zhijian refresh 计算。"
            f" The register at {lake.root} was delivered in codes: run 'zhijian refresh' to rate it."
        )
    weights = parameters.load("supervision/credit_class").on(month_end)
    facts = facts_to_rate(lake, own_facts)
    late = late_feeds(newest_by_kind(facts), as_of=month_end, late_after_days=weights["late_after_days"])
    marts = {TYPED: facts, **_run_models(lake, facts, month_end, weights, late)}
    changed = any(_differs(lake, table, rows) for table, rows in marts.items())
    if changed:
        with lake.transaction() as transaction:
            for table, rows in marts.items():
                transaction.write(table, rows)
    classes = marts[TABLE]
    counted = Counter(classes["class_code"].to_pylist())
    return RateReport(
        entities=classes.num_rows,
        classes={code: counted[code] for code in "ABCD"},
        insufficient=int(pc.sum(classes["is_insufficient"]).as_py() or 0),
        month=f"{month_end:%Y-%m}",
        rule_version=weights["rule_version"],
        version=lake.version(TABLE),
        changed=changed,
        cut_score=marts[CUT]["cut_score"][0].as_py(),
        late_feeds=tuple(sorted(late)),
    )


def facts_to_rate(lake: Lake, own_facts: Iterable[Mapping[str, Any]] = ()) -> pa.Table:
    """Return the typed facts in a fixed order: the delivered ones, or those that a refresh typed, and our own."""
    entities = lake.read(ENTITIES).select(["entity_id", "uscc", "is_synthetic"])
    ids = dict(zip(entities["uscc"].to_pylist(), entities["entity_id"].to_pylist(), strict=True))
    delivered: Iterable[Mapping[str, Any]] = ()
    parts = []
    if lake.exists(RAW_ENTITIES):
        parts.append(lake.read(TYPED).select(FACTS_SCHEMA.names).cast(FACTS_SCHEMA))
    elif lake.exists(FACTS):
        invented = set(entities.filter(entities["is_synthetic"])["uscc"].to_pylist())
        every = lake.read(FACTS).to_pylist()
        delivered = (fact for fact in every if fact["is_synthetic"] == (fact["uscc"] in invented))
    parts.append(typed_facts(standing_facts(delivered, own_facts), ids))
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in FACT_ORDER])


def newest_by_kind(facts: pa.Table) -> dict[str, date]:
    """Return the newest day on which a fact of each kind was recorded."""
    newest = facts.group_by("kind").aggregate([("recorded_on", "max")])
    pairs = zip(newest["kind"].to_pylist(), newest["recorded_on_max"].to_pylist(), strict=True)
    return {kind: day for kind, day in pairs if day is not None}


def _run_models(
    lake: Lake, facts: pa.Table, as_of: date, weights: dict[str, Any], late: dict[str, date]
) -> dict[str, pa.Table]:
    """Run the five models one after the other, each on what the one before made."""
    con = lake.ibis()
    con.con.register(TYPED, facts)
    entities, typed = lake.table(con, ENTITIES), con.table(TYPED)
    made: dict[str, pa.Table] = {}

    def keep(table: str, expression: Any, order: str) -> Any:
        made[table] = expression.to_pyarrow().sort_by(order)
        con.con.register(table, made[table])
        return con.table(table)

    related = mart_credit_related(entities, typed, as_of=as_of, weights=weights)
    kept = keep(RELATED, related, "entity_id")
    score = keep(
        SCORE,
        mart_credit_score(entities, typed, kept, as_of=as_of, weights=weights, late_feeds=late),
        "entity_id",
    )
    cut = keep(CUT, mart_credit_class_cut(score, weights=weights), "cut_score")
    keep(TABLE, mart_credit_class(score, cut, weights=weights), "entity_id")
    sectors = parameters.load("supervision/sector_class").on(as_of)
    keep(
        SECTORS,
        mart_sector_class(entities, typed, kept, as_of=as_of, sectors=sectors, late_feeds=late),
        "entity_id",
    )
    con.disconnect()
    return made


def _differs(lake: Lake, table: str, rows: pa.Table) -> bool:
    if not lake.exists(table):
        return True
    stored = lake.read(table)
    return stored.column_names != rows.column_names or not _sorted_alike(stored, rows).equals(rows)


def _sorted_alike(stored: pa.Table, rows: pa.Table) -> pa.Table:
    order = [name for name in FACT_ORDER if name in rows.column_names] or rows.column_names[:1]
    return stored.sort_by([(name, "ascending") for name in order]).cast(rows.schema)


__all__ = ["FACTS", "TABLE", "RateReport", "facts_to_rate", "newest_by_kind", "rate"]

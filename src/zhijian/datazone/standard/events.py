"""Facts that came in as codes: what is refused, and each fact once."""

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from zhijian.datazone.standard.rules import FACT_RULES, first_broken

FACT_TYPES = {  # of a typed fact, beside the column that says whose it is: uscc as delivered, then entity_id
    "kind": pa.string(),
    "occurred_on": pa.date32(),
    "recorded_on": pa.date32(),
    "amount_yuan": pa.decimal128(18, 2),
    "codes": pa.string(),
    "ground_code": pa.string(),
    "field_code": pa.string(),
    "reference": pa.string(),
    "source": pa.string(),
    "source_key": pa.string(),
    "is_synthetic": pa.bool_(),
}
FACT_COLUMNS = tuple(FACT_TYPES)


def standard_supervision__refusals(raw_supervision__facts: Table) -> Table:
    """One row per delivered fact that breaks a rule, with the first rule it breaks."""
    t = raw_supervision__facts
    judged = t.select(
        "uscc",
        "kind",
        "source",
        "source_key",
        "recorded_on",
        "is_synthetic",
        rule_id=first_broken(t, FACT_RULES),
    )
    return judged.filter(judged.rule_id.notnull())


def standard_supervision__repeated_hashes(raw_supervision__facts: Table) -> Table:
    """The hashes of keys that come more than once: next to none, so that all others need no second look."""
    hashed = _whole(raw_supervision__facts).select(key_hash=_key_hash(raw_supervision__facts))
    counted = hashed.group_by("key_hash").aggregate(times=hashed.count())
    return counted.filter(counted.times > 1).select("key_hash")


def standard_supervision__firsts(
    raw_supervision__facts: Table,
    standard_supervision__refusals: Table,
    standard_supervision__repeated_hashes: Table,
) -> Table:
    """Of every right fact whose key may come more than once, the delivery recorded first."""
    right = _right(raw_supervision__facts, standard_supervision__refusals)
    again = right.mutate(key_hash=_key_hash(right)).semi_join(
        standard_supervision__repeated_hashes, "key_hash"
    )
    first = again.mutate(
        place=ibis.row_number().over(
            group_by=[again.uscc, again.source, again.source_key],
            order_by=[again.recorded_on, again.occurred_on, again.kind, again.amount_yuan],
        )
    )
    return first.filter(first.place == 0).drop("place", "key_hash")


def standard_supervision__events(
    raw_supervision__facts: Table,
    standard_supervision__refusals: Table,
    standard_supervision__firsts: Table,
) -> Table:
    """One row per right fact: a source's key counts once for an entity, the delivery recorded first.

    One decision about two parties is two facts with one key. Every delivered row is read once: what may be there
    twice was looked at before.
    """
    right = _right(raw_supervision__facts, standard_supervision__refusals)
    once = right.anti_join(standard_supervision__firsts, ["source", "source_key", "uscc"])
    return once.union(standard_supervision__firsts.select(*once.columns))


def _whole(t: Table) -> Table:
    return t.filter(t.uscc.notnull() & t.source.notnull() & t.source_key.notnull())


def _right(facts: Table, refusals: Table) -> Table:
    return _whole(facts).anti_join(refusals, ["source", "source_key", "uscc"])


def _key_hash(t: Table) -> ibis.expr.types.IntegerValue:
    return t.uscc.hash() ^ t.source_key.hash()

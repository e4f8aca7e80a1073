"""Facts that came in as codes: what is refused, and each fact once."""

import ibis
from ibis.expr.types import Table

from zhijian.datazone.standard.rules import FACT_RULES, first_broken

FACT_COLUMNS = (
    "kind",
    "occurred_on",
    "recorded_on",
    "amount_yuan",
    "codes",
    "ground_code",
    "field_code",
    "reference",
    "source",
    "source_key",
    "is_synthetic",
)


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


def standard_supervision__events(
    raw_supervision__facts: Table, standard_supervision__refusals: Table
) -> Table:
    """One row per right fact: a source's key counts once for an entity, the delivery recorded first.

    One decision about two parties is two facts with one key.

    Keys are compared by their hash first: only the few whose hash comes twice are looked at in full.
    """
    t = raw_supervision__facts
    whole = t.filter(t.uscc.notnull() & t.source.notnull() & t.source_key.notnull())
    right = whole.anti_join(standard_supervision__refusals, ["source", "source_key", "uscc"])
    hashed = right.mutate(key_hash=right.uscc.hash() ^ right.source_key.hash())
    counted = hashed.group_by("key_hash").aggregate(times=hashed.count())
    repeated = counted.filter(counted.times > 1)
    once = hashed.anti_join(repeated, "key_hash").drop("key_hash")
    again = hashed.semi_join(repeated, "key_hash").drop("key_hash")
    first = again.mutate(
        place=ibis.row_number().over(
            group_by=[again.uscc, again.source, again.source_key],
            order_by=[again.recorded_on, again.occurred_on, again.kind, again.amount_yuan],
        )
    )
    return once.union(first.filter(first.place == 0).drop("place"))

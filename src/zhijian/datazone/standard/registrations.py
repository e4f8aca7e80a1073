"""Registrations that came in as codes: what is refused, and the newest right delivery of each entity."""

import ibis
from ibis.expr.types import Table

from zhijian.datazone.standard.rules import REGISTRATION_RULES, first_broken


def standard_registration__refusals(raw_registration__market_entities: Table) -> Table:
    """One row per delivered registration that breaks a rule, with the first rule it breaks.

    The row itself stays in the raw layer; `source`, `delivered_on` and `uscc` find it there.
    """
    t = raw_registration__market_entities
    judged = t.select(
        "uscc", "name", "source", "delivered_on", "is_synthetic", rule_id=first_broken(t, REGISTRATION_RULES)
    )
    return judged.filter(judged.rule_id.notnull())


def standard_registration__market_entities(
    raw_registration__market_entities: Table, standard_registration__refusals: Table
) -> Table:
    """One row per credit code: its newest right delivery.

    Of two deliveries of one day the one whose source comes first by name counts, so that the order in which files
    arrived decides nothing. `delivery_count` says how many right deliveries there were.
    """
    right = _right_rows(raw_registration__market_entities, standard_registration__refusals)
    counted = right.group_by("uscc").aggregate(delivery_count=right.count())
    repeated = counted.filter(counted.delivery_count > 1)
    once = right.anti_join(repeated, "uscc").mutate(delivery_count=ibis.literal(1, "int64"))
    again = right.inner_join(repeated, "uscc")
    newest = again.mutate(
        place=ibis.row_number().over(
            group_by=again.uscc, order_by=[again.delivered_on.desc(), again.source, again.name, again.address]
        )
    )
    return once.union(newest.filter(newest.place == 0).drop("place").select(*once.columns))


def _right_rows(raw: Table, refusals: Table) -> Table:
    """All rows but the refused ones; a row without a code or a source is always refused."""
    whole = raw.filter(raw.uscc.notnull() & raw.name.notnull())
    return whole.anti_join(refusals, ["uscc", "source", "delivered_on"])

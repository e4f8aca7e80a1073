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


def standard_registration__repeated_codes(
    raw_registration__market_entities: Table, standard_registration__refusals: Table
) -> Table:
    """The credit codes with more than one right delivery, and how many: what nights have touched so far."""
    right = _right_rows(raw_registration__market_entities, standard_registration__refusals)
    counted = right.group_by("uscc").aggregate(delivery_count=right.count())
    return counted.filter(counted.delivery_count > 1)


def standard_registration__newest(
    raw_registration__market_entities: Table,
    standard_registration__refusals: Table,
    standard_registration__repeated_codes: Table,
) -> Table:
    """The newest right delivery of every code that came more than once.

    Of two deliveries of one day the one whose source comes first by name counts, so that the order in which files
    arrived decides nothing.
    """
    right = _right_rows(raw_registration__market_entities, standard_registration__refusals)
    again = right.inner_join(standard_registration__repeated_codes, "uscc")
    newest = again.mutate(
        place=ibis.row_number().over(
            group_by=again.uscc, order_by=[again.delivered_on.desc(), again.source, again.name, again.address]
        )
    )
    return newest.filter(newest.place == 0).drop("place")


def standard_registration__market_entities(
    raw_registration__market_entities: Table,
    standard_registration__refusals: Table,
    standard_registration__newest: Table,
) -> Table:
    """One row per credit code: its newest right delivery. `delivery_count` says how many there were.

    Every delivered row is read once: of what came more than once the newest was found before.
    """
    right = _right_rows(raw_registration__market_entities, standard_registration__refusals)
    once = right.anti_join(standard_registration__newest, "uscc").mutate(
        delivery_count=ibis.literal(1, "int64")
    )
    return once.union(standard_registration__newest.select(*once.columns))


def _right_rows(raw: Table, refusals: Table) -> Table:
    """All rows but the refused ones; a row without a code or a source is always refused."""
    whole = raw.filter(raw.uscc.notnull() & raw.name.notnull())
    return whole.anti_join(refusals, ["uscc", "source", "delivered_on"])

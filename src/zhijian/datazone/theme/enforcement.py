"""Administrative enforcement (行政执法专题库): penalties, fines, repairs, and who was punished again."""

import ibis
from ibis.expr.types import Table

from zhijian.datazone.theme.sums import times, total, with_place

MOST_TOLD = 5  # entities with this many penalties or more are counted together


def theme_enforcement__penalties(entity_market_entities: Table, entity_standing_facts: Table) -> Table:
    """Penalties and repairs by month, county, section and field of law: how many, and fines in yuan."""
    kinds = ["penalty.decided", "penalty.repaired"]
    facts = with_place(
        entity_standing_facts.filter(entity_standing_facts.kind.isin(kinds)), entity_market_entities
    )
    decided = facts.kind == "penalty.decided"
    return facts.group_by(
        "month", "field_code", "prefecture_code", "county_code", "industry_section"
    ).aggregate(
        penalty_count=times(decided),
        repaired_count=times(~decided),
        fine_yuan=total(decided.ifelse(facts.amount_yuan, ibis.null("decimal(18, 2)"))),
    )


def theme_enforcement__again(entity_market_entities: Table, entity_standing_facts: Table) -> Table:
    """Entities by how often they were punished (5 means 5 or more), by prefecture and section."""
    facts = with_place(
        entity_standing_facts.filter(entity_standing_facts.kind == "penalty.decided"), entity_market_entities
    )
    each = facts.group_by(["prefecture_code", "industry_section", "entity_id"]).aggregate(
        times_punished=facts.count()
    )
    capped = each.mutate(penalties=ibis.least(each.times_punished, MOST_TOLD).cast("int32"))
    return capped.group_by("prefecture_code", "industry_section", "penalties").aggregate(
        entity_count=capped.count()
    )

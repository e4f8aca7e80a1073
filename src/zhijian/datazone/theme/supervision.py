"""Comprehensive supervision (综合监管专题库): what was recorded, found and listed, by month and place."""

from ibis.expr.types import Table

from zhijian.datazone.theme.sums import names_problem, times, total, with_place


def theme_supervision__months(entity_market_entities: Table, entity_standing_facts: Table) -> Table:
    """Facts of every kind by month, county, section and kind of entity: how many, with a problem, in yuan."""
    facts = with_place(entity_standing_facts, entity_market_entities)
    return facts.group_by(
        "month", "kind", "prefecture_code", "county_code", "industry_section", "entity_kind_code"
    ).aggregate(
        fact_count=facts.count(),
        problem_count=times(names_problem(facts.codes) | facts.codes.contains("fail")),
        amount_yuan=total(facts.amount_yuan),
    )


def theme_supervision__coverage(entity_market_entities: Table, entity_standing_facts: Table) -> Table:
    """Entities that were checked in a year, each once, by county and section, and those with a problem found."""
    facts = with_place(
        entity_standing_facts.filter(entity_standing_facts.kind == "inspection.result"),
        entity_market_entities,
    )
    dated = facts.mutate(year=facts.occurred_on.year().cast("int32"), is_problem=names_problem(facts.codes))
    keys = ["year", "prefecture_code", "county_code", "industry_section"]
    each = dated.group_by([*keys, "entity_id"]).aggregate(
        checks=dated.count(), problems=times(dated.is_problem)
    )
    return each.group_by(keys).aggregate(
        entity_count=each.count(),
        entity_with_problem_count=times(each.problems > 0),
        check_count=each.checks.sum(),
        checked_again_count=times(each.checks > 1),
    )


def theme_supervision__lists(entity_market_entities: Table, entity_standing_facts: Table) -> Table:
    """Listings and removals by month, county and ground."""
    kinds = ["abnormal_list.listed", "abnormal_list.removed", "serious_list.listed", "serious_list.removed"]
    facts = with_place(
        entity_standing_facts.filter(entity_standing_facts.kind.isin(kinds)), entity_market_entities
    )
    return facts.group_by("month", "kind", "ground_code", "prefecture_code", "county_code").aggregate(
        fact_count=facts.count()
    )

"""Market access (市场准入专题库): who is there, who came, who left and after how long."""

import ibis
from ibis.expr.types import Table

from zhijian.datazone.theme.sums import month_of, total


def theme_access__stock(entity_market_entities: Table) -> Table:
    """Entities on the register and their capital in yuan, by county, section of industry, kind and status."""
    t = entity_market_entities
    return t.group_by(
        "prefecture_code", "county_code", "industry_section", "entity_kind_code", "status_code"
    ).aggregate(entity_count=t.count(), capital_yuan=total(t.capital_yuan))


def theme_access__founded(entity_market_entities: Table) -> Table:
    """Entities founded in each month, by county, section and kind, and how many of them are gone by now."""
    t = entity_market_entities
    dated = t.mutate(month=month_of(t.registered_on), is_gone=t.status_code.isin(["revoked", "deregistered"]))
    return dated.group_by(
        "month", "prefecture_code", "county_code", "industry_section", "entity_kind_code"
    ).aggregate(
        entity_count=dated.count(),
        gone_count=dated.is_gone.fill_null(False).cast("int64").sum(),
        capital_yuan=total(dated.capital_yuan),
    )


def theme_access__cohorts(entity_market_entities: Table) -> Table:
    """Entities by year of founding and by the whole years they lasted; null where they have not ended.

    ASSUMPTION: an end is the day the source gives; an entity marked as gone without a day has not ended here.
    """
    t = entity_market_entities
    lasted = (t.ended_on.year() - t.registered_on.year()).cast("int32") - ibis.ifelse(
        (t.ended_on.month() * 100 + t.ended_on.day())
        < (t.registered_on.month() * 100 + t.registered_on.day()),
        1,
        0,
    ).cast("int32")
    aged = t.mutate(cohort_year=t.registered_on.year().cast("int32"), lasted_years=lasted.cast("int32"))
    return aged.group_by(
        "cohort_year", "lasted_years", "prefecture_code", "industry_section", "entity_kind_code"
    ).aggregate(entity_count=aged.count())

"""Sums that come out the same in any order and on any engine."""

import ibis
from ibis.expr.types import IntegerScalar, NumericColumn, Table

MONEY = "decimal(38, 2)"
PROBLEM_CODES = ("2", "3", "4", "5", "6", "7", "9")  # result codes of a check that name a problem


def total(amount: NumericColumn) -> IntegerScalar:
    """Return the exact sum of an amount in yuan; 0 where there is none."""
    return amount.cast(MONEY).sum().cast(MONEY).fill_null(ibis.literal(0, MONEY))


def times(condition: ibis.expr.types.BooleanValue) -> IntegerScalar:
    """Return how many rows meet a condition."""
    return condition.fill_null(False).cast("int64").sum()


def names_problem(codes: ibis.expr.types.StringValue) -> ibis.expr.types.BooleanValue:
    """Say whether comma-separated result codes name a problem (double-random inspection, result codes)."""
    wrapped = "," + codes.fill_null("") + ","
    return ibis.or_(*[wrapped.contains(f",{code},") for code in PROBLEM_CODES])


def month_of(day: ibis.expr.types.DateValue) -> ibis.expr.types.IntegerValue:
    """Return the month of a day as a number, 202611 for November 2026."""
    return (day.year() * 100 + day.month()).cast("int32")


def with_place(entity_standing_facts: Table, entity_market_entities: Table) -> Table:
    """Facts beside the place and industry of their entity, each with the month it happened in."""
    places = entity_market_entities.select(
        "entity_id", "prefecture_code", "county_code", "industry_section", "entity_kind_code"
    )
    joined = entity_standing_facts.inner_join(places, "entity_id")
    return joined.mutate(month=month_of(joined.occurred_on))

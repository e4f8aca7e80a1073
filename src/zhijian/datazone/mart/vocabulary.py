"""The closed vocabulary of measures on facts, as Ibis expressions that DuckDB and Spark read alike.

Sums are of whole numbers only, so that their order, and with it the number of threads or machines, never
matters: a decayed fact weighs a whole number of thousandths, an amount is cut to whole yuan.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import ibis
from ibis.expr.types import BooleanValue, FloatingValue, IntegerValue, StringValue, Table, Value

from zhijian.datazone.mart.indicator_tree import What
from zhijian.standards.calendar import add_months

# A month is 487/16 days (30.4375), so that whole months of age are whole-number arithmetic.
MONTH_DAYS, MONTH_PARTS = 487, 16
FAMILIES = {
    "penalty": ("penalty.decided", "penalty.repaired"),
    "abnormal_list": ("abnormal_list.listed", "abnormal_list.removed"),
    "serious_list": ("serious_list.listed", "serious_list.removed"),
}
FAMILY_KINDS = tuple(kind for kinds in FAMILIES.values() for kind in kinds)
_OPENING = tuple(opening for opening, _ in FAMILIES.values())


def months_before(day: date, months: int) -> date:
    """Return the day from which a window of so many months before `day` begins; the day itself lies outside."""
    return add_months(day, -months)


def within(
    on: Value, *, months: int, as_of: date, skip: int = 0, reaches_from: date | None = None
) -> BooleanValue:
    """Say whether a day lies in the last `months` before `as_of`, less the last `skip` of them.

    `reaches_from` is the last day of a late feed: the window then begins as if it were that day.
    """
    start = months_before(min(as_of, reaches_from or as_of), months)
    inside = on > ibis.literal(start)
    return inside & (on <= ibis.literal(months_before(as_of, skip))) if skip else inside


def has_any(codes: StringValue, wanted: Iterable[str]) -> BooleanValue:
    """Say whether a comma-separated list of codes has one of those wanted."""
    given, looked_for = codes.fill_null(""), tuple(wanted)
    listed = ibis.literal(",") + given + ","
    among = ibis.or_(*[listed.contains(f",{code},") for code in looked_for])
    return given.contains(",").ifelse(
        among, given.isin(looked_for)
    )  # most facts carry one code: no list is built for them


def matches(facts: Table, what: What) -> BooleanValue:
    """Say which rows of `facts`, or of `cases`, an indicator measures, whatever their day."""
    conditions: list[BooleanValue] = []
    if what.kinds:
        conditions.append(facts.kind.isin(what.kinds))
    if what.family:
        conditions.append(facts.family == what.family)
    if what.codes:
        conditions.append(has_any(facts.codes, what.codes))
    if what.not_codes:
        conditions.append(~has_any(facts.codes, what.not_codes))
    if what.fields:
        conditions.append(facts.field_code.isin(what.fields).fill_null(False))
    if what.months:
        conditions.append(facts.occurred_on.month().isin(what.months))
    if what.amount_from_yuan is not None:
        conditions.append((facts.amount_yuan >= what.amount_from_yuan).fill_null(False))
    return ibis.and_(*conditions)


def thousandths(on: Value, *, as_of: date, half_life_months: int) -> FloatingValue:
    """Return what a fact still weighs: 1000 in its first month, half after each half-life, in whole numbers."""
    days = ibis.literal(as_of).delta(on, unit="day")
    months = (days * MONTH_PARTS / MONTH_DAYS).floor()
    return (ibis.literal(0.5).pow(months / float(half_life_months)) * 1000).round()


def whole_yuan(amount: Value) -> FloatingValue:
    """Return an amount in whole yuan as a number whose sum is exact."""
    return amount.floor().cast("float64").fill_null(0.0)


def cases(facts: Table) -> Table:
    """One row for each penalty decision and each listing: when opened, when closed, how many are left open.

    A repair closes its decision and a removal from the serious list its decision, both by `reference`; a
    removal from the abnormal list closes its ground. The same decision delivered twice is one case; penalties
    without a number are told apart by the source's key.
    """
    kept = facts.filter(facts.kind.isin(FAMILY_KINDS))
    family = ibis.cases(*[(kept.kind.isin(kinds), name) for name, kinds in FAMILIES.items()])
    by_ground = family == "abnormal_list"
    unnumbered = (family == "penalty").ifelse(kept.source_key, "")
    decision = ibis.coalesce(kept.reference, unnumbered, ibis.literal(""))
    marked = kept.mutate(
        family=family,
        case_key=by_ground.ifelse(kept.ground_code.fill_null(""), decision),
        is_opening=kept.kind.isin(_OPENING),
    )
    opening = marked.is_opening
    return marked.group_by("entity_id", "family", "case_key").aggregate(
        opened=marked.count(where=opening),
        closed=marked.count(where=~opening),
        occurred_on=marked.occurred_on.max(where=opening),
        closed_on=marked.occurred_on.max(where=~opening),
        amount_yuan=marked.amount_yuan.max(where=opening),
        codes=marked.codes.max(where=opening),
        field_code=marked.field_code.max(where=opening),
    )


def left_open(of: Table) -> IntegerValue:
    """How many openings of a case nothing closed."""
    return ibis.greatest(of.opened - of.closed, 0)


def late_feeds(
    newest: Mapping[str, date], *, as_of: date, late_after_days: Mapping[str, int]
) -> dict[str, date]:
    """Return the kinds whose feed is late at `as_of`, each with the day of its newest record.

    A kind that was never delivered is not late: nothing is known of it, and nothing was ever counted.
    """
    watched = {kind: newest[kind] for kind in late_after_days if kind in newest}
    return {kind: day for kind, day in watched.items() if (as_of - day).days > late_after_days[kind]}


__all__ = [
    "FAMILIES", "FAMILY_KINDS", "cases", "has_any", "late_feeds", "left_open", "matches", "months_before",
    "thousandths", "whole_yuan", "within",
]  # fmt: skip

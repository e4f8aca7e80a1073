"""What the learned risk knows of every entity: counts of facts that were recorded by a day, and the register's entry.

Row-local: an entity's row depends on its own facts alone, so a night's change patches only those touched.
"""

from datetime import date

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from zhijian.datazone.mart.vocabulary import has_any, months_before

PROBLEM_CODES = ("2", "3", "4", "6", "7", "9")
UNREACHABLE_CODE = "5"
DAYS_A_YEAR = 365.25
# name: months it looks back, kind of fact, result codes that count (none: all)
COUNTS: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "penalties_36m": (36, "penalty.decided", ()),
    "penalties_12m": (12, "penalty.decided", ()),
    "complaints_36m": (36, "complaint.upheld", ()),
    "complaints_12m": (12, "complaint.upheld", ()),
    "problems_36m": (36, "inspection.result", PROBLEM_CODES),
    "clean_36m": (36, "inspection.result", ("1",)),
    "unreachable_36m": (36, "inspection.result", (UNREACHABLE_CODE,)),
    "samples_failed_36m": (36, "sampling.result", ("fail",)),
    "samples_passed_36m": (36, "sampling.result", ("pass",)),
    "products_failed_36m": (36, "product.failed", ()),
    "equipment_failed_36m": (36, "equipment.inspected", ("fail",)),
    "equipment_passed_36m": (36, "equipment.inspected", ("pass",)),
    "reports_36m": (36, "annual_report.published", ()),
    "abnormal_listings_36m": (36, "abnormal_list.listed", ()),
    "abnormal_removals_36m": (36, "abnormal_list.removed", ()),
    "serious_listings_36m": (36, "serious_list.listed", ()),
    "licences_36m": (36, "licence.granted", ()),
    "changes_36m": (36, "registration.changed", ()),
}


def mart_risk_features(entity_market_entities: Table, entity_standing_facts: Table, *, as_of: date) -> Table:
    """One row per entity registered by `as_of`: what was known of it at the end of that day.

    A fact counts once it was recorded, not when it occurred: a decision of last week that nobody had written down
    was not known. Money in yuan, ages in years of 365.25 days.
    """
    registered = entity_market_entities.registered_on <= ibis.literal(as_of)
    entities = entity_market_entities.filter(registered)
    known = entity_standing_facts.filter(
        entity_standing_facts.recorded_on <= ibis.literal(as_of),
        entity_standing_facts.occurred_on > ibis.literal(months_before(as_of, 36)),
    )
    told = _told(known, as_of)
    counted = told.group_by("entity_id").aggregate(
        **{name: _counts(told, name).cast("int32").sum() for name in COUNTS},
        fines_yuan_36m=told.fine_yuan.sum(),
    )
    joined = entities.left_join(counted, "entity_id")
    age = (ibis.literal(as_of) - joined.registered_on).cast("int64") / DAYS_A_YEAR
    return joined.select(
        entity_id=joined.entity_id,
        age_years=age.cast("float32"),
        is_individual=(joined.entity_kind_code == "individual_business").fill_null(False).cast("float32"),
        is_active=(joined.status_code == "active").fill_null(False).cast("float32"),
        capital_yuan=joined.capital_yuan.cast("float32"),
        industry_code=_number(joined.industry_code),
        prefecture_code=_number(joined.prefecture_code),
        **{name: joined[name].fill_null(0).cast("float32") for name in (*COUNTS, "fines_yuan_36m")},
    )


_KINDS = {
    kind: number for number, kind in enumerate(dict.fromkeys(kind for _, kind, _ in COUNTS.values()), 1)
}
_OUTCOMES = {
    codes: f"is_{number}" for number, codes in enumerate(sorted({c for _, _, c in COUNTS.values() if c}))
}


def _told(known: Table, as_of: date) -> Table:
    """Say of every fact once, as numbers, what the counts ask of it: comparing words for each count is slow."""
    number = ibis.cases(*[(known.kind == kind, number) for kind, number in _KINDS.items()], else_=0)
    return known.select(
        "entity_id",
        kind_number=number.cast("int8"),
        is_recent=known.occurred_on > ibis.literal(months_before(as_of, 12)),
        fine_yuan=(known.kind == "penalty.decided").ifelse(known.amount_yuan.cast("int64").fill_null(0), 0),
        **{name: has_any(known.codes, codes) for codes, name in _OUTCOMES.items()},
    )


def _counts(told: Table, name: str) -> BooleanValue:
    months, kind, codes = COUNTS[name]
    chosen = told.kind_number == _KINDS[kind]
    if codes:
        chosen = chosen & told[_OUTCOMES[codes]]
    return chosen & told.is_recent if months == 12 else chosen


def _number(code: StringValue) -> ibis.Value:
    """Return a code of digits as a number; null where there is none."""
    return code.re_search("^[0-9]+$").ifelse(code, ibis.null("string")).cast("float32")


FEATURES = (
    "age_years", "is_individual", "is_active", "capital_yuan", "industry_code", "prefecture_code", *COUNTS,
    "fines_yuan_36m",
)  # fmt: skip

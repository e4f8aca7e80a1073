"""The credit-risk score of every market entity: points and counts of each indicator, one narrow row per entity.

Both models are local: a row of `mart_credit_score` depends on one entity, its facts and its row of
`mart_credit_related`; a row of `mart_credit_related` depends on the entities with the same representative. So a
refresh that knows which entities changed asks `touched_by` for those whose rows may differ, runs both models on
these alone, and has exactly what a full run gives. `as_of` is the end of the month that is rated: within a month
it stays, so that a night's increment and a full run measure ages and windows alike.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import reduce
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, FloatingValue, IntegerValue, Table, Value

from zhijian.datazone.mart.indicator_tree import Indicator, Tree, tree_of
from zhijian.datazone.mart.vocabulary import (
    FAMILY_KINDS,
    cases,
    left_open,
    matches,
    months_before,
    thousandths,
    whole_yuan,
    within,
)
from zhijian.standards.calendar import add_years
from zhijian.standards.citation import rule

HIGHEST_COUNT = 32_767  # counts and points are stored as int16
WAN = 10_000
# Two facts in three are annual reports. Counted apart, the aggregate over all the others stays small.
COMMONEST = ("annual_report.published",)
RELATED = ("penalty", "serious", "revoked")


def points_column(indicator_id: str) -> str:
    return f"points_{indicator_id}"


def count_column(indicator_id: str) -> str:
    return f"count_{indicator_id}"


@rule(cites="国市监信发〔2022〕6号；DB44/T 2600—2025")
def mart_credit_related(
    entity_market_entities: Table, entity_standing_facts: Table, *, as_of: date, weights: Mapping[str, Any]
) -> Table:
    """Return what other entities of the same representative have: penalties, serious listings, revocations.

    One row per entity of which another, with the same `representative_id`, has any of these; its own are not
    counted. Without representatives on the register the table is empty, and nobody is worse for it.
    """
    own = _own_adverse_record(entity_market_entities, entity_standing_facts, as_of, tree_of(weights))
    named = [f"own_{one}" for one in RELATED]
    adverse = own.filter(ibis.or_(*[own[name] > 0 for name in named]))
    totals = adverse.group_by("representative_id").aggregate(
        **{f"all_{one}": adverse[f"own_{one}"].sum().cast("int64") for one in RELATED}
    )
    joined = own.inner_join(totals, "representative_id")
    others = joined.select(
        "entity_id", **{f"related_{one}": joined[f"all_{one}"] - joined[f"own_{one}"] for one in RELATED}
    )
    return others.filter(ibis.or_(*[others[f"related_{one}"] > 0 for one in RELATED]))


@rule(cites="国市监信发〔2022〕6号；DB44/T 2600—2025")
def mart_credit_score(
    entity_market_entities: Table,
    entity_standing_facts: Table,
    mart_credit_related: Table,
    *,
    as_of: date,
    weights: Mapping[str, Any],
    late_feeds: Mapping[str, date] | None = None,
) -> Table:
    """Return one row per entity: score 0–1000, points and counts by indicator, whether D is forced or data lack.

    Only facts that occurred on or before `as_of` count. `late_feeds` are kinds whose deliveries stopped, with
    the day of the last one (`vocabulary.late_feeds`): protective indicators then reach back from that day.
    """
    tree = tree_of(weights)
    entities = _entity_columns(entity_market_entities)
    measured = _measured(entity_standing_facts, as_of, tree, late_feeds or {})
    joined = reduce(_beside, (*measured, mart_credit_related), entities)
    points = _points(joined, tree, as_of)
    return _scored(joined.mutate(**points), tree, as_of)


def measured_in_one_pass(
    entity_market_entities: Table,
    entity_standing_facts: Table,
    mart_credit_related: Table,
    *,
    as_of: date,
    trees: Mapping[str, Tree],
    kinds_of: Mapping[str, Collection[str]],
    late_feeds: Mapping[str, date] | None = None,
) -> Table:
    """Return every entity with what the indicators of several small trees measure: the facts are read once for all.

    No two trees may have an indicator of the same id. `is_known` says whether anything was measured of the entity; for each
    name in `kinds_of` the column `has_<name>` says whether a fact of these kinds is known. `scored_by` makes a score of it.
    """
    known = entity_standing_facts.filter(entity_standing_facts.occurred_on <= ibis.literal(as_of))
    asked = {kind for kinds in kinds_of.values() for kind in kinds}
    for tree in trees.values():
        asked |= _conduct(tree).union(*(one.what.kinds for one in tree.indicators))
    facts, decided = known.filter(known.kind.isin(sorted(asked))), cases(known)
    by_fact: dict[str, Value] = {
        f"known_{name}": facts.count(where=facts.kind.isin(sorted(kinds))) for name, kinds in kinds_of.items()
    }
    by_case: dict[str, Value] = {"record_case": decided.count()}
    for name, tree in trees.items():
        by_fact[f"record_{name}"] = facts.count(where=facts.kind.isin(sorted(_conduct(tree))))
        measured = [one for one in tree.indicators if one.what.kinds]
        by_fact |= _of_facts(facts, measured, as_of, tree, late_feeds or {})
        by_case |= _of_cases(decided, [one for one in tree.indicators if one.what.family], as_of, tree)
    measures = [
        facts.group_by("entity_id").aggregate(**by_fact),
        decided.group_by("entity_id").aggregate(**by_case),
    ]
    told = ["record_case", *(f"record_{name}" for name in trees)]
    if any(tree.with_formula("related") for tree in trees.values()):
        measures.append(mart_credit_related)
        told.append(f"related_{RELATED[0]}")
    joined = reduce(_beside, measures, _entity_columns(entity_market_entities))
    return joined.mutate(
        is_known=ibis.or_(*(joined[column].notnull() for column in told)),
        **{f"has_{name}": _zero(joined[f"known_{name}"]) > 0 for name in kinds_of},
    )


def scored_by(measured: Table, name: str, tree: Tree, members: BooleanValue, *, as_of: date) -> Table:
    """Return what `measured_in_one_pass` gave with the columns of one tree for its members: score, is_serious, is_insufficient."""
    records = _zero(measured[f"record_{name}"]) + _zero(measured.record_case)
    pointed = measured.mutate(**_points(measured, tree, as_of, members & measured.is_known))
    return pointed.mutate(**_standing(pointed, tree, records))


def _conduct(tree: Tree) -> set[str]:
    """The kinds that are a record of conduct and no case; cases are counted as such."""
    return set(tree.conduct_kinds) - set(FAMILY_KINDS)


def touched_by(changed: Table, entity_market_entities: Table, before: Table | None = None) -> Table:
    """Return the ids of all entities whose rows may differ once `changed` (column entity_id) changed.

    These are the changed entities and all that share a representative with one, as the register stands and,
    where a representative may have changed, as it stood `before`: who shares one with a changed entity and did not
    change himself shares it in both. The set is closed: the models run on these entities and their facts alone give
    exactly the rows of a full run. A changed cut of class D touches more: `credit_class.touched_by_cut`.
    """
    if "representative_id" not in entity_market_entities.columns:
        return changed.select("entity_id").distinct()
    now = stood = entity_market_entities.select("entity_id", "representative_id")
    if before is not None:
        stood = before.select(*now.columns).union(now)
    theirs = stood.semi_join(changed, "entity_id").select("representative_id").distinct()
    shared = now.semi_join(theirs, "representative_id")
    found = changed.select("entity_id").union(shared.select("entity_id"))
    return found.distinct()


# --- reading ---


def _entity_columns(register: Table) -> Table:
    return register.select("entity_id", "uscc", "registered_on", "industry_code", "status_code")


def _own_adverse_record(register: Table, facts: Table, as_of: date, tree: Tree) -> Table:
    """One row per entity with a representative: its own penalties in the window, open serious listings, revocation."""
    months = max((one.window_months for one in tree.indicators if one.of == "penalty"), default=0)
    known = cases(facts.filter(facts.occurred_on <= ibis.literal(as_of)))
    stands = (
        (known.family == "penalty")
        & (known.closed == 0)
        & within(known.occurred_on, months=months, as_of=as_of)
    )
    is_serious = known.family == "serious_list"
    recorded = known.group_by("entity_id").aggregate(
        own_penalty=known.count(where=stands),
        own_serious=is_serious.ifelse(left_open(known), 0).sum().cast("int64"),
    )
    representative = (
        register.representative_id if "representative_id" in register.columns else ibis.null("string")
    )
    entities = register.select("entity_id", "status_code", representative_id=representative)
    joined = _beside(entities.filter(entities.representative_id.notnull()), recorded)
    return joined.select(
        "entity_id",
        "representative_id",
        own_penalty=_zero(joined.own_penalty),
        own_serious=_zero(joined.own_serious),
        own_revoked=(joined.status_code == "revoked").fill_null(False).cast("int64"),
    )


def _beside(left: Table, right: Table) -> Table:
    """Join what was measured to the entities, by their id."""
    joined = left.left_join(right, "entity_id")
    return joined.drop("entity_id_right")


# --- measuring ---


def _measured(facts: Table, as_of: date, tree: Tree, late: Mapping[str, date]) -> tuple[Table, ...]:
    """Three tables with a row per entity that has such facts: the commonest kind, the other kinds, the cases."""
    known = facts.filter(facts.occurred_on <= ibis.literal(as_of))
    on_facts = [one for one in tree.indicators if one.what.kinds]
    common = [one for one in on_facts if set(one.what.kinds) <= set(COMMONEST)]
    others = [one for one in on_facts if one not in common]
    kinds = {kind for one in others for kind in one.what.kinds} | set(tree.conduct_kinds)
    of_cases = [one for one in tree.indicators if one.what.family]
    return (
        _counted(known.filter(known.kind.isin(COMMONEST)), common, as_of, tree, late, "common"),
        _counted(
            known.filter(known.kind.isin(sorted(kinds - set(COMMONEST) - set(FAMILY_KINDS)))),
            others, as_of, tree, late, "other",
        ),
        _counted_cases(cases(known), of_cases, as_of, tree),
    )  # fmt: skip


def _counted(
    facts: Table, indicators: list[Indicator], as_of: date, tree: Tree, late: Mapping[str, date], name: str
) -> Table:
    """One row per entity: for each indicator the facts counted and, if they fade, their thousandths."""
    records = {f"record_{name}": facts.count(where=facts.kind.isin(tree.conduct_kinds))}
    return facts.group_by("entity_id").aggregate(**records, **_of_facts(facts, indicators, as_of, tree, late))


def _of_facts(
    facts: Table, indicators: Iterable[Indicator], as_of: date, tree: Tree, late: Mapping[str, date]
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in indicators:
        reaches_from = min((late[k] for k in one.what.kinds if k in late), default=None)
        span = within(
            facts.occurred_on, months=one.window_months, as_of=as_of, skip=one.skip_months,
            reaches_from=reaches_from if one.missing == "last_known" else None,
        )  # fmt: skip
        found |= _sums(facts, one, matches(facts, one.what) & span, as_of, tree)
    return found


def _counted_cases(known: Table, indicators: list[Indicator], as_of: date, tree: Tree) -> Table:
    """The same over penalties that were not repaired and over listings."""
    measures = _of_cases(known, indicators, as_of, tree)
    return known.group_by("entity_id").aggregate(record_case=known.count(), **measures)


def _of_cases(known: Table, indicators: Iterable[Indicator], as_of: date, tree: Tree) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in indicators:
        match = matches(known, one.what)
        if one.formula == "open":
            found[_counted_name(one)] = match.ifelse(left_open(known), 0).sum().cast("int64")
        elif one.formula == "closed":
            inside = within(known.closed_on, months=one.window_months, as_of=as_of)
            found[_counted_name(one)] = known.count(where=match & inside.fill_null(False))
        else:
            inside = within(known.occurred_on, months=one.window_months, as_of=as_of, skip=one.skip_months)
            stands = match & (known.closed == 0) & inside.fill_null(False)
            found |= _sums(known, one, stands, as_of, tree)
    return found


def _sums(facts: Table, one: Indicator, counts: BooleanValue, as_of: date, tree: Tree) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if one.formula == "amount":
        found[_summed_name(one)] = counts.ifelse(whole_yuan(facts.amount_yuan), 0.0).sum()
        return found
    found[_counted_name(one)] = facts.count(where=counts)
    if one.formula == "decayed":
        weighed = thousandths(facts.occurred_on, as_of=as_of, half_life_months=tree.half_life_months)
        found[_summed_name(one)] = counts.ifelse(weighed, 0.0).sum()
    return found


def _counted_name(one: Indicator) -> str:
    return f"n_{one.id}"


def _summed_name(one: Indicator) -> str:
    return f"sum_{one.id}"


# --- points ---


def _points(t: Table, tree: Tree, as_of: date, only: BooleanValue | None = None) -> dict[str, Value]:
    """The points of each indicator, and the count that its detail tells, as int16; where `only` is given, nought elsewhere.

    Where most rows are not asked for, naming those that are saves most of the work: the rest is not reckoned.
    """
    found: dict[str, Value] = {}
    for one in tree.indicators:
        points, count = _points_of(one, t, as_of)
        found[points_column(one.id)] = _capped(points, one).cast("int16")
        if count is not None:
            found[count_column(one.id)] = ibis.least(count, HIGHEST_COUNT).cast("int16")
    if only is None:
        return found
    return {name: only.ifelse(value, 0).cast("int16") for name, value in found.items()}


def _points_of(one: Indicator, t: Table, as_of: date) -> tuple[Value, Value | None]:
    if one.formula == "years":
        return _years_points(one, t.registered_on, as_of), _whole_years(t.registered_on, as_of)
    if one.formula == "listed":
        is_listed = ibis.or_(*[t[one.column].startswith(code) for code in one.codes]).fill_null(False)
        return is_listed.ifelse(one.weight, 0), None
    if one.formula == "amount":
        wan = (_nought(t[_summed_name(one)]) / WAN).floor()
        return wan * one.weight, wan
    if one.formula == "related":
        count = _zero(t[f"related_{one.of}"])
        return count * one.weight, count
    count = _zero(t[_counted_name(one)])
    if one.formula == "decayed":
        return _rounded(_nought(t[_summed_name(one)]) * one.weight / 1000), count
    if one.formula in ("present", "closed"):
        return (count > 0).ifelse(one.weight, 0), count
    return ibis.greatest(count - one.beyond, 0) * one.weight, count


def _capped(points: Value, one: Indicator) -> Value:
    """Points of one sign never pass the cap; those given once cannot."""
    if one.formula in ("years", "listed", "present", "closed"):
        return points
    return ibis.least(points, one.cap) if one.weight > 0 else ibis.greatest(points, -one.cap)


def _years_points(one: Indicator, registered_on: Value, as_of: date) -> Value:
    """Points for an age below or from so many whole years; without a date of registration none."""
    if one.below is not None:
        within_years = registered_on > ibis.literal(add_years(as_of, -one.below))
    else:
        within_years = registered_on <= ibis.literal(add_years(as_of, -(one.from_years or 0)))
    return within_years.fill_null(False).ifelse(one.weight, 0)


def _whole_years(registered_on: Value, as_of: date) -> Value:
    days = ibis.literal(as_of).delta(registered_on, unit="day")
    return (ibis.greatest(days, 0) * 100 / 36525).floor().fill_null(0)


def _scored(t: Table, tree: Tree, as_of: date) -> Table:
    """Keep what is stored: the score, how it stands, and the indicators' points and counts."""
    records = _zero(t.record_common) + _zero(t.record_other) + _zero(t.record_case)
    marked = t.mutate(
        **_standing(t, tree, records),
        snapshot_month=ibis.literal(f"{as_of:%Y-%m}"),
    )
    columns = [name for one in tree.indicators for name in stored_columns(one)]
    return marked.select(
        "entity_id", "uscc", "score", "is_serious", "is_insufficient", "snapshot_month", *columns
    )  # fmt: skip


def _standing(t: Table, tree: Tree, records: IntegerValue) -> dict[str, Value]:
    """Add up between 0 and 1000; without any record of conduct the base stands alone."""
    total = sum(
        (t[points_column(one.id)].cast("int32") for one in tree.indicators), ibis.literal(tree.base_points)
    )
    is_insufficient = records == 0
    forcing = [t[count_column(one.id)] > 0 for one in tree.indicators if one.forces == "D"]
    return {
        "score": is_insufficient.ifelse(tree.base_points, total.clip(0, 1000)).cast("int16"),
        "is_serious": ibis.or_(*forcing) if forcing else ibis.literal(False),
        "is_insufficient": is_insufficient,
    }


def stored_columns(one: Indicator) -> tuple[str, ...]:
    """Return the columns of the score that hold one indicator."""
    names = (points_column(one.id), count_column(one.id))
    return names if one.has_count else names[:1]


def _zero(value: IntegerValue) -> IntegerValue:
    return value.fill_null(0)


def _nought(value: FloatingValue) -> FloatingValue:
    return value.fill_null(0.0)


def _rounded(value: FloatingValue) -> FloatingValue:
    return (value + 0.5).floor()


__all__ = [
    "count_column", "mart_credit_related", "mart_credit_score", "measured_in_one_pass", "months_before", "points_column",
    "scored_by", "stored_columns", "touched_by",
]  # fmt: skip

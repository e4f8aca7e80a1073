"""How active every entity is (企业活跃度): a score of 0–100 from signals the platform has, and a state.

Who filed its dormancy is in a state of its own while it lasts, whatever the score: the law takes it neither for active
nor for idle. The score, and the points of the annual report that it still owes, are as for everybody.

`mart_activity` is local to an entity once `mart_activity_scale` is given: means and deviations by industry and kind,
made once for a month and kept. Internal as to single firms; the public sees `mart_activity_summary` only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis
from ibis.expr.types import BooleanValue, FloatingValue, Table, Value

from zhijian.datazone.mart.indicator_tree import What
from zhijian.datazone.mart.vocabulary import cases, left_open, matches, thousandths, within
from zhijian.standards.citation import rule

HIGHEST = 32_000.0  # thousandths of one signal
REPORT_KIND = "annual_report.published"
DORMANCY_KIND = "dormancy.filed"
BY_SCORE = ("active", "weak", "dormant", "lost")
FILED = "filed"  # dormant by filing (歇业备案), which is no neglect
STATES = (*BY_SCORE, FILED)
GROUP = ("industry_section", "entity_kind_code")
ALL = "all"  # the group that stands for everybody, and for groups too small to have a scale of their own


@dataclass(frozen=True)
class Signal:
    """One signal: positive weights add up to 100, negative ones take off."""

    id: str
    zh: str
    en: str
    formula: Literal["cycle", "decayed", "open"]
    weight: int
    what: What
    cycle: int = 0
    ground: str = ""


def signals_of(weights: Mapping[str, Any]) -> tuple[Signal, ...]:
    """Read the signals of ``supervision/activity``."""
    found = []
    for given in weights["signals"]:
        what: dict[str, Any] = {key: tuple(value) for key, value in given.get("what", {}).items()}
        found.append(Signal(**{**given, "what": What(**what)}))
    return tuple(found)


def points_column(signal_id: str) -> str:
    return f"points_{signal_id}"


@rule(cites="《个体工商户登记管理规定》（市场监管总局令第103号）第三条")
def mart_activity_scale(
    entity_market_entities: Table, entity_standing_facts: Table, *, as_of: date, weights: Mapping[str, Any]
) -> Table:
    """Return mean and standard deviation of each signal that depends on industry and size, by group and over all.

    One row per group of section and kind of entity (the size that every register knows), and one over all.
    A group below the least number takes the scale of all. Entities that are gone from the register do not count.
    """
    measured = _measured(entity_market_entities, entity_standing_facts, as_of, weights)
    living = measured.filter(~measured.status_code.isin(("revoked", "deregistered")).fill_null(False))
    grouped = living.mutate(**{name: living[name].fill_null("none") for name in GROUP})
    own = grouped.group_by(*GROUP).aggregate(**_moments(grouped, weights))
    everybody = living.aggregate(**_moments(living, weights))
    total = everybody.mutate(**{name: ibis.literal(ALL) for name in GROUP}).select(*own.columns)
    return own.filter(own.entity_count >= weights["least_group"]).union(total)


@rule(cites=("《个体工商户登记管理规定》（市场监管总局令第103号）第三条", "《市场主体登记管理条例》第三十条"))
def mart_activity(
    entity_market_entities: Table,
    entity_standing_facts: Table,
    mart_activity_scale: Table,
    *,
    as_of: date,
    weights: Mapping[str, Any],
) -> Table:
    """Return one row per entity: score 0–100, state (active, weak, dormant, lost, filed), the points of each signal.

    Each signal is drawn to mean ± 1.5 deviations of its group and put on 0–1; reports and listings are yes or no.
    The sum of weights is multiplied by the factor of the registered status. A filed dormancy that covers the day
    decides the state; the duty to report stays, so no point is given or taken for it.
    """
    signals = signals_of(weights)
    measured = _measured(entity_market_entities, entity_standing_facts, as_of, weights)
    scaled = _with_scale(measured, mart_activity_scale, signals)
    points = {
        points_column(s.id): (_share(s, scaled, weights) * s.weight).round().cast("int16") for s in signals
    }
    filed = _dormant_by_filing(entity_standing_facts, as_of)
    t = scaled.mutate(**points).left_join(filed, "entity_id").drop("entity_id_right")
    total = sum((t[points_column(s.id)].cast("float64") for s in signals), ibis.literal(0.0))
    factors = weights["status_factor"]
    factor = ibis.cases(*[(t.status_code == code, value) for code, value in factors.items()], else_=1.0)
    rated = t.mutate(activity_score=(total.clip(0, 100) * factor).round().cast("int16"))
    return rated.select(
        "entity_id",
        "activity_score",
        *points,
        state_code=_state(rated, weights),
        rule_version=ibis.literal(weights["rule_version"]),
        snapshot_month=ibis.literal(f"{as_of:%Y-%m}"),
    )


def mart_activity_summary(entity_market_entities: Table, mart_activity: Table) -> Table:
    """Count the entities of the register by prefecture, section and state: what the public may see of activity.

    Those deregistered are left out.
    """
    living = entity_market_entities.filter(
        (entity_market_entities.status_code != "deregistered").fill_null(True)
    )
    joined = living.select("entity_id", "prefecture_code", "industry_section", "is_synthetic").inner_join(
        mart_activity.select("entity_id", "state_code", "activity_score", "snapshot_month"), "entity_id"
    )
    keys = ("snapshot_month", "prefecture_code", "industry_section", "is_synthetic", "state_code")
    return joined.group_by(*keys).aggregate(
        entity_count=joined.count(), score_sum=joined.activity_score.sum().cast("int64")
    )


def last_season(as_of: date) -> int:
    """Return the year of the last reporting season (1 January to 30 June) that is over."""
    return as_of.year if (as_of.month, as_of.day) >= (6, 30) else as_of.year - 1


# --- measuring ---


def _measured(register: Table, facts: Table, as_of: date, weights: Mapping[str, Any]) -> Table:
    """One row per entity with `x_…` for each signal."""
    signals = signals_of(weights)
    known = facts.filter(facts.occurred_on <= ibis.literal(as_of))
    entities = register.select("entity_id", "status_code", "registered_on", *GROUP)
    joined = entities
    for part in (
        _reports(known, signals, as_of),
        _decayed(known, signals, as_of, weights),
        _open(known, signals),
    ):
        joined = joined.left_join(part, "entity_id").drop("entity_id_right")
    return joined.mutate(**{f"x_{s.id}": _value(joined, s, as_of) for s in signals})


def _reports(known: Table, signals: tuple[Signal, ...], as_of: date) -> Table:
    season = last_season(as_of)
    reports = known.filter(known.kind == REPORT_KIND)
    year = reports.occurred_on.year()
    counts = {
        f"n_{s.id}": reports.count(where=_in_season(year, season - s.cycle, s.cycle == 0))
        for s in signals
        if s.formula == "cycle"
    }
    return reports.group_by("entity_id").aggregate(**counts)


def _in_season(year: Value, season: int, is_newest: bool) -> BooleanValue:
    """A report of a season is published in its year; of the newest also later."""
    return year >= season if is_newest else year == season


def _decayed(known: Table, signals: tuple[Signal, ...], as_of: date, weights: Mapping[str, Any]) -> Table:
    wanted = [s for s in signals if s.formula == "decayed"]
    kinds = sorted({kind for s in wanted for kind in s.what.kinds})
    facts = known.filter(
        known.kind.isin(kinds) & within(known.occurred_on, months=weights["window_months"], as_of=as_of)
    )
    weighed = thousandths(facts.occurred_on, as_of=as_of, half_life_months=weights["half_life_months"])
    sums = {f"n_{s.id}": matches(facts, s.what).ifelse(weighed, 0.0).sum() for s in wanted}
    return facts.group_by("entity_id").aggregate(**sums)


def _open(known: Table, signals: tuple[Signal, ...]) -> Table:
    listings = cases(known)
    of_list = listings.filter(listings.family == "abnormal_list")
    counts = {
        f"n_{s.id}": (of_list.case_key == s.ground).ifelse(left_open(of_list), 0).sum().cast("int64")
        for s in signals
        if s.formula == "open"
    }
    return of_list.group_by("entity_id").aggregate(**counts)


def _value(t: Table, signal: Signal, as_of: date) -> FloatingValue:
    """The signal of an entity: yes or no as 1.0 and 0.0, or thousandths."""
    counted = t[f"n_{signal.id}"].fill_null(0)
    if signal.formula == "decayed":
        return ibis.least(counted, HIGHEST)
    if signal.formula == "open":
        return (counted > 0).cast("float64")
    first_day = ibis.literal(date(last_season(as_of) - signal.cycle, 1, 1))
    owes_none = (t.registered_on >= first_day).fill_null(False)
    return ((counted > 0) | owes_none).cast("float64")


def _dormant_by_filing(facts: Table, as_of: date) -> Table:
    """The entities with a filed dormancy that covers the day, first and last day counted.

    `reference` holds the days as `2026-05-01/2027-04-30`.
    """
    day = ibis.literal(as_of.isoformat())
    filings = facts.filter(facts.kind == DORMANCY_KIND)
    days = filings.reference
    covering = filings.filter((days.substr(0, 10) <= day) & (days.substr(11, 10) >= day))
    return covering.group_by("entity_id").aggregate(filings=covering.count())


# --- scale ---


def _moments(t: Table, weights: Mapping[str, Any]) -> dict[str, Value]:
    """Sums of whole numbers, from which mean and deviation follow alike on every engine."""
    found: dict[str, Value] = {"entity_count": t.count()}
    for signal in signals_of(weights):
        if signal.formula == "decayed":
            x = t[f"x_{signal.id}"]
            mean = x.sum() / t.count()
            square = (x * x).sum() / t.count()
            found[f"mean_{signal.id}"] = mean
            found[f"sigma_{signal.id}"] = ibis.greatest(square - mean * mean, 0.0).sqrt()
    return found


def _with_scale(measured: Table, scale: Table, signals: tuple[Signal, ...]) -> Table:
    """Join each entity with the scale of its group, or of all where the group has none."""
    moments = [f"{m}_{s.id}" for s in signals if s.formula == "decayed" for m in ("mean", "sigma")]
    own = scale.filter(scale.industry_section != ALL).select(
        *GROUP, **{f"own_{n}": scale[n] for n in moments}
    )
    total = scale.filter(scale.industry_section == ALL).select(**{f"all_{n}": scale[n] for n in moments})
    keyed = measured.mutate(**{f"key_{name}": measured[name].fill_null("none") for name in GROUP})
    joined = keyed.left_join(own, [(f"key_{name}", name) for name in GROUP]).cross_join(total)
    return joined.mutate(**{n: ibis.coalesce(joined[f"own_{n}"], joined[f"all_{n}"]) for n in moments})


def _share(signal: Signal, t: Table, weights: Mapping[str, Any]) -> FloatingValue:
    """The signal between 0 and 1, drawn to mean ± 1.5 deviations where it has a scale."""
    x = t[f"x_{signal.id}"]
    if signal.formula != "decayed":
        return x
    spread = t[f"sigma_{signal.id}"] * weights["winsorise_sigmas"]
    low = ibis.greatest(t[f"mean_{signal.id}"] - spread, 0.0)
    high = t[f"mean_{signal.id}"] + spread
    drawn = ibis.least(ibis.greatest(x, low), high)
    return (high > low).ifelse((drawn - low) / (high - low).nullif(0.0), 0.0).fill_null(0.0)


def _state(t: Table, weights: Mapping[str, Any]) -> Value:
    """The state by score; what the register says is gone is lost, and what filed its dormancy is dormant by filing."""
    is_gone = t.status_code.isin(("revoked", "deregistered")).fill_null(False)
    lowest = weights["states"]
    by_score = [(t.activity_score >= lowest[state], state) for state in BY_SCORE[:-1]]
    return ibis.cases((is_gone, "lost"), (t.filings.notnull(), FILED), *by_score, else_="lost")


def activity_reasons(row: Mapping[str, Any], weights: Mapping[str, Any]) -> list[tuple[Signal, int]]:
    """Return the signals of a row that have points, the heaviest first."""
    told = [(s, int(row[points_column(s.id)] or 0)) for s in signals_of(weights)]
    return sorted(((s, p) for s, p in told if p), key=lambda pair: -abs(pair[1]))


__all__ = [
    "BY_SCORE", "FILED", "STATES", "Signal", "activity_reasons", "last_season", "mart_activity", "mart_activity_scale",
    "mart_activity_summary", "signals_of",
]  # fmt: skip

"""Every figure of a plan from plain data: what a page shows, what an evaluation freezes, what a third party recomputes.

One function makes them all, from what JSON can carry, so that a package with the data is enough to get each figure again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from zhijian.apps.plan.monitoring import counties, lateness, promise_rules, quartering, rules, summing
from zhijian.apps.plan.monitoring.figures import (
    Commitment,
    Figure,
    LateQuarter,
    OfCounties,
    Sensitivity,
    Value,
    Whole,
    Year,
)
from zhijian.apps.plan.monitoring.lateness import Period
from zhijian.apps.plan.monitoring.rules import Basis, Certainty, Forecast, Goal, Judgement, Needed
from zhijian.apps.plan.monitoring.summing import CITIES, PROVINCE

__all__ = [
    "CITIES",
    "PROVINCE",
    "QUARTER_TIMELY_DAYS",
    "TIMELY_DAYS",
    "as_json",
    "plain",
    "reckon",
    "sensitivity",
]

TIMELY_DAYS = 120  # a value of a year is due by the end of March, checked by the end of April (DESIGN)
QUARTER_TIMELY_DAYS = 50  # one of a quarter is due within 20 days, checked a month later (DESIGN)


def reckon(data: Mapping[str, Any]) -> Whole:
    """Make every figure of a plan at `data["as_of"]`, from its indicators with their points."""
    as_of, period = date.fromisoformat(data["as_of"]), _period(data)
    figures = tuple(_figure(_Row.read(one, as_of, period)) for one in data["indicators"])
    judged = [(one.judged, one.goal) for one in figures]
    whole = Whole(
        as_of, rules.elapsed(as_of, *period), figures, rules.composite(judged),
        rules.composite([pair for pair in judged if pair[1].is_binding]),
        tuple(_promised(one, as_of, period) for one in data.get("commitments", [])),
    )  # fmt: skip
    return replace(whole, late=sensitivity(data, whole))


def sensitivity(data: Mapping[str, Any], whole: Whole) -> Sensitivity:
    """Say what values that are still missing at the day may change."""
    period = _period(data)
    values = {one["number"]: _Row.read(one, whole.as_of, period).values for one in data["indicators"]}
    return lateness.sensitivity(whole.figures, whole.composite, values, period)


def _period(data: Mapping[str, Any]) -> Period:
    return date.fromisoformat(data["starts_on"]), date.fromisoformat(data["ends_on"])


def _promised(told: Mapping[str, Any], as_of: date, period: Period) -> Commitment:
    first, last = period
    kept = promise_rules.promise(
        told["operator"], told["value"], told["unit"], told["due"], told["basis"], ends_on=last
    )
    values = sorted((_value(one) for one in told["points"]), key=lambda one: one.year)
    series = {one.year: one.value for one in values if one.as_of <= as_of and one.area == PROVINCE}
    judged = promise_rules.judge_promise(kept, series, first_year=first.year, on=as_of)
    is_synthetic = any(one.get("is_synthetic") for one in told["points"])
    return Commitment(told["number"], kept, judged, series, is_synthetic)


@dataclass(frozen=True)
class _Row:
    """One indicator as it is told, with what is known of it at a day: the province's own values, or those its cities make."""

    told: Mapping[str, Any]
    goal: Goal
    rolled: counties.Rolled
    values: Sequence[Value]  # of whole years, of the province and its cities
    own: Mapping[int, Value]  # the province's, by year
    quarters: Mapping[quartering.Key, Value]  # the province's, where it is reported by quarter
    so_far: Value | None  # of the newest year, where that is not whole
    late_quarters: Sequence[LateQuarter]
    is_summed: bool
    missing_areas: int
    as_of: date
    period: Period

    @classmethod
    def read(cls, told: Mapping[str, Any], as_of: date, period: Period) -> "_Row":
        goal = _goal(told)
        by: dict[str, Any] = {"unit_zh": told["unit_zh"], "basis": goal.basis}
        rolled = counties.rolled_up([one for one in map(_value, told["points"]) if one.as_of <= as_of], **by)
        every = rolled.values
        values = quartering.years(every, goal.basis)
        own = {one.year: one for one in values if one.area == PROVINCE}
        summed, missing_areas = summing.of_cities(values, own, **by)
        if summed:
            own = dict(sorted((own | summed).items()))
        quarters = quartering.of_province(every, **by)
        so_far = quartering.so_far(quarters, own, goal.basis)
        late: list[LateQuarter] = []
        if told.get("frequency") == "quarterly":
            years = range(period[0].year, period[1].year + 1)
            late = list(quartering.late(every, quarters, own, as_of, years))
        return cls(
            told,
            goal,
            rolled,
            values,
            own,
            quarters,
            so_far,
            late,
            bool(summed),
            missing_areas,
            as_of,
            period,
        )

    @property
    def broken(self) -> Mapping[str, Any]:
        """The break of the series; empty where there is none."""
        return self.told.get("break") or {}

    @property
    def is_percent(self) -> bool:
        return "%" in self.told["unit_zh"]

    @property
    def series(self) -> dict[int, Decimal]:
        return {year: one.value for year, one in self.own.items()}

    @property
    def in_period(self) -> dict[int, Value]:
        """The values of the plan's years that have begun at the day."""
        first, last = self.period
        return {
            year: one
            for year, one in self.own.items()
            if first.year <= year <= min(last.year, self.as_of.year)
        }

    @property
    def newest_whole(self) -> Value | None:
        known = self.in_period
        return known[max(known)] if known else None

    @property
    def newest(self) -> Value | None:
        """What stands for the row at the day: the year that is on its way as far as its quarters go, else the newest whole year."""
        running = self.so_far
        is_in_period = running is not None and self.period[0].year <= running.year <= self.period[1].year
        return running if is_in_period else self.newest_whole

    @property
    def missing_years(self) -> tuple[int, ...]:
        """The plan's years that are over at the day and have no value."""
        first, last = self.period
        is_last_day = (self.as_of.month, self.as_of.day) == (12, 31)
        ended = self.as_of.year if is_last_day else self.as_of.year - 1
        return tuple(year for year in range(first.year, min(last.year, ended) + 1) if year not in self.own)

    @property
    def amount(self) -> Decimal | None:
        """What is judged: the newest value, for what is new in the period the sum of its years and of the quarters after them."""
        newest = self.newest
        if newest is None or self.goal.basis != Basis.NEW:
            return newest.value if newest else None
        after = newest.value if newest.quarter else Decimal(0)
        return sum((one.value for one in self.in_period.values()), after)

    @property
    def share(self) -> Fraction:
        """How much of the time is over: at the day of the newest value, without one at the day that is asked for."""
        return rules.elapsed(self.newest.as_of if self.newest else self.as_of, *self.period)


def _figure(row: _Row) -> Figure:
    newest, grade = row.newest, _grade(row)
    interval, sure = _sampled(row)
    return Figure(
        row.told["number"], row.goal, _judged(row, grade),
        newest.as_of if newest else None, newest.kind if newest else "",
        row.series, row.missing_years, row.missing_areas,
        rules.expected(row.goal, row.share, is_geometric=row.told.get("is_geometric", False)),
        _needed(row), _forecast(row), interval, sure, grade,
        is_from_cities=row.is_summed,
        cities=summing.compared(row.goal, row.values) if row.is_percent else None,
        years=tuple(_years(row)),
        comparable=_comparable(row) if row.broken else None,
        quarters=quartering.told(row.quarters),
        so_far=newest.quarter if newest else 0,
        late_quarters=tuple(row.late_quarters),
        of_counties=tuple(OfCounties(one.area, one.year, one.quarter, one.value) for one in row.rolled.made),
        late_counties=row.rolled.late,
    )  # fmt: skip


def _goal(told: Mapping[str, Any]) -> Goal:
    """Return the goal; after a break of the series the baseline is that on the new basis."""
    baseline = (told.get("break") or {}).get("baseline") or told["baseline"]
    return Goal(
        Basis(told["basis"]),
        None if baseline is None else Decimal(baseline),
        Decimal(told["target"]),
        is_at_most=told["is_at_most"],
        is_binding=told["is_binding"],
    )


def _value(told: Mapping[str, Any]) -> Value:
    def number(name: str) -> Decimal | None:
        return None if told.get(name) is None else Decimal(told[name])

    return Value(
        told["area"], told["year"], date.fromisoformat(told["as_of"]), told["kind"], Decimal(told["value"]),
        number("numerator"), number("denominator"), date.fromisoformat(told["entered_on"]), told["is_checked"],
        told.get("quarter", 0),
    )  # fmt: skip


def _judged(row: _Row, grade: str) -> Judgement:
    """Judge the newest value at the time of its own day; how old it is counts to the end of the period at most."""
    newest, last = row.newest, row.period[1]
    return rules.judge(
        row.goal,
        row.amount,
        share=row.share,
        months_old=_months(newest.as_of, min(row.as_of, last)) if newest else 0,
        is_estimate=newest is not None and newest.kind != "A",
        quality=grade,
        is_definition_unreviewed=bool(row.broken) and not row.broken.get("is_reviewed"),
        lacks_last_year=row.as_of >= last
        and newest is not None
        and (newest.year < last.year or newest.quarter > 0),
    )


def _months(then: date, now: date) -> int:
    return max(0, (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day))


def _grade(row: _Row) -> str:
    """Grade the newest value; a rate is traceable only with its numerator and denominator."""
    newest = row.newest
    if newest is None:
        return ""
    return rules.quality_grade(
        is_complete=not row.missing_years and not row.missing_areas,
        is_timely=(newest.entered_on - newest.as_of).days
        <= (QUARTER_TIMELY_DAYS if newest.quarter else TIMELY_DAYS),
        is_traceable=not row.is_percent or newest.denominator is not None,
        is_checked=newest.is_checked,
    )


def _sampled(row: _Row) -> tuple[tuple[float, float] | None, Certainty | None]:
    """Return the interval of a sampled rate and what the sample proves."""
    newest = row.newest
    is_sampled = newest is not None and row.told.get("is_sampled")
    if not is_sampled or newest is None or newest.numerator is None or not newest.denominator:
        return None, None
    hits, of = int(newest.numerator), int(newest.denominator)
    return rules.wilson(hits, of), rules.certainty(row.goal, hits, of)


def _needed(row: _Row) -> Needed | None:
    """Return what is still needed a year after the newest whole one, judged by the steps that were made so far."""
    newest = row.newest_whole
    if newest is None:
        return None
    series = [one.value for one in row.in_period.values()]
    if row.goal.basis == Basis.NEW:
        series = [sum(series[: n + 1], Decimal(0)) for n in range(len(series))]
    elif row.goal.baseline is not None:
        series = [row.goal.baseline, *series]
    return rules.needed(row.goal, series, row.period[1].year - newest.year)


def _forecast(row: _Row) -> Forecast | None:
    """Carry levels and stocks to the last year, from values of one basis; never back."""
    series, year = _with_baseline(row), row.period[1].year
    if row.goal.basis == Basis.NEW or not series or max(series) >= year:
        return None
    return rules.forecast(row.goal, series, year)


def _with_baseline(row: _Row) -> dict[int, Decimal]:
    """Return what is on the basis that stands, with the baseline as the value of the year before the plan, where it is too."""
    kept, year = _comparable(row), row.period[0].year - 1
    is_on_old_basis = bool(row.broken) and not row.broken.get("baseline")
    if row.goal.baseline is None or year in kept or is_on_old_basis:
        return kept
    return {year: row.goal.baseline} | kept


def _comparable(row: _Row) -> dict[int, Decimal]:
    """Return the values on the basis that stands: after a break those from its year on, and the earlier ones counted anew."""
    if not row.broken:
        return row.series
    anew = {int(year): Decimal(value) for year, value in (row.broken.get("recalculated") or {}).items()}
    since = {year: value for year, value in row.series.items() if year >= row.broken["year"]}
    return dict(sorted((anew | since).items()))


def _years(row: _Row) -> Iterator[Year]:
    """Yield each year's target, and whether that year's value met it."""
    series = row.series
    for text, target in sorted((row.told.get("year_targets") or {}).items()):
        year, value = int(text), series.get(int(text))
        met = None if value is None else rules.is_year_met(row.goal, Decimal(target), value)
        yield Year(year, Decimal(target), met)


def as_json(whole: Whole) -> dict[str, Any]:
    """Return all figures as JSON can carry them: fractions as 'a/b', decimals as text, computed floats to 12 digits."""
    figures, commitments = (
        [asdict(one) | {"series": {str(year): value for year, value in one.series.items()}} for one in rows]
        for rows in (whole.figures, whole.commitments)
    )
    for told, one in zip(figures, whole.figures, strict=True):
        told["comparable"] = one.comparable and {str(year): value for year, value in one.comparable.items()}
    every = {
        "as_of": whole.as_of, "elapsed": whole.elapsed, "figures": figures,
        "composite": asdict(whole.composite), "binding": asdict(whole.binding), "commitments": commitments,
        "late": asdict(whole.late) if whole.late else None,
    }  # fmt: skip
    made: dict[str, Any] = plain(every)
    return made


def plain(told: Any) -> Any:
    """Return figures as JSON can carry them."""
    if isinstance(told, dict):
        return {key: plain(value) for key, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [plain(one) for one in told]
    if isinstance(told, Decimal):
        return format(told.normalize(), "f")
    if isinstance(told, (Fraction, date)):
        return str(told)
    if isinstance(told, float):
        return float(f"{told:.12g}")
    return told

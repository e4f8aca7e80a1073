"""Every figure of a plan from plain data: what a page shows, what an evaluation freezes, what a third party recomputes.

One function makes them all, from what JSON can carry, so that a package with the data is enough to get each figure again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from zhijian.apps.plan.monitoring import city_rules, promise_rules, rules
from zhijian.apps.plan.monitoring.city_rules import Contribution, Group
from zhijian.apps.plan.monitoring.promise_rules import Judged, Promise
from zhijian.apps.plan.monitoring.rules import Basis, Certainty, Forecast, Goal, Judgement, Light, Needed

PROVINCE = "440000"
CITIES = 21
TIMELY_DAYS = 120  # a value of a year is due by the end of March, checked by the end of April (DESIGN)


@dataclass(frozen=True)
class Value:
    """A value as it is reckoned with."""

    area: str
    year: int
    as_of: date
    kind: str
    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    entered_on: date
    is_checked: bool


@dataclass(frozen=True)
class Cities:
    """What the cities that reported a year make of a rate: contributions to the gap, and those of like kind compared."""

    year: int
    lacking: tuple[str, ...]
    percent: Fraction
    rows: tuple[Contribution, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Year:
    """One year's target, and whether the year's value met it; None while there is no value."""

    year: int
    target: Decimal
    is_met: bool | None


@dataclass(frozen=True)
class Figure:
    """Everything that is said of one indicator at a day. Shares are exact fractions."""

    number: str
    goal: Goal
    judged: Judgement
    as_of: date | None
    kind: str
    series: dict[int, Decimal]
    missing_years: tuple[int, ...]
    missing_areas: int  # cities without a value, where the province's is the sum of the cities'
    expected: float | None
    needed: Needed | None
    forecast: Forecast | None
    interval: tuple[float, float] | None
    certainty: Certainty | None
    grade: str
    is_from_cities: bool = False
    cities: Cities | None = None
    years: "tuple[Year, ...]" = ()
    comparable: dict[int, Decimal] | None = None  # after a break: values on the new basis

    @property
    def light(self) -> Light:
        return self.judged.light


@dataclass(frozen=True)
class Commitment:
    """A promise of the plan's text at a day, with its yearly values."""

    number: str
    promise: Promise
    judged: Judged
    series: dict[int, Decimal]
    is_synthetic: bool


@dataclass(frozen=True)
class Whole:
    """All figures at a day, with the composites over all rows and over the binding ones, and the promises of the text."""

    as_of: date
    elapsed: Fraction
    figures: tuple[Figure, ...]
    composite: rules.Composite
    binding: rules.Composite
    commitments: tuple[Commitment, ...] = ()
    late: "Sensitivity | None" = None


def reckon(data: Mapping[str, Any]) -> Whole:
    """Make every figure of a plan at `data["as_of"]`, from its indicators with their points."""
    as_of = date.fromisoformat(data["as_of"])
    first, last = (date.fromisoformat(data[name]) for name in ("starts_on", "ends_on"))
    figures = tuple(_figure(one, as_of, first, last) for one in data["indicators"])
    judged = [(one.judged, one.goal) for one in figures]
    binding = [pair for pair in judged if pair[1].is_binding]
    whole = Whole(
        as_of, rules.elapsed(as_of, first, last), figures, rules.composite(judged), rules.composite(binding),
        tuple(_promised(one, as_of, first, last) for one in data.get("commitments", [])),
    )  # fmt: skip
    return replace(whole, late=sensitivity(data, whole))


def _promised(told: Mapping[str, Any], as_of: date, first: date, last: date) -> Commitment:
    kept = promise_rules.promise(
        told["operator"], told["value"], told["unit"], told["due"], told["basis"], ends_on=last
    )
    values = sorted((_value(one) for one in told["points"]), key=lambda one: one.year)
    series = {one.year: one.value for one in values if one.as_of <= as_of and one.area == PROVINCE}
    judged = promise_rules.judge_promise(kept, series, first_year=first.year, on=as_of)
    is_synthetic = any(one.get("is_synthetic") for one in told["points"])
    return Commitment(told["number"], kept, judged, series, is_synthetic)


def _figure(told: Mapping[str, Any], as_of: date, first: date, last: date) -> Figure:
    broken = told.get("break") or {}
    goal = _goal(told, broken)
    values = [one for one in map(_value, told["points"]) if one.as_of <= as_of]
    own = {one.year: one for one in values if one.area == PROVINCE}
    summed, missing_areas = _from_cities(values, own, unit_zh=told["unit_zh"], basis=goal.basis)
    if summed:
        own = dict(sorted((own | summed).items()))
    in_period = {year: one for year, one in own.items() if first.year <= year <= min(last.year, as_of.year)}
    newest = own[max(in_period)] if in_period else None
    ended = as_of.year if (as_of.month, as_of.day) == (12, 31) else as_of.year - 1
    missing = tuple(year for year in range(first.year, min(last.year, ended) + 1) if year not in own)
    series = {year: one.value for year, one in own.items()}
    amount = _amount(goal, in_period)
    grade = _grade(newest, missing, missing_areas, is_rate="%" in told["unit_zh"]) if newest else ""
    share = rules.elapsed(newest.as_of if newest else as_of, first, last)
    judged = rules.judge(
        goal,
        amount,
        share=share if amount is not None else rules.elapsed(as_of, first, last),
        months_old=_months(newest.as_of, min(as_of, last)) if newest else 0,
        is_estimate=newest is not None and newest.kind != "A",
        quality=grade,
        is_definition_unreviewed=bool(broken) and not broken.get("is_reviewed"),
        lacks_last_year=as_of >= last and newest is not None and newest.year < last.year,
    )
    interval, sure = _sampled(told, goal, newest)
    return Figure(
        told["number"], goal, judged, newest.as_of if newest else None, newest.kind if newest else "",
        series, missing, missing_areas,
        rules.expected(goal, share, is_geometric=told.get("is_geometric", False)),
        _needed(goal, in_period, amount, newest, last),
        _forecast(goal, _with_baseline(goal, series, broken, first.year - 1), last.year),
        interval, sure, grade, bool(summed), _cities(goal, values) if "%" in told["unit_zh"] else None,
        tuple(_years(goal, series, told.get("year_targets") or {})), _comparable(series, broken) if broken else None,
    )  # fmt: skip


def _years(goal: Goal, series: Mapping[int, Decimal], targets: Mapping[str, str]) -> Iterator[Year]:
    for text, target in sorted(targets.items()):
        year, value = int(text), series.get(int(text))
        met = None if value is None else rules.is_year_met(goal, Decimal(target), value)
        yield Year(year, Decimal(target), met)


def _goal(told: Mapping[str, Any], broken: Mapping[str, Any]) -> Goal:
    """Return the goal; after a break of the series the baseline is that on the new basis."""
    baseline = broken.get("baseline") or told["baseline"]
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
    )  # fmt: skip


def _from_cities(
    values: Sequence[Value], own: Mapping[int, Value], *, unit_zh: str, basis: Basis
) -> tuple[dict[int, Value], int]:
    """Sum the cities where the province has no value of its own and all of them reported; say how many lack in the newest year.

    A rate is the sum of numerators over that of denominators; a stock and what is new are counts, which add up; any other
    level has no sum, and the province reports it itself.
    """
    made, lacking = {}, 0
    times, is_count = rules.times(unit_zh), basis in (Basis.STOCK, Basis.NEW)
    for year in sorted({one.year for one in values if one.area != PROVINCE} - set(own)):
        cities = [
            one
            for one in values
            if one.year == year and one.area != PROVINCE and (one.denominator or not times)
        ]
        lacking = CITIES - len(cities)
        if lacking or not (times or is_count):
            continue
        parts = [(one.numerator or Decimal(0), one.denominator or Decimal(0)) for one in cities]
        value = rules.rate(parts, times=times) if times else sum((one.value for one in cities), Decimal(0))
        if value is None:
            continue
        newest = max(cities, key=lambda one: one.as_of)
        made[year] = Value(
            PROVINCE, year, newest.as_of, max(one.kind for one in cities), value,
            sum((top for top, _ in parts), Decimal(0)) if times else None,
            sum((bottom for _, bottom in parts), Decimal(0)) if times else None,
            max(one.entered_on for one in cities), all(one.is_checked for one in cities),
        )  # fmt: skip
    return made, lacking


def _amount(goal: Goal, in_period: Mapping[int, Value]) -> Decimal | None:
    """Return what is judged: the newest value, for what is new in the period the sum of its years."""
    if not in_period:
        return None
    if goal.basis == Basis.NEW:
        return sum((one.value for one in in_period.values()), Decimal(0))
    return in_period[max(in_period)].value


def _grade(newest: Value, missing: Sequence[int], missing_areas: int, *, is_rate: bool) -> str:
    """Grade a value; a rate is traceable only with its numerator and denominator."""
    return rules.quality_grade(
        is_complete=not missing and not missing_areas,
        is_timely=(newest.entered_on - newest.as_of).days <= TIMELY_DAYS,
        is_traceable=not is_rate or newest.denominator is not None,
        is_checked=newest.is_checked,
    )


def _months(then: date, now: date) -> int:
    return max(0, (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day))


def _sampled(
    told: Mapping[str, Any], goal: Goal, newest: Value | None
) -> tuple[tuple[float, float] | None, Certainty | None]:
    if newest is None or not told.get("is_sampled") or newest.numerator is None or not newest.denominator:
        return None, None
    hits, of = int(newest.numerator), int(newest.denominator)
    return rules.wilson(hits, of), rules.certainty(goal, hits, of)


def _needed(
    goal: Goal, in_period: Mapping[int, Value], amount: Decimal | None, newest: Value | None, last: date
) -> Needed | None:
    if newest is None or amount is None:
        return None
    series = [one.value for one in in_period.values()]
    if goal.basis == Basis.NEW:
        series = [sum(series[: n + 1], Decimal(0)) for n in range(len(series))]
    elif goal.baseline is not None:
        series = [goal.baseline, *series]
    return rules.needed(goal, series, last.year - newest.year)


def _cities(goal: Goal, values: Sequence[Value]) -> Cities | None:
    """Return what the cities make of the newest year that any of them reported with its numbers."""
    told = [one for one in values if one.area != PROVINCE and one.numerator is not None and one.denominator]
    if not told:
        return None
    year = max(one.year for one in told)
    parts = {
        one.area: (one.numerator or Decimal(0), one.denominator or Decimal(0))
        for one in told
        if one.year == year
    }
    rows = city_rules.contributions(goal, parts)
    percent = sum((one.weight * one.percent for one in rows), Fraction(0))
    lacking = tuple(sorted(code for _, codes in city_rules.KINDS for code in codes if code not in parts))
    return Cities(year, lacking, percent, tuple(rows), tuple(city_rules.grouped(parts)))


def _with_baseline(
    goal: Goal, series: Mapping[int, Decimal], broken: Mapping[str, Any], year: int
) -> dict[int, Decimal]:
    """Return what is on the basis that stands, with the baseline as the value of the year before the plan, where it is too."""
    kept = _comparable(series, broken)
    if goal.baseline is None or year in kept or (broken and not broken.get("baseline")):
        return kept
    return {year: goal.baseline} | kept


def _comparable(series: Mapping[int, Decimal], broken: Mapping[str, Any]) -> dict[int, Decimal]:
    """Return the values on the basis that stands: after a break those from its year on, and the earlier ones counted anew."""
    if not broken:
        return dict(series)
    anew = {int(year): Decimal(value) for year, value in (broken.get("recalculated") or {}).items()}
    return dict(
        sorted((anew | {year: value for year, value in series.items() if year >= broken["year"]}).items())
    )


def _forecast(goal: Goal, series: Mapping[int, Decimal], year: int) -> Forecast | None:
    """Carry levels and stocks to the last year, from values of one basis; never back."""
    if goal.basis == Basis.NEW or not series or max(series) >= year:
        return None
    return rules.forecast(goal, series, year)


@dataclass(frozen=True)
class Late:
    """How a light would fall if the values that are late stood still, or went on as before."""

    number: str
    year: int
    light: Light
    if_still: Light
    if_trend: Light | None
    cities: "LateCities | None" = None


@dataclass(frozen=True)
class LateCities:
    """Where cities lack: the rate of those that reported, and that of all if the late ones stood where they last were.

    `low` and `high`: if nothing, or everything, of what the late ones last counted were met.
    """

    lacking: tuple[str, ...]
    reported: Fraction
    as_before: Fraction | None
    if_as_before: Light | None
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class Sensitivity:
    """What late data may change: row by row, and the composite between all late rows at nothing and all at the target."""

    rows: tuple[Late, ...]
    low: Fraction | None
    high: Fraction | None


def sensitivity(data: Mapping[str, Any], whole: Whole) -> Sensitivity:
    """Say what values that are still missing at the day may change."""
    rows = tuple(late for one in whole.figures if (late := _late(one, data)) is not None)
    known, out = whole.composite.counted, whole.composite.left_out
    total, index = known + out, whole.composite.index
    if not total:
        return Sensitivity(rows, None, None)
    sure = (index or Fraction(0)) * known
    return Sensitivity(rows, sure / total, (sure + out) / total)


def _late(one: Figure, data: Mapping[str, Any]) -> Late | None:
    if not one.missing_years or not one.series or one.goal.basis == Basis.NEW:
        return None
    year = one.missing_years[-1]
    if year < max(one.series):
        return None
    first, last = (date.fromisoformat(data[name]) for name in ("starts_on", "ends_on"))
    share = rules.elapsed(date(year, 12, 31), first, last)
    still = rules.judge(one.goal, one.series[max(one.series)], share=share).light
    trend = rules.forecast(one.goal, one.series if one.comparable is None else one.comparable, year)
    moved = rules.judge(one.goal, Decimal(repr(round(trend.value, 6))), share=share).light if trend else None
    return Late(one.number, year, one.light, still, moved, _late_cities(one, data, year, share))


def _late_cities(one: Figure, data: Mapping[str, Any], year: int, share: Fraction) -> LateCities | None:
    """Fill in the late cities of a year with what they last counted."""
    if one.cities is None or one.cities.year != year or not one.cities.lacking:
        return None
    points = next(row["points"] for row in data["indicators"] if row["number"] == one.number)
    told = sorted(
        (value for value in map(_value, points) if value.numerator is not None and value.denominator),
        key=lambda value: value.year,
    )
    now = [value for value in told if value.year == year and value.area != PROVINCE]
    before = {value.area: value for value in told if value.area in one.cities.lacking and value.year < year}
    if set(before) != set(one.cities.lacking):  # one never reported: there is nothing to fill in
        return LateCities(one.cities.lacking, one.cities.percent, None, None, None, None)
    hits, of = (
        sum((Fraction(getattr(value, name)) for value in now), Fraction(0))
        for name in ("numerator", "denominator")
    )
    more = sum((Fraction(value.denominator or 0) for value in before.values()), Fraction(0))
    same = sum((Fraction(value.numerator or 0) for value in before.values()), Fraction(0))
    filled = (hits + same) * 100 / (of + more)
    exact = Decimal(filled.numerator) / Decimal(filled.denominator)
    return LateCities(
        one.cities.lacking, one.cities.percent, filled, rules.judge(one.goal, exact, share=share).light,
        hits * 100 / (of + more), (hits + more) * 100 / (of + more),
    )  # fmt: skip


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

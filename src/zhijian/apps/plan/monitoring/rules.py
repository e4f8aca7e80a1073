"""How a plan is measured: progress, pace, lights, status at the end, forecasts, sums and intervals.

Values are exact (``Decimal`` in, ``Fraction`` out), so that a limit is met or missed by the number itself and
never by its rounding. Where the plan's own text says nothing, the convention is ours and says DESIGN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, takewhile
from math import atan, cos, pi, sin, sqrt
from typing import Final

from zhijian.standards.citation import rule

PLAN: Final = "《广东省市场监管现代化“十四五”规划》第十二章第三节"
LAW: Final = "《国家发展规划法》"  # governs outline plans; this sector plan follows it by analogy

STALE_MONTHS = 15
YELLOW_FROM, YELLOW_FROM_BINDING = Fraction(8, 10), Fraction(9, 10)  # of the time elapsed
BASICALLY_FROM = Fraction(9, 10)  # DESIGN
INFEASIBLE_TIMES = 1.5
LEAST_POINTS = 4
TINY_SPAN = Fraction(8, 100)  # DESIGN, of the target: a span below it makes progress hypersensitive


class Basis(StrEnum):
    """What a value is: a stock, what is new within the period, a level of the year, or a level that should fall."""

    STOCK = "stock"
    NEW = "new"
    LEVEL = "level"
    LOWER = "lower"


class Light(StrEnum):
    """Where an indicator stands on the way."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    OPEN = "open"  # no baseline, so no progress: not met yet
    GREY = "grey"  # no data that carry a judgement
    ATTAINED = "attained"
    BASICALLY = "basically"
    NOT_ATTAINED = "not_attained"
    NO_DATA = "no_data"


class Note(StrEnum):
    """What a reader must know beside a light."""

    HOLD = "hold"
    NO_BASELINE = "no_baseline"
    TINY_SPAN = "tiny_span"
    MOVING_AWAY = "moving_away"
    STALE = "stale"
    ESTIMATE = "estimate"
    QUALITY_D = "quality_d"
    DEFINITION = "definition"  # the definition changed and nobody has reviewed what that did


GOOD = frozenset({Light.GREEN, Light.ATTAINED})
_BLANK = frozenset({Light.GREY, Light.NO_DATA})


@dataclass(frozen=True)
class Goal:
    """What an indicator must reach. `baseline` is None where the plan leaves it blank: never zero."""

    basis: Basis
    baseline: Decimal | None
    target: Decimal
    is_at_most: bool = False
    is_binding: bool = False

    @property
    def start(self) -> Decimal | None:
        """The value from which the way is measured: zero for what is new within the period."""
        return Decimal(0) if self.basis == Basis.NEW else self.baseline

    @property
    def span(self) -> Decimal | None:
        return None if self.start is None else self.target - self.start


@dataclass(frozen=True)
class Judgement:
    """Where an indicator stands: progress and pace (shares, unrounded), light, notes."""

    value: Decimal | None
    progress: Fraction | None
    pace: Fraction | None
    elapsed: Fraction
    light: Light
    is_attained: bool
    notes: tuple[Note, ...] = ()


@rule(cites=PLAN)
def elapsed(on: date, starts_on: date, ends_on: date) -> Fraction:
    """Return the share of the period's months that is over at the end of a day, from 0 to 1."""
    whole = _months(starts_on, ends_on + timedelta(days=1))
    return min(Fraction(1), max(Fraction(0), Fraction(_months(starts_on, on + timedelta(days=1)), whole)))


def _months(first: date, then: date) -> int:
    return (then.year - first.year) * 12 + then.month - first.month - (then.day < first.day)


@rule(cites=PLAN)
def progress(goal: Goal, value: Decimal) -> Fraction | None:
    """Return the share of the planned change that has happened: (A−B)/(T−B), for what is new ΣX/T.

    None where the baseline is blank, or where the target is the baseline, so that nothing is divided by nothing.
    """
    if goal.start is None or not goal.span:
        return None
    return Fraction(value - goal.start) / Fraction(goal.span)


@rule(cites=PLAN)
def is_attained(goal: Goal, value: Decimal) -> bool:
    """Say whether a value meets the target: the raw comparison, never a rounded progress."""
    return value <= goal.target if goal.is_at_most else value >= goal.target


QUARTERS: Final = 4


@rule(cites=PLAN)
def whole_year(basis: Basis, quarters: Mapping[int, Decimal]) -> Decimal | None:
    """Return what the quarters of a year make of it: what is new adds up; of a level and of a stock the fourth stands.

    None while that lacks: any of the four for what adds up, the fourth for the others.

    DESIGN: what is reported by quarter as a rate is counted from the first day of the year, so that the fourth is the year's.
    """
    if basis == Basis.NEW:
        return sum(quarters.values(), Decimal(0)) if len(quarters) == QUARTERS else None
    return quarters.get(QUARTERS)


@rule(cites=PLAN)
def year_so_far(basis: Basis, quarters: Mapping[int, Decimal]) -> tuple[int, Decimal] | None:
    """Return up to which quarter a year is known, and its value so far; None where nothing is known.

    What is new adds up from the first quarter as far as none lacks; of a level and of a stock the newest stands.
    """
    if basis != Basis.NEW:
        return (max(quarters), quarters[max(quarters)]) if quarters else None
    known = [quarters[n] for n in takewhile(quarters.__contains__, range(1, QUARTERS + 1))]
    return (len(known), sum(known, Decimal(0))) if known else None


@rule(cites=PLAN)
def expected(goal: Goal, share: Fraction, *, is_geometric: bool = False) -> float | None:
    """Return the value on the planned path when `share` of the time is over; None without a baseline.

    Linear B + τ(T−B); geometric B(T/B)^τ for stocks that grow, where both are above zero.
    """
    if goal.start is None:
        return None
    start, target = float(goal.start), float(goal.target)
    if is_geometric and start > 0 and target > 0:
        return float(start * (target / start) ** float(share))
    return start + float(share) * (target - start)


@rule(cites=(PLAN, f"{LAW}第二十八条"))
def judge(
    goal: Goal,
    value: Decimal | None,
    *,
    share: Fraction,
    months_old: int = 0,
    is_estimate: bool = False,
    quality: str = "",
    is_definition_unreviewed: bool = False,
    lacks_last_year: bool = False,
) -> Judgement:
    """Judge a value when `share` of the period is over: a light on the way, a status at the end.

    Once the period is over (`lacks_last_year`: over, and no value of its last year) an earlier value gives no status: what was
    reached early can be lost again. Only what adds up and has reached its target stays reached.

    Data of grade D, data older than 15 months, and a target met by a changed definition that nobody reviewed
    carry no green: the light is grey. A binding row knows no 'basically attained'.
    """
    is_over = share >= 1
    notes = [Note.ESTIMATE] if is_estimate else []
    if value is None or months_old > STALE_MONTHS:
        notes += [Note.STALE] if value is not None else []
        light = Light.NO_DATA if is_over else Light.GREY
        return Judgement(value, None, None, share, light, is_attained=False, notes=tuple(notes))
    done, met = progress(goal, value), is_attained(goal, value)
    notes += _notes(goal, done)
    light = _final(goal, done, met) if is_over else _light(goal, done, met, share)
    if light in GOOD and (quality == "D" or is_definition_unreviewed):
        notes += [Note.QUALITY_D] if quality == "D" else [Note.DEFINITION]
        light = Light.NO_DATA if is_over else Light.GREY
    if lacks_last_year:
        stays = light in GOOD and met and goal.basis == Basis.NEW
        light = Light.ATTAINED if stays else Light.NO_DATA
    pace = done / share if done is not None and share else None
    return Judgement(value, done, pace, share, light, met, tuple(notes))


def _notes(goal: Goal, done: Fraction | None) -> list[Note]:
    if goal.start is None:
        return [Note.NO_BASELINE]
    if done is None:
        return [Note.HOLD]
    span = abs(Fraction(goal.span or 0))
    is_tiny = goal.basis != Basis.NEW and span < TINY_SPAN * abs(Fraction(goal.target))
    return ([Note.TINY_SPAN] if is_tiny else []) + ([Note.MOVING_AWAY] if done < 0 else [])


def _light(goal: Goal, done: Fraction | None, met: bool, share: Fraction) -> Light:
    if met or (done is not None and done >= share):
        return Light.GREEN
    if done is None:
        return Light.OPEN if goal.start is None else Light.RED
    yellow = YELLOW_FROM_BINDING if goal.is_binding else YELLOW_FROM
    return Light.YELLOW if done >= yellow * share and done >= 0 else Light.RED


def _final(goal: Goal, done: Fraction | None, met: bool) -> Light:
    if met:
        return Light.ATTAINED
    is_near = done is not None and done >= BASICALLY_FROM and not goal.is_binding
    return Light.BASICALLY if is_near else Light.NOT_ATTAINED


@rule(cites=f"{LAW}第二十三条")
def leads_to_target(goal: Goal, targets: Mapping[int, Decimal], *, done: Decimal) -> bool:
    """Say whether yearly targets lead to the plan's: none easier than the year's before, the last as good as the target.

    What is new in the period adds up instead, with what is `done` in the years before.
    """
    values = [targets[year] for year in sorted(targets)]
    if not values:
        return False
    if goal.basis == Basis.NEW:
        return all(value >= 0 for value in values) and done + sum(values, Decimal(0)) >= goal.target
    sign = -1 if goal.is_at_most else 1
    return all(sign * after >= sign * before for before, after in pairwise(values)) and is_attained(
        goal, values[-1]
    )


@rule(cites=f"{LAW}第二十三条")
def is_year_met(goal: Goal, target: Decimal, value: Decimal) -> bool:
    """Say whether a year's value meets that year's target."""
    return value <= target if goal.is_at_most else value >= target


@dataclass(frozen=True)
class Needed:
    """What is still needed a year: a step, and for stocks the growth in percent; whether the past makes it likely."""

    step: Decimal
    growth_percent: float | None
    is_infeasible: bool


@rule(cites=PLAN)
def needed(goal: Goal, series: Sequence[Decimal], years_left: int) -> Needed | None:
    """Return the yearly step from the last value to the target; None when no year is left.

    Infeasible where it is more than one and a half times the best yearly step of the series.
    """
    if years_left <= 0 or not series:
        return None
    last, sign = series[-1], -1 if goal.is_at_most else 1
    step = (goal.target - last) / years_left
    growth = (
        ((float(goal.target) / float(last)) ** (1 / years_left) - 1) * 100
        if last > 0 and goal.target > 0
        else None
    )
    steps = [sign * float(after - before) for before, after in pairwise(series)]
    is_infeasible = bool(steps) and sign * float(step) > INFEASIBLE_TIMES * max(max(steps), 0)
    return Needed(step, growth, is_infeasible)


@dataclass(frozen=True)
class Forecast:
    """A straight line through yearly values, carried to a year, with its 95 percent interval and the chance to attain."""

    points: int
    slope: float
    value: float
    error: float
    low: float
    high: float
    chance: float


@rule(cites=PLAN)
def forecast(goal: Goal, values: Mapping[int, Decimal], year: int) -> Forecast | None:
    """Carry the trend of yearly values to a year by least squares; fewer than four values give no forecast.

    The interval is of a single prediction, with Student's t of n−2 degrees of freedom.
    """
    count = len(values)
    if count < LEAST_POINTS:
        return None
    xs, ys = [float(one) for one in values], [float(one) for one in values.values()]
    middle, mean = sum(xs) / count, sum(ys) / count
    spread = sum((x - middle) ** 2 for x in xs)
    slope = sum((x - middle) * (y - mean) for x, y in zip(xs, ys, strict=True)) / spread
    told = mean + slope * (year - middle)
    rest = sum((y - mean - slope * (x - middle)) ** 2 for x, y in zip(xs, ys, strict=True))
    error = sqrt(rest / (count - 2)) * sqrt(1 + 1 / count + (year - middle) ** 2 / spread)
    reach = student_quantile(0.975, count - 2) * error
    return Forecast(
        count, slope, told, error, told - reach, told + reach, _chance(goal, told, error, count - 2)
    )


def _chance(goal: Goal, told: float, error: float, df: int) -> float:
    gap = float(goal.target) - told
    if error < 1e-12:
        return float(gap >= 0 if goal.is_at_most else gap <= 0)
    below = student(gap / error, df)
    return below if goal.is_at_most else 1 - below


@rule(cites="GB/T 3358.1-2009")
def student(t: float, df: int) -> float:
    """Return the chance that Student's t with a whole number of degrees of freedom is at most `t`: the closed form."""
    angle = atan(t / sqrt(df))
    square, term, total = cos(angle) ** 2, 1.0, 0.0
    if df % 2:
        term = cos(angle)
        for step in range(1, (df - 1) // 2 + 1):
            total += term
            term *= square * 2 * step / (2 * step + 1)
        share = 2 / pi * (angle + sin(angle) * total)
    else:
        for step in range(1, df // 2 + 1):
            total += term
            term *= square * (2 * step - 1) / (2 * step)
        share = sin(angle) * total
    return 0.5 + share / 2


@rule(cites="GB/T 3358.1-2009")
def student_quantile(chance: float, df: int) -> float:
    """Return the value that Student's t stays below with this chance, found by halving."""
    low, high = -1e4, 1e4
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if student(middle, df) < chance else (low, middle)
    return high


@dataclass(frozen=True)
class Composite:
    """The mean progress, each capped to 0–1; how many rows it has, and how many had no data."""

    index: Fraction | None
    counted: int
    left_out: int


@rule(cites=PLAN)
def composite(judged: Sequence[tuple[Judgement, Goal]], *, binding_weight: int = 1) -> Composite:
    """Return the index of several rows: nothing over-fulfilled pays for a failure, a row without data is left out, counted.

    A row without a baseline has no progress: it counts as left out until the target is met, then as 1.
    """
    shares, weights = [], []
    for one, goal in judged:
        share = _share(one)
        if share is None:
            continue
        weight = binding_weight if goal.is_binding else 1
        shares.append(share * weight)
        weights.append(weight)
    index = sum(shares, Fraction(0)) / sum(weights) if weights else None
    return Composite(index, len(weights), len(judged) - len(weights))


def _share(one: Judgement) -> Fraction | None:
    if one.light in _BLANK:
        return None
    if one.is_attained:
        return Fraction(1)
    if one.progress is None:
        return Fraction(0) if Note.HOLD in one.notes else None
    return min(Fraction(1), max(Fraction(0), one.progress))


_TIMES: Final = (("%", 100), ("/千人", 1_000), ("/万人", 10_000), ("/百万人", 1_000_000))


@rule(cites=PLAN)
def times(unit_zh: str) -> int | None:
    """Return by what a numerator over its denominator is multiplied in a unit: 100 for %, 1,000 for a rate of 1,000 people.

    None for a unit that is no rate, or that does not say of how many.
    """
    return next((many for ending, many in _TIMES if ending in unit_zh), None)


@rule(cites=PLAN)
def adds_up(basis: Basis, unit_zh: str) -> bool:
    """Say whether the values of areas make that of all of them: rates by their numerators and denominators, stocks and what is new as counts."""
    return times(unit_zh) is not None or basis in (Basis.STOCK, Basis.NEW)


@rule(cites=PLAN)
def rate(parts: Sequence[tuple[Decimal, Decimal]], *, times: int = 100) -> Decimal | None:
    """Return Σ numerators × `times` ÷ Σ denominators: the province's rate is never the mean of the cities' rates."""
    whole = sum((bottom for _, bottom in parts), Decimal(0))
    return sum((top for top, _ in parts), Decimal(0)) * times / whole if whole else None


@rule(cites="GB/T 4889-2008")
def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """Return the 95 percent interval of a share by Wilson's score, in percent; None of nothing."""
    if of <= 0:
        return None
    z, share = 1.959963984540054, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - half) * 100), min(100.0, (middle + half) * 100)


class Certainty(StrEnum):
    """What a sample proves: the whole interval on the good side, only the point, the whole interval on the bad side, or neither."""

    CONFIRMED = "confirmed"
    POINT_ONLY = "point_only"
    NOT_SIGNIFICANT = "not_significant"  # the point misses, the interval does not
    MISSED = "missed"


@rule(cites=PLAN)
def certainty(goal: Goal, hits: int, of: int) -> Certainty | None:
    """Say how sure it is that a sampled rate (percent) meets its target; None without a sample."""
    ends = wilson(hits, of)
    if ends is None:
        return None
    target, point = float(goal.target), Decimal(hits) * 100 / of
    low, high = ends
    if is_attained(goal, point):
        is_sure = high <= target if goal.is_at_most else low >= target
        return Certainty.CONFIRMED if is_sure else Certainty.POINT_ONLY
    is_missed = low > target if goal.is_at_most else high < target
    return Certainty.MISSED if is_missed else Certainty.NOT_SIGNIFICANT


@dataclass(frozen=True)
class Floors:
    """An annual floor, year by year: years that met it, missed it, have no value. A good mean repairs nothing."""

    met: tuple[int, ...]
    missed: tuple[int, ...]
    missing: tuple[int, ...]

    @property
    def is_met(self) -> bool:
        return not self.missed and not self.missing


@rule(cites=PLAN)
def floors(floor: Decimal, values: Mapping[int, Decimal | None]) -> Floors:
    """Judge an annual floor year by year."""
    known = {year: value for year, value in values.items() if value is not None}
    return Floors(
        tuple(year for year, value in known.items() if value >= floor),
        tuple(year for year, value in known.items() if value < floor),
        tuple(year for year in values if year not in known),
    )


@dataclass(frozen=True)
class Compared:
    """One area beside areas of like kind: its rate, interval, and how it compares after its mix is taken out.

    `ratio` is observed ÷ expected at the whole group's rates by stratum: 1 is as the like ones are.
    """

    areas: tuple[str, ...]
    hits: int
    of: int
    low: float
    high: float
    ratio: float | None

    @property
    def percent(self) -> float:
        return 100 * self.hits / self.of


Strata = Mapping[str, tuple[int, int]]


@rule(cites=PLAN)
def compared(areas: Mapping[str, Strata], *, least: int = 100) -> list[Compared]:
    """Compare areas of like kind: each by stratum (hits, of), adjusted for its mix; areas below `least` are pooled into one row.

    Small denominators never stand alone, so that chance is not taken for merit.
    """
    names = sorted({name for strata in areas.values() for name in strata})
    whole = {
        name: [sum(strata.get(name, (0, 0))[part] for strata in areas.values()) for part in (0, 1)]
        for name in names
    }
    sizes = {area: sum(of for _, of in strata.values()) for area, strata in areas.items()}
    small = tuple(area for area, size in sizes.items() if size < least)
    groups = [(area,) for area in areas if area not in small] + ([small] if small else [])
    return [one for group in groups if (one := _compared(group, areas, whole)) is not None]


def _compared(
    group: tuple[str, ...], areas: Mapping[str, Strata], whole: Mapping[str, Sequence[int]]
) -> Compared | None:
    cells = [(name, *cell) for area in group for name, cell in areas[area].items()]
    hits, of = sum(cell[1] for cell in cells), sum(cell[2] for cell in cells)
    ends = wilson(hits, of)
    if ends is None:
        return None
    due = sum(size * whole[name][0] / whole[name][1] for name, _, size in cells if whole[name][1])
    return Compared(group, hits, of, *ends, hits / due if due else None)


@rule(cites=PLAN)
def quality_grade(*, is_complete: bool, is_timely: bool, is_traceable: bool, is_checked: bool) -> str:
    """Grade data from A to D by completeness, timeliness, traceability to records and an independent check.

    DESIGN: one failing gives B, two C, more D; incomplete and unchecked together are D at once.
    """
    failing = [is_complete, is_timely, is_traceable, is_checked].count(False)
    if not is_complete and not is_checked:
        return "D"
    return "ABCDD"[failing]


@rule(cites="《中共中央 国务院关于全面实施预算绩效管理的意见》")
def output_per_yuan(output: Decimal, spent_yuan: Decimal) -> Decimal | None:
    """Return the output of one yuan; None where nothing was spent: no number, not infinity."""
    return output / spent_yuan if spent_yuan > 0 else None


@rule(cites="《中共中央 国务院关于全面实施预算绩效管理的意见》")
def execution_percent(spent_yuan: Decimal, planned_yuan: Decimal) -> Decimal | None:
    """Return how much of the planned money is spent, in percent; None without a budget."""
    return spent_yuan * 100 / planned_yuan if planned_yuan > 0 else None

"""What is said of a plan at a day, as records: each row's figure, the cities behind it, the promises, what late data may change."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from zhijian.apps.plan.monitoring import rules
from zhijian.apps.plan.monitoring.city_rules import Contribution, Group
from zhijian.apps.plan.monitoring.promise_rules import Judged, Promise
from zhijian.apps.plan.monitoring.rules import Certainty, Forecast, Goal, Judgement, Light, Needed


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
    quarter: int = 0  # 1 to 4; 0 is the whole year


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
class Quarter:
    """The province's value of one quarter, its own or that of all its cities."""

    year: int
    quarter: int
    value: Decimal
    as_of: date
    kind: str


@dataclass(frozen=True)
class LateQuarter:
    """A quarter that is over and has no value of the province; `lacking` names the cities without one where some reported."""

    year: int
    quarter: int
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class LateCounties:
    """The counties of a city without a value of a year (quarter 0) or quarter where others have one, so that the city has none."""

    city: str
    year: int
    quarter: int
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class OfCounties:
    """What all counties of a city make of it."""

    city: str
    year: int
    quarter: int
    value: Decimal


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
    years: tuple[Year, ...] = ()
    comparable: dict[int, Decimal] | None = None  # after a break: values on the new basis
    quarters: tuple[Quarter, ...] = ()
    so_far: int = 0  # the newest value is that of a year up to this quarter; 0 where it is of a whole year
    late_quarters: tuple[LateQuarter, ...] = ()
    of_counties: tuple[OfCounties, ...] = ()
    late_counties: tuple[LateCounties, ...] = ()

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
class Late:
    """How a light would fall if the values that are late stood still, or went on as before."""

    number: str
    year: int
    light: Light
    if_still: Light
    if_trend: Light | None
    cities: LateCities | None = None


@dataclass(frozen=True)
class Sensitivity:
    """What late data may change: row by row, and the composite between all late rows at nothing and all at the target."""

    rows: tuple[Late, ...]
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class Whole:
    """All figures at a day, with the composites over all rows and over the binding ones, and the promises of the text."""

    as_of: date
    elapsed: Fraction
    figures: tuple[Figure, ...]
    composite: rules.Composite
    binding: rules.Composite
    commitments: tuple[Commitment, ...] = ()
    late: Sensitivity | None = None

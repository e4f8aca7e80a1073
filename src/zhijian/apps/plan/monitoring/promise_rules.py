"""How a promise of a plan's text is judged: year by year, as done or not done, or by an amount at its day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from zhijian.apps.plan.monitoring import rules
from zhijian.standards.citation import rule

PLAN: Final = "《广东省市场监管现代化“十四五”规划》第十二章第三节"

YEARLY, IN_PERIOD = "per year", "new in period"  # the words of `basis` in a plan's commitments.csv
_AT_MOST, _EVENTS = "<=", "events"
OPERATORS: Final = ("=", ">=", _AT_MOST, "new", "deadline")
BASES: Final = ("", "rate", "cumulative", YEARLY, IN_PERIOD)
_WHOLE = Decimal(100)


class Shape(StrEnum):
    """What a promise is: a floor of each year, a whole or a yes, or an amount."""

    FLOOR = "floor"
    DONE = "done"
    AMOUNT = "amount"


class Kept(StrEnum):
    """Where a promise stands."""

    KEPT = "kept"
    ON_WAY = "on_way"  # every year so far met its floor
    OPEN = "open"  # its day lies ahead
    BROKEN = "broken"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class Promise:
    """What is promised. `target` is None where the text gives no number: then 1 is done and 0 is not."""

    shape: Shape
    target: Decimal | None
    due_on: date
    is_at_most: bool = False
    is_summed: bool = False  # new within the period, or events that must not occur: its years are added up


@dataclass(frozen=True)
class Judged:
    """How far a promise is kept: the value that decides, and for a floor the years that met it, missed it, lack."""

    kept: Kept
    value: Decimal | None
    years: rules.Floors | None = None


@rule(cites=PLAN)
def promise(operator: str, value: str, unit: str, due: str, basis: str, *, ends_on: date) -> Promise:
    """Read a promise from its row: a year's floor where it is promised of each year, a whole where it says 100%, else an amount.

    DESIGN: without a year it is due at the end of the plan. A promise of zero is a ceiling, and one of no event counts the
    events of all its years.
    """
    target = _number(value)
    due_on = date(int(due), 12, 31) if due else ends_on
    if basis == YEARLY and target is not None:
        return Promise(Shape.FLOOR, target, ends_on, is_at_most=operator == _AT_MOST)
    is_done = target is None or (target == _WHOLE and unit.startswith("%"))
    return Promise(
        Shape.DONE if is_done else Shape.AMOUNT, target, due_on,
        is_at_most=operator == _AT_MOST or target == 0, is_summed=basis == IN_PERIOD or (target == 0 and unit == _EVENTS),
    )  # fmt: skip


def _number(text: str) -> Decimal | None:
    try:
        made = Decimal(text.strip())
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


@rule(cites=PLAN)
def judge_promise(one: Promise, values: Mapping[int, Decimal], *, first_year: int, on: date) -> Judged:
    """Judge a promise at a day from its yearly values.

    A floor is judged year by year over the years that are over: one missed year breaks it, and no mean repairs it; a
    year without value leaves it open to doubt. Everything else is judged by its newest value, or by the sum of its years,
    up to the year in which it is due: what comes later came too late. A sum that may not be passed stays passed.
    """
    told = {
        year: value for year, value in values.items() if first_year <= year <= min(on.year, one.due_on.year)
    }
    if one.shape == Shape.FLOOR:
        return _floor(one, told, first_year=first_year, on=on)
    if one.is_at_most and one.is_summed:
        return _never(one, told, first_year=first_year, on=on)
    if not told:
        return Judged(Kept.OPEN if on < one.due_on else Kept.NO_DATA, None)
    value = sum(told.values(), Decimal(0)) if one.is_summed else told[max(told)]
    aim = Decimal(1) if one.target is None else one.target
    if value <= aim if one.is_at_most else value >= aim:
        return Judged(Kept.KEPT, value)
    return Judged(Kept.OPEN if on < one.due_on else Kept.BROKEN, value)


def _never(one: Promise, told: Mapping[int, Decimal], *, first_year: int, on: date) -> Judged:
    """Judge what may not occur over all the years: one event breaks it for good, and a year without value leaves doubt."""
    assert one.target is not None
    value = sum(told.values(), Decimal(0)) if told else None
    if value is not None and value > one.target:
        return Judged(Kept.BROKEN, value)
    if set(range(first_year, _over(one, on) + 1)) - set(told):
        return Judged(Kept.NO_DATA, value)
    if on >= one.due_on:
        return Judged(Kept.KEPT, value)
    return Judged(Kept.ON_WAY if told else Kept.OPEN, value)


def _over(one: Promise, on: date) -> int:
    """Return the last year that is over, of those in which a promise counts."""
    return min(on.year if (on.month, on.day) == (12, 31) else on.year - 1, one.due_on.year)


def _floor(one: Promise, told: Mapping[int, Decimal], *, first_year: int, on: date) -> Judged:
    assert one.target is not None
    sign = -1 if one.is_at_most else 1
    years = range(first_year, _over(one, on) + 1)
    found = rules.floors(
        sign * one.target, {year: sign * told[year] if year in told else None for year in years}
    )
    value = told[max(told)] if told else None
    if found.missed:
        return Judged(Kept.BROKEN, value, found)
    if found.missing or not years:
        return Judged(Kept.NO_DATA if years else Kept.OPEN, value, found)
    return Judged(Kept.KEPT if on >= one.due_on else Kept.ON_WAY, value, found)

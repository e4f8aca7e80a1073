"""Periods of the law as data: from when, how long, while what they stand still, and on which day they end.

A step says ``consumer/complaint_acceptance from competent_received_on, stops while appraisal``. The number, its unit,
whether it rolls and how it may be extended lie in the dated parameter of that name, as a number or a small table::

    unit: working day            # or day, month, year
    values:
      - from: 2026-04-15
        value: {length: 15, extension: 15, extended_by: leader, extensions: 1, rolls: true}
        source: …

``rolls`` (true where it is not said) lets a last day of rest give way to the next working day. ``name:key`` picks one
of several periods in a parameter's table.

SOURCE: 《市场监督管理投诉举报处理办法》第四十五条, 《民法典》第二百零一条、第二百零三条: the first day is not counted.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from zhijian.standards import calendar, parameters
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.citation import rule

Span = tuple[date, date | None]
"""First and last day of a hold; no last day where it still goes on."""

UNITS = {
    "working day": "working_day",
    "working_day": "working_day",
    "day": "day",
    "calendar day": "day",
    "calendar_day": "day",
    "month": "month",
    "year": "year",
}
_TEXT = re.compile(
    r"^\s*(?P<parameter>[\w/]+(?::\w+)?)\s+from\s+(?P<field>\w+)\s*(?:,\s*stops\s+while\s+(?P<holds>[\w\s,]+?))?\s*$"
)
_ONE_DAY = timedelta(days=1)


class DeadlineProblem(BilingualError, ValueError):
    """A deadline cannot be read or computed; the message says why, in both languages."""


@dataclass(frozen=True)
class Declared:
    """A deadline as a drawing names it."""

    parameter: str  # with ":key" where the parameter holds several periods
    field: str  # the data field with the day from which it runs
    stops_while: tuple[str, ...] = ()


@dataclass(frozen=True)
class Period:
    """A period of the law: its length and how it may be extended."""

    length: int
    unit: str  # working_day, day, month or year
    rolls: bool = True
    extension: int = 0  # in the same unit; 0: it may not be extended
    extended_by: str = "leader"  # the role that may extend it
    extensions: int = 1  # how often


@dataclass(frozen=True)
class Deadline:
    """On which day a period ends. All days are empty while the clock stands still without a known end."""

    label: str
    due_on: date | None  # the legal last day
    alarm_on: date | None  # without the rest days at its end: the day to rely on
    yellow_on: date | None  # the first day on which two thirds are over
    extended_length: int = 0

    def light_on(self, today: date) -> str:
        return light(today, due_on=self.due_on, yellow_on=self.yellow_on)


def declared(text: str) -> Declared:
    """Read a deadline as drawings name it.

    Raises:
        DeadlineProblem: it is not of the form ``parameter from field[, stops while hold, hold]``.
    """
    found = _TEXT.match(text)
    if found is None:
        raise DeadlineProblem(
            f"期限“{text}”不符合写法：参数名 from 字段名[, stops while 事由]。",
            f"The deadline '{text}' is not of the form 'parameter from field[, stops while hold]'.",
        )
    holds = tuple(name.strip() for name in (found["holds"] or "").split(",") if name.strip())
    return Declared(found["parameter"], found["field"], holds)


def period_on(name: str, day: date) -> Period:
    """Return the period of a parameter in force on the day that governs: the day it starts from.

    Raises:
        DeadlineProblem: the parameter is none of a period.
        ParameterProblem, NoValueInForce: there is none of that name, or none on that day.
    """
    path, _, key = name.partition(":")
    parameter = parameters.load(path)
    value = parameter.on(day)
    if key:
        if not isinstance(value, dict) or key not in value:
            raise DeadlineProblem(
                f"参数“{path}”没有“{key}”一项。", f"The parameter '{path}' has no entry '{key}'."
            )
        value = value[key]
    unit = UNITS.get(parameter.unit)
    if unit is None:
        raise DeadlineProblem(
            f"参数“{path}”的单位“{parameter.unit}”不是期限单位。",
            f"'{path}' counts in '{parameter.unit}', which is no unit of time.",
        )
    return _period(path, unit, value)


def _period(name: str, unit: str, value: Any) -> Period:
    if isinstance(value, int) and not isinstance(value, bool):
        return Period(value, unit)
    if isinstance(value, dict) and isinstance(value.get("length"), int):
        return Period(
            value["length"],
            unit,
            rolls=value.get("rolls", True) is True,
            extension=int(value.get("extension", 0)),
            extended_by=str(value.get("extended_by", "leader")),
            extensions=int(value.get("extensions", 1)),
        )
    raise DeadlineProblem(
        f"参数“{name}”的值不是期限：应为整数，或含 length 的表。",
        f"The value of '{name}' is no period: give a number, or a table with 'length'.",
    )


@rule(cites="《市场监督管理投诉举报处理办法》第四十五条、《民法典》第二百零一条、第二百零三条")
def deadline(
    period: Period,
    started_on: date,
    *,
    holds: Iterable[Span] = (),
    extended_length: int = 0,
    label: str = "",
) -> Deadline:
    """Return when a period ends that an event on `started_on` set running.

    That day is not counted. Days inside a hold are not counted, each once however many holds cover it; of a period in
    working days only the working days inside. A last day of rest gives way to the next working day where the period
    rolls; the alarm stays on the day that does not roll.

    ASSUMPTION: an extension lengthens the period as a whole (7 working days extended by 15 are 22 from the same start).
    ASSUMPTION: a period in months or years grows by the calendar days of its holds.
    ASSUMPTION: in a year without a notice of holidays, weekends and the fixed solar holidays are counted.
    """
    spans = list(holds)
    if any(end is None for _, end in spans):
        return Deadline(label, None, None, None, extended_length)
    closed = [(first, last) for first, last in spans if last is not None]
    length = period.length + extended_length
    last = _last_day(period.unit, started_on, length, closed)
    yellow = _last_day(
        "day" if period.unit in ("month", "year") else period.unit,
        started_on,
        *_two_thirds(period, started_on, length, closed),
    )
    due = calendar.next_working_day(last, provisional=True) if period.rolls else last
    return Deadline(label, due, last, min(yellow, due), extended_length)


def light(today: date, *, due_on: date | None, yellow_on: date | None) -> str:
    """Return green, yellow from two thirds of the period on, red when it is past, or held while it stands still."""
    if due_on is None:
        return "held"
    if today > due_on:
        return "red"
    return "yellow" if yellow_on is not None and today >= yellow_on else "green"


def calendar_mark() -> str:
    """Return a short digest of all known holidays: dates computed under another one are computed again."""
    return _calendar_mark(parameters.overlay_folder())


@lru_cache(maxsize=8)
def _calendar_mark(overlay: Path | None) -> str:
    years = [calendar.year_calendar(year) for year in calendar.known_years()]
    text = repr([(sorted(year.holidays), sorted(year.working_weekends)) for year in years])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _two_thirds(
    period: Period, started_on: date, length: int, holds: list[tuple[date, date]]
) -> tuple[int, list[tuple[date, date]]]:
    """How much of the period two thirds are, rounded up; months and years in the days that they have without holds."""
    if period.unit in ("month", "year"):
        length = (_natural_end(period.unit, started_on, length) - started_on).days
    return -(-2 * length // 3), holds


def _last_day(unit: str, start: date, length: int, holds: list[tuple[date, date]]) -> date:
    if unit in ("month", "year"):
        return _with_holds(start, _natural_end(unit, start, length), holds)
    counts: Callable[[date], bool] = _is_working if unit == "working_day" else _every_day
    day = start
    while length:
        day += _ONE_DAY
        if counts(day) and not any(first <= day <= last for first, last in holds):
            length -= 1
    return day


def _with_holds(start: date, end: date, holds: list[tuple[date, date]]) -> date:
    """Move `end` by the days of holds after `start`; days that the move itself reaches are counted too."""
    natural, day = (end - start).days, start
    while natural:
        day += _ONE_DAY
        if not any(first <= day <= last for first, last in holds):
            natural -= 1
    return day


def _natural_end(unit: str, start: date, length: int) -> date:
    return calendar.add_months(start, length) if unit == "month" else calendar.add_years(start, length)


def _is_working(day: date) -> bool:
    return calendar.is_working_day(day, provisional=True)


def _every_day(day: date) -> bool:
    return True

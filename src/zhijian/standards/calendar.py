"""The statutory calendar: rest days, make-up working days, and the periods of the law counted on them.

Days are the days of Asia/Shanghai. Holidays and make-up working days come from the package
``chinesecalendar`` (2004 to 2026), held against the State Council's notices of ``data/holiday_notices.yaml``.
A year that the package does not know is added by an office without a new release (``zhijian calendar add``): a
file ``calendar/2027.yaml`` in the folder that the environment variable ZHIJIAN_PARAMETERS names::

    source: 国办发明电〔2026〕…号
    holidays:
      - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
    working_days: [2027-01-10]     # weekends on which people work

SOURCE: 《民法典》第二百零一条 (the first day is not counted), 第二百零二条 (months and years end on the
corresponding day, or on the last day of the month), 第二百零三条 (a last day that is a legal rest day gives
way to the day after it).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from chinese_calendar import constants as _package

from zhijian.standards.parameters import PlainLoader, overlay_folder

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2004, max(day.year for day in _package.holidays)
NOTICES_FILE = Path(__file__).parent / "data" / "holiday_notices.yaml"
_ONE_DAY = timedelta(days=1)


class NoCalendarForYear(LookupError):
    """The holidays of a year are not known yet, so no working day in it can be told."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"{year}年的节假日安排尚未录入，无法计算该年的工作日。请在国务院办公厅通知发布后录入："
            f"zhijian calendar add {year}.yaml。 The public holidays of {year} are not known: "
            f"enter them with 'zhijian calendar add {year}.yaml' once the notice is out."
        )
        self.year = year


class CalendarProblem(ValueError):
    """An office's calendar file cannot be used; the message names the file and the remedy."""


class Counting(Enum):
    """How the law counts a period. Every kind begins on the day after the event."""

    WORKING_DAYS = "working_days"
    DAYS_ROLLING = "days_rolling"  # 日; an act is due: a last day of rest moves to the next working day
    DAYS_FIXED = (
        "days_fixed"  # 日; something runs out by itself (a public notice, a term): the last day stays
    )
    MONTHS_ROLLING = "months_rolling"
    MONTHS_FIXED = "months_fixed"
    YEARS_ROLLING = "years_rolling"
    YEARS_FIXED = "years_fixed"


@dataclass(frozen=True)
class YearCalendar:
    """Which days of one year differ from plain weeks."""

    holidays: dict[date, str]  # day off by notice, with the name of the festival
    working_weekends: frozenset[date]
    source: str


@dataclass(frozen=True)
class HolidayNotice:
    """A notice of the State Council's General Office that fixed (part of) a year's holidays."""

    year: int
    number: str | None
    issued_on: date | None
    is_verified: bool  # number and days were read in a published copy, not only remembered
    note: str


def is_working_day(day: date, *, provisional: bool = False) -> bool:
    """Say whether people work on `day`: a weekday that is no holiday, or a make-up weekend.

    `provisional` lets a year without notice be counted with its weekends and the solar holidays that the law
    itself fixes (1 January, 1 and 2 May, 1 to 3 October); the answer may change when the notice comes.

    Raises:
        NoCalendarForYear: the year is not known and `provisional` is false.
    """
    try:
        year = year_calendar(day.year)
    except NoCalendarForYear:
        if not provisional:
            raise
        return day.weekday() < 5 and (day.month, day.day) not in _SOLAR_HOLIDAYS
    if day in year.holidays:
        return False
    return day.weekday() < 5 or day in year.working_weekends


def add_working_days(day: date, n: int, *, provisional: bool = False) -> date:
    """Return the `n`-th working day after `day`; `day` itself is not counted.

    Raises:
        NoCalendarForYear: the count reaches a year that is not known, unless `provisional` (see is_working_day).
        ValueError: `n` is negative; use `working_days_before`.
    """
    if n < 0:
        raise ValueError(f"{n} working days cannot be added. Use working_days_before.")
    for _ in range(n):
        day = next_working_day(day + _ONE_DAY, provisional=provisional)
    return day


def working_days_before(day: date, n: int, *, provisional: bool = False) -> date:
    """Return the `n`-th working day before `day` (a notice '5 working days before the hearing')."""
    for _ in range(n):
        day -= _ONE_DAY
        while not is_working_day(day, provisional=provisional):
            day -= _ONE_DAY
    return day


def working_days_between(start: date, end: date, *, provisional: bool = False) -> int:
    """Return how many working days lie after `start` up to and including `end`; negative if `end` is earlier.

    So ``working_days_between(day, add_working_days(day, n)) == n``.
    """
    if end < start:
        return -working_days_between(end, start, provisional=provisional)
    days = ((start + timedelta(days=offset)) for offset in range(1, (end - start).days + 1))
    return sum(is_working_day(day, provisional=provisional) for day in days)


def next_working_day(day: date, *, provisional: bool = False) -> date:
    """Return `day` if it is a working day, otherwise the first one after it."""
    while not is_working_day(day, provisional=provisional):
        day += _ONE_DAY
    return day


def previous_working_day(day: date, *, provisional: bool = False) -> date:
    """Return `day` if it is a working day, otherwise the last one before it.

    For a period that binds the authority against a party (a seizure, a term to decide): act by this day, and do
    not rely on the last day of rest giving way.
    """
    while not is_working_day(day, provisional=provisional):
        day -= _ONE_DAY
    return day


def add_months(day: date, months: int) -> date:
    """Return the corresponding day `months` later, or the last day of that month if it has none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """Return the corresponding day `years` later; 28 February for a 29th that is not there."""
    return add_months(day, 12 * years)


def deadline(start: date, length: int, counting: Counting, *, provisional: bool = False) -> date:
    """Return the last day of a period of `length` that an event on `start` sets running.

    Raises:
        NoCalendarForYear: the period ends in a year that is not known, unless `provisional`. Fixed kinds
            need no calendar and never raise.
        ValueError: `length` is negative.
    """
    if length < 0:
        raise ValueError(f"A period of {length} has no end. Give a length of zero or more.")
    if counting is Counting.WORKING_DAYS:
        return add_working_days(start, length, provisional=provisional)
    last = _corresponding_day(start, length, counting)
    return next_working_day(last, provisional=provisional) if counting in _ROLLING else last


def is_provisional(day: date) -> bool:
    """Say whether the holidays of `day`'s year are still unknown, so that a deadline there may move."""
    try:
        year_calendar(day.year)
    except NoCalendarForYear:
        return True
    return False


def statutory_day(at: datetime) -> date:
    """Return the day in Asia/Shanghai of a moment.

    Raises:
        ValueError: `at` carries no zone, so that the day cannot be told.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} carries no time zone. Pass an aware time.")
    return at.astimezone(ZONE).date()


def year_calendar(year: int, overlay: Path | None = None) -> YearCalendar:
    """Return the holidays and make-up days of `year`: an office's own file first, then the package.

    Raises:
        NoCalendarForYear: neither knows the year.
        CalendarProblem: the office's file cannot be used.
    """
    return _year_calendar(year, overlay_folder(overlay))


def read_year(path: Path, year: int) -> YearCalendar:
    """Return the calendar in an office's file, checked.

    Raises:
        CalendarProblem: it cannot be used; the message names the file and the remedy.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 (a SafeLoader)
        holidays = {day: span["name"] for span in content["holidays"] for day in _days(span)}
        working = frozenset(content.get("working_days") or ())
        source = str(content["source"])
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CalendarProblem(
            f"{path} cannot be used ({type(error).__name__}: {error}). It needs source, holidays "
            "(name, from, to) and working_days."
        ) from error
    _check_year(path, year, holidays, working)
    return YearCalendar(holidays, working, source)


def known_years() -> range:
    """Return the years whose holidays are known, an office's own files included."""
    last = next(year for year in count(LAST_YEAR) if is_provisional(date(year + 1, 1, 1)))
    return range(FIRST_YEAR, last + 1)


@lru_cache(maxsize=1)
def notices() -> tuple[HolidayNotice, ...]:
    """Return the official notices behind the holidays, by year, as far as their numbers are known."""
    entries = yaml.load(NOTICES_FILE.read_text(encoding="utf-8"), Loader=PlainLoader)["notices"]  # noqa: S506
    return tuple(
        HolidayNotice(
            entry["year"],
            entry.get("number"),
            entry.get("issued_on"),
            entry["verified"],
            entry.get("note", ""),
        )
        for entry in entries
    )


_SOLAR_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_ROLLING = {Counting.DAYS_ROLLING, Counting.MONTHS_ROLLING, Counting.YEARS_ROLLING}


def _corresponding_day(start: date, length: int, counting: Counting) -> date:
    if counting in (Counting.DAYS_ROLLING, Counting.DAYS_FIXED):
        return start + timedelta(days=length)
    if counting in (Counting.MONTHS_ROLLING, Counting.MONTHS_FIXED):
        return add_months(start, length)
    return add_years(start, length)


@lru_cache(maxsize=128)
def _year_calendar(year: int, overlay: Path | None) -> YearCalendar:
    local = overlay / "calendar" / f"{year}.yaml" if overlay else None
    if local is not None and local.exists():
        return read_year(local, year)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoCalendarForYear(year)
    holidays = {day: _chinese(name) for day, name in _package.holidays.items() if day.year == year}
    return YearCalendar(
        holidays, frozenset(day for day in _package.workdays if day.year == year), "chinesecalendar"
    )


def _chinese(name: str) -> str:
    return str(_package.Holiday(name).chinese)


def _days(span: dict[str, Any]) -> list[date]:
    first, last = span["from"], span.get("to", span["from"])
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _check_year(path: Path, year: int, holidays: dict[date, str], working: frozenset[date]) -> None:
    if not holidays:
        raise CalendarProblem(f"{path} names no holiday. Enter those of the notice.")
    for day in {*holidays, *working}:
        if day.year != year:
            raise CalendarProblem(f"{path}: {day} is not in {year}. Put it in calendar/{day.year}.yaml.")
    for day in working:
        if day in holidays or day.weekday() < 5:
            raise CalendarProblem(f"{path}: {day} cannot be a make-up day; it is a holiday or a weekday.")

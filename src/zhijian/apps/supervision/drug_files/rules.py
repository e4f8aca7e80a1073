"""The credit grade of a firm of the drug field, and how often it is checked. Pure: takes what is on record and a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

GRADES = parameters.load("supervision/drug_credit_grade")


class Grade(StrEnum):
    """From the best to the worst."""

    TRUSTED = "trusted"
    WARNED = "warned"
    DISHONEST = "dishonest"
    GRAVE = "grave"


@dataclass(frozen=True)
class Event:
    """One thing on record: penalty, problem, refusal, ordered_recall, own_recall or serious_list; when, and what kind of penalty."""

    what: str
    on: date
    types: tuple[str, ...] = ()
    is_standing: bool = True


@dataclass(frozen=True)
class Graded:
    """The grade, the events that make it, and how many checks a year follow."""

    grade: Grade
    because: tuple[Event, ...]
    visits_per_year: int


@rule(cites="《药品安全信用分类管理暂行规定》（国食药监市〔2004〕454号）")
def grade(events: Iterable[Event], *, on: date) -> Graded:
    """Grade a firm on a day by what stands against it within the months of the parameter.

    Grave: on the serious-violation list, a licence revoked or business stopped, or an inspection refused. Dishonest: a fine
    or a confiscation, or warned as often as the parameter says. Warned: a warning, a problem found, a recall that had to
    be ordered. Else trusted. Adverse events and recalls of the firm's own accord count never: to report and to recall are
    duties, and whoever does them is not worse for it.

    ASSUMPTION: the four grades are those of the Provisions, read from memory; months and numbers are starting values.
    """
    values = GRADES.on(on)
    since = add_months(on, -int(values["window_months"]))
    seen = [
        one
        for one in events
        if one.is_standing and (since < one.on <= on or (one.what == "serious_list" and one.on <= on))
    ]
    grave = [
        one
        for one in seen
        if one.what in ("serious_list", "refusal") or set(one.types) & set(values["grave_types"])
    ]
    fined = [one for one in seen if set(one.types) & set(values["fine_types"])]
    warned = [
        one
        for one in seen
        if one.what in ("problem", "ordered_recall") or (one.what == "penalty" and one not in fined)
    ]
    if grave:
        return _graded(Grade.GRAVE, grave, values)
    if fined or len(warned) >= values["warnings_to_dishonest"]:
        return _graded(Grade.DISHONEST, [*fined, *warned], values)
    return _graded(Grade.WARNED, warned, values) if warned else _graded(Grade.TRUSTED, [], values)


def _graded(found: Grade, because: list[Event], values: dict[str, dict[str, int]]) -> Graded:
    return Graded(found, tuple(because), int(values["visits_per_year"][str(found)]))


@rule(cites="《药品不良反应报告和监测管理办法》第十三条")
def serious_share(reports: int, serious_reports: int) -> float | None:
    """Return the share of serious reports in percent; None without reports. It is no figure of quality."""
    return None if not reports else 100 * serious_reports / reports

"""Rows of the inbox, and what one case shows: steps, picture, clocks, time line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhijian.engines.procedures import clocks as clock_rules
from zhijian.engines.procedures import declaration
from zhijian.engines.procedures.models import Case, CaseEvent, Clock, WorkItem
from zhijian.engines.procedures.queries import CaseView
from zhijian.portal.components import case_words, drawing, drawing_words
from zhijian.portal.components.words import day as day_text
from zhijian.portal.components.words import in_english
from zhijian.security.models import Officer
from zhijian.standards import calendar

_HANDED_IN = {"complete", "message", "service"}
_PASSED_BY = {"exclusive", "parallel", "event_gateway", "service", "rule", "throw", "call"}


@dataclass(frozen=True)
class Row:
    """One line of the inbox: light, verb, object, number, who."""

    item: WorkItem
    light: case_words.Light
    who: str
    procedure: str
    is_mine: bool
    is_new: bool


def row_of(item: WorkItem, officer: Officer, now: datetime) -> Row:
    """Make the line of one step as it stands on a day for an officer."""
    today = now.date()
    found = declaration.find(item.case.procedure)
    title = (found.title_en if in_english() else found.title_zh) if found else item.case.procedure
    return Row(
        item,
        case_words.light(item.light_on(today), item.due_on, today),
        case_words.officer_name(item.holder) if item.holder else "",
        title,
        item.holder_id == officer.pk,
        item.holder_id is None and now - item.opened_at < timedelta(days=1),
    )


@dataclass(frozen=True)
class Step:
    """One line of the stepper: done (who, when), current, or waiting."""

    name: str
    state: str  # done, current or waiting
    who: str = ""
    at: datetime | None = None
    light: case_words.Light | None = None


@dataclass(frozen=True)
class Path:
    """Where a case stands: the list, the marks for the picture, and what may follow."""

    steps: tuple[Step, ...]
    marks: dict[str, str]
    possible: tuple[str, ...]

    @property
    def done_count(self) -> int:
        return sum(step.state == "done" for step in self.steps)


def path_of(view: CaseView, today: date) -> Path:
    """Say where a case stands: what was done, what is open, what may follow."""
    read, case = view.drawing, view.case
    current = {name for name in view.current if name in read.nodes and read.nodes[name].kind != "boundary"}
    possible = view.possible if case.status == "open" else frozenset()
    marks = dict.fromkeys(possible, "possible") | dict.fromkeys(view.walked, "walked")
    marks |= dict.fromkeys(current, "current")
    names = [
        drawing_words.name(node.name) or node.id
        for node in drawing.in_order(read)
        if node.id in possible and node.id not in current and node.kind not in _PASSED_BY
    ]
    return Path(tuple(_steps(view, current, today)), marks, tuple(dict.fromkeys(names)))


def _steps(view: CaseView, current: set[str], today: date) -> Iterator[Step]:
    done = view.case.events.filter(verb__in=("open", "complete", "message")).select_related("officer")
    for event in done.order_by("sequence"):
        name = (
            case_words.verb("open")
            if event.verb == "open"
            else drawing_words.name(event.name) or case_words.verb(event.verb)
        )
        said = _message(view.case.procedure, event)
        yield Step(said or name, "done", case_words.officer_name(event.officer), event.at)
    for item in (one for items in view.current.values() for one in items):
        who = case_words.officer_name(item.holder) if item.holder else ""
        light = case_words.light(item.light_on(today), item.due_on, today)
        yield Step(drawing_words.name(item.name), "current", who, item.opened_at, light)
    for name in sorted(name for name in current if not view.current[name]):
        yield Step(drawing_words.name(view.drawing.nodes[name].name) or name, "waiting")


@dataclass(frozen=True)
class ClockWords:
    """One clock, and how its date came about, step by step."""

    clock: Clock
    label: str
    light: case_words.Light
    length: str
    source: str
    extension: str
    skipped: tuple[str, ...]  # of a period in working days: what was not counted
    rolled: str  # why the last day gave way to a later one
    holds: tuple[str, ...]
    has_length: bool  # a last day that the notice fixed has none, and nothing is counted from


def clock_words(clock: Clock, today: date) -> ClockWords:
    """Say a clock: its light, its length, and everything that moved its date."""
    said = case_words.period(f"{clock.name} from {clock.counts_from}", clock.started_on)
    period = clock_rules.period_of(clock)
    extension = ""
    if clock.extension_count:
        extension = _("已延长%(length)s，%(who)s批准：%(why)s") % {
            "length": case_words.length(clock.extended_length, period.unit),
            "who": case_words.officer_name(clock.extended_by),
            "why": clock.extension_reason,
        }
    return ClockWords(
        clock,
        said.label if said else clock.name,
        case_words.light(clock.light_on(today), clock.due_on, today, done_on=clock.stopped_on),
        case_words.length(period.length, period.unit),
        said.source if said else "",
        extension,
        (_("周末"), *_festivals(clock)) if period.unit == "working_day" else (),
        _rolled(clock),
        tuple(_hold(one) for one in clock.holds.all()),
        bool(period.length),
    )


def _rolled(clock: Clock) -> str:
    if clock.due_on is None or clock.alarm_on is None or clock.due_on == clock.alarm_on:
        return ""
    days = {"last": day_text(clock.alarm_on), "due": day_text(clock.due_on)}
    return _("%(last)s是休息日，顺延到%(due)s；请按前一天安排。") % days


def _hold(one: Any) -> str:
    end = day_text(one.ended_on) if one.ended_on else _("至今")
    return _("%(name)s：%(start)s至%(end)s不计时。%(why)s") % {
        "name": case_words.hold(one.name), "start": day_text(one.started_on), "end": end, "why": one.reason,
    }  # fmt: skip


def _festivals(clock: Clock) -> Iterator[str]:
    """Name the festivals that lie within a clock's days."""
    if clock.due_on is None:
        return
    days: dict[str, int] = {}
    day = clock.started_on + timedelta(days=1)
    while day <= clock.due_on:
        try:
            name = calendar.year_calendar(day.year).holidays.get(day)
        except calendar.NoCalendarForYear:
            name = None
        if name:
            days[name] = days.get(name, 0) + 1
        day += timedelta(days=1)
    for name, count in days.items():
        yield _("%(name)s放假%(n)s天") % {"name": name, "n": count}


@dataclass(frozen=True)
class Told:
    """One line of the time line."""

    event: CaseEvent
    verb: str
    who: str
    behalf: str
    data: tuple[tuple[str, str], ...]
    message: str  # what came in, in the language of the page; empty where its procedure has no words for it


def told(event: CaseEvent, procedure: str) -> Told:
    """Say one event; what was handed in follows as name and value, short."""
    shown = event.data if event.verb in _HANDED_IN else {}
    data = tuple((name, _value(value)) for name, value in shown.items() if value not in ("", None, [], {}))
    behalf = case_words.officer_name(event.on_behalf_of) if event.on_behalf_of else ""
    who, message = case_words.officer_name(event.officer), _message(procedure, event)
    return Told(event, case_words.verb(event.verb), who, behalf, data, message)


def _message(procedure: str, event: CaseEvent) -> str:
    """Return how the procedure calls a message that came in; empty for other events and messages without words."""
    found = declaration.find(procedure) if event.verb == "message" else None
    pair = found.messages.get(event.name) if found else None
    return pair[1 if in_english() else 0] if pair else ""


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "；".join(_value(one) for one in value)
    if isinstance(value, dict):
        return "；".join(f"{name} {_value(one)}" for name, one in value.items())
    text = str(value)
    return text if len(text) <= 200 else text[:199] + "…"


def picture_of(case: Case, path: Path) -> drawing.ShownDrawing:
    """Draw a case's version with its path, and say it in a sentence."""
    current = [step.name for step in path.steps if step.state != "done"]
    done = [step.name for step in path.steps if step.state == "done"]
    sentence = _("已走：%(done)s。当前：%(current)s。接下来可能：%(next)s。") % {
        "done": _("；").join(done) or "—",
        "current": _("；").join(current) or "—",
        "next": _("；").join(path.possible) or "—",
    }
    title = _("%(number)s的流程图") % {"number": case.number}
    return drawing.show(case.version.drawing, title, sentence, marks=path.marks)

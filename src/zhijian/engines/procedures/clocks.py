"""The clocks of a case: started by a step's deadline, stopped when what was due is done, computed again when days change."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhijian.engines.procedures import deadlines, rows
from zhijian.engines.procedures.deadlines import Deadline, Declared, Period
from zhijian.engines.procedures.drawing import Node
from zhijian.engines.procedures.errors import Incomplete
from zhijian.engines.procedures.models import Case, Clock
from zhijian.standards.calendar import statutory_day


def for_node(
    case: Case, node: Node, data: Mapping[str, Any], known: list[Clock], *, at: datetime
) -> Clock | None:
    """Return the clock of a step's deadline: the one of `known` that runs from the same day, or a new one, added there.

    Raises:
        Incomplete: the data do not say from which day it runs.
    """
    text = node.properties.get("deadline")
    if not text:
        return None
    named = deadlines.declared(text)
    started_on = first_day(named.field, case, data, at)
    same = (named.parameter, named.field, started_on)
    clock = next(
        (one for one in reversed(known) if (one.name, one.counts_from, one.started_on) == same), None
    )
    if clock is None:
        clock = _new(case, named, started_on)
        known.append(clock)
    elif clock.stopped_on is not None:
        clock.stopped_on = None
        rows.update(clock, "stopped_on")
    return clock


def _new(case: Case, named: Declared, started_on: date) -> Clock:
    clock = Clock(
        case=case,
        name=named.parameter,
        parameter=named.parameter.partition(":")[0],
        counts_from=named.field,
        stops_while=", ".join(named.stops_while),
        organisation=case.organisation,
        started_on=started_on,
    )
    compute(clock)
    rows.add(clock)
    return clock


def first_day(field: str, case: Case, data: Mapping[str, Any], at: datetime) -> date:
    """Return the day from which a period runs: that of a data field, of the case's opening, or of this step.

    Raises:
        Incomplete: the field is missing or holds no day.
    """
    if field == "opened_on":
        return statutory_day(case.opened_at)
    if field == "step_opened_on":
        return statutory_day(at)
    value = data.get(field)
    try:
        if isinstance(value, datetime):
            return statutory_day(value)
        if isinstance(value, date):
            return value
        text = str(value)
        return date.fromisoformat(text) if len(text) == 10 else statutory_day(datetime.fromisoformat(text))
    except ValueError:
        raise Incomplete(
            f"缺少期限的起算日：字段“{field}”应为日期。",
            f"The first day of a period is missing: the field '{field}' must hold a day.",
            [(field, "应为日期", "A day is needed")],
        ) from None


def period_of(clock: Clock) -> Period:
    """The period of the law that the clock counts, as in force on its first day."""
    return deadlines.period_on(clock.name, clock.started_on)


def compute(clock: Clock) -> Deadline:
    """Work the clock's days out from its period, holds and extension; not saved."""
    holds = list(clock.holds.values_list("started_on", "ended_on")) if clock.pk else []
    found = deadlines.deadline(
        period_of(clock),
        clock.started_on,
        holds=holds,
        extended_length=clock.extended_length,
        label=clock.name,
    )
    clock.due_on, clock.alarm_on, clock.yellow_on = found.due_on, found.alarm_on, found.yellow_on
    clock.calendar_mark = deadlines.calendar_mark()
    return found


def stop(numbers: set[int], day: date) -> None:
    """Stop the clocks that no open step and no timer goes by any more: what was due is done."""
    if numbers:
        Clock.objects.filter(pk__in=numbers, stopped_on=None).update(stopped_on=day)

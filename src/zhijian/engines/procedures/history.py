"""What last year's cases tell a simulation: when they came, how long steps took, which ways were taken, who was there.

Time is counted on the axis of working days: each working day is one, from nine to five; nights and rest days are nothing.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from zhijian.engines.procedures import deadlines
from zhijian.engines.procedures.drawing import Drawing
from zhijian.engines.procedures.models import Case, CaseEvent, CaseState, ItemState, WorkItem
from zhijian.engines.procedures.simulate import Flow, Node, Past, efforts
from zhijian.security.models import Officer
from zhijian.standards import calendar, parameters

OPENS, HOURS = 9, 8  # o'clock; hours of a working day
MOST_CASES = 20_000
WORKING_DAYS_A_YEAR, DAYS_A_YEAR = 250, 365  # to bring limits in calendar days onto the axis
_WORKING_DAYS = {
    "working_day": 1.0,
    "day": WORKING_DAYS_A_YEAR / DAYS_A_YEAR,
    "month": 250 / 12,
    "year": 250.0,
}
_TAKEN = ("claim", "assign", "hand_over")


class WorkingTime:
    """Moments as numbers of working days since the first day."""

    def __init__(self, first: date, last: date) -> None:
        length = (last - first).days + 1
        days = (first + timedelta(days=number) for number in range(length))
        self.first = first
        self.before = [0]
        self.works: list[bool] = []
        for day in days:
            self.works.append(calendar.is_working_day(day, provisional=True))
            self.before.append(self.before[-1] + self.works[-1])

    def at(self, moment: datetime) -> float:
        """Return the number of working days gone by at a moment, with the part of the day."""
        local = moment.astimezone(calendar.ZONE)
        place = min(max((local.date() - self.first).days, 0), len(self.works) - 1)
        if not self.works[place]:
            return float(self.before[place])
        hours = local.hour + local.minute / 60 - OPENS
        return self.before[place] + min(max(hours / HOURS, 0.0), 1.0)


def flow_of(drawing: Drawing) -> Flow:
    """Return a drawing as the simulation sees it; events at the border of a step are left out."""
    incoming = Counter(flow.target for flow in drawing.flows.values())
    nodes = {}
    for node in drawing.nodes.values():
        ways = tuple((flow.id, flow.target) for flow in drawing.outgoing.get(node.id, []))
        kind = _kind(node.kind, incoming[node.id], node.is_step)
        nodes[node.id] = Node(
            node.id, node.name or node.id, kind, node.properties.get("role", ""), _clock(node), ways,
            max(1, incoming[node.id]),
        )  # fmt: skip
    starts = [node.id for node in drawing.of_process(drawing.main) if node.kind == "start"]
    return Flow(starts[0], nodes)


def _kind(kind: str, incoming: int, is_step: bool) -> str:
    if is_step:
        return "person"
    if kind == "parallel":
        return "join" if incoming > 1 else "fork"
    return {"receive": "wait", "catch": "wait", "exclusive": "choice", "event_gateway": "choice"}.get(
        kind, "pass"
    )


def _clock(node: Any) -> str:
    text = node.properties.get("deadline", "")
    return deadlines.declared(text).parameter if text else ""


def limits_of(drawing: Drawing, day: date) -> dict[str, float]:
    """Return the length of each clock of a drawing in working days, as in force on a day.

    ASSUMPTION: 365 calendar days hold 250 working days.
    """
    found = {}
    for node in drawing.nodes.values():
        name = _clock(node)
        if name:
            try:
                period = deadlines.period_on(name, day)
            except (deadlines.DeadlineProblem, parameters.NoValueInForce, parameters.ParameterProblem):
                continue
            found[name] = period.length * _WORKING_DAYS[period.unit]
    return found


def past_of(code: str, first: date, last: date, *, territory: str = "") -> Past:
    """Measure the cases of a procedure that were opened from `first` to `last`, in an area."""
    cases = Case.objects.filter(
        procedure=code,
        opened_at__date__gte=first,
        opened_at__date__lte=last,
        organisation__division_code__startswith=territory,
    )
    chosen = dict(cases.order_by("opened_at", "pk").values_list("pk", "opened_at")[:MOST_CASES])
    time = WorkingTime(first, last)
    spans = _spans(chosen, time)
    durations: dict[str, list[float]] = defaultdict(list)
    by_role: dict[str, list[float]] = defaultdict(list)
    for pieces in spans.values():
        for (task, role, _, _), effort in zip(pieces, efforts([piece[2:] for piece in pieces]), strict=True):
            durations[task].append(effort)
            by_role[role].append(effort)
    for task, wait in _waits(chosen, time):
        durations[task].append(wait)
    walked = CaseState.objects.filter(case__in=cases).values_list("walked", flat=True)[:MOST_CASES]
    return Past(
        tuple(time.at(moment) for moment in chosen.values()),
        {task: tuple(measured) for task, measured in durations.items()},
        {role: tuple(measured) for role, measured in by_role.items()},
        Counter(name for passed in walked for name in set(passed)),
    )


Piece = tuple[str, str, float, float]
"""Step, role, taken, finished."""


def _spans(chosen: Mapping[int, datetime], time: WorkingTime) -> dict[int | None, list[Piece]]:
    """Return what each officer had in hand, and from when to when; not taken up means from its opening."""
    taken: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for case, task, at in _in(CaseEvent, chosen, verb__in=_TAKEN).values_list("case_id", "task", "at"):
        taken[case, task].append(at)
    spans: dict[int | None, list[Piece]] = defaultdict(list)
    done = _in(WorkItem, chosen, state=ItemState.DONE, finished_at__isnull=False)
    rows = done.values_list("case_id", "task", "role", "finished_by_id", "opened_at", "finished_at")
    for case, task, role, officer, opened, finished in rows:
        moments = sorted(taken.get((case, task), []))
        place = bisect_right(moments, finished)
        begun = max(opened, moments[place - 1]) if place else opened
        spans[officer].append((task, role, time.at(begun), time.at(finished)))
    return spans


def _waits(chosen: Mapping[int, datetime], time: WorkingTime) -> Iterable[tuple[str, float]]:
    """Yield how long each wait for a message or a time lasted: since what happened before it in the case."""
    events: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    rows = _in(CaseEvent, chosen).order_by("case_id", "sequence").values_list("case_id", "at", "verb", "task")
    for case, at, verb, task in rows:
        events[case].append((at, verb, task))
    for told in events.values():
        for (before, _, _), (at, verb, task) in pairwise(told):
            if verb in ("message", "timer") and task:
                yield task, time.at(at) - time.at(before)


def _in(model: Any, chosen: Mapping[int, datetime], **narrow: Any) -> Any:
    """Return the rows of chosen cases: by the range of their keys, then one by one, for SQLite takes few in a list."""
    if not chosen:
        return model.objects.none()
    keys = Case.objects.filter(
        pk__gte=min(chosen), pk__lte=max(chosen), opened_at__gte=min(chosen.values()), opened_at__lte=max(chosen.values())
    )  # fmt: skip
    return model.objects.filter(case__in=keys, **narrow)


def staff_of(roles: Iterable[str], *, territory: str = "") -> dict[str, int]:
    """Count who is there in each role in an area; at least one, so that a drawing can be tried."""
    people = Officer.objects.filter(is_active=True, organisation__division_code__startswith=territory)
    held = Counter(role for officer in people for role in officer.roles)
    return {role: max(1, held[role]) for role in roles}

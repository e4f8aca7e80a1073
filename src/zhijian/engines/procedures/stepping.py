"""One act on one case, in one transaction: lock, move the tokens, write down what came of it.

A process that dies in the middle leaves the case as it was. How many rows are read and written depends on what is
open in the case now, never on how long it has been going.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zhijian.engines.facts import services as facts
from zhijian.engines.facts.services import Draft
from zhijian.engines.procedures import clocks, declaration, policies, rows, runtime, versions
from zhijian.engines.procedures.drawing import Node
from zhijian.engines.procedures.errors import Incomplete, ProcedureRefused
from zhijian.engines.procedures.models import (
    Case,
    CaseEvent,
    CaseState,
    CaseStatus,
    Clock,
    ItemState,
    Wait,
    WorkItem,
)
from zhijian.engines.procedures.runtime import Run
from zhijian.engines.procedures.timers import duration, fires_at
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import statutory_day

SOURCE = "procedures"
_ACTIVE: ContextVar[dict[int, "Act"] | None] = ContextVar("acts", default=None)


@dataclass
class Act:
    """What one person or program does to a case now."""

    case: Case
    by: Officer | None
    at: datetime
    on_behalf_of: Officer | None = None
    events: list[CaseEvent] = field(default_factory=list)
    items: list[WorkItem] | None = None  # the open steps, once they were read
    handed_in: list[WorkItem] = field(default_factory=list)  # steps that this act finishes
    waiting: list[Wait] | None = None  # what tokens wait for, once that was read
    known_clocks: list[Clock] | None = None
    batch: rows.Batch = field(default_factory=rows.Batch)  # what is written when the act is done
    drafts: list[Draft] = field(default_factory=list)  # facts to record when the act is done
    is_moving: bool = False  # its tokens are in the hand of the engine now

    @property
    def day(self) -> date:
        return statutory_day(self.at)

    @property
    def open_items(self) -> list[WorkItem]:
        """The steps that are open, read once per act."""
        if self.items is None:
            self.items = rows.open_items(self.case)
        return self.items

    @property
    def waits(self) -> list[Wait]:
        """What the tokens wait for, read once per act."""
        if self.waiting is None:
            self.waiting = rows.waits(self.case) if versions.compiled_of(self.case.version).waits else []
        return self.waiting

    @property
    def clocks(self) -> list[Clock]:
        """The case's clocks, read once per act and only where a deadline asks for one."""
        if self.known_clocks is None:
            self.known_clocks = rows.clocks(self.case)
        return self.known_clocks

    def finish(self) -> None:
        """Write the case, its new events and its new facts."""
        if self.drafts:
            facts.record_many(self.drafts, by=self.by or "system:procedures", at=self.at)
        self.batch.update(self.case, "status", "closed_at", "ending", "revision", "event_count")
        self.batch.insert(self.events)
        self.batch.send()
        procedure = declaration.find(self.case.procedure)
        if self.events and procedure is not None and procedure.on_act is not None:
            procedure.on_act(self.case, self.events, by=self.by, at=self.at)

    def tell(
        self,
        verb: str,
        *,
        task: str = "",
        name: str = "",
        basis: str = "",
        note: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> CaseEvent:
        """Add an event to the case's time line; it is written when the act is done."""
        self.case.event_count += 1
        event = CaseEvent(
            case=self.case,
            sequence=self.case.event_count,
            verb=verb,
            task=task,
            name=name[:200],
            officer=self.by,
            on_behalf_of=self.on_behalf_of,
            at=self.at,
            basis=basis[:300],
            note=note[:4000],
            data=dict(data or {}),
        )
        self.events.append(event)
        return event


@contextmanager
def act(
    case_id: int, *, by: Officer | None, at: datetime, revision: int | None = None, moves: bool = True
) -> Iterator[Act]:
    """Lock a case, do something to it, and write it down together with its events: all or nothing.

    A service of the case's own step may call a verb on the same case: it joins the act that is under way.

    Raises:
        CaseMoved: the case is not at `revision` any more.
    """
    active = _ACTIVE.get() or {}
    if outer := active.get(case_id):
        outer.clocks  # noqa: B018  # read now, so that both see the same clocks
        yield replace(outer, by=by, at=at)
        return
    with transaction.atomic():
        case = locked(case_id)
        policies.check_revision(case, revision)
        doing = Act(case, by, at)
        with under_way(doing):
            yield doing
        if moves:
            case.revision += 1
        doing.finish()


@contextmanager
def under_way(doing: Act) -> Iterator[None]:
    """Let verbs on the same case join this act."""
    before = _ACTIVE.get()
    token = _ACTIVE.set({**(before or {}), doing.case.pk: doing})
    try:
        yield
    finally:
        _ACTIVE.reset(token)


def locked(case_id: int) -> Case:
    """Return a case that nobody else can act on until this transaction ends.

    Raises:
        Case.DoesNotExist: there is none.
    """
    case = rows.read_case(case_id)
    if case is None:
        raise Case.DoesNotExist(f"No case {case_id}.")
    return case


def state_of(doing: Act) -> CaseState:
    """Return what the engine keeps of the case; it came with the case."""
    return doing.case.state


def begin(doing: Act, data: dict[str, Any]) -> None:
    """Start a case's tokens."""
    compiled = versions.compiled_of(doing.case.version)
    state = CaseState(case=doing.case)
    doing.items, doing.waiting, doing.known_clocks = [], [], []
    doing.is_moving = True
    run = runtime.start(compiled, data, _serve(doing), governing_on=doing.day)
    _keep(doing, run)
    doing.batch.insert([state])


def move(doing: Act, how: Callable[[Run], None], data: Mapping[str, Any] | None = None) -> None:
    """Take the case up, do `how` to its tokens, and write down where it stands then.

    Raises:
        ProcedureRefused: a service of the case wants to move it while it is being moved.
    """
    check_still(doing)
    state = state_of(doing)
    doing.is_moving = True
    compiled = versions.compiled_of(doing.case.version)
    run = runtime.resume(
        compiled,
        state.tokens,
        {**state.data, **(data or {})},
        state.undo,
        _serve(doing),
        governing_on=statutory_day(doing.case.opened_at),
    )
    how(run)
    _keep(doing, run)
    doing.batch.update(state, "tokens", "data", "walked", "undo")
    doing.is_moving = False


def check_still(doing: Act) -> None:
    """Refuse what would move a case while its tokens are in the engine's hand.

    Raises:
        ProcedureRefused: a service of the case called the verb.
    """
    if doing.is_moving:
        raise ProcedureRefused(
            "服务任务不能推动自己所在的案件。", "A service task cannot move the case it belongs to."
        )


def _serve(doing: Act) -> runtime.Serve:
    procedure = declaration.get(doing.case.procedure)

    def serve(node: str, data: dict[str, Any]) -> Mapping[str, Any] | None:
        compiled = versions.compiled_of(doing.case.version)
        service = procedure.services[compiled.drawing.nodes[node].properties["service"]]
        doing.batch.send()  # so that the service reads what was handed in
        result = service(doing.case, data, by=doing.by, at=doing.at)
        return plain(result) if result else None

    return serve


def _keep(doing: Act, run: Run) -> None:
    """Write down where the case stands: tokens, steps of people, waits, clocks, and whether it is over."""
    state = state_of(doing)
    state.tokens, state.data, state.undo = run.tokens(), plain(run.data), run.undo
    walked = set(state.walked)
    state.walked += [name for name in dict.fromkeys(run.passed) if name not in walked]
    before = _clocks_of(doing)
    _keep_items(doing, run)
    _keep_waits(doing, run)
    clocks.stop(before - _clocks_of(doing), doing.day)
    if run.is_finished:
        _close(doing, CaseStatus.CLOSED, run.ending)


def _clocks_of(doing: Act) -> set[int]:
    """The clocks that open steps and timers go by; those of steps that were just handed in too."""
    going: list[WorkItem | Wait] = [*doing.open_items, *doing.handed_in, *doing.waits]
    return {one.clock_id for one in going if one.clock_id is not None}


def _keep_items(doing: Act, run: Run) -> None:
    wanted = {} if run.is_finished else run.steps_of_people()
    there = {item.token: item for item in doing.open_items}
    gone = [item.pk for token, item in there.items() if token not in wanted]
    if gone:
        WorkItem.objects.filter(pk__in=gone).update(state=ItemState.CANCELLED, finished_at=doing.at)
    new = [
        _open_item(doing, run, token, run.drawing.nodes[name])
        for token, name in wanted.items()
        if token not in there
    ]
    doing.batch.insert(new)
    doing.items = [*(item for token, item in there.items() if token in wanted), *new]
    doing.handed_in = []


def _open_item(doing: Act, run: Run, token: str, node: Node) -> WorkItem:
    clock = clocks.for_node(doing.case, node, run.data, doing.clocks, at=doing.at)
    return WorkItem(
        case=doing.case,
        task=node.id,
        name=node.name,
        token=token,
        role=node.properties.get("role", ""),
        article=node.properties.get("article", ""),
        organisation=_unit_of(doing.case, node, run.data),
        opened_at=doing.at,
        clock=clock,
        due_on=clock.due_on if clock else None,
        alarm_on=clock.alarm_on if clock else None,
        yellow_on=clock.yellow_on if clock else None,
    )


def _unit_of(case: Case, node: Node, data: Mapping[str, Any]) -> Organisation:
    """The unit that a step lies with: the case's, the one above it, or the one whose code a data field holds."""
    named = node.properties.get("unit", "")
    if named == "superior":
        return case.organisation.parent or case.organisation
    if named and data.get(named):
        found = Organisation.objects.filter(code=data[named]).first()
        if found is None:
            raise Incomplete(
                f"没有代码为“{data[named]}”的单位。",
                f"No unit has the code '{data[named]}'.",
                [(named, "没有这个单位", "No such unit")],
            )
        return found
    return case.organisation


def _keep_waits(doing: Act, run: Run) -> None:
    if not run.compiled.waits:
        return
    wanted = set() if run.is_finished else run.waits()
    there = {(wait.token, wait.task): wait for wait in doing.waits}
    gone = [wait.pk for key, wait in there.items() if key not in wanted]
    if gone:
        Wait.objects.filter(pk__in=gone).delete()
    new = [
        _open_wait(doing, run, token, run.drawing.nodes[name])
        for token, name in sorted(wanted - there.keys())
    ]
    doing.batch.insert(new)
    doing.waiting = [*(wait for key, wait in there.items() if key in wanted), *new]


def _open_wait(doing: Act, run: Run, token: str, node: Node) -> Wait:
    is_timer = node.event == "timer"
    clock = None
    if is_timer and not node.duration:
        named = node if "deadline" in node.properties else run.drawing.nodes[node.attached_to]
        clock = clocks.for_node(doing.case, named, run.data, doing.clocks, at=doing.at)
    due_at = doing.at + duration(node.duration) if is_timer and node.duration else None
    field_name = node.properties.get("correlation", "")
    return Wait(
        case=doing.case,
        token=token,
        task=node.id,
        kind="timer" if is_timer else "message",
        message="" if is_timer else node.properties.get("message", ""),
        key=str(run.data.get(field_name, ""))[:200] if field_name else "",
        due_at=fires_at(clock.due_on) if clock else due_at,
        clock=clock,
    )


def _close(doing: Act, status: str, ending: str) -> None:
    case = doing.case
    case.status, case.closed_at, case.ending = status, doing.at, ending
    compiled = versions.compiled_of(case.version)
    name = compiled.drawing.nodes[ending].name if ending in compiled.drawing.nodes else ""
    doing.tell("close" if status == CaseStatus.CLOSED else "withdraw", task=ending, name=name)
    fact(
        doing,
        "procedure.closed",
        "closed",
        {
            "procedure": case.procedure,
            "version": case.version.number,
            "number": case.number,
            "status": status,
            "ending": ending,
        },
    )


def end_early(doing: Act, reason: str) -> None:
    """End a case before its drawing does: everything open is cancelled."""
    case = doing.case
    running = _clocks_of(doing)
    case.work_items.filter(state=ItemState.OPEN).update(state=ItemState.CANCELLED, finished_at=doing.at)
    case.waits.all().delete()
    case.state.tokens = ""
    doing.batch.update(case.state, "tokens")
    clocks.stop(running, doing.day)
    _close(doing, CaseStatus.WITHDRAWN, "")
    doing.events[-1].note = reason


def fact(doing: Act, kind: str, key: str, payload: Mapping[str, Any], *, basis: str | None = None) -> None:
    """Record a fact about the case when the act is done, in the same transaction."""
    case = doing.case
    doing.drafts.append(
        Draft(
            kind,
            f"case:{case.procedure}/{case.number}"[:80],
            doing.day,
            payload,
            SOURCE,
            f"{case.procedure}/{case.number}/{key}",
            case.is_synthetic,
            basis,
        )
    )


def refresh_items(clock: Clock) -> None:
    """Copy a clock's days to the steps and timers that go by it."""
    clock.work_items.filter(state=ItemState.OPEN).update(
        due_on=clock.due_on, alarm_on=clock.alarm_on, yellow_on=clock.yellow_on
    )
    clock.waits.update(due_at=fires_at(clock.due_on))


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data as JSON can keep it: days and times become texts of ISO 8601."""
    return {name: _plain(value) for name, value in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return value


__all__ = ["Act", "act", "begin", "end_early", "fact", "locked", "move", "plain", "refresh_items", "state_of"]

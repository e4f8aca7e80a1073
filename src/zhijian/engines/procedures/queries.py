"""What pages and programs read: inboxes, a case with its drawing, timeliness. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from zhijian.engines.procedures import declaration, policies, versions
from zhijian.engines.procedures.drawing import Drawing
from zhijian.engines.procedures.models import (
    Case,
    CaseEvent,
    CaseStatus,
    Clock,
    ItemState,
    ProcedureVersion,
    VersionState,
    WorkItem,
)
from zhijian.security.models import Officer, Organisation

_BY_DUE_DAY = (F("due_on").asc(nulls_last=True), "id")


def inbox(officer: Officer, *, on: date) -> QuerySet[WorkItem]:
    """The open steps that an officer holds, or a colleague whose place the officer takes that day; most urgent first."""
    holders = [officer.pk, *policies.substituted(officer, on)]
    return _open().filter(holder__in=holders).order_by(*_BY_DUE_DAY)


def unit_inbox(organisation: Organisation, roles: Iterable[str] | None = None) -> QuerySet[WorkItem]:
    """The open steps of a unit that nobody holds yet, of some roles or of all; most urgent first."""
    rows = _open().filter(organisation=organisation, holder=None)
    return (rows if roles is None else rows.filter(role__in=list(roles))).order_by(*_BY_DUE_DAY)


def of_own_area(rows: QuerySet[WorkItem], officer: Officer) -> QuerySet[WorkItem]:
    """Those of the steps whose cases lie in the part of the unit's area to which the officer's work is limited, if any."""
    return rows.filter(case__division_code__startswith=officer.territory) if officer.division_code else rows


def joint_inbox(organisation: Organisation) -> QuerySet[WorkItem]:
    """The open steps of other units that wait for this unit's answer."""
    waiting = {"units__organisation": organisation, "units__answered_at": None}
    return _open().filter(**waiting).order_by(*_BY_DUE_DAY)


def watched(leader: Officer) -> QuerySet[WorkItem]:
    """The open steps that a leader supervises or that went to the leader because they are late."""
    return _open().filter(Q(supervised_by=leader) | Q(escalated_to=leader)).order_by(*_BY_DUE_DAY)


def _open() -> QuerySet[WorkItem]:
    rows = WorkItem.objects.filter(state=ItemState.OPEN).select_related("case", "holder", "organisation")
    return rows.defer("case__version")


@dataclass(frozen=True)
class CaseView:
    """A case on its drawing."""

    case: Case
    drawing: Drawing
    walked: frozenset[str]  # ids of nodes and flows that were passed
    current: dict[str, list[WorkItem]]  # where it stands: node -> open steps (none for one that only waits)
    possible: frozenset[str]  # ids of nodes and flows that may follow, up to the next steps
    events: list[CaseEvent]  # newest first
    clocks: list[Clock]


def case_view(case: Case, *, most_events: int = 200) -> CaseView:
    """Return what the page of a case shows: path taken, current steps, what may follow, time line, clocks."""
    drawing = versions.compiled_of(case.version).drawing
    current: dict[str, list[WorkItem]] = {wait.task: [] for wait in case.waits.all()}
    for item in case.work_items.filter(state=ItemState.OPEN).select_related("holder", "organisation"):
        current.setdefault(item.task, []).append(item)
    events = case.events.select_related("officer", "on_behalf_of").order_by("-sequence")[:most_events]
    return CaseView(
        case,
        drawing,
        frozenset(case.state.walked),
        current,
        frozenset(_ahead(drawing, current)),
        list(events),
        list(case.clocks.prefetch_related("holds").order_by("pk")),
    )


def _ahead(drawing: Drawing, current: Iterable[str]) -> set[str]:
    """Nodes and flows that can be passed from here without anybody acting twice."""
    found: set[str] = set()
    todo = [name for name in current if name in drawing.nodes]
    starts = set(todo)
    while todo:
        name = todo.pop()
        steps = [(flow.id, flow.target) for flow in drawing.outgoing.get(name, [])]
        for flow, target in steps:
            found.add(flow)
            if target in drawing.nodes and target not in found and target not in starts:
                found.add(target)
                if not drawing.nodes[target].is_step:
                    todo.append(target)
    return found


@dataclass(frozen=True)
class Timeliness:
    """How a unit kept one period between two days."""

    organisation: Organisation
    clock: str  # the name of its parameter
    finished: int  # done in these days
    on_time: int
    late: int  # done after the last day
    overdue: int  # not done, and the last day was in or before these days
    extended: int

    @property
    def on_time_percent(self) -> float | None:
        """Of what was done or is overdue, how much was in time; None where there is nothing."""
        whole = self.finished + self.overdue
        return round(100 * self.on_time / whole, 1) if whole else None


def timeliness(organisation: Organisation, start: date, end: date) -> list[Timeliness]:
    """Return for a unit and those below it how each period was kept from `start` to `end`, both included.

    A period counts on the day on which what was due was done; one that is not done counts where its last day lies
    before `end`. Timers that bind nobody do not count.
    """
    units = {one.pk: one for one in below(organisation)}
    bound = Clock.objects.filter(
        Exists(WorkItem.objects.filter(clock=OuterRef("pk"))), organisation__in=list(units)
    )
    done = bound.filter(stopped_on__gte=start, stopped_on__lte=end)
    owing = bound.filter(stopped_on=None, due_on__lt=end)
    counts: dict[tuple[int, str], list[int]] = {}
    for unit, name, due_on, stopped_on, extended in [*_kept(done), *_kept(owing)]:
        row = counts.setdefault((unit, name), [0, 0, 0, 0])
        place = 2 if stopped_on is None else (1 if due_on and stopped_on > due_on else 0)
        row[place] += 1
        row[3] += extended > 0
    return [
        Timeliness(units[unit], name, in_time + late, in_time, late, overdue, extended)
        for (unit, name), (in_time, late, overdue, extended) in sorted(
            counts.items(), key=lambda pair: (units[pair[0][0]].code, pair[0][1])
        )
    ]


def _kept(rows: QuerySet[Clock]) -> Iterable[tuple[int, str, date | None, date | None, int]]:
    return rows.values_list("organisation_id", "name", "due_on", "stopped_on", "extension_count")


def below(organisation: Organisation) -> QuerySet[Organisation]:
    """A unit and every unit in its area."""
    return Organisation.objects.filter(division_code__startswith=organisation.territory)


def overview() -> list[dict[str, Any]]:
    """Every declared procedure with the number of its published version and of its cases, by status."""
    published = dict(
        ProcedureVersion.objects.filter(state=VersionState.PUBLISHED).values_list("procedure", "number")
    )
    counted = Case.objects.values_list("procedure", "status").annotate(Count("pk")).order_by()
    cases = {(procedure, status): count for procedure, status, count in counted}
    return [
        {
            "code": one.code,
            "title_zh": one.title_zh,
            "title_en": one.title_en,
            "plan_ids": list(one.plan_ids),
            "version": published.get(one.code),
            **{status: cases.get((one.code, status), 0) for status in CaseStatus.values},
        }
        for one in declaration.all_procedures()
    ]

"""The verbs of the engine. Each checks, decides, writes and tells the case's time line, in one transaction.

Who acts and when come in as `by` (None: the system) and `at`. Refusals are `errors.ProcedureRefused` with words in both
languages, or `Forbidden` where the officer's role or unit is the matter; who comes second meets `CaseMoved`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.engines.procedures import policies, stepping, versions
from zhijian.engines.procedures.errors import CaseMoved, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseEvent, ItemState, WorkItem
from zhijian.engines.procedures.stepping import Act
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import may_lead, may_work


def start_case(
    code: str,
    *,
    number: str,
    title: str,
    organisation: Organisation,
    division_code: str,
    data: Mapping[str, Any],
    by: Officer | None,
    at: datetime,
    entity_code: str = "",
    is_synthetic: bool = False,
) -> Case:
    """Open a case under the published version of a procedure and go on to its first steps.

    Raises:
        ProcedureRefused: no such procedure, or the number is taken.
        Incomplete: the first deadline's day is missing in `data`.
    """
    version = versions.current(code, at=at)
    case = Case(
        procedure=code,
        version=version,
        number=number,
        title=title[:300],
        organisation=organisation,
        division_code=division_code,
        entity_code=entity_code,
        opened_at=at,
        is_synthetic=is_synthetic,
    )
    with transaction.atomic():
        _insert(case)
        doing = Act(case, by, at)
        doing.tell("open", name=case.title)
        stepping.begin(doing, stepping.plain(data))
        stepping.fact(
            doing,
            "procedure.opened",
            "opened",
            {
                "procedure": code,
                "version": version.number,
                "number": number,
                "organisation": organisation.name,
                "division_code": division_code,
            },
        )
        case.revision += 1
        case.save()
        CaseEvent.objects.bulk_create(doing.events)
    return case


def _insert(case: Case) -> None:
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        raise ProcedureRefused(
            f"编号 {case.number} 的案件已经存在。", f"There is a case numbered {case.number} already."
        ) from None


def complete(
    item: WorkItem,
    *,
    data: Mapping[str, Any],
    by: Officer | None,
    at: datetime,
    revision: int | None = None,
    note: str = "",
) -> Case:
    """Hand a step in with its data and go on to what follows.

    Raises:
        Forbidden: the officer has not the step's role in its unit.
        NotYours: a colleague holds the step.
        CaseMoved: somebody finished it, or the case is not at `revision` any more.
    """
    with stepping.act(item.case_id, by=by, at=at, revision=revision) as doing:
        mine = _locked_item(item, doing)
        doing.on_behalf_of = policies.check_may_work(mine, by, doing.day)
        policies.check_holder(mine, by, doing.day)
        policies.check_joint_answers(mine)
        handed_in = stepping.plain(data)
        mine.state, mine.finished_at, mine.finished_by = ItemState.DONE, at, by
        mine.outcome = str(handed_in.get("outcome", ""))[:80]
        mine.save(update_fields=["state", "finished_at", "finished_by", "outcome"])
        doing.tell("complete", task=mine.task, name=mine.name, basis=mine.article, note=note, data=handed_in)
        _decide(doing, mine)
        stepping.move(doing, lambda run: run.complete(mine.token), handed_in)
    return doing.case


def _decide(doing: Act, item: WorkItem) -> None:
    """Record a decision as a fact where the drawing says that the step is one."""
    node = versions.compiled_of(doing.case.version).drawing.nodes.get(item.task)
    if node is None or node.properties.get("fact") != "decision":
        return
    case = doing.case
    payload = {
        "procedure": case.procedure,
        "number": case.number,
        "task": item.task,
        "name": item.name,
        "outcome": item.outcome,
        "article": item.article,
    }
    stepping.fact(doing, "procedure.decided", f"decided/{item.pk}", payload, basis=item.article or None)


def claim(item: WorkItem, *, by: Officer, at: datetime) -> WorkItem:
    """Take a step that nobody holds.

    Raises:
        Forbidden: not the role, or not the unit.
        CaseMoved: a colleague was quicker.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = _locked_item(item, doing)
        policies.check_may_work(mine, by, doing.day)
        if mine.holder_id is not None and mine.holder_id != by.pk:
            raise policies.moved(doing.case)
        return _hold(doing, mine, by, "claim")


def assign(item: WorkItem, *, to: Officer, by: Officer | None, at: datetime, note: str = "") -> WorkItem:
    """Give a step to an officer; a leader does so, or the system by its rules (`assignment.propose`).

    Raises:
        Forbidden: the giver leads nothing here, or the receiver has not the step's role in its unit.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = _locked_item(item, doing)
        if by is not None:
            policies.check_may_lead(by, mine.organisation)
        policies.check_may_work(mine, to, doing.day)
        return _hold(doing, mine, to, "assign", note=note)


def hand_over(item: WorkItem, *, to: Officer, reason: str, by: Officer, at: datetime) -> WorkItem:
    """Give a step that one holds, or leads, to a colleague.

    Raises:
        NotYours: somebody else holds it.
        ProcedureRefused: no reason is given.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = _locked_item(item, doing)
        plain = policies.check_reason(reason)
        if mine.holder_id != by.pk and not may_lead(by, unit=mine.organisation):
            raise NotYours(
                "只有承办人或负责人可以转办。", "Only who holds the step, or a leader, hands it over."
            )
        policies.check_may_work(mine, to, doing.day)
        return _hold(doing, mine, to, "hand_over", note=plain)


def comment(case: Case, *, text: str, by: Officer, at: datetime) -> CaseEvent:
    """Add a remark to the time line.

    Raises:
        Forbidden: another unit's case.
        ProcedureRefused: there is nothing in it.
    """
    with stepping.act(case.pk, by=by, at=at, moves=False) as doing:
        policies.check_may_see(by, doing.case)
        return doing.tell("comment", note=policies.check_reason(text, least=1))


def _locked_item(item: WorkItem, doing: Act) -> WorkItem:
    """Return the step as it is now, open, with the case that is locked."""
    mine = WorkItem.objects.select_related("organisation", "holder").get(pk=item.pk)
    mine.case = doing.case
    policies.check_item_open(mine)
    return mine


def _hold(doing: Act, item: WorkItem, to: Officer, verb: str, *, note: str = "") -> WorkItem:
    before = item.holder
    item.holder = to
    item.save(update_fields=["holder"])
    data = {"to": to.get_username(), "from": before.get_username() if before else ""}
    doing.tell(verb, task=item.task, name=item.name, note=note, data=data)
    return item


__all__ = ["CaseMoved", "assign", "claim", "comment", "complete", "hand_over", "may_work", "start_case"]

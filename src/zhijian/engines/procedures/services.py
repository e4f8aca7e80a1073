"""The verbs of the engine. Each checks, decides, writes and tells the case's time line, in one transaction.

Who acts and when come in as `by` (None: the system) and `at`. Refusals are `errors.ProcedureRefused` with words in both
languages, or `Forbidden` where the officer's role or unit is the matter; who comes second meets `CaseMoved`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.engines.procedures import declaration, handed_in, items, policies, rows, stepping, versions
from zhijian.engines.procedures.clocking import extend_clock, hold_clock, release_clock, restart_clock
from zhijian.engines.procedures.errors import CaseMoved, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import (
    Case,
    CaseEvent,
    ItemState,
    ProcedureVersion,
    Wait,
    WorkItem,
)
from zhijian.engines.procedures.stepping import Act
from zhijian.engines.procedures.teamwork import (
    answer_joint,
    bulk_assign,
    delegate_leave,
    join_units,
    supervise,
)
from zhijian.engines.procedures.ticking import tick
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, may_lead, require


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
    try:
        with transaction.atomic():
            rows.add(case)
            _begin(Act(case, by, at), stepping.plain(data))
    except IntegrityError as problem:
        if "procedures_one_case_per_number" in str(problem) or "procedures_case.number" in str(problem):
            raise ProcedureRefused(
                f"编号 {number} 的案件已经存在。", f"There is a case numbered {number} already."
            ) from None
        raise
    return case


def _begin(doing: Act, data: dict[str, Any]) -> None:
    case = doing.case
    doing.tell("open", name=case.title)
    with stepping.under_way(doing):
        stepping.begin(doing, data)
    payload = {
        "procedure": case.procedure,
        "version": case.version.number,
        "number": case.number,
        "organisation": case.organisation.name,
        "division_code": case.division_code,
    }
    stepping.fact(doing, "procedure.opened", "opened", payload)
    case.revision += 1
    doing.finish()


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
        Incomplete: the data break the step's form.
    """
    with stepping.act(item.case_id, by=by, at=at, revision=revision) as doing:
        stepping.check_still(doing)
        mine = items.locked(item, doing)
        doing.on_behalf_of = policies.check_may_work(mine, by, doing.day)
        policies.check_holder(mine, by, doing.day)
        policies.check_joint_answers(mine)
        sent = stepping.plain(data)
        node = versions.compiled_of(doing.case.version).drawing.nodes[mine.task]
        if by is not None:
            handed_in.check(declaration.get(doing.case.procedure), node, sent)
        mine.state, mine.finished_at, mine.finished_by = ItemState.DONE, at, by
        mine.outcome = str(sent.get("outcome", ""))[:80]
        doing.batch.update(mine, "state", "finished_at", "finished_by", "outcome")
        doing.open_items.remove(mine)
        doing.handed_in.append(mine)
        doing.tell("complete", task=mine.task, name=mine.name, basis=mine.article, note=note, data=sent)
        if node.properties.get("fact") == "decision":
            _decide(doing, mine)
        stepping.move(doing, lambda run: run.complete(mine.token), sent)
    return doing.case


def _decide(doing: Act, item: WorkItem) -> None:
    """Record the step as a fact: the drawing says that it is a decision."""
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
        mine = items.locked(item, doing)
        policies.check_may_work(mine, by, doing.day)
        if mine.holder_id is not None and mine.holder_id != by.pk:
            raise policies.moved(doing.case)
        return items.hold(doing, mine, by, "claim")


def assign(item: WorkItem, *, to: Officer, by: Officer | None, at: datetime, note: str = "") -> WorkItem:
    """Give a step to an officer; a leader does so, or the system by its rules (`assignment.propose`).

    Raises:
        Forbidden: the giver leads nothing here, or the receiver has not the step's role in its unit.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        if by is not None:
            policies.check_may_lead(by, mine.organisation)
        policies.check_may_work(mine, to, doing.day)
        return items.hold(doing, mine, to, "assign", note=note)


def hand_over(item: WorkItem, *, to: Officer, reason: str, by: Officer, at: datetime) -> WorkItem:
    """Give a step that one holds, or leads, to a colleague.

    Raises:
        NotYours: somebody else holds it.
        ProcedureRefused: no reason is given.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        plain = policies.check_reason(reason)
        if mine.holder_id != by.pk and not may_lead(by, unit=mine.organisation):
            raise NotYours(
                "只有承办人或负责人可以转办。", "Only who holds the step, or a leader, hands it over."
            )
        policies.check_may_work(mine, to, doing.day)
        return items.hold(doing, mine, to, "hand_over", note=plain)


def comment(case: Case, *, text: str, by: Officer, at: datetime) -> CaseEvent:
    """Add a remark to the time line.

    Raises:
        Forbidden: another unit's case.
        ProcedureRefused: there is nothing in it.
    """
    with stepping.act(case.pk, by=by, at=at, moves=False) as doing:
        policies.check_may_see(by, doing.case)
        return doing.tell("comment", note=policies.check_reason(text, least=1))


def return_item(item: WorkItem, *, reason: str, by: Officer, at: datetime) -> WorkItem:
    """Give a step back to the unit's inbox (退回); going back to an earlier step is a flow of the drawing.

    Raises:
        NotYours: somebody else holds it, or nobody.
        ProcedureRefused: no reason is given.
    """
    with stepping.act(item.case_id, by=by, at=at) as doing:
        mine = items.locked(item, doing)
        plain = policies.check_reason(reason)
        if mine.holder_id is None or (mine.holder_id != by.pk and not may_lead(by, unit=mine.organisation)):
            raise NotYours(
                "只有承办人或负责人可以退回。", "Only who holds the step, or a leader, gives it back."
            )
        doing.tell("return", task=mine.task, name=mine.name, note=plain, data={"from": str(mine.holder)})
        mine.holder = None
        mine.save(update_fields=["holder"])
        return mine


def withdraw(case: Case, *, reason: str, by: Officer | None, at: datetime) -> Case:
    """End a case before its drawing does, because who brought it takes it back (撤回).

    Raises:
        Forbidden: the officer neither works on the case nor leads its unit.
        ProcedureRefused: the case is over, only its drawing ends it, or no reason is given.
    """
    with stepping.act(case.pk, by=by, at=at) as doing:
        stepping.check_still(doing)
        policies.check_open(doing.case)
        policies.check_ends_early(doing.case)
        if by is not None:
            policies.check_may_handle(doing.case, by)
        stepping.end_early(doing, policies.check_reason(reason))
    return doing.case


def send_message(case: Case, name: str, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> Case:
    """Hand a message to a case that waits for it; its fields become data of the case.

    Raises:
        ProcedureRefused: the case does not wait for such a message.
    """
    with stepping.act(case.pk, by=by, at=at) as doing:
        stepping.check_still(doing)
        wait = doing.case.waits.filter(kind="message", message=name).order_by("pk").first()
        if wait is None:
            raise ProcedureRefused(
                f"案件 {doing.case.number} 现在不等待消息“{name}”。",
                f"Case {doing.case.number} does not wait for the message '{name}' now.",
            )
        sent = stepping.plain(data)
        doing.tell("message", task=wait.task, name=name, data=sent)
        stepping.move(doing, lambda run: run.fire(wait.token, wait.task), sent)
    return doing.case


def correlate_message(
    name: str, key: str, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> Case:
    """Hand a message to the one case that waits for it with this value of its correlation field.

    Raises:
        ProcedureRefused: no case waits so, or more than one.
    """
    waiting = list(Wait.objects.filter(kind="message", message=name, key=key).select_related("case")[:2])
    if len(waiting) != 1:
        raise ProcedureRefused(
            f"有{len(waiting) or '零'}件案件等待消息“{name}”（{key}），应当恰好一件。",
            f"{len(waiting)} cases wait for '{name}' with '{key}'; exactly one should.",
        )
    return send_message(waiting[0].case, name, data, by=by, at=at)


def publish_version(version: ProcedureVersion, *, by: Officer, at: datetime) -> ProcedureVersion:
    """Make a saved drawing the one that new cases begin with.

    Raises:
        Forbidden: the officer may not publish drawings.
        DrawingRefused: the checks found problems; all are listed.
    """
    require(by, Permission.MANAGE_PROCEDURES)
    return versions.publish(version, by=by, at=at)


__all__ = [
    "CaseMoved",
    "NotYours",
    "ProcedureRefused",
    "answer_joint",
    "assign",
    "bulk_assign",
    "claim",
    "comment",
    "complete",
    "correlate_message",
    "delegate_leave",
    "extend_clock",
    "hand_over",
    "hold_clock",
    "join_units",
    "publish_version",
    "release_clock",
    "restart_clock",
    "return_item",
    "send_message",
    "start_case",
    "supervise",
    "tick",
    "withdraw",
]

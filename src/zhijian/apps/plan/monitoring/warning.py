"""A finding is tracked to its effect: raised by a light, answered by its owner with causes, made a task with unit and day, closed by what it changed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from zhijian.apps.plan.monitoring import policies, queries
from zhijian.apps.plan.monitoring.models import PROVINCE, Evaluation, PlanIndicator, PlanWarning
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.promise_rules import Kept
from zhijian.apps.plan.monitoring.records import step
from zhijian.apps.plan.monitoring.rules import Light
from zhijian.apps.plan.monitoring.writing import CAUSES
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import add_working_days, statutory_day

RAISED, TASK, CLOSED = "raised", "task", "closed"
REPLY_WORKING_DAYS = 10  # DESIGN
YELLOW, RED = "yellow", "red"
_LEVELS = {
    Light.YELLOW: "yellow", Light.BASICALLY: "yellow", Light.OPEN: "yellow",
    Light.RED: "red", Light.NOT_ATTAINED: "red",
}  # fmt: skip


@transaction.atomic
def raise_from(one: Evaluation, *, by: Officer, at: datetime) -> list[PlanWarning]:
    """Raise a warning for every row that an evaluation finds behind and every promise it finds broken.

    A row with an open warning gets no second one; a yellow one of a row that is now red becomes red, with a new day for its reply.

    Raises:
        PlanRefused: the data are not frozen.
        Forbidden: not the role, or not the province.
    """
    officer, today = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE), statutory_day(at)
    if not one.frozen:
        raise PlanRefused("数据还没有冻结。", "The data are not frozen.")
    is_open = {found.number: found for found in one.plan.warnings.exclude(state=CLOSED)}
    made = []
    for figure in one.frozen["figures"]["figures"]:
        judged = figure["judged"]
        level = _LEVELS.get(Light(judged["light"]))
        if level is None:
            continue
        if figure["number"] in is_open:
            _worsened(is_open[figure["number"]], one, level, by=officer, at=at)
            continue
        warning = PlanWarning.objects.create(
            plan=one.plan, number=figure["number"], level=level, state=RAISED, evaluation=one, raised_on=today,
            reply_due_on=_reply_due_on(today), value_before=Decimal(judged["value"]),
            is_synthetic=one.is_synthetic,
        )  # fmt: skip
        step(warning, RAISED, by=officer, at=at, note=level)
        made.append(warning)
    made += [
        _of_commitment(one, promised, by=officer, at=at)
        for promised in one.frozen["figures"].get("commitments", [])
        if promised["judged"]["kept"] == Kept.BROKEN and promised["number"] not in is_open
    ]
    return made


def _worsened(known: PlanWarning, one: Evaluation, level: str, *, by: Officer, at: datetime) -> None:
    """Make a yellow warning red where a later evaluation finds the row clearly behind; one that was answered is asked again."""
    if (known.level, level) != (YELLOW, RED) or (known.evaluation and known.evaluation.as_of >= one.as_of):
        return
    known.level, known.evaluation = RED, one
    if known.state == RAISED:
        known.reply_due_on = _reply_due_on(statutory_day(at))
    known.save(update_fields=["level", "evaluation", "reply_due_on"])
    step(known, "worsened", by=by, at=at, note=RED)


def _of_commitment(one: Evaluation, promised: dict[str, Any], *, by: Officer, at: datetime) -> PlanWarning:
    today = statutory_day(at)
    made: PlanWarning = PlanWarning.objects.create(
        plan=one.plan, number=promised["number"], level="red", state=RAISED, evaluation=one, raised_on=today,
        reply_due_on=_reply_due_on(today), value_before=Decimal(promised["judged"]["value"]),
        is_synthetic=one.is_synthetic,
    )  # fmt: skip
    step(made, RAISED, by=by, at=at, note="red")
    return made


@transaction.atomic
def reply(
    warning: PlanWarning, causes: Mapping[str, str], means: str, *, by: Officer, at: datetime
) -> PlanWarning:
    """Take in the owner's reply: the causes, each of its kind, and what the owner means to do.

    Raises:
        PlanRefused: no cause, one of an unknown kind, nothing meant, a task already, or the changed definition is not declared.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=warning.area_code)
    held = _held(warning, RAISED)
    told = {kind: text for kind, text in causes.items() if text.strip()}
    if not told or not told.keys() <= CAUSES.keys():
        raise PlanRefused(
            "请至少写明一种原因：口径变化、基数影响、外部冲击、政策和工作、数据。没有依据的原因不写。",
            "Give one cause at least: changed definition, effect of the base, outside event, policy and work, data. Name none "
            "that has no ground.",
        )
    if "definition" in told and not held.plan.breaks.filter(number=held.number).exists():
        raise PlanRefused(
            "口径变化要先在“口径变化”里登记并由另一人复核，才能作原因。",
            "A changed definition is a cause once it is declared among the breaks, and another reviews it.",
        )
    held.causes = {
        kind: policies.said(text, what_zh=f"原因（{CAUSES[kind][0]}）", what_en=f"cause ({CAUSES[kind][1]})")
        for kind, text in told.items()
    }
    held.reply = policies.said(means, what_zh="打算怎样办", what_en="what is meant to be done")
    held.replied_by, held.replied_at = officer, at
    held.save(update_fields=["causes", "reply", "replied_by", "replied_at"])
    step(held, "replied", by=officer, at=at, note=held.reply)
    return held


@transaction.atomic
def assign(
    warning: PlanWarning, task: str, owner: str, due_on: date, *, by: Officer, at: datetime
) -> PlanWarning:
    """Decide what is done about it, by whom, by when.

    Raises:
        PlanRefused: nothing or nobody is named, the day is past, or it is a task already.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.DECIDE_PLAN, division=PROVINCE)
    held = _held(warning, RAISED)
    if due_on < statutory_day(at):
        raise PlanRefused("期限不能早于今天。", "The day cannot be past.")
    held.task = policies.said(task, what_zh="整改措施", what_en="measure")
    held.owner = policies.said(owner, what_zh="责任单位", what_en="responsible unit", most=100)
    held.due_on, held.state = due_on, TASK
    held.save()
    step(held, TASK, by=officer, at=at, note=held.task)
    return held


@transaction.atomic
def close(warning: PlanWarning, effect: str, *, by: Officer, at: datetime) -> PlanWarning:
    """Close a task with its effect: in words, and the newest confirmed value beside the one before.

    Raises:
        PlanRefused: nothing is said, or it is no task.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.DECIDE_PLAN, division=PROVINCE)
    held, today = _held(warning, TASK), statutory_day(at)
    held.effect = policies.said(effect, what_zh="成效", what_en="effect")
    held.value_after = _now(held, today)
    held.closed_on, held.state = today, CLOSED
    held.save()
    step(held, CLOSED, by=officer, at=at, note=held.effect)
    return held


def _reply_due_on(raised_on: date) -> date:
    """Return the last day of a reply; in a year without a notice of holidays, weekends and fixed ones are counted."""
    return add_working_days(raised_on, REPLY_WORKING_DAYS, provisional=True)


def _now(warning: PlanWarning, today: date) -> Decimal | None:
    """Return the confirmed value that decides today: of the indicator, or of the promise."""
    row = queries.get_measured(warning.plan, warning.number)
    if isinstance(row, PlanIndicator):
        return queries.figure(row, today, is_public=False).judged.value
    whole = queries.whole(warning.plan, today, is_public=False)
    return next(one.judged.value for one in whole.commitments if one.number == row.number)


def _held(warning: PlanWarning, state: str) -> PlanWarning:
    held = PlanWarning.objects.select_for_update(of=("self",)).select_related("plan").get(pk=warning.pk)
    if held.state != state:
        raise PlanRefused(
            "这条预警已到别的环节，请刷新后再看。", "This warning is at another step: look again."
        )
    return held

"""Budget and performance: the money of each task by year, and what one yuan brought where the output is counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from zhijian.apps.plan.monitoring import policies, rules
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan, PlanItem, TaskMoney
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import step
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require


@dataclass(frozen=True)
class Typed:
    """The money of a task as it was typed, in yuan."""

    planned: str
    spent: str
    output: str = ""
    output_unit: str = ""
    evidence: str = ""


def enter(
    plan: Plan,
    paragraph: str,
    year: int,
    typed: Typed,
    *,
    by: Officer,
    at: datetime,
    is_synthetic: bool = False,
) -> TaskMoney:
    """Enter the money of a task in a year.

    Raises:
        PlanRefused: no such task or year, a negative sum, an output without unit, entered twice.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    is_task = plan.item_versions.filter(kind=PlanItem.PARAGRAPH, number=paragraph, is_task=True).exists()
    if not is_task or year not in plan.years:
        raise PlanRefused(
            "规划里没有这项任务，或者年度不在规划期内。", "No such task, or a year outside the plan."
        )
    planned = policies.number(typed.planned, "预算", "planned sum", unit="元")
    spent = policies.number(typed.spent, "支出", "spent sum", unit="元")
    output = policies.number(typed.output, "产出", "output", unit="") if typed.output.strip() else None
    unit = typed.output_unit.strip()
    if min(planned, spent, output or Decimal(0)) < 0:
        raise PlanRefused("金额和产出不能是负数。", "Sums and output cannot be negative.")
    if (output is None) != (not unit):
        raise PlanRefused("产出和单位要么都填，要么都不填。", "Give the output with its unit, or neither.")
    evidence = policies.said(typed.evidence, what_zh="依据（预算批复、决算号）", what_en="source", most=300)
    try:
        with transaction.atomic():
            made: TaskMoney = TaskMoney.objects.create(
                plan=plan, paragraph=paragraph, year=year, planned_yuan=planned, spent_yuan=spent, output=output,
                output_unit=unit[:40], evidence=evidence, entered_by=officer, entered_at=at,
                is_synthetic=is_synthetic or plan.is_synthetic,
            )  # fmt: skip
            step(made, "entered", by=officer, at=at, note=evidence)
    except IntegrityError:
        raise PlanRefused(
            "这项任务这一年的经费已经填过。", "The money of this task and year is entered."
        ) from None
    return made


@transaction.atomic
def confirm(money: TaskMoney, *, by: Officer, at: datetime) -> TaskMoney:
    """Confirm what somebody else entered; only then is it shown to everybody.

    Raises:
        PlanRefused: it is the own entry, or confirmed.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)
    held = TaskMoney.objects.select_for_update(of=("self",)).select_related("entered_by").get(pk=money.pk)
    policies.check_another(held.entered_by, officer)
    if held.confirmed_by_id is not None:
        raise PlanRefused("这笔经费已经复核。", "It is confirmed already.")
    held.confirmed_by, held.confirmed_at = officer, at
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    step(held, "confirmed", by=officer, at=at)
    return held


@dataclass(frozen=True)
class Sum:
    """The money of a task over years. `per_yuan` is None where no output is counted, or the units differ."""

    paragraph: str
    planned: Decimal
    spent: Decimal
    executed_percent: Decimal | None
    output: Decimal | None
    unit: str
    per_yuan: Decimal | None


def sums(rows: Iterable[TaskMoney]) -> list[Sum]:
    """Sum the money by task. Outputs of different units are never added."""
    by_task: dict[str, list[TaskMoney]] = {}
    for row in rows:
        by_task.setdefault(row.paragraph, []).append(row)
    return [_sum(name, group) for name, group in sorted(by_task.items())]


def _sum(name: str, group: list[TaskMoney]) -> Sum:
    planned = sum((one.planned_yuan for one in group), Decimal(0))
    spent = sum((one.spent_yuan for one in group), Decimal(0))
    units = {one.output_unit for one in group if one.output is not None}
    is_counted = len(units) == 1 and all(one.output is not None for one in group)
    output = sum((one.output or Decimal(0) for one in group), Decimal(0)) if is_counted else None
    return Sum(
        name, planned, spent, rules.execution_percent(spent, planned), output, units.pop() if is_counted else "",
        rules.output_per_yuan(output, spent) if output is not None else None,
    )  # fmt: skip

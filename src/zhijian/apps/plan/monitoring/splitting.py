"""The plan's targets broken down by year before the year begins: entered by one, confirmed by another, judged year by year."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from zhijian.apps.plan.monitoring import policies, queries, rules
from zhijian.apps.plan.monitoring.models import PROVINCE, Plan, YearTarget
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import step
from zhijian.apps.plan.monitoring.rules import Basis
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day


@transaction.atomic
def enter(
    plan: Plan, number: str, text: str, *, evidence: str, by: Officer, at: datetime
) -> list[YearTarget]:
    """Enter a row's targets for every year that is left, a line each: '2027 93.5'. What another has not confirmed is replaced.

    Raises:
        PlanRefused: a line is none, a year is over, lacks or stands twice, the years do not lead to the plan's target, no source.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    row, today = queries.get_indicator(plan, number), statutory_day(at)
    first = max(plan.starts_on.year, today.year)
    told = policies.by_year(text, range(first, plan.ends_on.year + 1))
    if row.basis == Basis.NEW:
        series = queries.figure(row, today, is_public=False).series
        done = sum(value for year, value in series.items() if plan.starts_on.year <= year < first)
    else:
        done = 0
    if not rules.leads_to_target(row.goal, told, done=Decimal(done)):
        raise PlanRefused(
            f"各年目标不能比前一年松，最后一年要达到规划目标{row.target.normalize():f}（新增数各年相加）。",
            f"No year's target is easier than the year's before, and the last reaches the plan's target {row.target.normalize():f} "
            "(what is new adds up).",
        )
    ground = policies.said(evidence, what_zh="依据（分解文件）", what_en="source of the split", most=300)
    known = YearTarget.objects.select_for_update().filter(plan=plan, number=number)
    if known.filter(confirmed_by__isnull=False).exists():
        raise PlanRefused("这个指标的年度目标已经复核。", "The yearly targets of this row are confirmed.")
    known.delete()
    made = YearTarget.objects.bulk_create([
        YearTarget(plan=plan, number=number, year=year, value=value, evidence=ground, entered_by=officer, entered_at=at)
        for year, value in told.items()
    ])  # fmt: skip
    step(row, "split", by=officer, at=at, note=ground)
    return made


@transaction.atomic
def confirm(plan: Plan, number: str, *, by: Officer, at: datetime) -> None:
    """Confirm a row's yearly targets that somebody else entered.

    Raises:
        PlanRefused: there are none to confirm, or they are the own ones.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)
    row = queries.get_indicator(plan, number)
    found = list(
        YearTarget.objects.select_for_update(of=("self",))
        .filter(plan=plan, number=number, confirmed_by=None)
        .select_related("entered_by")
    )
    if not found:
        raise PlanRefused("没有等待复核的年度目标。", "There are no yearly targets to confirm.")
    for one in found:
        policies.check_another(one.entered_by, officer)
        one.confirmed_by, one.confirmed_at = officer, at
    YearTarget.objects.bulk_update(found, ["confirmed_by", "confirmed_at"])
    step(row, "split_confirmed", by=officer, at=at)

"""A target changes by its procedure alone: proposed, evaluated, decided by the organ that approved the plan (art 20 and 21)."""

from datetime import datetime

from django.db import transaction

from zhijian.apps.plan.monitoring import policies, queries
from zhijian.apps.plan.monitoring.models import PROVINCE, Adjustment, Plan, PlanIndicator
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import SOURCE, plain, step
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

PROPOSED, EVALUATED, LEGAL, APPROVED, REJECTED = (
    "proposed", "evaluated", "legal_procedure", "approved", "rejected",
)  # fmt: skip
NEXT = {PROPOSED: EVALUATED, EVALUATED: LEGAL}


@transaction.atomic
def propose(plan: Plan, number: str, target: str, *, reason: str, by: Officer, at: datetime) -> Adjustment:
    """Propose another target; nothing changes by it.

    Raises:
        PlanRefused: no such indicator, no number, the same target, no reason, or one is open.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    row = queries.get_indicator(plan, number)
    value = policies.number(target, "新目标", "new target", unit=row.unit_zh)
    why = policies.said(reason, what_zh="调整的理由", what_en="reason of the adjustment")
    policies.check_target(row, value)
    if value == row.target:
        raise PlanRefused("新目标与现行目标相同。", "That is the target that stands.")
    if plan.adjustments.filter(number=number).exclude(state__in=(APPROVED, REJECTED)).exists():
        raise PlanRefused("这个指标已有调整在办。", "An adjustment of this indicator is open.")
    made: Adjustment = Adjustment.objects.create(
        plan=plan,
        number=number,
        target=value,
        reason=why,
        state=PROPOSED,
        proposed_by=officer,
        proposed_at=at,
    )
    step(made, PROPOSED, by=officer, at=at, note=why)
    return made


@transaction.atomic
def move_on(adjustment: Adjustment, note: str, *, by: Officer, at: datetime) -> Adjustment:
    """Take a proposal to its next step: its evaluation, then the legal procedure.

    Raises:
        PlanRefused: it is decided or waits for the decision, or nothing is said.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    held = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment.pk)
    if held.state not in NEXT:
        raise PlanRefused("这项调整已到决定环节。", "This adjustment waits for its decision or has it.")
    told = policies.said(note, what_zh="评估意见或者报送情况", what_en="evaluation, or where it was sent")
    held.state = NEXT[held.state]
    if held.state == EVALUATED:
        held.evaluation = told
    held.save(update_fields=["state", "evaluation"])
    step(held, held.state, by=officer, at=at, note=told)
    return held


@transaction.atomic
def decide(adjustment: Adjustment, *, approves: bool, document: str, by: Officer, at: datetime) -> Adjustment:
    """Write down what the organ that approved the plan decided; approved, the indicator has a further version.

    Raises:
        PlanRefused: it was not through the legal procedure, the decision has no document, or the proposer decides.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.DECIDE_PLAN, division=PROVINCE)
    held = (
        Adjustment.objects.select_for_update(of=("self",))
        .select_related("plan", "proposed_by")
        .get(pk=adjustment.pk)
    )
    policies.check_another(held.proposed_by, officer)
    if held.state != LEGAL:
        raise PlanRefused("先评估，再走法定程序，然后才能决定。", "First the evaluation, then the legal procedure, then the decision.")  # fmt: skip
    held.document = policies.said(
        document, what_zh="批准机关的文号", what_en="document of the organ", most=120
    )
    held.state = APPROVED if approves else REJECTED
    held.save(update_fields=["document", "state"])
    step(held, held.state, by=officer, at=at, note=held.document)
    if approves:
        _apply(held, by=officer, at=at)
    return held


def target_before(adjustment: Adjustment) -> str | None:
    """Return the target that an approved adjustment took the place of, as its fact says; None while none was."""
    fact = Fact.objects.filter(source=SOURCE, source_key=f"adjustment/{adjustment.pk}").first()
    return None if fact is None else str(fact.payload["target_before"])


def _apply(held: Adjustment, *, by: Officer, at: datetime) -> None:
    old = queries.get_indicator(held.plan, held.number)
    same = {
        field.name: getattr(old, field.name)
        for field in PlanIndicator._meta.concrete_fields
        if field.name not in ("id", "version", "target", "target_text", "why", "added_at")
    }
    PlanIndicator.objects.create(
        **same, version=old.version + 1, target=held.target, target_text=plain(held.target), added_at=at,
        why=f"{held.document}：{held.reason}"[:300],
    )  # fmt: skip
    facts.record(
        "indicator.adjusted", subject=f"{held.plan.code}/{held.number}", occurred_on=statutory_day(at),
        payload={
            "plan": held.plan.code, "indicator": held.number, "target_before": plain(old.target),
            "target": plain(held.target), "document": held.document,
        },
        source=SOURCE, source_key=f"adjustment/{held.pk}", by=by, at=at, is_synthetic=held.plan.is_synthetic,
    )  # fmt: skip

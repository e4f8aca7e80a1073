"""The log of steps: who did what to a plan, a value, an adjustment, an evaluation, a warning or a budget."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from zhijian.apps.plan.monitoring.models import PlanStep
from zhijian.security.models import Officer

SOURCE = "plan_monitoring"


def step(owner: Any, verb: str, *, by: Officer, at: datetime, note: str = "") -> PlanStep:
    """Add a step; the place in order is unique, so that of two at once one fails whole."""
    kind = (type(owner).__name__.removeprefix("Plan") or "Plan").lower()[:12]
    sequence = PlanStep.objects.filter(owner_kind=kind, owner_id=owner.pk).count() + 1
    made: PlanStep = PlanStep.objects.create(
        owner_kind=kind, owner_id=owner.pk, sequence=sequence, verb=verb, actor=by, at=at, note=note[:400]
    )
    return made


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros."""
    return f"{number.normalize():f}"


def plain_if(number: Decimal | None) -> str | None:
    """Write a decimal that may be missing."""
    return None if number is None else plain(number)

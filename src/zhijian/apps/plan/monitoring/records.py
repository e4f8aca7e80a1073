"""The log of steps: who did what to a plan, a value, an adjustment, an evaluation, a warning or a budget; and what the fact of a value says."""

import json
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from zhijian.apps.plan.monitoring.models import DataPoint, PlanStep
from zhijian.engines.facts.leaves import moment
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


def point_key(point: DataPoint) -> str:
    """Return under which key the fact of a value stands: one for a year or quarter of an area, corrected by each revision."""
    quarter = f"/Q{point.quarter}" if point.quarter else ""
    return f"{point.plan.code}/{point.number}/{point.area_code}/{point.year}{quarter}"


def point_payload(point: DataPoint) -> dict[str, Any]:
    """Return what the fact of a published value says of it.

    `record` is the digest of what the fact does not show: where the value is known from, who entered and who confirmed it, and when.
    """
    payload = {
        "plan": point.plan.code, "indicator": point.number, "area": point.area_code, "year": point.year,
        "as_of": point.as_of.isoformat(), "kind": point.kind, "value": plain(point.value),
        "record": _record(point),
    }  # fmt: skip
    if point.quarter:
        payload["quarter"] = point.quarter
    if point.numerator is not None and point.denominator is not None:
        payload |= {"numerator": plain(point.numerator), "denominator": plain(point.denominator)}
    return payload


def _record(point: DataPoint) -> str:
    times = [moment(one) if one else "" for one in (point.entered_at, point.confirmed_at)]
    told = [point.evidence, point.entered_by_id, point.confirmed_by_id, *times, point.strata]
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

"""Verbs on values: submit, return, verify, publish, settle, restate; and breaks of a series. Two persons, never one."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.plan.monitoring import policies, queries
from zhijian.apps.plan.monitoring.models import (
    PROVINCE,
    DataPoint,
    Plan,
    PlanIndicator,
    PlanItem,
    PointState,
    SeriesBreak,
)
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.records import SOURCE, plain, point_key, point_payload, step
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day


@dataclass(frozen=True)
class Typed:
    """A value as it was typed."""

    value: str
    as_of: date
    kind: str = "A"
    numerator: str = ""
    denominator: str = ""
    evidence: str = ""
    quarter: int = 0  # 1 to 4; 0 is the whole year


def submit(
    plan: Plan,
    number: str,
    year: int,
    typed: Typed,
    *,
    by: Officer,
    at: datetime,
    area: str = PROVINCE,
    is_synthetic: bool = False,
) -> DataPoint:
    """Enter the value of an indicator, or of a commitment, for an area and a year; of a row that is reported by quarter, for a quarter.

    The machine's checks pass before anything is kept.

    Raises:
        PlanRefused: no number, a rate that is not its parts, no evidence, a value entered twice, a year and its quarters both.
        Forbidden: not the role, or not the area.
    """
    row = queries.get_measured(plan, number)
    code = policies.check_area(area, row)
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=code)
    fields = _checked(row, year, typed, area=code, today=statutory_day(at))
    return _kept(
        plan, number, year, code, fields, by=officer, at=at, replaces=None,
        is_synthetic=is_synthetic or plan.is_synthetic,
    )  # fmt: skip


def restate(point: DataPoint, typed: Typed, *, reason: str, by: Officer, at: datetime) -> DataPoint:
    """Enter another value for one that is published; the old one stands until the new one is confirmed.

    Raises:
        PlanRefused: it is not published, no reason, or what `submit` refuses.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=point.area_code)
    why = policies.said(reason, what_zh="修订的理由", what_en="reason of the revision")
    row = queries.get_measured(point.plan, point.number)
    typed = replace(typed, quarter=point.quarter)
    fields = _checked(row, point.year, typed, area=point.area_code, today=statutory_day(at))
    with transaction.atomic():
        held = _held(point, *queries.PUBLIC)
        _move(held, PointState.RESTATED, "restated", by=officer, at=at, note=why)
        return _kept(
            held.plan, held.number, held.year, held.area_code, fields, by=officer, at=at, replaces=held,
            is_synthetic=held.is_synthetic,
        )  # fmt: skip


@transaction.atomic
def give_back(point: DataPoint, *, reason: str, by: Officer, at: datetime) -> DataPoint:
    """Return a value to who entered it; what it would have replaced stands again.

    Raises:
        PlanRefused: it is confirmed already, or no reason.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=point.area_code)
    why = policies.said(reason, what_zh="退回的理由", what_en="reason")
    held = _held(point, *queries.PENDING)
    policies.check_another(held.entered_by, officer)
    _move(held, PointState.RETURNED, "returned", by=officer, at=at, note=why)
    if held.replaces is not None:
        old = held.replaces
        held.replaces = None
        held.save(update_fields=["replaces"])
        _move(old, PointState.PUBLISHED, "stands_again", by=officer, at=at, note=why)
    return held


@transaction.atomic
def verify(point: DataPoint, *, by: Officer, at: datetime) -> DataPoint:
    """Confirm a value that somebody else entered.

    Raises:
        PlanRefused: it is the own one, or past that step.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=point.area_code)
    held = _held(point, *queries.PENDING)
    policies.check_another(held.entered_by, officer)
    held.confirmed_by, held.confirmed_at = officer, at
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    return _move(held, PointState.VERIFIED, "verified", by=officer, at=at)


@transaction.atomic
def publish(point: DataPoint, *, by: Officer, at: datetime) -> DataPoint:
    """Publish a confirmed value: a fact, or the correction of the one that it replaces.

    Raises:
        PlanRefused: it is not confirmed.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=point.area_code)
    held = _held(point, PointState.VERIFIED)
    _tell(held, by=officer, at=at)
    return _move(held, PointState.PUBLISHED, "published", by=officer, at=at)


@transaction.atomic
def settle(point: DataPoint, *, by: Officer, at: datetime) -> DataPoint:
    """Declare a published actual value final.

    Raises:
        PlanRefused: it is an estimate or provisional, or not published.
        Forbidden: not the role, or not the area.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=point.area_code)
    held = _held(point, PointState.PUBLISHED)
    if held.kind != "A":
        raise PlanRefused(
            "预计值和初步值不能定案，先用实际值修订。",
            "An estimate is not final: restate it with the actual value.",
        )
    return _move(held, PointState.FINAL, "final", by=officer, at=at)


def declare_break(
    plan: Plan,
    number: str,
    year: int,
    *,
    reason: str,
    baseline: str,
    by: Officer,
    at: datetime,
    recalculated: str = "",
) -> SeriesBreak:
    """Say that an indicator's definition or base changed from a year on, with the baseline on the new basis.

    `recalculated` has a line for each earlier year that was counted anew: '2021 90.5'. The old values stay as they were.

    Raises:
        PlanRefused: no reason, a year outside the plan, a baseline or line that is no number, a break of that year is known.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.ENTER_PLAN_VALUE, division=PROVINCE)
    row = queries.get_indicator(plan, number)
    why = policies.said(reason, what_zh="口径变化", what_en="change", most=300)
    policies.check_break_year(plan, year)
    base = (
        policies.number(baseline, "新口径的基期值", "baseline on the new basis") if baseline.strip() else None
    )
    try:
        with transaction.atomic():
            made: SeriesBreak = SeriesBreak.objects.create(
                plan=plan,
                number=row.number,
                year=year,
                reason=why,
                baseline=base,
                recalculated=policies.recalculated(plan, year, recalculated) or None,
                declared_by=officer,
                declared_at=at,
            )
            step(made, "declared", by=officer, at=at, note=why)
    except IntegrityError:
        raise PlanRefused("这一年的口径变化已经登记。", "A break of that year is known already.") from None
    return made


@transaction.atomic
def review_break(broken: SeriesBreak, *, by: Officer, at: datetime) -> SeriesBreak:
    """Review a change of definition, so that targets met under it count; never by who declared it.

    Raises:
        PlanRefused: it is the own one, or reviewed already.
        Forbidden: not the role, or not the province.
    """
    officer = require(by, Permission.CONFIRM_PLAN_VALUE, division=PROVINCE)
    held = SeriesBreak.objects.select_for_update(of=("self",)).get(pk=broken.pk)
    policies.check_another(held.declared_by, officer)
    if held.reviewed_by_id is not None:
        raise PlanRefused("这项口径变化已经复核。", "It is reviewed already.")
    held.reviewed_by, held.reviewed_at = officer, at
    held.save(update_fields=["reviewed_by", "reviewed_at"])
    step(held, "reviewed", by=officer, at=at)
    return held


def _checked(
    row: PlanIndicator | PlanItem, year: int, typed: Typed, *, area: str, today: date
) -> dict[str, Any]:
    policies.check_quarter(row, year, typed.quarter, today=today)
    policies.check_day(row.plan, year, typed.as_of, kind=typed.kind, today=today, quarter=typed.quarter)
    value = policies.number(typed.value, "指标值", "value", unit=row.unit_zh)
    top = policies.number(typed.numerator, "分子", "numerator", unit="") if typed.numerator.strip() else None
    bottom = (
        policies.number(typed.denominator, "分母", "denominator", unit="")
        if typed.denominator.strip()
        else None
    )
    policies.check_parts(row, value, top, bottom)
    policies.check_sign(row, value)
    if isinstance(row, PlanItem):
        policies.check_promise(row, area, value)
    evidence = policies.said(
        typed.evidence, what_zh="数据来源和依据", what_en="source of the value", most=300
    )
    return {
        "quarter": typed.quarter, "value": value, "numerator": top, "denominator": bottom, "as_of": typed.as_of,
        "kind": policies.check_kind(typed.kind), "evidence": evidence,
    }  # fmt: skip


def _kept(
    plan: Plan, number: str, year: int, area: str, fields: dict[str, Any], *, by: Officer, at: datetime,
    replaces: DataPoint | None, is_synthetic: bool,
) -> DataPoint:  # fmt: skip
    try:
        with transaction.atomic():
            Plan.objects.select_for_update().get(pk=plan.pk)
            if replaces is None:  # a year and its quarter come one after the other, and the second is refused
                policies.check_one_rhythm(queries.standing(plan, number, year, area), fields["quarter"])
            point: DataPoint = DataPoint.objects.create(
                plan=plan, number=number, area_code=area, year=year, state=PointState.CHECKED, entered_by=by,
                entered_at=at, replaces=replaces, is_synthetic=is_synthetic, **fields,
            )  # fmt: skip
            step(point, "submitted", by=by, at=at, note=f"{plain(point.value)} {point.evidence}"[:400])
    except IntegrityError:
        standing = queries.standing(plan, number, year, area, quarter=fields["quarter"])
        if standing is None:
            raise
        raise policies.entered_already(standing) from None
    return point


def _held(point: DataPoint, *states: str) -> DataPoint:
    held: DataPoint = (
        DataPoint.objects.select_for_update(of=("self",))
        .select_related("plan", "entered_by", "replaces")
        .get(pk=point.pk)
    )
    policies.check_state(held, *states)
    return held


def _move(point: DataPoint, state: str, verb: str, *, by: Officer, at: datetime, note: str = "") -> DataPoint:
    point.state = state
    point.save(update_fields=["state"])
    step(point, verb, by=by, at=at, note=note)
    return point


def _tell(point: DataPoint, *, by: Officer, at: datetime) -> None:
    payload, key = point_payload(point), point_key(point)
    known = Fact.objects.filter(source=SOURCE, source_key=key, superseded_by=None).first()
    if known is None:
        facts.record(
            "indicator.published", subject=f"{point.plan.code}/{point.number}", occurred_on=point.as_of,
            payload=payload, source=SOURCE, source_key=key, by=by, at=at, is_synthetic=point.is_synthetic,
        )  # fmt: skip
    elif known.payload != payload:
        facts.correct(known, payload=payload, reason="统计值修订", by=by, at=at, occurred_on=point.as_of)

"""The verbs of an annual plan: open, write, file upward, return, allow, publish, adjust. Each checks what the writer has seen."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from zhijian.apps.supervision.planning import reckoning, rules
from zhijian.apps.supervision.planning.models import AnnualPlan, PlanEvent, PlanNeed
from zhijian.apps.supervision.planning.rules import STEPS, WRITABLE, Kind, Need, State, Verb
from zhijian.datazone.lake import Lake
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may, may_lead, require
from zhijian.security.persons import is_same_person
from zhijian.standards.bilingual import BilingualError, Problem
from zhijian.standards.calendar import statutory_day

SOURCE = "planning"
MOST_NEEDS = 60


class PlanRefused(BilingualError):
    """What was asked of a plan cannot be done now."""

    wording = "{zh}"


class WrongNeed(PlanRefused):
    """A line of a plan is wrong; `problems` say what."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            "".join(one.message_zh for one in problems), " ".join(one.message_en for one in problems)
        )
        self.problems = problems


@dataclass(frozen=True)
class Typed:
    """A line of a plan as it was typed."""

    item_code: str
    tag: str
    percent: str
    first_month: str
    last_month: str
    kind: str


@transaction.atomic
def open_plan(year: int, *, by: Officer, at: datetime, visits_per_day: int = 3) -> AnnualPlan:
    """Begin the plan of the officer's unit for a year.

    Raises:
        Forbidden: no planner.
        PlanRefused: there is one already, or the year is none to plan.
    """
    officer = require(by, Permission.PLAN_INSPECTIONS)
    unit = reckoning.planner_of(officer)
    this_year = statutory_day(at).year
    if year not in (this_year, this_year + 1):
        raise PlanRefused("只能编制今年和明年的计划。", "Plans are made for this year and the next.")
    try:
        with transaction.atomic():
            plan = AnnualPlan.objects.create(
                number=f"{unit.code}-{year}"[-40:], organisation=unit, year=year, title=f"{unit.name}{year}年度抽查计划",
                state=State.DRAFT, visits_per_day=visits_per_day, is_synthetic=unit.is_synthetic,
            )  # fmt: skip
    except IntegrityError:
        raise PlanRefused(
            "本单位这一年的计划已经有了。", "Your unit has a plan for that year already."
        ) from None
    _event(plan, Verb.DRAFT, by=officer, at=at)
    return plan


@transaction.atomic
def add_need(
    plan: AnnualPlan, typed: Typed, lake: Lake, *, seen: int, by: Officer, at: datetime
) -> AnnualPlan:
    """Write a line into a plan and count its objects anew.

    Raises:
        WrongNeed: an unpublished item, no rate from above 0 to 100, no month, no such tag.
        PlanRefused: somebody wrote since, or the plan is not being written.
    """
    locked = _writing(plan, seen, by)
    reckoned = reckoning.Reckoned(locked, on=statutory_day(at))
    need = _read(typed)
    if problems := rules.need_problems(need, reckoned.listed, reckoned.tags):
        raise WrongNeed(problems)
    if len(reckoned.rows) >= MOST_NEEDS:
        raise PlanRefused(f"一份计划最多{MOST_NEEDS}行。", f"A plan has at most {MOST_NEEDS} lines.")
    PlanNeed.objects.create(
        plan=locked, item_code=need.code, tag=need.tag, percent=Decimal(need.percent.numerator) / need.percent.denominator,
        first_month=need.first, last_month=need.last, kind=need.kind,
    )  # fmt: skip
    return _counted(locked, lake, at)


@transaction.atomic
def remove_need(
    plan: AnnualPlan, need_id: int, lake: Lake, *, seen: int, by: Officer, at: datetime
) -> AnnualPlan:
    """Take a line out of a plan.

    Raises:
        PlanRefused: somebody wrote since, there is no such line, or the plan is not being written.
    """
    locked = _writing(plan, seen, by)
    gone, _ = locked.needs.filter(pk=need_id).delete()
    if not gone:
        raise PlanRefused("没有这一行。", "There is no such line.")
    return _counted(locked, lake, at)


@transaction.atomic
def file(plan: AnnualPlan, *, seen: int, by: Officer, at: datetime) -> AnnualPlan:
    """File a plan with the upper level (of the province: with its own publisher). What the law forbids stops it.

    Raises:
        PlanRefused: a remark stops it, somebody wrote since, or it is not being written.
    """
    locked = _writing(plan, seen, by)
    for remark in reckoning.Reckoned(locked, on=statutory_day(at)).remarks:
        if remark.stops:
            raise PlanRefused(remark.zh, remark.en)
    _step(locked, Verb.FILE, by=by, at=at)
    _tell_upward(locked, "filed", "", by=by, at=at)
    return locked


@transaction.atomic
def send_back(plan: AnnualPlan, reason: str, *, by: Officer, at: datetime) -> AnnualPlan:
    """Return a filed plan with a reason: by a leader or planner of the unit above.

    Raises:
        Forbidden: not of the unit above.
        PlanRefused: no reason, or not filed.
    """
    locked = _locked(plan)
    check_above(locked, by)
    _check_reason(reason)
    _step(locked, Verb.RETURN, by=by, at=at, reason=reason)
    if _published(locked).exists():
        locked.state = State.ADJUSTING
        locked.save(update_fields=["state"])
    _tell_upward(locked, "returned", reason, by=by, at=at)
    return locked


@transaction.atomic
def allow_below(plan: AnnualPlan, reason: str, *, by: Officer, at: datetime) -> AnnualPlan:
    """Keep why a filed plan may be published below a binding quota: a leader of the unit above says so, and all read it.

    Raises:
        Forbidden: no leader of the unit above (of the province: of its own, and who filed it does not).
        PlanRefused: no reason, not filed, the quota is reached, or somebody allowed it.
    """
    locked = _locked(plan)
    check_allows(locked, by)
    _check_reason(reason)
    if reckoning.Reckoned(locked, on=statutory_day(at)).shortfall is None:
        raise PlanRefused(
            "计划达到了比例下限，不需要说明。", "The plan reaches the quota; no reason is needed."
        )
    if allowance(locked) is not None:
        raise PlanRefused("上级已经写明理由。", "A leader above gave a reason already.")
    _step(locked, Verb.ALLOW, by=by, at=at, reason=reason)
    _tell_upward(locked, "allowed", reason.strip()[:300], by=by, at=at)
    return locked


def check_allows(plan: AnnualPlan, by: Officer) -> None:
    """Refuse who is no leader of the unit above. ASSUMPTION: nobody here is above the province; its own leader answers.

    Raises:
        Forbidden: as said, or who filed the plan.
    """
    unit, filed = plan.organisation, plan.events.filter(verb=Verb.FILE).last()
    is_top, is_own = len(unit.territory) == 2, by.organisation_id == unit.pk
    if (
        not may_lead(by, unit=unit)
        or is_own is not is_top
        or (filed is not None and is_same_person(filed.actor, by))
    ):
        raise Forbidden(
            "低于约束性比例公布计划，要由上一级单位负责人写明理由。",
            "A leader of the unit above says why a plan below the binding quota is published.",
        )


def allowance(plan: AnnualPlan) -> PlanEvent | None:
    """Return the word from above on the plan as it was filed last; None where nobody gave one since."""
    filed = plan.events.filter(verb=Verb.FILE).last()
    after = filed.sequence if filed is not None else 0
    return plan.events.filter(verb=Verb.ALLOW, sequence__gt=after).last()


def _check_shortfall(plan: AnnualPlan, reckoned: reckoning.Reckoned) -> dict[str, Any]:
    """Return the word from above for the published content, or refuse a plan below a binding quota without one."""
    short = reckoned.shortfall
    if short is None:
        return {}
    told = allowance(plan)
    if told is None:
        raise PlanRefused(
            f"{short.zh}这一比例是约束性的，要由上一级单位负责人写明理由后才能公布。",
            f"{short.en} The quota binds: a leader of the unit above gives a reason before it is published.",
        )
    unit = told.actor.organisation
    return {"allowed_below": {"reason": told.reason, "authority": unit.name if unit is not None else ""}}


@transaction.atomic
def publish(plan: AnnualPlan, *, by: Officer, at: datetime) -> AnnualPlan:
    """Publish a filed plan: by somebody else of the unit than who filed it.

    Raises:
        Forbidden: no right to publish, or another unit.
        PlanRefused: not filed, the one who filed it, an item left the list meanwhile, or a binding quota is not reached
            and no leader above gave a reason for it.
    """
    locked = _locked(plan)
    officer = require(by, Permission.PUBLISH_PLAN)
    _check_own(locked, officer)
    filed = locked.events.filter(verb=Verb.FILE).last()
    if filed is not None and is_same_person(filed.actor, officer):
        raise PlanRefused(
            "计划由您报备，须由另一人公布。", "You filed this plan; somebody else publishes it."
        )
    reckoned = reckoning.Reckoned(locked, on=statutory_day(at))
    for remark in reckoned.remarks:
        if remark.stops:
            raise PlanRefused(remark.zh, remark.en)
    allowed = _check_shortfall(locked, reckoned)
    version = _published(locked).count() + 1
    content = content_of(reckoned, version) | allowed
    adjusted = locked.events.filter(verb=Verb.ADJUST).last()
    reason = adjusted.reason if adjusted and version > 1 else ""
    _step(locked, Verb.PUBLISH, by=officer, at=at, reason=reason, content=content)
    _record_published(locked, content, reason, by=officer, at=at)
    return locked


@transaction.atomic
def adjust(plan: AnnualPlan, reason: str, *, by: Officer, at: datetime) -> AnnualPlan:
    """Begin to change a published plan, with a reason. Until the change is published the old plan stands.

    Raises:
        Forbidden: no planner of the unit.
        PlanRefused: no reason, or not published.
    """
    locked = _locked(plan)
    officer = require(by, Permission.PLAN_INSPECTIONS)
    _check_own(locked, officer)
    _check_reason(reason)
    _step(locked, Verb.ADJUST, by=officer, at=at, reason=reason)
    return locked


def content_of(reckoned: reckoning.Reckoned, version: int) -> dict[str, Any]:
    """Return a plan as it is published: its tasks with who answers for what, and what merging saves."""
    plan, merged = reckoned.plan, reckoned.merged
    tasks = [
        {
            "number": f"{plan.number}-{version}-{n:02d}",
            "month": task.month,
            "tags": list(reckoned.scope_tags(task.tags)),
            "items": {code: reckoned.items[code].name for code in task.codes},
            "departments": reckoned.by_department(task.codes),
            "visits": task.visits,
            "objects": task.objects,
            "kind": task.kind,
        }
        for n, task in enumerate(sorted(merged.tasks, key=lambda one: (one.month, sorted(one.tags), -len(one.codes))), start=1)
    ]  # fmt: skip
    remarks = [{"zh": one.zh, "en": one.en, "article": one.article, "is_kept": one.is_kept} for one in reckoned.remarks]  # fmt: skip
    return {
        "version": version, "tasks": tasks, "alone": merged.alone, "joined": merged.joined, "least": merged.least, "least_in_months": merged.least_in_months,
        "objects": reckoned.objects, "counted_on": plan.frame.get("on", ""), "remarks": remarks, "tags": reckoned.tags,
    }  # fmt: skip


def published_versions(plan: AnnualPlan) -> list[PlanEvent]:
    """Return every publication of a plan, newest first."""
    return list(_published(plan).order_by("-sequence"))


def published_plans(year: int | None = None) -> list[tuple[AnnualPlan, PlanEvent]]:
    """Return the plans that everybody may read, with their newest publication: the province's first."""
    rows = AnnualPlan.objects.select_related("organisation").prefetch_related("events")
    found = []
    for plan in rows if year is None else rows.filter(year=year):
        events = [one for one in plan.events.all() if one.verb == Verb.PUBLISH]
        if events:
            found.append((plan, max(events, key=lambda one: one.sequence)))
    return sorted(found, key=lambda one: (-one[0].year, len(one[0].organisation.territory), one[0].number))


def check_above(plan: AnnualPlan, by: Officer) -> None:
    """Refuse who is not of the unit above, in whose area the plan's unit lies.

    Raises:
        Forbidden: the own unit, one beside it, or no planner or leader.
    """
    officer = require(by, Permission.PLAN_INSPECTIONS, division=plan.organisation.division_code)
    own = reckoning.planner_of(officer)
    if len(own.territory) >= len(plan.organisation.territory):
        raise Forbidden("计划由上一级单位退回。", "A plan is returned by the unit above.")


def may_write(plan: AnnualPlan, officer: Officer) -> bool:
    return may(officer, Permission.PLAN_INSPECTIONS) and officer.organisation_id == plan.organisation_id


def _read(typed: Typed) -> Need:
    """Read a line; what is no number counts as none, and is refused by the rule."""
    try:
        percent = Fraction(Decimal(typed.percent.strip().rstrip("%")).quantize(Decimal("0.01")))
    except (InvalidOperation, ValueError):
        percent = Fraction(0)
    first, last = (
        int(text) if text.strip().isdecimal() and len(text) < 4 else 0
        for text in (typed.first_month, typed.last_month)
    )
    kind = Kind(typed.kind) if typed.kind in list(Kind) else Kind.RANDOM
    return Need(typed.item_code, typed.tag, percent, first, last, kind)


def _counted(plan: AnnualPlan, lake: Lake, at: datetime) -> AnnualPlan:
    tags = sorted({need.tag for need in plan.needs.all() if need.tag})
    cells = reckoning.count_frame(lake, plan.organisation, tags)
    plan.frame = {"on": statutory_day(at).isoformat(), "cells": cells}
    plan.version += 1
    plan.save(update_fields=["frame", "version"])
    return plan


def _locked(plan: AnnualPlan) -> AnnualPlan:
    return AnnualPlan.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=plan.pk)


def _writing(plan: AnnualPlan, seen: int, by: Officer) -> AnnualPlan:
    locked = _locked(plan)
    officer = require(by, Permission.PLAN_INSPECTIONS)
    _check_own(locked, officer)
    if locked.version != seen:
        raise PlanRefused(
            "这份计划刚被别人改过。请看过现在的内容再改。",
            "Somebody else changed this plan meanwhile. Look at it as it is now, then change it.",
        )
    if locked.state not in WRITABLE:
        raise PlanRefused(
            "计划已报备或公布，不能直接改。", "The plan is filed or published and is not written now."
        )
    return locked


def _check_own(plan: AnnualPlan, officer: Officer) -> None:
    if officer.organisation_id != plan.organisation_id:
        raise Forbidden("这是别的单位的计划。", "This is the plan of another unit.")


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < 4:
        raise PlanRefused("请写明理由（至少4个字）。", "Give a reason of at least four characters.")


def _step(
    plan: AnnualPlan, verb: Verb, *, by: Officer, at: datetime, reason: str = "", content: dict[str, Any] | None = None
) -> None:  # fmt: skip
    after = STEPS.get((State(plan.state), verb))
    if after is None:
        raise PlanRefused("计划现在的状态不能做这一步。", "This step is not possible as the plan stands now.")
    plan.state, plan.version = after, plan.version + 1
    plan.save(update_fields=["state", "version"])
    _event(plan, verb, by=by, at=at, reason=reason, content=content)


def _event(
    plan: AnnualPlan, verb: Verb, *, by: Officer, at: datetime, reason: str = "", content: dict[str, Any] | None = None
) -> None:  # fmt: skip
    PlanEvent.objects.create(
        plan=plan, sequence=plan.events.count() + 1, verb=verb, actor=by, at=at, reason=reason.strip()[:300],
        content=content or {},
    )  # fmt: skip


def _published(plan: AnnualPlan) -> QuerySet[PlanEvent]:
    return PlanEvent.objects.filter(plan=plan, verb=Verb.PUBLISH)


def _record_published(
    plan: AnnualPlan, content: dict[str, Any], reason: str, *, by: Officer, at: datetime
) -> None:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    payload = {
        "plan": plan.number, "year": plan.year, "authority": plan.organisation.name, "version": content["version"],
        "tasks": len(content["tasks"]), "items": sorted({code for one in content["tasks"] for code in one["items"]}), "visits": content["joined"], "digest": hashlib.sha256(text.encode()).hexdigest(),
    } | ({"reason": reason} if reason else {})  # fmt: skip
    payload |= {"allowed_below": allowed["reason"]} if (allowed := content.get("allowed_below")) else {}
    _record("plan.published", plan, f"{plan.number}/{content['version']}", payload, by=by, at=at)


def _tell_upward(plan: AnnualPlan, step: str, reason: str, *, by: Officer, at: datetime) -> None:
    payload = {"plan": plan.number, "authority": plan.organisation.name, "step": step}
    payload |= {"reason": reason} if reason else {}
    _record("plan.filed", plan, f"{plan.number}/{step}/{plan.version}", payload, by=by, at=at)


def _record(
    kind: str, plan: AnnualPlan, key: str, payload: dict[str, Any], *, by: Officer, at: datetime
) -> None:
    day: date = statutory_day(at)
    facts.record(
        kind, subject=f"plan/{plan.number}", occurred_on=day, payload=payload, source=SOURCE, source_key=key, by=by, at=at,
        is_synthetic=plan.is_synthetic,
    )  # fmt: skip

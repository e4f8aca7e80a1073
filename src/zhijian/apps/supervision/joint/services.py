"""The verbs of a joint inspection: open, ask, answer, give out, stand aside, record, confirm. Time comes in as `at`."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.supervision.inspection.models import InspectionTask
from zhijian.apps.supervision.inspection.rules import Verb
from zhijian.apps.supervision.joint import policies, queries, rules
from zhijian.apps.supervision.joint.models import (
    JointConfirmation,
    JointPlan,
    JointRecord,
    JointRecusal,
    JointVisit,
    Participation,
    ParticipationAnswer,
)
from zhijian.apps.supervision.joint.policies import JointRefused
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security import sealed_text
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Forbidden, Permission, require
from zhijian.security.persons import is_same_person
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

SOURCE = "joint"
LONGEST = 300


def add_department(code: str, name: str, name_en: str, *, is_synthetic: bool = False) -> Organisation:
    """Return the unit of another department, made where there is none; it has no area of market supervision."""
    unit, _ = Organisation.objects.get_or_create(
        code=code,
        defaults={
            "name": name, "name_en": name_en, "level": policies.DEPARTMENT_LEVEL,
            "division_code": policies.NO_AREA, "is_synthetic": is_synthetic,
        },
    )  # fmt: skip
    return unit


def open_plan(draw: Draw, *, by: Officer, at: datetime) -> JointPlan:
    """Say that a draw's visits are made together with other departments; twice changes nothing.

    Raises:
        Forbidden: the officer holds no draws, or the draw is another unit's.
        JointRefused: the seed can be known already.
    """
    require(by, Permission.MANAGE_DRAW)
    if draw.organisation_id != by.organisation_id:
        raise Forbidden("这次抽签由别的单位组织。", "Another unit holds this draw.")
    known = JointPlan.objects.filter(draw=draw).first()
    if known is not None:
        return known
    plan = JointPlan(
        draw=draw, organisation=by.organisation, opened_by=by, opened_at=at, is_synthetic=draw.is_synthetic
    )
    policies.check_before_seed(plan)
    plan.save()
    return plan


def invite(
    plan: JointPlan, department: Organisation, items: Sequence[tuple[str, str]], *, by: Officer, at: datetime
) -> Participation:
    """Ask a department to look at its own items, each with its name and its basis in law.

    Raises:
        Forbidden: not of the leading unit.
        JointRefused: no department, asked already, an item lacks its basis, or the seed can be known already.
    """
    policies.check_lead(plan, by)
    policies.check_before_seed(plan)
    if department.level != policies.DEPARTMENT_LEVEL:
        raise JointRefused("请选一个参与部门。", "Choose a department.", status=422)
    if plan.participations.filter(department=department).exists():
        raise JointRefused("这个部门已经请过了。", "This department was asked already.")
    listed = [
        {"code": f"{department.code}-{place}", "name": name.strip()[:200], "basis": basis.strip()[:LONGEST]}
        for place, (name, basis) in enumerate(items, start=1)
    ]
    if problems := rules.item_problems(listed):
        raise policies.incomplete(problems)
    made = Participation(plan=plan, department=department, items=listed, invited_by=by, invited_at=at)
    made.save()
    return made


def inspectors_of(department: Organisation) -> list[Officer]:
    """Return who of a department may be drawn: its active accounts in this role."""
    rows = Officer.objects.filter(organisation=department, is_active=True).order_by("username")
    return [one for one in rows if Role.PARTNER in one.roles]


def join(
    participation: Participation, chosen: Sequence[str], *, by: Officer, at: datetime
) -> ParticipationAnswer:
    """Let a department join with the roster of its inspectors, sealed before the seed exists.

    Raises:
        Forbidden: another department.
        JointRefused: answered already, too late, fewer than two, a stranger, or a certificate that ends too early.
    """
    policies.check_department(participation, by)
    policies.check_before_seed(participation.plan)
    _refuse_second(participation)
    people = {one.username: one for one in inspectors_of(participation.department)}
    names = sorted(set(chosen))
    if strangers := [name for name in names if name not in people]:
        raise JointRefused(
            f"{'、'.join(strangers)}不是本部门的检查人员。",
            f"{', '.join(strangers)}: not of your department.",
            status=422,
        )
    policies.check_certificates(
        [people[name] for name in names], participation.plan.draw.plan.inspection_until
    )
    digest = rules.roster_sha256(names, salt_of(participation))
    made = ParticipationAnswer(
        participation=participation, is_joining=True, roster=names, roster_sha256=digest, answered_by=by,
        answered_at=at,
    )  # fmt: skip
    with transaction.atomic():
        made.save()
        draw, unit = participation.plan.draw, participation.department
        facts.record(
            "joint.joined",
            subject=draw.plan_id,
            occurred_on=statutory_day(at),
            payload={
                "plan": draw.plan_id,
                "attempt": draw.attempt,
                "department": unit.name,
                "department_code": unit.code,
                "items": [one["name"] for one in participation.items],
                "inspectors": len(names),
                "roster_sha256": digest,
            },
            source=SOURCE,
            source_key=f"{draw}/{unit.code}/joined",
            by=by,
            at=at,
            is_synthetic=participation.plan.is_synthetic,
        )
    return made


def salt_of(participation: Participation) -> str:
    """Return what keeps the published hash of a roster from being guessed; auditors open it."""
    told = f"{participation.plan.draw}/{participation.department.code}".encode()
    return hmac.digest(sealed_text.derived("joint", use=b"roster"), told, "sha256").hex()


def decline(participation: Participation, reason: str, *, by: Officer, at: datetime) -> ParticipationAnswer:
    """Say that the department does not join, and why.

    Raises:
        Forbidden: another department. JointRefused: answered already, or no reason.
    """
    policies.check_department(participation, by)
    _refuse_second(participation)
    made = ParticipationAnswer(
        participation=participation, is_joining=False, reason=_said(reason), answered_by=by, answered_at=at
    )
    made.save()
    return made


def _refuse_second(participation: Participation) -> None:
    if ParticipationAnswer.objects.filter(participation=participation).exists():
        raise JointRefused("本部门已经答复过。", "Your department has answered already.")


def _said(reason: str) -> str:
    if not reason.strip():
        raise policies.incomplete([Problem("reason", "请写明理由。", "Say why.")])
    return reason.strip()[:LONGEST]


def give_out(plan: JointPlan, *, by: Officer, at: datetime) -> int:
    """Give each department that joined its part of every visit, its inspectors by lot from the draw's seed; return how many are new.

    Raises:
        Forbidden: not of the leading unit.
        JointRefused: the checks were not dispatched yet, or a roster is not the one that was sealed.
    """
    policies.check_lead(plan, by)
    draw = plan.draw
    task = InspectionTask.objects.filter(plan_id=draw.plan_id, attempt=draw.attempt).first()
    if task is None:
        raise JointRefused(
            "抽签公布、派发任务之后再派到各部门。", "First publish the draw and dispatch its checks."
        )
    seed, made = str(state_of(draw).drawn["seed"]), 0
    with transaction.atomic():
        for part in plan.participations.select_related("department", "plan__draw"):
            answer = ParticipationAnswer.objects.filter(participation=part, is_joining=True).first()
            if answer is None:
                continue
            refuse_changed(part, answer)
            known = set(part.visits.values_list("check_record_id", flat=True))
            for check in task.checks.exclude(pk__in=known):
                JointVisit(participation=part, check_record=check, order=_lots(part, answer, seed, check.uscc), made_at=at).save()  # fmt: skip
                made += 1
    return made


def _lots(part: Participation, answer: ParticipationAnswer, seed: str, subject: str) -> list[str]:
    draw = part.plan.draw
    return rules.lots(
        seed, plan=draw.plan_id, attempt=draw.attempt, department=part.department.code, subject=subject,
        roster=answer.roster,
    )  # fmt: skip


def refuse_changed(part: Participation, answer: ParticipationAnswer) -> None:
    """Refuse a roster that is not the one that was sealed before the draw.

    Raises:
        JointRefused: somebody edited the row, or the seal is missing.
    """
    fact = Fact.objects.filter(
        source=SOURCE, source_key=f"{part.plan.draw}/{part.department.code}/joined", revision=0
    ).first()
    told = rules.roster_sha256(answer.roster, salt_of(part))
    if fact is None or fact.payload["roster_sha256"] != told:
        raise JointRefused(
            f"{part.department}的人员名单与抽签前封存的不符，可能被改动。请停止办理，并告知审计监督人员。",
            f"The roster of {part.department.name_en} is not the one sealed before the draw. Stop, and tell the auditors.",
        )


def _check_as_drawn(visit: JointVisit) -> None:
    part = visit.participation
    answer = ParticipationAnswer.objects.get(participation=part)
    refuse_changed(part, answer)
    seed = str(state_of(part.plan.draw).drawn["seed"])
    if visit.order != _lots(part, answer, seed, visit.check_record.uscc):
        raise JointRefused(
            "这次检查的人员顺序与种子算出的不符，可能被改动。请停止办理，并告知审计监督人员。",
            "The order of inspectors is not what the seed gives. Stop, and tell the auditors.",
        )


@transaction.atomic
def recuse(visit: JointVisit, reason: str, *, by: Officer, at: datetime) -> tuple[str, ...]:
    """Stand aside from a visit; the next lot goes. Return who goes now.

    Raises:
        Forbidden, JointRefused: not drawn for it, no reason, something is recorded already, or nobody is left.
    """
    JointVisit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    policies.check_team(visit, queries.team_of(visit), by)
    if visit.records.exists():
        raise JointRefused("已经有记录，不能再回避。", "Something is recorded already.")
    said = _said(reason)
    left = rules.team(visit.order, [*visit.recusals.values_list("username", flat=True), by.username])
    if len(left) < rules.TEAM:
        raise JointRefused(
            "回避后本部门不足两名人员，请先请本部门负责人与牵头单位商量改期。",
            "Fewer than two would be left: ask your lead to agree on another day with the leading unit.",
        )
    JointRecusal(visit=visit, username=by.username, reason=said, at=at).save()
    return left


@transaction.atomic
def record(
    visit: JointVisit, findings: Mapping[str, tuple[str, str]], *, by: Officer, at: datetime, reason: str = ""
) -> JointRecord:
    """Keep what the department's inspector found for its own items. Once published, a new record says why.

    The same findings sent twice, by the same inspector and with nothing between, are kept once.

    Raises:
        Forbidden: another department.
        JointRefused: not drawn, nobody has arrived, a certificate is not valid, an item lacks its finding, or no reason.
    """
    JointVisit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    policies.check_team(visit, queries.team_of(visit), by)
    policies.check_on_site(visit)
    _check_as_drawn(visit)
    policies.check_certificates(queries.people_of(visit), visited_on(visit))
    told = {code: [str(finding), note.strip()[:2000]] for code, (finding, note) in findings.items()}
    if problems := rules.record_problems(told, visit.participation.items):
        raise policies.incomplete(problems)
    newest = visit.records.order_by("-version").first()
    if newest and newest.recorded_by_id == by.pk and newest.findings == told and _is_unconfirmed(newest):
        return newest
    why = _said(reason) if queries.confirmed(visit) else ""
    made = JointRecord(
        visit=visit,
        version=visit.records.count() + 1,
        findings=told,
        reason=why,
        recorded_by=by,
        recorded_at=at,
    )
    made.save()
    return made


def _is_unconfirmed(one: JointRecord) -> bool:
    return not hasattr(one, "confirmation")


def visited_on(visit: JointVisit) -> Any:
    """Return the day of the visit: when the leading team arrived."""
    begun = visit.check_record.last(Verb.BEGIN)
    assert begun is not None, "a visit is recorded after it has begun"
    return statutory_day(begun.happened_at)


def confirm(visit: JointVisit, version: int, *, by: Officer, at: datetime) -> JointConfirmation:
    """Let the department's other inspector confirm a record, which publishes it: item by item, without notes and names.

    Raises:
        Forbidden: another department.
        JointRefused: the same person, nothing to confirm, or a newer record came meanwhile.
    """
    policies.check_team(visit, queries.team_of(visit), by)
    with transaction.atomic():
        JointVisit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
        newest = JointRecord.objects.filter(visit=visit).order_by("-version").first()
        if newest is None or hasattr(newest, "confirmation"):
            raise JointRefused("没有待确认的记录。", "There is nothing to confirm.")
        if newest.version != version:
            raise JointRefused(
                "同事刚改过记录，请重新看过再确认。", "Your colleague changed the record: read it again."
            )
        if is_same_person(newest.recorded_by, by):
            raise JointRefused(
                "记录由您录入，须由本部门另一名人员确认。",
                "You recorded it; the other one confirms.",
                status=403,
            )
        _check_as_drawn(visit)
        fact = _publish(visit, newest, by=by, at=at)
        made = JointConfirmation(record=newest, confirmed_by=by, confirmed_at=at, fact_id=str(fact.fact_id))
        made.save()
    return made


def _publish(visit: JointVisit, newest: JointRecord, *, by: Officer, at: datetime) -> Fact:
    check, part = visit.check_record, visit.participation
    payload = {
        "check_id": check.number,
        "plan": part.plan.draw.plan_id,
        "attempt": part.plan.draw.attempt,
        "department": part.department.name,
        "department_code": part.department.code,
        "items": [
            {"code": one["code"], "name": one["name"], "finding": newest.findings[one["code"]][0]}
            for one in part.items
        ],
        "completed_on": visited_on(visit).isoformat(),
        "version": newest.version,
    }
    earlier = queries.confirmed(JointVisit.objects.get(pk=visit.pk))
    if earlier is not None:
        known = Fact.objects.get(fact_id=earlier.confirmation.fact_id)
        return facts.correct(known, payload=payload, reason=newest.reason, by=by, at=at)
    return facts.record(
        "joint.result",
        subject=check.uscc,
        occurred_on=visited_on(visit),
        payload=payload,
        source=SOURCE,
        source_key=f"{check.number}/{part.department.code}/result",
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )

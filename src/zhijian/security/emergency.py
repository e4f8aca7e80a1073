"""Emergency access: a role for an hour, opened by a second person; what is done under it is marked, and reviewed after."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from zhijian.security.audit import record_look
from zhijian.security.models import EmergencyAccess, Officer, Role
from zhijian.security.permissions import Permission, may_administer, require
from zhijian.security.persons import are_two_persons, is_same_person
from zhijian.security.role_rules import RolesDoNotGoTogether, check_together
from zhijian.security.roles import locked_officers
from zhijian.standards import parameters
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

MINUTES = parameters.load("service/emergency_minutes")
WAITS = timedelta(hours=1)
"""How long a request can be opened: an emergency of this morning is none in the evening."""

ROLES = tuple(
    role for role in Role if role not in (Role.AUDITOR, Role.ASSOCIATION, Role.FINANCE, Role.STEWARD)
)
"""Roles that can be opened: not to oversee, to pay, to decide who may what, or an association's."""


class State(StrEnum):
    """How far an access has come. What is over is reviewed."""

    WAITING = "waiting"
    LAPSED = "lapsed"  # nobody decided within the hour
    REFUSED = "refused"
    OPEN = "open"
    ENDED = "ended"  # by somebody, before its time
    EXPIRED = "expired"


class EmergencyRefused(BilingualError):
    """This access is not opened or not reviewed, or not by this person. Carries both languages."""


@transaction.atomic
def ask(officer: Officer, role: str, *, reason: str, at: datetime) -> EmergencyAccess:
    """Ask for a role for an hour.

    Raises:
        EmergencyRefused: no such role, held already, no reason, an auditor, roles that never go together, or another
            request waits or is open.
    """
    (locked,) = locked_officers(officer.pk)
    if not locked.is_active or locked.organisation is None or Role.AUDITOR in locked.roles:
        raise EmergencyRefused("这个账号不能申请应急权限。", "This account asks for no emergency access.")
    if role not in ROLES or role in locked.roles:
        raise EmergencyRefused("请选择您没有的岗位。", "Choose a role that you do not hold.")
    try:
        check_together(locked.roles, role)
    except RolesDoNotGoTogether as problem:
        raise EmergencyRefused(problem.message_zh, problem.message_en) from problem
    if not reason.strip():
        raise EmergencyRefused("请写明理由。", "Give the reason.")
    if _waiting(at).filter(officer=locked).exists() or active_of(locked, at=at):
        raise EmergencyRefused("已经有一项在等决定或者开着。", "One waits or is open already.")
    made = EmergencyAccess.objects.create(officer=locked, role=role, reason=reason.strip()[:200], asked_at=at)
    record_look(locked, subject_of(made), "emergency_asked", at=at, reason=made.reason)
    return made


@transaction.atomic
def decide(access: EmergencyAccess, *, is_opened: bool, by: Officer, at: datetime) -> EmergencyAccess:
    """Open an access for its minutes, or refuse it.

    Raises:
        EmergencyRefused: decided or too old; the deciding one administers no such unit, or is not surely another person.
    """
    officer, deciding = locked_officers(access.officer_id, by.pk)
    locked = EmergencyAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    if locked.decided_at is not None or locked.asked_at <= at - WAITS:
        raise EmergencyRefused("已经决定过，或者过了一小时。", "It was decided, or is older than an hour.")
    if officer.organisation is None or not may_administer(deciding, unit=officer.organisation):
        raise EmergencyRefused(
            "由本单位或者上级单位的数据管理员、负责人决定。",
            "A steward or leader of the unit, or above, decides.",
        )
    if not are_two_persons(officer, deciding):
        raise EmergencyRefused(
            "要由另一个人决定，两个账号都要有工号或者执法证号。",
            "Another person decides; both accounts need a staff or certificate number.",
        )
    locked.decided_by, locked.decided_at = deciding, at
    locked.until = at + timedelta(minutes=MINUTES.on(statutory_day(at))) if is_opened else None
    locked.save(update_fields=["decided_by", "decided_at", "until"])
    verb = "emergency_opened" if is_opened else "emergency_refused"
    record_look(deciding, subject_of(locked), verb, at=at, reason=locked.reason)
    return locked


@transaction.atomic
def end(access: EmergencyAccess, *, by: Officer, at: datetime) -> None:
    """End an open access before its time: whoever uses it, or an administrator of the unit. Ending takes no second person.

    Raises:
        EmergencyRefused: it is not open, or it is another's, in a unit that is not administered.
    """
    officer, ending = locked_officers(access.officer_id, by.pk)
    locked = EmergencyAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    unit = officer.organisation
    if officer.pk != ending.pk and (unit is None or not may_administer(ending, unit=unit)):
        raise EmergencyRefused(
            "由使用的人，或者本单位、上级单位的管理人员结束。",
            "Whoever uses it ends it, or an administrator of the unit or of one above.",
        )
    if locked.until is None or locked.until <= at:
        raise EmergencyRefused("没有开着，不用结束。", "It is not open, so nothing is left to end.")
    locked.until = locked.ended_at = at
    locked.save(update_fields=["until", "ended_at"])
    record_look(ending, subject_of(locked), "emergency_ended", at=at, reason=locked.reason)


@transaction.atomic
def review(access: EmergencyAccess, finding: str, *, by: Officer, at: datetime) -> None:
    """Write down what an auditor finds about an access that is over.

    Raises:
        Forbidden: no auditor of that area. EmergencyRefused: still open, reviewed already, no words, or of the own hand.
    """
    officer, reviewer = locked_officers(access.officer_id, by.pk)
    locked = EmergencyAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    division = officer.organisation.division_code if officer.organisation else None
    require(reviewer, Permission.VIEW_ACCESS_RECORDS, division=division)
    if locked.until is None or locked.until > at or locked.reviewed_at is not None:
        raise EmergencyRefused("还没有结束，或者已经复核。", "It is still open, or was reviewed.")
    if not finding.strip():
        raise EmergencyRefused("请写明复核意见。", "Say what you found.")
    if any(one is not None and is_same_person(one, reviewer) for one in (officer, locked.decided_by)):
        raise EmergencyRefused(
            "使用的人和决定的人不能自己复核。", "Who used or decided it does not review it."
        )
    locked.reviewed_by, locked.reviewed_at, locked.finding = reviewer, at, finding.strip()[:200]
    locked.save(update_fields=["reviewed_by", "reviewed_at", "finding"])
    record_look(reviewer, subject_of(locked), "emergency_reviewed", at=at, reason=locked.finding)


def state_of(access: EmergencyAccess, *, at: datetime) -> State:
    """Return how far an access has come."""
    if access.decided_at is None:
        return State.WAITING if access.asked_at > at - WAITS else State.LAPSED
    if access.until is None:
        return State.REFUSED
    if access.until > at:
        return State.OPEN
    return State.ENDED if access.ended_at else State.EXPIRED


def active_of(officer: Officer, *, at: datetime) -> EmergencyAccess | None:
    """Return the access that is open for an officer now."""
    return EmergencyAccess.objects.filter(officer=officer, until__gt=at).first()


def waiting_for(by: Officer, *, at: datetime) -> list[EmergencyAccess]:
    """Return what waits for this administrator."""
    found = _waiting(at).select_related("officer__organisation").exclude(officer=by)
    return [
        one for one in found if one.officer.organisation and may_administer(by, unit=one.officer.organisation)
    ]


def open_under(by: Officer, *, at: datetime) -> list[EmergencyAccess]:
    """Return what is open now of others whom this administrator may stop."""
    found = EmergencyAccess.objects.filter(until__gt=at).exclude(officer=by)
    return [
        one
        for one in found.select_related("officer__organisation", "decided_by")
        if one.officer.organisation and may_administer(by, unit=one.officer.organisation)
    ]


def seen_by_auditor(auditor: Officer) -> "QuerySet[EmergencyAccess]":
    """Return what was opened in the auditor's area, newest first."""
    area = Q(officer__organisation__division_code__startswith=auditor.territory)
    found = EmergencyAccess.objects.filter(area).exclude(until=None)
    return found.select_related("officer__organisation", "decided_by", "reviewed_by")


def subject_of(access: EmergencyAccess) -> str:
    return f"emergency/{access.pk}"


def _waiting(at: datetime) -> "QuerySet[EmergencyAccess]":
    return EmergencyAccess.objects.filter(decided_at=None, asked_at__gt=at - WAITS)

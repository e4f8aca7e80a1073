"""Which roles an officer holds: given and ended with a reason, by two persons where the role is privileged."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation, Role, RoleRequest
from zhijian.security.permissions import may_administer
from zhijian.standards.bilingual import BilingualError

PRIVILEGED = frozenset({Role.AUDITOR, Role.STEWARD, Role.LEADER, Role.FINANCE})
"""Roles that oversee others, decide who may what, or pay: given and ended by two persons."""

CHANGES = ("area_set", "role_given", "role_ended", "role_asked", "role_refused")
"""What the chain of looks calls changes of an officer's areas and roles."""


class RoleRefused(BilingualError):
    """This role cannot be given or ended, or not by this person. Carries both languages."""


class Outcome(StrEnum):
    DONE = "done"
    ASKED = "asked"  # waits for a second person
    UNCHANGED = "unchanged"


@transaction.atomic
def change(
    officer: Officer, role: str, *, is_giving: bool, reason: str, by: Officer, at: datetime
) -> Outcome:
    """Give a role to an officer or end it. A privileged one waits until a second administrator agrees.

    Raises:
        RoleRefused: the deciding one administers no such unit, or decides about herself; no such role; no reason; a role
            that goes with no other.
    """
    locked = Officer.objects.select_for_update().get(pk=officer.pk)
    _check_administrator(locked, by)
    _check_role(locked, role, is_giving=is_giving)
    reason = reason.strip()[:200]
    if not reason:
        raise RoleRefused("请写明理由。", "Give the reason.")
    if (role in locked.roles) == is_giving:
        return Outcome.UNCHANGED
    if role in PRIVILEGED:
        _, is_new = RoleRequest.objects.get_or_create(
            officer=locked, role=role, decided_at=None,
            defaults={"is_giving": is_giving, "reason": reason, "asked_by": by, "asked_at": at},
        )  # fmt: skip
        if is_new:
            _record(by, locked, "role_asked", role, reason, at)
        return Outcome.ASKED
    _set(locked, role, is_giving=is_giving)
    _record(by, locked, "role_given" if is_giving else "role_ended", role, reason, at)
    officer.roles = locked.roles
    return Outcome.DONE


@transaction.atomic
def decide(request: RoleRequest, *, is_agreed: bool, by: Officer, at: datetime) -> None:
    """Agree to a privileged role that another administrator asked for, or refuse it. Who asked may only take it back.

    Raises:
        RoleRefused: it was decided already; the deciding one administers no such unit, is the officer, or asked for it.
    """
    locked = RoleRequest.objects.select_for_update().get(pk=request.pk)
    officer = Officer.objects.select_for_update().get(pk=locked.officer_id)
    if locked.decided_at is not None:
        raise RoleRefused("这项申请已经有人决定了。", "Somebody has decided this already.")
    _check_administrator(officer, by)
    if is_agreed and by.pk == locked.asked_by_id:
        raise RoleRefused(
            "提出的人不能自己同意，请另一位管理人员决定。",
            "Who asked cannot agree; a second administrator decides.",
        )
    if is_agreed:
        _check_role(officer, locked.role, is_giving=locked.is_giving)
        _set(officer, locked.role, is_giving=locked.is_giving)
    locked.decided_by, locked.decided_at, locked.is_agreed = by, at, is_agreed
    locked.save(update_fields=["decided_by", "decided_at", "is_agreed"])
    verb = "role_refused" if not is_agreed else "role_given" if locked.is_giving else "role_ended"
    _record(by, officer, verb, locked.role, locked.reason, at)


def open_requests(unit: Organisation) -> "QuerySet[RoleRequest]":
    """Return what waits for a second person in a unit, newest first."""
    found = RoleRequest.objects.filter(decided_at=None, officer__organisation=unit)
    return found.select_related("officer__organisation", "asked_by")


def _check_administrator(officer: Officer, by: Officer) -> None:
    if officer.organisation is None:
        raise RoleRefused("这个账号没有单位，请先登记单位。", "This account has no unit. Enter one first.")
    if not may_administer(by, unit=officer.organisation):
        raise RoleRefused(
            "只有本单位或者上级单位的数据管理员、负责人可以定。",
            "Only a steward or leader of the unit, or of one above it, decides this.",
        )
    if by.pk == officer.pk:
        raise RoleRefused("不能给自己定岗位，请由别人定。", "Nobody sets the own roles.")


def _check_role(officer: Officer, role: str, *, is_giving: bool) -> None:
    if role not in Role.values:
        raise RoleRefused(f"没有“{role}”这个岗位。", f"There is no role {role}.")
    held = set(officer.roles) - {role}
    if is_giving and held and (role == Role.ASSOCIATION or Role.ASSOCIATION in held):
        raise RoleRefused(
            "行业协会档案员不是监管人员，不能和其他岗位兼任。",
            "An association's keeper is no authority and holds no other role.",
        )


def _set(officer: Officer, role: str, *, is_giving: bool) -> None:
    held = [one for one in officer.roles if one != role]
    officer.roles = [*held, role] if is_giving else held
    officer.save(update_fields=["roles"])


def _record(by: Officer, officer: Officer, verb: str, role: str, reason: str, at: datetime) -> None:
    words = f"{Role(role).label}：{reason}"
    record_look(by, f"officer/{officer.username}"[:60], verb, at=at, reason=words[:200])

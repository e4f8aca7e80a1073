"""Which roles an officer holds: given and ended with a reason, by two persons where the role is privileged.

Rows are locked in one order everywhere: the officers by key, then the request.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from zhijian.security.audit import record_look
from zhijian.security.models import Level, Officer, Organisation, Role, RoleRequest
from zhijian.security.permissions import has_area, is_above, may_administer, with_units_below
from zhijian.security.persons import are_two_persons, is_same_person
from zhijian.security.role_rules import RolesDoNotGoTogether, check_together
from zhijian.standards import parameters
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

PRIVILEGED = frozenset({Role.AUDITOR, Role.STEWARD, Role.LEADER, Role.FINANCE})
"""Roles that oversee others, decide who may what, or pay: given and ended by two persons."""

AGREED_ABOVE = frozenset({Role.AUDITOR, Role.STEWARD, Role.LEADER})
"""Roles that have power over the unit itself: who agrees is of a unit above it, or of the province."""

CHANGES = (
    "area_set", "role_given", "role_ended", "role_asked", "role_refused", "role_expired",
    "staff_number_set", "account_closed", "account_opened", "factor_reset", "account_entered", "password_invited",
    "sign_ins_ended",
)  # fmt: skip
"""What the chain of looks calls changes of an officer's account, areas and roles."""

REQUEST_DAYS = parameters.load("service/role_request_days")

SECOND_FACTOR = "second_factor"
"""Stands in the place of a role where the request is to take away the second factor, so that a new one can be set up."""

PASSWORD = "password"  # noqa: S105 - a word, not a secret
"""Stands in the place of a role where the request is to hand out the address at which a person chooses a password."""

_BESIDE_ROLES = {SECOND_FACTOR: ("第二重验证", "factor_reset"), PASSWORD: ("密码", "password_invited")}
"""What takes two persons like a role and is none: its name, and what the chain of looks calls the agreement."""


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
        RoleRefused: the deciding one administers no such unit, or decides about herself; no such role; no reason; roles
            that one person never holds together; an open request for the opposite.
    """
    locked, deciding = locked_officers(officer.pk, by.pk)
    check_administrator(locked, deciding, is_giving=is_giving)
    _check_role(locked, role, is_giving=is_giving)
    reason = reason.strip()[:200]
    if not reason:
        raise RoleRefused("请写明理由。", "Give the reason.")
    if (role in locked.roles) == is_giving:
        return Outcome.UNCHANGED
    if role in PRIVILEGED:
        return ask(locked, role, is_giving=is_giving, reason=reason, by=deciding, at=at)
    _set(locked, role, is_giving=is_giving)
    _record(deciding, locked, "role_given" if is_giving else "role_ended", role, reason, at)
    officer.roles = locked.roles
    return Outcome.DONE


def ask(officer: Officer, role: str, *, is_giving: bool, reason: str, by: Officer, at: datetime) -> Outcome:
    """Write down what waits for a second person; what was asked for and has expired makes room. Officers are locked.

    Raises:
        RoleRefused: the opposite is asked for and not decided.
    """
    waiting = (
        RoleRequest.objects.select_for_update().filter(officer=officer, role=role, decided_at=None).first()
    )
    if waiting is not None and is_expired(waiting, at=at):
        RoleRequest.objects.filter(pk=waiting.pk).update(decided_at=at, is_agreed=False)
        _record(by, officer, "role_expired", role, waiting.reason, at)
        waiting = None
    if waiting is not None and waiting.is_giving != is_giving:
        raise RoleRefused(
            "相反的申请还没有决定，请先决定那一项。", "The opposite is asked for and open. Decide that first."
        )
    if waiting is None:
        RoleRequest.objects.create(
            officer=officer, role=role, is_giving=is_giving, reason=reason, asked_by=by, asked_at=at
        )
        _record(by, officer, "role_asked", role, reason, at)
    return Outcome.ASKED


@transaction.atomic
def decide(request: RoleRequest, *, is_agreed: bool, by: Officer, at: datetime) -> RoleRequest:
    """Agree to what another administrator asked for, or refuse it; return it as decided. Who asked may only take it back.

    Raises:
        RoleRefused: it was decided already or has expired; the deciding one administers no such unit, is the officer, or
            is not surely another person than the asker and the officer; the asker is no administrator any more; the roles
            do not go together; nothing would change.
    """
    officer, deciding, asker = locked_officers(request.officer_id, by.pk, request.asked_by_id)
    locked = RoleRequest.objects.select_for_update().get(pk=request.pk)
    if locked.decided_at is not None:
        raise RoleRefused("这项申请已经有人决定了。", "Somebody has decided this already.")
    check_administrator(officer, deciding, is_giving=locked.is_giving)
    if is_agreed:
        _check_agreement(locked, officer=officer, by=deciding, asker=asker, at=at)
        if locked.role not in _BESIDE_ROLES:
            _set(officer, locked.role, is_giving=locked.is_giving)
    locked.decided_by, locked.decided_at, locked.is_agreed = deciding, at, is_agreed
    locked.save(update_fields=["decided_by", "decided_at", "is_agreed"])
    _record(deciding, officer, _verb(locked, is_agreed=is_agreed), locked.role, locked.reason, at)
    return locked


def open_requests(unit: Organisation, *, at: datetime) -> "QuerySet[RoleRequest]":
    """Return what waits for a second person in a unit and those below it, newest first; nothing that has expired."""
    inside = Officer.objects.filter(organisation__in=with_units_below(unit))
    if unit.level == Level.PROVINCE:
        inside = inside | Officer.objects.filter(organisation=None)
    found = RoleRequest.objects.filter(decided_at=None, officer__in=inside, asked_at__gt=_oldest(at))
    return found.select_related("officer__organisation", "asked_by")


def is_expired(request: RoleRequest, *, at: datetime) -> bool:
    return request.asked_at <= _oldest(at)


def locked_officers(*keys: int) -> list[Officer]:
    """Return the accounts as they are now, locked in the order of their keys; a key that comes twice is one object.

    The lock lets others refer to the row (a look, a request), for only its own columns change.
    """
    found = Officer.objects.select_related("organisation").filter(pk__in=set(keys)).order_by("pk")
    by_key = {one.pk: one for one in found.select_for_update(of=("self",), no_key=True)}
    return [by_key[key] for key in keys]


def administering_units(unit: Organisation | None) -> list[Organisation]:
    """Return the units whose administrators set the roles of a unit's people, the nearest first: those that have any.

    Without a unit, the province's.
    """
    holders = Officer.objects.filter(is_active=True).exclude(organisation=None).select_related("organisation")
    found = {
        own
        for one in holders
        if (own := one.organisation) is not None
        and (unit is not None or own.level == Level.PROVINCE)
        and may_administer(one, unit=unit or own)
    }
    return sorted(found, key=lambda own: (-len(own.territory), own.code))


def check_administrator(officer: Officer, by: Officer, *, is_giving: bool = True) -> None:
    """Let pass who administers the officer's unit; the province's, where there is none, and then only to take away.

    Raises:
        RoleRefused: nobody who administers it; the own account, or another one of the same person.
    """
    unit = officer.organisation
    if unit is None:
        own = by.organisation
        if is_giving or own is None or own.level != Level.PROVINCE:
            raise RoleRefused(
                "这个账号没有单位，请先登记单位；岗位只能由省级管理人员撤去。",
                "This account has no unit. Enter one first; only the province's administrators end its roles.",
            )
        unit = own
    if not may_administer(by, unit=unit):
        raise RoleRefused(
            "只有本单位或者上级单位的数据管理员、负责人可以定。",
            "Only a steward or leader of the unit, or of one above it, decides this.",
        )
    if is_same_person(by, officer):
        raise RoleRefused("不能给自己定岗位，请由别人定。", "Nobody sets the own roles.")


def check_second(by: Officer, asker: Officer) -> None:
    """Let pass who is surely another person than the asker.

    Raises:
        RoleRefused: the asker, or an account that does not show whose it is.
    """
    if is_same_person(by, asker):
        raise RoleRefused(
            "提出的人不能自己同意，请另一位管理人员决定。",
            "Who asked cannot agree; a second administrator decides.",
        )
    if not are_two_persons(by, asker):
        raise RoleRefused(
            "提出和同意的账号要有工号或者执法证号，才看得出是两个人。",
            "Asker and second need a staff or certificate number, to show that they are two persons.",
        )


def _check_agreement(
    request: RoleRequest, *, officer: Officer, by: Officer, asker: Officer, at: datetime
) -> None:
    check_second(by, asker)
    if is_expired(request, at=at):
        raise RoleRefused("这项申请已过期，请重新提出。", "This request has expired. Ask again.")
    try:
        check_administrator(officer, asker, is_giving=request.is_giving)
    except RoleRefused as problem:
        raise RoleRefused(
            "提出的人现在不再能管理这个账号，请重新提出。",
            "Who asked no longer administers this account. Ask again.",
        ) from problem
    _check_above(request.role, officer, by)
    if request.role in _BESIDE_ROLES:
        return
    _check_role(officer, request.role, is_giving=request.is_giving)
    if (request.role in officer.roles) == request.is_giving:
        raise RoleRefused("岗位已经是这样，同意了也不会改变。", "It is so already. Nothing would change.")


def is_from_above(by: Officer, unit: Organisation) -> bool:
    """Say whether somebody is of a unit above this one, or of the province; nothing is above a department, so its own people agree."""
    own = by.organisation
    if own is None:
        return False
    is_own_top = own.pk == unit.pk and unit.parent_id is None and not has_area(unit)
    return own.level == Level.PROVINCE or is_above(own, unit) or is_own_top


def _check_above(role: str, officer: Officer, by: Officer) -> None:
    """Let a role with power over a unit be agreed to from above alone; at the top, from the same unit."""
    unit = officer.organisation
    if role in AGREED_ABOVE and unit is not None and not is_from_above(by, unit):
        raise RoleRefused(
            "这个岗位要由上级单位或者省局的管理人员同意。",
            "An administrator of a unit above, or of the province, agrees to this role.",
        )


def _check_role(officer: Officer, role: str, *, is_giving: bool) -> None:
    if role not in Role.values:
        raise RoleRefused(f"没有“{role}”这个岗位。", f"There is no role {role}.")
    if not is_giving:
        return
    try:
        check_together(officer.roles, role)
    except RolesDoNotGoTogether as problem:
        raise RoleRefused(problem.message_zh, problem.message_en) from problem


def _oldest(at: datetime) -> datetime:
    return at - timedelta(days=REQUEST_DAYS.on(statutory_day(at)))


def _verb(request: RoleRequest, *, is_agreed: bool) -> str:
    if not is_agreed:
        return "role_refused"
    if request.role in _BESIDE_ROLES:
        return _BESIDE_ROLES[request.role][1]
    return "role_given" if request.is_giving else "role_ended"


def _set(officer: Officer, role: str, *, is_giving: bool) -> None:
    held = [one for one in officer.roles if one != role]
    officer.roles = [*held, role] if is_giving else held
    officer.save(update_fields=["roles"])


def subject_of(officer: Officer) -> str:
    """Return what the chain of looks calls an account: by its key, for names may be long and may be given again."""
    return f"account/{officer.pk}"


def words_of(role: str) -> str:
    return _BESIDE_ROLES[role][0] if role in _BESIDE_ROLES else str(Role(role).label)


def _record(by: Officer, officer: Officer, verb: str, role: str, reason: str, at: datetime) -> None:
    record_look(by, subject_of(officer), verb, at=at, reason=f"{words_of(role)}：{reason}"[:200])

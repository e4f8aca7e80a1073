"""Who may ever do what: the one table of rights, and the one place that reads it.

Whether a thing may be done to this case now is asked of the system's ``policies.py``; here it is
asked whether this officer, in this role and for this area, may do such a thing at all.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.db.models import Q

from zhijian.security.models import (
    BusinessPerson,
    BusinessRole,
    Level,
    Officer,
    Organisation,
    RefusalKind,
    Role,
    territory_prefix,
)
from zhijian.security.refusals import note
from zhijian.standards import divisions
from zhijian.standards.bilingual import BilingualError


class Permission(StrEnum):
    VIEW_WORKBENCH = "view_workbench"
    VIEW_CHECK = "view_check"
    VIEW_CREDIT_CLASS = "view_credit_class"
    VIEW_QUARANTINE = "view_quarantine"
    WORK_QUARANTINE = "work_quarantine"
    VIEW_INTERNAL_DATA = "view_internal_data"
    VIEW_PERSONAL_DATA = "view_personal_data"
    VIEW_SENSITIVE_DATA = "view_sensitive_data"
    VIEW_LINKS = "view_links"
    JUDGE_LINKS = "judge_links"
    MANAGE_DRAW = "manage_draw"
    COMMIT_TO_DRAW = "commit_to_draw"
    OPEN_DRAW_LEAVES = "open_draw_leaves"
    INSPECT = "inspect"
    PUBLISH_RESULT = "publish_result"
    VIEW_ACCESS_RECORDS = "view_access_records"
    VIEW_ACCESS_ALERTS = "view_access_alerts"
    ANSWER_DATA_REQUESTS = "answer_data_requests"
    HOLD_DELETION = "hold_deletion"
    VIEW_OPERATIONS = "view_operations"
    VIEW_COMPONENTS = "view_components"
    APPLY_EXCHANGE = "apply_exchange"
    DECIDE_EXCHANGE = "decide_exchange"
    VIEW_DELIVERIES = "view_deliveries"
    WORK_DEAD_LETTERS = "work_dead_letters"
    MANAGE_PROCEDURES = "manage_procedures"
    VIEW_COMPLAINT = "view_complaint"
    WORK_COMPLAINT = "work_complaint"
    MEDIATE_ONLINE = "mediate_online"
    WORK_BAY_AREA = "work_bay_area"
    VIEW_REPORT = "view_report"
    WORK_REPORT = "work_report"
    VIEW_PARTY = "view_party"
    VIEW_REPORTER = "view_reporter"
    VIEW_REWARD = "view_reward"
    WORK_REWARD = "work_reward"
    DECIDE_REWARD = "decide_reward"
    PAY_REWARD = "pay_reward"
    KEEP_REGISTER = "keep_register"
    VIEW_REGISTER_INTERNALS = "view_register_internals"
    VIEW_SIGNALS = "view_signals"
    WORK_WARNING = "work_warning"
    WORK_EVALUATION = "work_evaluation"
    WORK_GOODS_QUALITY = "work_goods_quality"
    VIEW_CREDIT_FILE = "view_credit_file"
    KEEP_CREDIT_FILE = "keep_credit_file"
    VIEW_CONTRACT = "view_contract"
    WORK_CONTRACT = "work_contract"
    VIEW_INTERESTS = "view_interests"
    MANAGE_BUSINESS_ACCESS = "manage_business_access"
    VIEW_ANNUAL_REPORT = "view_annual_report"
    AUDIT_DRAWS = "audit_draws"
    WORK_JOINT = "work_joint"
    ANSWER_MEASURES = "answer_measures"
    VIEW_KEY_FILE = "view_key_file"
    KEEP_KEY_FILE = "keep_key_file"
    MANAGE_OFFICERS = "manage_officers"
    PLAN_INSPECTIONS = "plan_inspections"
    PUBLISH_PLAN = "publish_plan"
    VIEW_VISIT_FEEDBACK = "view_visit_feedback"
    VIEW_CASE_CHECKS = "view_case_checks"
    HANDLE_UNCODED_VISIT = "handle_uncoded_visit"
    VIEW_PLAN_WORK = "view_plan_work"
    ENTER_PLAN_VALUE = "enter_plan_value"
    CONFIRM_PLAN_VALUE = "confirm_plan_value"
    DECIDE_PLAN = "decide_plan"
    VIEW_LEADER_BOARD = "view_leader_board"


_ROLES_OF: dict[Permission, frozenset[str]] = {
    Permission.VIEW_WORKBENCH: frozenset(Role.values)
    - {Role.ASSOCIATION, Role.PARTNER},  # no market supervision
    Permission.VIEW_CHECK: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.AUDITOR}),
    Permission.VIEW_CREDIT_CLASS: frozenset({Role.INSPECTOR, Role.AUDITOR, Role.PUBLISHER, Role.DRAWER}),
    Permission.VIEW_QUARANTINE: frozenset({Role.STEWARD, Role.AUDITOR}),
    Permission.WORK_QUARANTINE: frozenset({Role.STEWARD}),
    Permission.VIEW_INTERNAL_DATA: frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.AUDITOR, Role.STEWARD}),
    Permission.VIEW_PERSONAL_DATA: frozenset({Role.STEWARD, Role.AUDITOR}),
    Permission.VIEW_SENSITIVE_DATA: frozenset({Role.AUDITOR}),
    Permission.VIEW_LINKS: frozenset({Role.STEWARD, Role.AUDITOR}),
    Permission.JUDGE_LINKS: frozenset({Role.STEWARD}),
    Permission.MANAGE_DRAW: frozenset({Role.DRAWER}),
    Permission.COMMIT_TO_DRAW: frozenset({Role.DRAWER, Role.AUDITOR}),
    Permission.OPEN_DRAW_LEAVES: frozenset({Role.AUDITOR}),
    Permission.INSPECT: frozenset({Role.INSPECTOR}),
    Permission.PUBLISH_RESULT: frozenset({Role.PUBLISHER}),
    Permission.VIEW_ACCESS_RECORDS: frozenset({Role.AUDITOR}),
    Permission.VIEW_ACCESS_ALERTS: frozenset({Role.AUDITOR, Role.LEADER}),
    Permission.ANSWER_DATA_REQUESTS: frozenset({Role.STEWARD, Role.LEADER}),
    Permission.HOLD_DELETION: frozenset({Role.AUDITOR, Role.LEADER}),
    Permission.VIEW_OPERATIONS: frozenset({Role.STEWARD, Role.LEADER, Role.AUDITOR}),
    Permission.VIEW_COMPONENTS: frozenset({Role.STEWARD, Role.AUDITOR}),
    Permission.APPLY_EXCHANGE: frozenset({Role.INSPECTOR, Role.DRAWER, Role.PUBLISHER, Role.STEWARD}),
    Permission.DECIDE_EXCHANGE: frozenset({Role.STEWARD}),
    Permission.VIEW_DELIVERIES: frozenset({Role.AUDITOR}),
    Permission.WORK_DEAD_LETTERS: frozenset({Role.STEWARD}),
    Permission.MANAGE_PROCEDURES: frozenset({Role.LEADER, Role.STEWARD}),
    Permission.VIEW_COMPLAINT: frozenset({Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER}),
    Permission.WORK_COMPLAINT: frozenset({Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER}),
    Permission.MEDIATE_ONLINE: frozenset({Role.MEDIATOR}),
    Permission.WORK_BAY_AREA: frozenset({Role.HANDLER, Role.LEADER}),
    Permission.VIEW_REPORT: frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER}),
    Permission.WORK_REPORT: frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER}),
    Permission.VIEW_PARTY: frozenset({Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER}),
    Permission.VIEW_REPORTER: frozenset({Role.HANDLER, Role.LEADER}),
    Permission.VIEW_REWARD: frozenset({Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    Permission.WORK_REWARD: frozenset({Role.HANDLER, Role.LEADER}),
    Permission.DECIDE_REWARD: frozenset({Role.LEADER}),
    Permission.PAY_REWARD: frozenset({Role.FINANCE}),
    Permission.KEEP_REGISTER: frozenset(
        {Role.STEWARD, Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER, Role.ASSOCIATION}
    ),
    Permission.VIEW_REGISTER_INTERNALS: frozenset(
        {Role.STEWARD, Role.INTAKE, Role.HANDLER, Role.MEDIATOR, Role.LEADER, Role.ANALYST, Role.AUDITOR}
    ),
    Permission.VIEW_SIGNALS: frozenset({Role.ANALYST, Role.LEADER, Role.HANDLER}),
    Permission.WORK_WARNING: frozenset({Role.ANALYST, Role.LEADER}),
    Permission.WORK_EVALUATION: frozenset({Role.HANDLER, Role.ANALYST, Role.LEADER}),
    Permission.WORK_GOODS_QUALITY: frozenset({Role.HANDLER, Role.ANALYST, Role.LEADER}),
    Permission.VIEW_CREDIT_FILE: frozenset(
        {Role.INTAKE, Role.HANDLER, Role.LEADER, Role.INSPECTOR, Role.AUDITOR}
    ),
    Permission.KEEP_CREDIT_FILE: frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER}),
    Permission.VIEW_CONTRACT: frozenset({Role.HANDLER, Role.LEADER, Role.ANALYST, Role.AUDITOR}),
    Permission.WORK_CONTRACT: frozenset({Role.HANDLER, Role.LEADER}),
    Permission.VIEW_INTERESTS: frozenset({Role.AUDITOR}),
    Permission.MANAGE_BUSINESS_ACCESS: frozenset({Role.INTAKE, Role.LEADER}),
    Permission.VIEW_ANNUAL_REPORT: frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    Permission.AUDIT_DRAWS: frozenset({Role.AUDITOR, Role.LEADER}),
    Permission.WORK_JOINT: frozenset(
        {Role.PARTNER}
    ),  # of another department: its part of joint visits, nothing else
    Permission.ANSWER_MEASURES: frozenset(
        {Role.PARTNER, Role.STEWARD}
    ),  # what the own unit was told, nothing else
    Permission.VIEW_KEY_FILE: frozenset({Role.INSPECTOR, Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    Permission.KEEP_KEY_FILE: frozenset({Role.HANDLER, Role.LEADER}),
    Permission.MANAGE_OFFICERS: frozenset({Role.STEWARD, Role.LEADER}),
    Permission.PLAN_INSPECTIONS: frozenset({Role.DRAWER, Role.LEADER}),
    Permission.PUBLISH_PLAN: frozenset({Role.LEADER, Role.PUBLISHER}),
    Permission.VIEW_VISIT_FEEDBACK: frozenset({Role.AUDITOR, Role.LEADER}),
    Permission.VIEW_CASE_CHECKS: frozenset({Role.AUDITOR, Role.INSPECTOR, Role.LEADER}),
    Permission.HANDLE_UNCODED_VISIT: frozenset({Role.LEADER}),
    Permission.VIEW_PLAN_WORK: frozenset({Role.ANALYST, Role.LEADER, Role.AUDITOR}),
    Permission.ENTER_PLAN_VALUE: frozenset({Role.ANALYST, Role.LEADER}),
    Permission.CONFIRM_PLAN_VALUE: frozenset({Role.ANALYST, Role.LEADER}),
    Permission.DECIDE_PLAN: frozenset({Role.LEADER}),
    Permission.VIEW_LEADER_BOARD: frozenset({Role.LEADER}),
}

_OF_OTHER_UNITS: frozenset[Permission] = frozenset(
    {
        Permission.VIEW_WORKBENCH,
        Permission.WORK_BAY_AREA,
        Permission.KEEP_REGISTER,
        Permission.WORK_JOINT,
        Permission.ANSWER_MEASURES,
        Permission.MANAGE_OFFICERS,
    }
)
"""The most that any role gives in a unit that is no market regulator: a council, another department, an association."""


class OfFirm(StrEnum):
    """What a person may do for the own firm, and for no other. No such right opens a page of officers."""

    READ = "read"
    FILE = "file"
    MANAGE = "manage"


_BUSINESS_ROLES_OF: dict[OfFirm, frozenset[str]] = {
    OfFirm.READ: frozenset(BusinessRole.values),
    OfFirm.FILE: frozenset({BusinessRole.MANAGER, BusinessRole.FILER}),
    OfFirm.MANAGE: frozenset({BusinessRole.MANAGER}),
}


class Forbidden(BilingualError):
    """This officer has no such right. Carries both languages for the page."""

    wording = "{zh}"


class Lack(StrEnum):
    """What keeps a signed-in officer from every page of work."""

    UNIT = "unit"
    ROLE = "role"


def lacking(officer: Any) -> Lack | None:
    """Return what an officer lacks to do anything here: a unit, else a role; nothing where there are both."""
    if not isinstance(officer, Officer):
        return None
    if officer.organisation is None:
        return Lack.UNIT
    return None if officer.acting_roles else Lack.ROLE


def may(officer: Any, permission: Permission, *, division: str | None = None, place: str = "") -> bool:
    """Say whether the officer holds a role with this right, and the division lies in the unit's and the officer's area.

    Anonymous visitors and officers without a unit may nothing. In a council, another department or an association a role
    gives few of its rights, whatever the unit's area: a council's leader decides nothing for the bureau. `division` is the code (6 or 9 digits) of the unit with
    which a thing lies, `place` where it happened, if that is known more closely.
    """
    if not isinstance(officer, Officer) or not officer.is_active or officer.organisation is None:
        return False
    if not _ROLES_OF[permission].intersection(officer.acting_roles):
        return False
    if permission not in _OF_OTHER_UNITS and not is_regulator(officer.organisation):
        return False
    return division is None or in_area(officer, division, place)


def in_area(officer: Officer, division: str, place: str = "") -> bool:
    """Say whether a division lies in the area of the officer's unit, and the place in the officer's own part of it.

    An officer may be limited to a part, a station's, say: what is known by its county alone is not the officer's. A unit
    without any area has nothing in it.
    """
    unit = officer.organisation
    if unit is None or not unit.territory or not division.startswith(unit.territory):
        return False
    if not officer.division_code:
        return True
    return officer.territory.startswith(unit.territory) and (place or division).startswith(officer.territory)


def rows_in_area(officer: Officer, column: str = "division_code") -> Q:
    """Return what keeps the rows of a table that lie in the officer's area, as `in_area` says of one division."""
    unit = officer.organisation
    if (
        unit is None
        or not unit.territory
        or (officer.division_code and not officer.territory.startswith(unit.territory))
    ):
        return Q(pk__in=())
    part = officer.territory if officer.division_code else unit.territory
    return Q(**{f"{column}__startswith": part})


def require(officer: Any, permission: Permission, *, division: str | None = None, place: str = "") -> Officer:
    """Return the officer, or refuse.

    Raises:
        Forbidden: the officer lacks the role, or the division lies outside the unit's or the officer's area.
    """
    if may(officer, permission, division=division, place=place):
        assert isinstance(officer, Officer)
        return officer
    if may(officer, permission):
        assert division is not None
        note(RefusalKind.AREA)
        where = divisions.full_name(place or division) or place or division
        raise Forbidden(
            f"这件事属于{where}，不在您单位或者您本人的管辖范围内。需要时请申请协查。",
            f"This belongs to {where}, outside your unit's or your own area. You may request assistance.",
        )
    note(RefusalKind.ROLE)
    raise Forbidden(
        "您的岗位没有这项权限。需要时请联系本单位管理员。",
        "Your role does not include this. Ask your unit's administrator if you need it.",
    )


def may_work(officer: Any, role: str, *, unit: Organisation, division: str) -> bool:
    """Say whether the officer may do a step of a case: has its role, belongs to the unit that it lies with, and the
    case's division lies in the unit's area (or the unit in the division, where only the county is known)."""
    if not isinstance(officer, Officer) or not officer.has_role(role) or officer.organisation_id != unit.pk:
        return False
    if officer.division_code:
        return in_area(officer, division)
    return division.startswith(unit.territory) or unit.territory.startswith(territory_prefix(division))


def may_administer(officer: Any, *, unit: Organisation) -> bool:
    """Say whether the officer sets areas and roles in the unit: of this unit or one above it, and of its whole area."""
    if not may(officer, Permission.MANAGE_OFFICERS) or officer.division_code:
        return False
    return officer.organisation_id == unit.pk or is_above(officer.organisation, unit)


def has_area(unit: Organisation) -> bool:
    """Say whether a unit's area is one of the divisions: the sign in its place, or nothing, is no area."""
    return unit.division_code.isascii() and unit.division_code.isdigit()


def is_regulator(unit: Organisation) -> bool:
    """Say whether a unit is a market regulator's, from the province's to a station's."""
    return unit.level in Level.values


def is_above(own: Organisation, unit: Organisation) -> bool:
    """Say whether `own` stands above a unit: among its parents, or, where no parent is entered, by an area that holds the unit's.

    A unit without an area of divisions (another department, an association) and without a parent lies below no other. A
    council beside the province's bureau works in the whole province, and stands above nobody there.
    """
    if unit.parent_id is not None:
        return any(one.pk == own.pk for one in _parents(unit))
    if not is_regulator(own):
        return False
    is_smaller = len(own.territory) < len(unit.territory) and unit.territory.startswith(own.territory)
    return has_area(own) and has_area(unit) and is_smaller


def with_units_below(own: Organisation) -> list[Organisation]:
    """Return a unit and all that it stands above, by division and code."""
    units = Organisation.objects.select_related("parent__parent__parent").order_by("division_code", "code")
    return [unit for unit in units if unit.pk == own.pk or is_above(own, unit)]


def _parents(unit: Organisation) -> Iterator[Organisation]:
    above, seen = unit.parent, {unit.pk}
    while above is not None and above.pk not in seen:
        yield above
        seen.add(above.pk)
        above = above.parent


def may_lead(officer: Any, *, unit: Organisation) -> bool:
    """Say whether the officer leads the unit, or one above it in whose area it lies."""
    if not isinstance(officer, Officer) or not officer.has_role(Role.LEADER) or officer.organisation is None:
        return False
    own = officer.organisation
    if officer.division_code and not in_area(officer, unit.division_code):
        return False
    return own.pk == unit.pk or is_above(own, unit)


def may_for(person: Any, right: OfFirm, *, uscc: str) -> bool:
    """Say whether a person may do such a thing for the firm: an active account of that very firm, in such a role."""
    return (
        isinstance(person, BusinessPerson)
        and person.is_active
        and person.uscc == uscc
        and person.role in _BUSINESS_ROLES_OF[right]
    )


def require_for(person: Any, right: OfFirm, *, uscc: str) -> BusinessPerson:
    """Return the person, or refuse.

    Raises:
        Forbidden: no account of this firm, or not in such a role.
    """
    if may_for(person, right, uscc=uscc):
        assert isinstance(person, BusinessPerson)
        return person
    raise Forbidden(
        "您的账号没有这项权限。需要时请找本单位的管理员。",
        "Your account does not include this. Ask the manager of your firm's accounts.",
    )

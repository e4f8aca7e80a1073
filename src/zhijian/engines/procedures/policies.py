"""May this be done to this case now, by this officer? ``check_*`` raises, ``can_*`` answers for the page.

Which role and unit a step needs is asked of `security.permissions`, here alone.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from zhijian.engines.procedures import declaration, versions
from zhijian.engines.procedures.errors import CaseMoved, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseEvent, CaseStatus, ItemState, Leave, WorkItem
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Forbidden, in_area, is_regulator, may_lead, may_work
from zhijian.security.persons import is_same_person


def check_open(case: Case) -> None:
    """Refuse what is done to a case that is over."""
    if case.status != CaseStatus.OPEN:
        raise ProcedureRefused(
            f"案件 {case.number} {case.get_status_display()}，不能再办理。",
            f"Case {case.number} is {case.status}; nothing more can be done to it.",
        )


def ends_early(case: Case) -> bool:
    """Whether a case may be withdrawn before its drawing ends it."""
    procedure = declaration.find(case.procedure)
    return procedure is None or procedure.ends_early


def check_ends_early(case: Case) -> None:
    """Refuse to withdraw a case that only its drawing ends, so that no officer makes a matter go away.

    Raises:
        ProcedureRefused: the procedure does not allow it.
    """
    if not ends_early(case):
        raise ProcedureRefused(
            f"案件 {case.number} 只能按流程办结，不能由经办人撤回。",
            f"Case {case.number} ends by its procedure alone; no officer withdraws it.",
        )


def extends_by_hand(case: Case, clock: str) -> bool:
    """Whether a period is extended by an act beside the drawing; where a step extends it, that step keeps the article."""
    procedure = declaration.find(case.procedure)
    return procedure is None or clock not in procedure.extended_by_drawing


def check_extended_by_hand(case: Case, clock: str) -> None:
    """Refuse to extend beside the drawing what a step of it extends, with its article and its record.

    Raises:
        ProcedureRefused: the drawing extends it.
    """
    if not extends_by_hand(case, clock):
        raise ProcedureRefused(
            "这项期限在流程里延长：由承办人申请，负责人在批准延长的一步里决定，按法条登记。",
            "A step of the procedure extends this period: the handler asks, a leader decides there, by its article.",
        )


def joinable(case: Case, role: str) -> Callable[[Organisation], bool]:
    """Return what tells a unit that can have a part in a step: one that may be competent, with somebody in the role."""
    procedure = declaration.find(case.procedure)
    own = case.organisation.territory
    near = procedure.may_join(case) if procedure is not None and procedure.may_join is not None else None
    people = Officer.objects.filter(is_active=True).values_list("organisation_id", "roles")
    staffed = {unit for unit, roles in people if role in roles}

    def able(unit: Organisation) -> bool:
        here = own.startswith(unit.territory) or own[:4] == unit.territory[:4]
        return unit.pk in staffed and (near(unit) if near is not None else here)

    return able


def check_can_join(case: Case, role: str, unit: Organisation) -> None:
    """Refuse a unit that can have no competence: it would see a case that is none of its business.

    Raises:
        ProcedureRefused: with the unit's name.
    """
    if not joinable(case, role)(unit):
        raise ProcedureRefused(
            f"{unit}对这件事没有管辖，或者没有“{role_name(role)}”，不能请它协办。",
            f"{unit.name_en or unit} can have no competence here, or nobody in the role '{role}'; it cannot be asked.",
        )


def check_revision(case: Case, revision: int | None) -> None:
    """Refuse an act on a case that has moved since the officer looked at it.

    Raises:
        CaseMoved: with what happened last.
    """
    if revision is not None and case.revision != revision:
        raise moved(case)


def moved(case: Case) -> CaseMoved:
    """The refusal of whoever came second, with the name of who came first."""
    newest = case.events.select_related("officer").order_by("-sequence").first()
    who = str(newest.officer) if newest is not None and newest.officer else "系统"
    who_en = (
        (newest.officer.display_name_en or who) if newest is not None and newest.officer else "the system"
    )
    what = newest.name or newest.verb if newest is not None else ""
    return CaseMoved(
        f"案件 {case.number} 已由{who}先办理（{what}）。您填的内容没有提交，请刷新后核对。",
        f"Case {case.number} was moved on by {who_en} first ({what}). Nothing of yours was handed in; reload and compare.",
        newest=newest,
    )


def substituted(officer: Any, on: date) -> list[int]:
    """The ids of the officers whose place this one takes on a day."""
    if not isinstance(officer, Officer):
        return []
    current = Leave.objects.filter(substitute=officer, starts_on__lte=on, ends_on__gte=on)
    return list(current.values_list("officer_id", flat=True))


def acting_for(item: WorkItem, officer: Officer, on: date) -> Officer | None:
    """Return the holder in whose place the officer acts, or None where the officer acts for himself."""
    if (
        item.holder is not None
        and item.holder_id != officer.pk
        and item.holder_id in substituted(officer, on)
    ):
        return item.holder
    return None


def check_may_work(item: WorkItem, officer: Officer | None, on: date) -> Officer | None:
    """Refuse who has not the step's role in its unit; return the officer in whose place this one acts, if any.

    Raises:
        Forbidden: not the role, or not the unit.
    """
    if officer is None:
        return None  # the system: a message, a timer, a simulation
    absent = acting_for(item, officer, on)
    units = [item.organisation]
    if item.is_joint:
        units += [unit.organisation for unit in item.units.select_related("organisation")]
    able = absent or officer
    if any(may_work(able, item.role, unit=unit, division=item.case.division_code) for unit in units):
        check_another_person(item, (officer, able))
        return absent
    raise Forbidden(
        f"“{item.name}”由{item.organisation}的{role_name(item.role)}办理。",
        f"'{item.name}' is done by the role '{item.role}' of {item.organisation.name_en or item.organisation}.",
    )


def check_another_person(item: WorkItem, people: Sequence[Officer]) -> None:
    """Refuse who did, or had done in his place, a step that the drawing wants another person for (four eyes), by whichever account.

    Raises:
        NotYours: with the name of that step.
    """
    compiled = versions.compiled_of(item.case.version)
    node = compiled.drawing.nodes.get(item.task)
    if node is None or not node.others_than:
        return
    apart = Q(verb="complete", task__in=node.others_than)
    if "start" in node.others_than:
        apart |= Q(verb="open")
    events = CaseEvent.objects.filter(case=item.case).select_related("officer", "on_behalf_of")
    done = next((one for one in events.filter(apart).order_by("sequence") if _is_by(one, people)), None)
    if done is not None:
        raise NotYours(
            f"“{item.name}”和“{done.name}”应当由不同的人办理，您已经办过后者。",
            f"'{item.name}' and '{done.name}' are done by different persons; you did the latter.",
        )


def _is_by(event: CaseEvent, people: Sequence[Officer]) -> bool:
    hands = [one for one in (event.officer, event.on_behalf_of) if one is not None]
    return any(is_same_person(one, other) for one in hands for other in people)


def check_holder(item: WorkItem, officer: Officer | None, on: date) -> None:
    """Refuse who wants to hand in what a colleague has claimed.

    Raises:
        NotYours: with the colleague's name.
    """
    if officer is None or item.holder_id in (None, officer.pk) or acting_for(item, officer, on):
        return
    raise NotYours(
        f"“{item.name}”已由{item.holder}承办，需要时请先转办。",
        f"'{item.name}' is held by {item.holder}; have it handed over first.",
    )


def check_joint_answers(item: WorkItem) -> None:
    """Refuse to hand a step in while another unit still owes its answer."""
    if not item.is_joint:
        return
    owing = [
        str(unit.organisation) for unit in item.units.select_related("organisation") if not unit.answered_at
    ]
    if owing:
        raise ProcedureRefused(
            f"协办单位尚未答复：{'、'.join(owing)}。",
            f"These units have not answered yet: {', '.join(owing)}.",
        )


def check_may_lead(officer: Any, unit: Organisation) -> Officer:
    """Return the officer, or refuse who leads neither the unit nor one above it.

    Raises:
        Forbidden: no leader there.
    """
    if not may_lead(officer, unit=unit):
        raise Forbidden(
            f"这件事由{unit}或上级单位的负责人决定。",
            f"A leader of {unit.name_en or unit} or of a unit above decides this.",
        )
    assert isinstance(officer, Officer)
    return officer


def check_may_handle(case: Case, officer: Any) -> Officer:
    """Return the officer, or refuse who neither has the role of an open step of the case nor leads its unit.

    Raises:
        Forbidden: somebody else's case.
    """
    steps = case.work_items.filter(state=ItemState.OPEN).select_related("organisation")
    able = may_lead(officer, unit=case.organisation) or any(
        may_work(officer, step.role, unit=step.organisation, division=case.division_code) for step in steps
    )
    if not able:
        raise Forbidden(
            f"案件由{case.organisation}办理，您的岗位不能这样做。",
            f"The case lies with {case.organisation.name_en or case.organisation}; your role does not include this.",
        )
    assert isinstance(officer, Officer)
    return officer


def check_may_see(officer: Any, case: Case) -> Officer:
    """Return the officer, or refuse who belongs to no unit that the case lies with, asked, or lies under.

    Raises:
        Forbidden: another unit's case.
    """
    if can_see(officer, case):
        assert isinstance(officer, Officer)
        return officer
    raise Forbidden(
        f"案件由{case.organisation}办理，不在您单位的范围内。",
        f"The case lies with {case.organisation.name_en or case.organisation}, outside your unit.",
    )


def can_see(officer: Any, case: Case) -> bool:
    """Whether an officer may look at a case: of its unit, of one asked to join, or a leader or auditor above it."""
    if not isinstance(officer, Officer) or not officer.is_active or officer.organisation is None:
        return False
    procedure = declaration.find(case.procedure)
    if procedure is not None and procedure.viewers and not procedure.viewers & set(officer.roles):
        return False
    if officer.division_code and not in_area(officer, case.division_code):
        return False
    if officer.organisation_id == case.organisation_id:
        return True
    own = officer.organisation
    above = is_regulator(own) and case.organisation.territory.startswith(own.territory)
    if above and set(officer.roles) & {Role.LEADER, Role.AUDITOR, Role.ANALYST}:
        return True
    return WorkItem.objects.filter(case=case, units__organisation=officer.organisation_id).exists() or (
        WorkItem.objects.filter(case=case, organisation=officer.organisation_id).exists()
    )


def check_reason(text: str, least: int = 4) -> str:
    """Return a reason without the spaces round it, or refuse one that says nothing."""
    plain = text.strip()
    if len(plain) < least:
        raise ProcedureRefused(
            f"请写明理由（至少{least}个字），它会写进案件时间线。",
            f"Give a reason of at least {least} characters; it goes into the case's time line.",
        )
    return plain


def role_name(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role

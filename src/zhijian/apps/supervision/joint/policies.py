"""May this officer do this to a joint inspection, here and now? ``check_*`` raises."""

from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.joint import rules
from zhijian.apps.supervision.joint.models import JointPlan, JointVisit, Participation
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards.bilingual import BilingualError, Problem


class JointRefused(BilingualError):
    """Something about a joint inspection cannot be done. `status` is the HTTP status."""

    wording = "{zh}"

    def __init__(self, zh: str, en: str, *, status: int = 409, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(zh, en)
        self.status, self.problems = status, problems


DEPARTMENT_LEVEL, NO_AREA = "department", "-"
"""A department's unit is none of the authorities' levels and has no area: no case and no firm lies in it."""


def incomplete(problems: list[Problem]) -> JointRefused:
    """Return the refusal of what lacks something, with each problem."""
    return JointRefused(
        "".join(one.message_zh for one in problems),
        " ".join(one.message_en for one in problems),
        status=422,
        problems=tuple(problems),
    )


def check_lead(plan: JointPlan, by: Officer) -> None:
    """Refuse all but those of the leading unit who hold its draws.

    Raises:
        Forbidden: another role, or another unit.
    """
    require(by, Permission.MANAGE_DRAW)
    if by.organisation_id != plan.organisation_id:
        raise Forbidden("这次联合抽查由别的单位牵头。", "Another unit leads this joint inspection.")


def can_lead(plan: JointPlan, by: Officer) -> bool:
    return may(by, Permission.MANAGE_DRAW) and by.organisation_id == plan.organisation_id


def is_before_seed(draw: Draw) -> bool:
    """Say whether nobody can know the seed of a draw yet, and the draw still stands."""
    state = state_of(draw)
    return not (state.value or state.nonces or state.drawn or state.voided)


def check_before_seed(plan: JointPlan) -> None:
    """Refuse what must stand before anybody can know the seed: who takes part, and whose lots are in.

    Raises:
        JointRefused: the public value is recorded, or the draw was voided.
    """
    if not is_before_seed(plan.draw):
        raise JointRefused(
            "这次抽签的随机数已经开始公开（或者已作废），不能再增加部门、事项或人员：谁参加、派哪些人，要在种子产生之前定下来。",
            "The numbers of this draw are coming out already (or it was voided). Who takes part, and with whom, is settled before the seed.",
        )


def check_department(participation: Participation, by: Officer) -> None:
    """Refuse everybody but the people of the department that was asked.

    Raises:
        Forbidden: another role, or another department.
    """
    require(by, Permission.WORK_JOINT)
    if by.organisation_id != participation.department_id:
        raise Forbidden("这是别的部门的任务。", "This is another department's task.")


def check_team(visit: JointVisit, team: tuple[str, ...], by: Officer) -> None:
    """Refuse everybody but the department's inspectors who were drawn for this visit.

    Raises:
        Forbidden: another department. JointRefused: not drawn.
    """
    check_department(visit.participation, by)
    if by.username not in team:
        raise JointRefused(
            "这次检查抽中的是本部门的另外两名人员。",
            "Two others of your department were drawn for this visit.",
            status=403,
        )


def check_on_site(visit: JointVisit) -> None:
    """Refuse to record before the visit has begun: one visit, at one time, by everybody.

    Raises:
        JointRefused: the leading unit's inspectors have not arrived.
    """
    if visit.check_record.state is State.DISPATCHED:
        raise JointRefused(
            "牵头单位的检查人员还没有登记到场。联合检查一次进门，请一起到场后再记录。",
            "The leading unit's inspectors have not arrived. A joint inspection is one visit: record when all are there.",
        )


def check_certificates(team: list[Officer], on: object) -> None:
    """Refuse fewer than two, or one whose certificate is not valid on the day.

    Raises:
        JointRefused: with each problem.
    """
    problems = [
        Problem("team", f"{one}的执法证件在{on}已经失效。", f"The certificate of {one} is not valid on {on}.")
        for one in team
        if one.certificate_valid_until is None or str(one.certificate_valid_until) < str(on)
    ]
    if len(team) < rules.TEAM:
        problems.append(
            Problem("team", "本部门能去的人员不足两名。", "Fewer than two of your department may go.")
        )
    if problems:
        raise incomplete(problems)

"""May this be done to this complaint or report, here and now? ``check_*`` raises, ``can_*`` answers for the page.

A complaint and the report that came in the same envelope have rights of their own: whoever mediates the dispute does
not see the report (Order 121 article 37).
"""

from collections.abc import Callable, Sequence

from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport
from zhijian.apps.consumer.complaints.steps import COMPLAINT_STEPS, REPORT_STEPS, Step
from zhijian.engines.procedures import errors
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, may, require
from zhijian.standards.bilingual import Problem


class NotNow(errors.ProcedureRefused):
    """The matter stands elsewhere: too early, too late, or done already by somebody."""


class Incomplete(errors.Incomplete):
    """What was handed in lacks or contradicts something; each problem names its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "".join(problem.message_zh for problem in problems),
            " ".join(problem.message_en for problem in problems),
            [(problem.field, problem.message_zh, problem.message_en) for problem in problems],
        )


def check_none(problems: Sequence[Problem]) -> None:
    """Refuse where a rule found something missing.

    Raises:
        Incomplete: with every problem.
    """
    if problems:
        raise Incomplete(problems)


def check_complaint_step(complaint: Complaint, verb: str) -> Step:
    """Return what the step leads to.

    Raises:
        NotNow: the complaint's present state does not allow it; says which that is.
    """
    step = COMPLAINT_STEPS.get((complaint.state, verb))
    if step is None:
        raise _not_now("投诉", "complaint", complaint.state_words)
    return step


def check_report_step(report: ViolationReport, verb: str) -> Step:
    """Return what the step leads to.

    Raises:
        NotNow: the report's present state does not allow it; says which that is.
    """
    step = REPORT_STEPS.get((report.state, verb))
    if step is None:
        raise _not_now("举报", "report", report.state_words)
    return step


def _not_now(what_zh: str, what_en: str, words: tuple[str, str]) -> NotNow:
    return NotNow(
        f"这件{what_zh}现在是“{words[0]}”，不能做这一步。",
        f"This {what_en} is “{words[1]}”; the step is not possible now.",
    )


def can(complaint: Complaint, verb: str) -> bool:
    """Say whether the complaint's state allows a step."""
    return (complaint.state, verb) in COMPLAINT_STEPS


def area_of(matter: Complaint | ViolationReport) -> dict[str, str]:
    """Return by what rights are asked for: the unit with which a matter lies, and its place where that is known."""
    return {"division": matter.organisation.division_code, "place": matter.work_division_code}


def check_view_complaint(complaint: Complaint, by: Officer) -> None:
    """Refuse all but the officers who handle complaints where it lies.

    Raises:
        Forbidden: another role, or another area.
    """
    require(by, Permission.VIEW_COMPLAINT, **area_of(complaint))


def check_view_report(report: ViolationReport, by: Officer) -> None:
    """Refuse all but the officers who verify reports where it lies. A mediator is none of them.

    Raises:
        Forbidden: another role, or another area.
    """
    require(by, Permission.VIEW_REPORT, **area_of(report))


def can_view_report(report: ViolationReport, by: Officer) -> bool:
    return may(by, Permission.VIEW_REPORT, **area_of(report))


def may_join_complaint(case: Case) -> Callable[[Organisation], bool]:
    """Return what tells a unit that may be asked to help with a complaint: it may be competent, by article 13."""
    return _may_be_competent(Complaint.objects.select_related("organisation").get(case=case))


def may_join_report(case: Case) -> Callable[[Organisation], bool]:
    """Return what tells a unit that may be asked to help with a report; whoever is asked sees it (article 37)."""
    report = ViolationReport.objects.select_related("organisation").get(case=case)
    return _may_be_competent(report, report.conduct_division_code)


def _may_be_competent(matter: Complaint | ViolationReport, *more: str) -> Callable[[Organisation], bool]:
    """One of the places that decide lies in the unit's area, or the unit is below the one that handles it."""
    places = (
        matter.organisation.division_code,
        matter.respondent_division_code,
        matter.published_division_code,
        matter.platform_division_code,
        *more,
    )
    own = matter.organisation.territory

    def fits(unit: Organisation) -> bool:
        return unit.territory.startswith(own) or any(place.startswith(unit.territory) for place in places)

    return fits


def right_to_reporter(report: ViolationReport) -> Permission:
    """Return the right that opens who reported: a leader's for insiders and for whom protection guards the identity."""
    guarded = report.is_insider or report.protections.filter(guards_identity=True).exists()
    return Permission.DECIDE_REWARD if guarded else Permission.VIEW_REPORTER


def check_work_complaint(complaint: Complaint, by: Officer | None) -> None:
    """Refuse an officer without the right; a step that the system takes by itself (None) needs none.

    Raises:
        Forbidden: another role, or another area.
    """
    if by is not None:
        require(by, Permission.WORK_COMPLAINT, **area_of(complaint))


def check_work_report(report: ViolationReport, by: Officer | None) -> None:
    """Refuse an officer without the right; a step that the system takes by itself (None) needs none.

    Raises:
        Forbidden: another role, or another area.
    """
    if by is not None:
        require(by, Permission.WORK_REPORT, **area_of(report))


def check_purpose(purpose: str) -> None:
    """Refuse to open a person's data for nothing.

    Raises:
        Incomplete: no purpose is given.
    """
    if len(purpose.strip()) < 2:
        problem = Problem("purpose", "请写明查看的事由。", "Say why you open it.")
        raise Incomplete([problem])

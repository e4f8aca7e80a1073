"""May this be done to this signal or warning, here and now? ``check_*`` raises, ``possible_for`` answers for the page."""

from collections.abc import Sequence
from dataclasses import replace

from zhijian.apps.consumer.analysis import steps
from zhijian.apps.consumer.analysis.models import ConsumerWarning
from zhijian.apps.consumer.analysis.steps import CHECK_OF, OTHERS_THAN, TASKS, Step, possible
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.signals.counted import REPORT, Counted
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.security.persons import is_same_person


def without_reported_firm(case: Counted) -> Counted:
    """Leave the firm of a report out: what rises about a firm is told by complaints alone, for warnings follow from it.

    The handling of a report is not to be seen from outside (Order 121 article 37).
    """
    return replace(case, firm="", firm_name="", platform="") if case.kind == REPORT else case


def seen_by(officer: Officer, cases: Sequence[Counted]) -> list[Counted]:
    """Return cases as an officer may see them: of a report neither number nor firm, unless reports are her work."""
    if may(officer, Permission.VIEW_REPORT):
        return list(cases)
    return [
        replace(without_reported_firm(case), number="", product="", path="") if case.kind == REPORT else case
        for case in cases
    ]


class NotNow(ProcedureRefused):
    """It stands elsewhere, or something is missing. Carries both languages."""


def check_step(warning: ConsumerWarning, verb: str, by: Officer) -> Step:
    """Return the step.

    Raises:
        Forbidden: the officer may not work on warnings, or not of this area.
        NotNow: the state does not allow it, another role takes it, or the same officer took a step that another takes.
    """
    require(by, Permission.WORK_WARNING, division=warning.organisation.division_code)
    step = steps.find(warning.state, verb)
    if step is None:
        zh, en = warning.state_words
        raise NotNow(
            f"这份警示现在是“{zh}”，不能做这一步。", f"This warning is “{en}”; the step is not possible now."
        )
    if not by.has_role(step.role):
        raise NotNow("这一步由其他岗位办理。", "Another role takes this step.")
    check_another_person(warning, verb, by)
    return step


def check_another_person(warning: ConsumerWarning, verb: str, by: Officer) -> None:
    """Refuse who wrote the draft, or took an earlier check of it (four eyes).

    Raises:
        NotNow: with what the officer did before.
    """
    done = _done_before(warning, verb, by)
    if done:
        raise NotNow(
            "起草人、专家审核人、法律审核人、定级人和发布人应当是不同的人，这份警示您已经办过一步，请另一人办理。",
            "Who drafted, checked, graded and published a warning are different persons; you did one of these already.",
        )


def _done_before(warning: ConsumerWarning, verb: str, by: Officer) -> set[str]:
    judged = CHECK_OF.get(warning.state, "")
    if verb not in (judged, "return"):
        return set()
    return {step.verb for step in warning.history if is_same_person(step.officer, by)} & OTHERS_THAN[judged]


def possible_for(warning: ConsumerWarning, officer: Officer) -> list[tuple[str, Step]]:
    """Return the steps that this officer may take now."""
    if not may(officer, Permission.WORK_WARNING, division=warning.organisation.division_code):
        return []
    return [
        (verb, step)
        for verb, step in _open_steps(warning)
        if officer.has_role(step.role) and not _done_before(warning, verb, officer)
    ]


def _open_steps(warning: ConsumerWarning) -> list[tuple[str, Step]]:
    """The steps that the case waits for, and those of its messages; of a warning without a case, those of the table."""
    if warning.case is None:
        return possible(warning.state)
    waiting = warning.case.work_items.filter(state="open").values_list("task", flat=True)
    verbs = [verb for task in waiting for verb in TASKS.get(task, ())]
    found = [(verb, steps.find(warning.state, verb)) for verb in (*verbs, "drop", "take_back")]
    return [(verb, step) for verb, step in found if step is not None]

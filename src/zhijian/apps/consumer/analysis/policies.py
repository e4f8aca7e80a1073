"""May this be done to this signal or warning, here and now? ``check_*`` raises, ``possible_for`` answers for the page."""

from zhijian.apps.consumer.analysis.models import ConsumerWarning
from zhijian.apps.consumer.analysis.steps import STEPS, Step, possible
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require


class NotNow(Exception):
    """It stands elsewhere, or something is missing. Carries both languages."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh)
        self.message_zh, self.message_en = message_zh, message_en


def check_step(warning: ConsumerWarning, verb: str, by: Officer) -> Step:
    """Return the step.

    Raises:
        Forbidden: the officer may not work on warnings, or not of this area.
        NotNow: the state does not allow it, another role takes it, or the same officer took the step before.
    """
    require(by, Permission.WORK_WARNING, division=warning.organisation.division_code)
    step = STEPS.get((warning.state, verb))
    if step is None:
        zh, en = warning.state_words
        raise NotNow(
            f"这份警示现在是“{zh}”，不能做这一步。", f"This warning is “{en}”; the step is not possible now."
        )
    if not by.has_role(step.role):
        raise NotNow("这一步由其他岗位办理。", "Another role takes this step.")
    if verb == "check_expert" and warning.history[-1].officer_id == by.pk:
        raise NotNow(
            "起草人不能审核自己的稿子，请另一人审核。", "Who drafted it cannot check it; somebody else does."
        )
    return step


def possible_for(warning: ConsumerWarning, officer: Officer) -> list[tuple[str, Step]]:
    """Return the steps that this officer may take now."""
    if not may(officer, Permission.WORK_WARNING, division=warning.organisation.division_code):
        return []
    steps = [(verb, step) for verb, step in possible(warning.state) if officer.has_role(step.role)]
    own = warning.history[-1].officer_id == officer.pk
    return [(verb, step) for verb, step in steps if not (verb == "check_expert" and own)]

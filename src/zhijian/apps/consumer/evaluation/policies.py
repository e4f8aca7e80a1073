"""May this be done to this evaluation, here and now? ``check_*`` raises, with words in both languages."""

from zhijian.apps.consumer.evaluation.models import Evaluation, ScreeningFinding
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require


class NotNow(Exception):
    """What was asked cannot be done. Carries both languages; `field` is the one of the form that is meant."""

    def __init__(self, message_zh: str, message_en: str, field: str = "") -> None:
        super().__init__(message_zh)
        self.message_zh, self.message_en, self.field = message_zh, message_en, field


def check_officer(officer: Officer, division: str) -> Officer:
    """Return the officer who may work on evaluations of this place.

    Raises:
        Forbidden: another role, or another area.
    """
    return require(officer, Permission.WORK_EVALUATION, division=division)


def can_work(officer: object, division: str) -> bool:
    return may(officer, Permission.WORK_EVALUATION, division=division)


def check_reason(text: str) -> str:
    """Return the reason without its ends.

    Raises:
        NotNow: fewer than four characters, or more than 500.
    """
    plain = text.strip()
    if not 4 <= len(plain) <= 500:
        raise NotNow("请写明理由（4至500字），它会和评价一起保留。", "Give a reason of 4 to 500 characters; it is kept with the evaluation.", "reason")  # fmt: skip
    return plain


def check_open(finding: ScreeningFinding) -> None:
    """Refuse to decide twice.

    Raises:
        NotNow: it is decided already.
    """
    if finding.decision:
        raise NotNow("这一项已经有人作了决定。", "Somebody decided this already.")


def check_text_waits(evaluation: Evaluation) -> None:
    """Refuse to decide about a text that is not there.

    Raises:
        NotNow: the evaluation has no text.
    """
    if not evaluation.text:
        raise NotNow("这条评价没有文字。", "This evaluation has no text.")

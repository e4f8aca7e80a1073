"""May this be done here and now? ``check_*`` raises, with words in both languages."""

from zhijian.apps.consumer.goods_quality import codes
from zhijian.apps.consumer.goods_quality.models import InjuryNotice
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require


class NotNow(ProcedureRefused):
    """What was asked cannot be done. Carries both languages."""


def check_officer(officer: Officer, division: str | None = None) -> Officer:
    """Return the officer who may work on the quality of goods.

    Raises:
        Forbidden: another role, or another area.
    """
    return require(officer, Permission.WORK_GOODS_QUALITY, division=division)


def can_work(officer: object) -> bool:
    return may(officer, Permission.WORK_GOODS_QUALITY)


def check_category(code: str) -> None:
    """Refuse a category that the list lacks.

    Raises:
        NotNow: it is not on the list.
    """
    if code not in codes.CATEGORIES:
        raise NotNow("请选择商品类别。", "Choose a category of goods.")


def check_text(text: str, *, least: int, most: int, name_zh: str, name_en: str) -> str:
    """Return a text without its ends.

    Raises:
        NotNow: too short or too long.
    """
    plain = text.strip()
    if not least <= len(plain) <= most:
        raise NotNow(
            f"请填写{name_zh}（{least}至{most}字）。", f"Give {name_en} of {least} to {most} characters."
        )
    return plain


def check_waits(notice: InjuryNotice) -> None:
    """Refuse to decide twice.

    Raises:
        NotNow: it is decided.
    """
    if notice.decision:
        raise NotNow("这份报告已经处理过了。", "This report has been dealt with.")

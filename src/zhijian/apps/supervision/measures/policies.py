"""May this be entered, asked, answered, here and now? `check_*` raises or yields problems, with words in both languages."""

from datetime import date, datetime

from zhijian.apps.supervision.measures import rules
from zhijian.apps.supervision.measures.codes import ACTIONS, MATTERS
from zhijian.apps.supervision.measures.models import MeasureLook
from zhijian.engines.exchange import policies as exchange
from zhijian.engines.exchange.models import Application, DataLevel
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.facts.blemishes import Blemish
from zhijian.engines.registers.public_records import blemishes_of
from zhijian.standards.calendar import statutory_day
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode


def check_code(text: str) -> str:
    """Return a credit code as it is written.

    Raises:
        Refused: none; the words say what is wrong.
    """
    try:
        return UnifiedSocialCreditCode.parse(text).value
    except InvalidCode as wrong:
        first = wrong.problems[0]
        raise Refused(404, "wrong_code", first.message_zh, first.message_en) from None


def check_matter(matter: str) -> None:
    """Refuse a matter that the catalogue does not know.

    Raises:
        Refused: with those that it knows.
    """
    known = [one.value for one in MATTERS if one.value != rules.ANY_MATTER]
    if matter not in known:
        raise Refused(
            422, "unknown_matter", f"没有这类事项，可用：{'、'.join(known)}。", f"No such matter. Known are: {', '.join(known)}."
        )  # fmt: skip


def check_grant(application: Application, *, service: str, purpose: str, at: datetime) -> None:
    """Refuse a grant that ended meanwhile, or whose quota of looks a day is used up.

    Raises:
        Refused: with the reason.
    """
    exchange.check_grant(application, service=service, purpose=purpose, at=at)
    used = MeasureLook.objects.filter(application=application, asked_on=statutory_day(at)).count()
    exchange.check_quota(application.decision.rows_per_day, used, 1)


def check_personal(application: Application) -> None:
    """Refuse to answer about a person where the grant is not for personal data.

    Raises:
        Refused: it is for less.
    """
    if application.decision.level != DataLevel.PERSONAL:
        raise Refused(
            403, "level", "查询任职限制须获批个人信息级别的授权。", "Questions about persons need a grant for personal data."
        )  # fmt: skip


def check_answer(
    action: str, *, decision_no: str, reason: str, acted_on: date, told_on: date, on: date
) -> None:
    """Refuse an answer that does not say what it must.

    Raises:
        Refused: an unknown action; a measure taken without a number; none taken without a reason; a day that cannot be.
    """
    if action not in {one.value for one in ACTIONS}:
        raise Refused(422, "action", "反馈只能是 applied、considered 或 not_applied。", "The action is applied, considered or not_applied.")  # fmt: skip
    if action == "applied" and not decision_no:
        raise Refused(422, "decision_no", "采取了措施的，请写明决定文号。", "A measure that was taken names its decision.")  # fmt: skip
    if action != "applied" and len(reason) < 4:
        raise Refused(422, "reason", "没有采取措施的，请写明理由（4字以上）。", "Say in four characters or more why no measure was taken.")  # fmt: skip
    if not told_on <= acted_on <= on:
        raise Refused(422, "acted_on", "办理日期应在告知之后、今天或者以前。", "The day lies between the telling and today.")  # fmt: skip


def recognition_blemishes(uscc: str, *, on: date) -> tuple[Blemish, ...]:
    """Return what stands against recognising a firm on a day: public records alone, never the internal class."""
    return blemishes_of(uscc, on=on, months=rules.clean_months(on=on))

"""What the law says about offers, agreements and the ways on from them. Pure: takes days and sums, gives an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from zhijian.standards import calendar, parameters
from zhijian.standards.calendar import Counting
from zhijian.standards.citation import rule

O121 = "《市场监督管理投诉举报处理办法》"
CONFIRMATION = parameters.load("consumer/judicial_confirmation")
SMALL_CLAIMS = parameters.load("consumer/small_claims")
REPLY = parameters.load("consumer/odr_enterprise_reply")
REFERRAL = parameters.load("consumer/odr_referral_answer")


class Way(StrEnum):
    """How a court would judge a sum."""

    SMALL = "small"
    BY_AGREEMENT = "by_agreement"
    ORDINARY = "ordinary"


class OfferState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    COUNTERED = "countered"


@rule(cites="《民法典》第四百七十八条、第四百八十一条")
def offer_state(*, ended_by: str, expires_at: datetime, at: datetime) -> OfferState:
    """Say how an offer stands at a moment: ended by an act, run out by itself, or open to be accepted.

    A counter-offer changes what is offered in substance and ends the offer that it answers.

    ASSUMPTION: the last day of an offer only says until when it may be accepted; it does not make the offer
    irrevocable (article 476), because the room says so to both before they offer, and nobody is bound before both
    confirmed the agreement (article 490).
    """
    if ended_by:
        return OfferState(ended_by)
    return OfferState.EXPIRED if at > expires_at else OfferState.OPEN


@rule(cites=f"{O121}第二十三条第一款第五项")
def is_within_term(day: date, due_on: date | None) -> bool:
    """Say whether an agreement can still come about: on the last day of the 60, yes; afterwards mediation ends."""
    return due_on is None or day <= due_on


@rule(cites=("《人民调解法》第三十三条", "《民事诉讼法》第二百零五条"))
def confirmation_due_on(effective_on: date) -> date:
    """Return the last day on which both parties may ask the court together: 30 days from the agreement's effect."""
    length = CONFIRMATION.on(effective_on)
    return calendar.deadline(effective_on, length, Counting.DAYS_ROLLING, provisional=True)


@dataclass(frozen=True)
class Thresholds:
    """The two sums of small claims on a day, in yuan, and where the numbers come from."""

    plain_yuan: Decimal
    agreed_yuan: Decimal
    source: str


@rule(cites="《民事诉讼法》第一百六十五条")
def thresholds(on: date) -> Thresholds:
    """Return up to which sums a small claim is judged once and finally: by law, and where both agree to it."""
    value = SMALL_CLAIMS.on(on)
    wage = Decimal(value["average_wage_yuan"])
    return Thresholds(
        wage * value["plain_percent"] / 100,
        wage * value["agreed_percent"] / 100,
        SMALL_CLAIMS.entry_on(on).source,
    )


@rule(cites="《民事诉讼法》第一百六十五条")
def way_of(amount_yuan: Decimal, *, on: date) -> Way:
    """Say how a court would judge a claim for a sum: by law as a small claim, if both agree, or in the ordinary way."""
    limits = thresholds(on)
    if amount_yuan <= limits.plain_yuan:
        return Way.SMALL
    return Way.BY_AGREEMENT if amount_yuan <= limits.agreed_yuan else Way.ORDINARY


@dataclass(frozen=True)
class Want:
    """One thing that the court wants of a claim, with its article."""

    code: str
    words_zh: str
    words_en: str
    article: str


WANTS = (
    Want("interest", "原告与争议有直接利害关系", "The plaintiff has a direct interest", "《民事诉讼法》第一百二十二条"),
    Want("defendant", "有明确的被告（名称、住所、统一社会信用代码）", "The defendant is certain (name, seat, code)", "《民事诉讼法》第一百二十二条"),
    Want("claim", "有具体的诉讼请求、事实和理由", "The claim, its facts and reasons are definite", "《民事诉讼法》第一百二十二条"),
    Want("court", "属于受诉法院管辖（被告住所地或者合同履行地）", "The court is competent (seat of the defendant or place of performance)", "《民事诉讼法》第二十四条"),
    Want("reachable", "被告下落明确", "The defendant can be found", "《民事诉讼法》第一百六十六条"),
    Want("no_appraisal", "不需要评估、鉴定，对评估、鉴定结果没有异议", "No appraisal is needed or disputed", "《民事诉讼法》第一百六十六条"),
    Want("domestic", "不是涉外案件", "No foreign element", "《民事诉讼法》第一百六十六条"),
    Want("money", "是简单的金钱给付，不涉及人身关系、财产确权", "A plain payment of money; no status, no title", "《民事诉讼法》第一百六十五条、第一百六十六条"),
)  # fmt: skip


@rule(cites="《民事诉讼法》第一百二十二条、第一百六十五条、第一百六十六条")
def small_claims_lacks(ticked: Mapping[str, bool], amount_yuan: Decimal | None, *, on: date) -> list[Want]:
    """Return what still lacks before a claim goes to the court as a small one: unticked wants, or the sum itself."""
    lacking = [want for want in WANTS if not ticked.get(want.code)]
    if amount_yuan is None or amount_yuan <= 0:
        lacking.append(
            Want("amount", "写明请求的金额", "Give the sum claimed", "《民事诉讼法》第一百二十四条")
        )
    elif way_of(amount_yuan, on=on) is Way.ORDINARY:
        lacking.append(
            Want(
                "too_much",
                "金额超过小额诉讼的上限，请按普通程序起诉",
                "The sum is beyond small claims; sue in the ordinary way",
                "《民事诉讼法》第一百六十五条",
            )
        )
    return lacking


@rule(cites=f"{O121}第六条")
def reply_due_on(invited_on: date) -> date:
    """Return by when an ODR enterprise comes into the room; later the matter is left to the regulator.

    ASSUMPTION: the order encourages online resolution and names no period; ten working days are this project's start.
    """
    return calendar.add_working_days(invited_on, REPLY.on(invited_on), provisional=True)


@rule(cites=f"{O121}第六条、第十九条")
def referral_due_on(referred_on: date) -> date:
    """Return by when a third-party body answers a referral.

    ASSUMPTION: ten working days, until the agreement with the body says otherwise.
    """
    return calendar.add_working_days(referred_on, REFERRAL.on(referred_on), provisional=True)

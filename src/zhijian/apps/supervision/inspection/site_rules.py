"""The law of the papers that a check leaves with the firm: which may be made, how they are delivered, how they are challenged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhijian.apps.supervision.inspection.codes import FollowUpKind
from zhijian.apps.supervision.inspection.rules import (
    CORRECTION_ORDER_DAYS,
    Due,
    State,
    correction_due_on,
    follow_ups_of,
)
from zhijian.standards import parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

# One text of the two laws of remedies for the whole field; the parameter is named after the list that needed it first.
REMEDIES = parameters.load("supervision/serious_list_remedies")
RECORD, ORDER = "site_record", "correction_order"
_RECORDED = {State.RESULT_ENTERED, State.CONFIRMED, State.PUBLISHED}
_CONFIRMED = {State.CONFIRMED, State.PUBLISHED}
_ORDERS = (FollowUpKind.RECHECK, FollowUpKind.ORDER_CORRECTION)


class Way(StrEnum):
    """The ways by which a paper of a check reaches the firm on the spot; each is one of the engine's."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    LEFT = "left"


@dataclass(frozen=True)
class Delivery:
    """How a paper is handed over: the way, who signed for it, whether the firm agreed to the internet, why it was left."""

    way: str
    receiver: str = ""
    has_consent: bool = False
    reason: str = ""


@rule(cites="《行政处罚法》第二十八条")
def orders_in(codes: Sequence[str], completed_on: date, *, correct_by: date | None) -> list[Due]:
    """Return what a result orders the firm to put right, with its last day; none where nothing was ordered."""
    return [one for one in follow_ups_of(codes, completed_on, correct_by=correct_by) if one.kind in _ORDERS]


@rule(cites=("《企业公示信息抽查办法》第九条", "《行政处罚法》第二十八条"))
def paper_problems(kind: str, state: State, *, has_order: bool) -> list[Problem]:
    """Return what speaks against making a paper now.

    The record is made once a result is handed in; an order only after the second inspector confirmed what was found.
    """
    if kind == RECORD:
        if state in _RECORDED:
            return []
        return [
            Problem(
                "kind",
                "还没有交结论，或者已退回补充。交了结论再出具检查记录。",
                "No result is handed in, or it was sent back. Hand the result in, then make the record.",
            )
        ]
    if kind != ORDER:
        return [
            Problem(
                "kind", "请选择检查记录或者责令改正通知书。", "Choose the record or the order to correct."
            )
        ]
    if not has_order:
        return [
            Problem(
                "kind",
                "结论没有责令改正，不出具责令改正通知书。要责令的，先在结论里选“发现问题已责令改正”并写期限。",
                "The result orders no correction. To order one, choose that result and its deadline first.",
            )
        ]
    if state not in _CONFIRMED:
        return [
            Problem(
                "kind",
                "第二名检查人员还没有确认结论。确认后再出具责令改正通知书。",
                "The second inspector has not confirmed the result. Make the order after that.",
            )
        ]
    return []


@rule(cites=("《企业经营异常名录管理办法》第七条", "《行政处罚法》第二十八条"))
def order_ends_on(kind: str, due_on: date | None, *, delivered_on: date | None) -> date | None:
    """Return the last day of an order: to publish, ten days after the firm received it; to correct, the day it names.

    ASSUMPTION: an order to publish that was delivered without this platform was delivered on the day of the visit.
    """
    if kind == FollowUpKind.ORDER_CORRECTION and delivered_on is not None:
        return correction_due_on(delivered_on)
    return due_on


@rule(cites=("《企业经营异常名录管理办法》第七条", "《行政处罚法》第二十八条"))
def days_to_publish(on: date) -> int:
    """Return how many days an order to publish gives, from its receipt."""
    return int(CORRECTION_ORDER_DAYS.on(on))


@rule(cites="《行政处罚法》第二十八条")
def late_order_problems(orders: Sequence[Due], *, on: date) -> list[Problem]:
    """Return that an order names a last day that is over: nobody corrects in the past, so it neither goes out nor is delivered."""
    late = [
        one
        for one in orders
        if one.kind == FollowUpKind.RECHECK and one.due_on is not None and one.due_on < on
    ]
    return [
        Problem(
            "kind",
            f"结论写的改正期限{one.due_on}已经过了，企业无法在过去改正，不能再出具或者送达。请先更正结论里的改正期限，再出新的一版。",
            f"The result orders a correction by {one.due_on}, which is over: the order is neither made nor delivered any more. "
            "Correct that day in the result first; the new version has its own order.",
        )
        for one in late
    ]  # fmt: skip


@rule(cites="《市场监督管理行政处罚程序规定》第八十二条")
def delivery_problems(delivery: Delivery, *, has_account: bool) -> list[Problem]:
    """Return what a delivery lacks: somebody who signs, consent to the internet and an account there, or a witness of leaving it.

    ASSUMPTION: papers of a check are delivered as papers of a case are; the articles on checks name no ways.
    """
    if delivery.way == Way.IN_PERSON and not delivery.receiver.strip():
        return [
            Problem(
                "receiver",
                "当面交付的，请写明谁签收、什么职务。",
                "Say who signed for it and in which position.",
            )
        ]
    if delivery.way == Way.ONLINE:
        return _online_problems(has_consent=delivery.has_consent, has_account=has_account)
    if delivery.way == Way.LEFT and len(delivery.reason.strip()) < 4:
        return [
            Problem(
                "reason",
                "留置送达的，请写明拒收的事由，以及谁见证或者怎样拍照录像（至少4个字）。",
                "Say why it was refused, and who saw it or how it was filmed, in at least four characters.",
            )
        ]
    if delivery.way not in set(Way):
        return [
            Problem(
                "way",
                "请选择当面交付、平台送达或者留置送达。",
                "Choose by hand, by the firm's page, or left behind.",
            )
        ]
    return []


def _online_problems(*, has_consent: bool, has_account: bool) -> list[Problem]:
    if not has_account:
        return [
            Problem(
                "way",
                "这家企业还没有开通账号，平台上送不到。请当面交付，或者先发激活码。",
                "The firm has no account, so nothing reaches it here. Hand the paper over, or issue an activation code first.",
            )
        ]
    if not has_consent:
        return [
            Problem(
                "has_consent",
                "平台送达须经当事人同意并签订送达地址确认书。请先确认，再勾选。",
                "Delivery on the firm's page needs its consent in writing. Obtain it, then tick the box.",
            )
        ]
    return []


@dataclass(frozen=True)
class Remedies:
    """The last days to challenge an order, from the day it was delivered."""

    reconsideration_by: date
    suit_by: date


@rule(cites=("《行政复议法》第二十条", "《行政诉讼法》第四十六条"))
def remedies_of_order(delivered_on: date) -> Remedies:
    """Return until when an order to correct is challenged: 60 days for reconsideration, 6 months for a suit."""
    terms = REMEDIES.on(delivered_on)
    return Remedies(
        delivered_on + timedelta(days=terms["reconsideration_days"]),
        add_months(delivered_on, terms["suit_months"]),
    )

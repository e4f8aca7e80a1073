"""A complaint goes to a third-party body, which answers by a day."""

from datetime import date, datetime

from django.db import transaction

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import reading, rules
from zhijian.apps.consumer.odr.errors import BadInput, NoRoom, OdrRefused
from zhijian.apps.consumer.odr.models import DisputeBody, Referral, ReferralAnswer, ReferralResult
from zhijian.engines.facts import services as facts
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

SOURCE = "odr"
OUTCOMES = {
    "taken": ("接办，正在处理", "Taken on"),
    "settled": ("已解决", "Settled"),
    "failed": ("没有解决", "Not settled"),
    "refused": ("不接办", "Not taken on"),
}
RESULTS = ("settled", "failed")  # of what was taken on
_CLOSED = {ComplaintState.REJECTED, ComplaintState.AGREED}


@transaction.atomic
def refer(complaint: Complaint, *, body_key: str, reason: str, by: Officer, at: datetime) -> Referral:
    """Refer a complaint to a body of the register; the body learns the number and the matter, no contact data.

    The complaint's own clocks go on: a referral lengthens no period of the law.

    Raises:
        Forbidden; NoRoom: no such body today. BadInput: no reason. OdrRefused: no consent, or one is open.
    """
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    complaint = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not complaint.consents_to_delegation:
        raise OdrRefused(
            "投诉人没有同意委托调解，不能转给第三方机构。请先征得同意。",
            "The complainant did not consent to delegated mediation. Ask first.",
        )
    if complaint.state in _CLOSED:
        raise OdrRefused(
            "已经不予受理或者达成协议的，不再转办。", "Refused or agreed complaints are not referred."
        )
    today = statutory_day(at)
    body = DisputeBody.objects.filter(key=body_key.strip()[:40]).first()
    if body is None or not body.stands_on(today):
        raise NoRoom(
            "名录里没有这个机构，或者它已退出。请从名录里选。",
            "No body of this number stands in the register today. Choose one from it.",
        )
    if any(is_open(one) for one in complaint.odr_referrals.select_related("answer", "result")):
        raise OdrRefused(
            "已有一次转办还没有结果。", "An earlier referral still waits for its answer or result."
        )
    said = reading.words("reason", reason, longest=500)
    made: Referral = Referral.objects.create(
        complaint=complaint,
        body_key=body.key,
        body_name=body.name,
        reason=said,
        referred_by=by,
        referred_at=at,
        due_on=rules.referral_due_on(today),
    )
    _fact(made, "odr.referred", "referred", by=by, at=at, due_on=made.due_on.isoformat())
    return made


@transaction.atomic
def answer(referral: Referral, *, outcome: str, text: str, by: Officer, at: datetime) -> ReferralAnswer:
    """Write down what the body answered, once.

    Raises:
        Forbidden; BadInput: no such outcome, nothing said. OdrRefused: it was answered.
    """
    complaint = referral.complaint
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    Complaint.objects.select_for_update().get(pk=complaint.pk)
    if outcome not in OUTCOMES:
        raise BadInput("outcome", "请选答复结果。", "Choose the outcome.")
    if ReferralAnswer.objects.filter(referral=referral).exists():
        raise OdrRefused("这次转办已有答复。", "This referral has its answer.")
    said = reading.words("text", text, longest=500)
    made: ReferralAnswer = ReferralAnswer.objects.create(
        referral=referral, outcome=outcome, text=said, officer=by, at=at
    )
    _fact(referral, "odr.referral_answered", "answered", by=by, at=at, outcome=outcome)
    return made


@transaction.atomic
def conclude(referral: Referral, *, outcome: str, text: str, by: Officer, at: datetime) -> ReferralResult:
    """Write down what came of a referral that the body took on, once.

    Raises:
        Forbidden; BadInput: no such result, nothing said. OdrRefused: not taken on, or it has its result.
    """
    complaint = referral.complaint
    require(by, Permission.WORK_COMPLAINT, division=complaint.organisation.division_code)
    Complaint.objects.select_for_update().get(pk=complaint.pk)
    if outcome not in RESULTS:
        raise BadInput("outcome", "请选处理结果。", "Choose the result.")
    first = ReferralAnswer.objects.filter(referral=referral).first()
    if first is None or first.outcome != "taken" or ReferralResult.objects.filter(referral=referral).exists():
        raise OdrRefused(
            "机构接办、还没有结果的，才能记结果。",
            "A result is entered for what the body took on and has not finished.",
        )
    said = reading.words("text", text, longest=500)
    made: ReferralResult = ReferralResult.objects.create(
        referral=referral, outcome=outcome, text=said, officer=by, at=at
    )
    _fact(referral, "odr.referral_answered", "result", by=by, at=at, outcome=outcome)
    return made


def is_open(referral: Referral) -> bool:
    """Say whether the body has still to answer, or to finish what it took on."""
    if not hasattr(referral, "answer"):
        return True
    return referral.answer.outcome == "taken" and not hasattr(referral, "result")


def light(referral: Referral, *, today: date) -> str:
    """Return green, yellow from two thirds of the time, red when it is past; empty once answered."""
    if ReferralAnswer.objects.filter(referral=referral).exists():
        return ""
    begun = statutory_day(referral.referred_at)
    whole = max((referral.due_on - begun).days, 1)
    if today > referral.due_on:
        return "red"
    return "yellow" if 3 * (today - begun).days >= 2 * whole else "green"


def _fact(referral: Referral, kind: str, key: str, *, by: Officer, at: datetime, **payload: str) -> None:
    complaint = referral.complaint
    facts.record(
        kind,
        subject=f"complaint/{complaint.number}",
        occurred_on=statutory_day(at),
        payload={"complaint_no": complaint.number, "body_key": referral.body_key, **payload},
        source=SOURCE,
        source_key=f"referral/{complaint.number}/{referral.pk}/{key}",
        by=by,
        at=at,
        is_synthetic=complaint.is_synthetic,
    )

"""Where the councils of Hong Kong and Macao hand cases in, answer ours and ask how they stand, each with its own key.

Nothing that names a person stands in an address or in an answer.
"""

import secrets
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, Router, Schema, Status
from ninja.security import HttpBearer

from zhijian.apps.consumer.bay_area import queries, services
from zhijian.apps.consumer.bay_area.codes import BY_SYSTEM, Council, Direction
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.apps.consumer.complaints.intake import keys, throttle
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL


class CouncilKey(HttpBearer):
    """A council's key as it was shown once: Authorization: Bearer zjh_…"""

    def authenticate(self, request: HttpRequest, token: str) -> Council | None:
        key = keys.find(token)
        return BY_SYSTEM.get(key.system) if key else None


router = Router(tags=["bay-area"], auth=CouncilKey())
_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 404, 409, 422, 429, 500), ErrorOut)
_LIMIT = throttle.Limit("bay-area-api", per_address=20_000, per_device=0)
CaseNumber = PathEx[
    str, P(min_length=1, max_length=80, pattern=WITHOUT_NUL, description="our number, or the council's own")
]


def _text(most: int, description: str = "") -> Any:
    return Field("", max_length=most, pattern=WITHOUT_NUL, description=description)


class DeliveryIn(Schema):
    """A case of the council about a trader in Guangdong. Sums stay in the currency as paid."""

    reference: str = _text(80, "the council's number; the same again changes nothing")
    language: str = _text(10, "zh-hant, zh-hans or en")
    consumer_name: str = _text(60)
    consumer_phone: str = _text(40)
    consumer_email: str = _text(100)
    id_type: str = _text(20, "hk_macao_permit, hk_macao_residence, passport, resident or empty")
    id_number: str = _text(40)
    consents_to_transfer: bool = Field(
        False, description="the consumer agreed to the transfer to the mainland"
    )
    trader_name: str = _text(200)
    trader_uscc: str = Field("", pattern=r"^([0-9A-Z]{18})?$")
    trader_address: str = _text(300)
    division_code: str = _text(9, "where the trader is, GB/T 2260, beginning with 44")
    goods_code: str = _text(10)
    goods: str = _text(200)
    facts: str = _text(5000)
    claim: str = _text(300)
    currency: str = _text(10, "HKD, MOP or CNY")
    amount: str = _text(20, "digits, two decimals at most")
    bought_on: date | None = None


class TakenOut(Schema):
    """What became of a delivery: `known` is the same again, nothing changed."""

    reference: str
    number: str
    outcome: Literal["received", "known"]
    status: str


class ReplyIn(Schema):
    """What the council says of a case of ours: first ACKNOWLEDGED, then the rest. A message number counts once."""

    message_no: str = Field(..., min_length=1, max_length=80, pattern=WITHOUT_NUL)
    status: str = _text(24)
    note: str = _text(2000, "a return or failure needs its reason")
    reference: str = _text(80, "the council's own number of the case")


class StepOut(Schema):
    sequence: int
    status: str
    at: datetime
    origin: str
    note: str


class CaseOut(Schema):
    """How a case stands; of the consumer nothing."""

    number: str
    reference: str
    direction: str
    status: str
    status_zh: str
    status_en: str
    steps: list[StepOut]


def _admit(request: HttpRequest) -> Council:
    try:
        throttle.admit(_LIMIT, address=throttle.address_of(request), device="", at=timezone.now())
    except throttle.TooOften as problem:
        raise ApiError(429, "too_often", problem.message_zh, problem.message_en) from None
    council: Council = request.auth  # type: ignore[attr-defined]
    return council


def _refused(problem: ProcedureRefused) -> ApiError:
    code = {404: "not_ours", 409: "not_now", 422: "wrong_content"}.get(problem.status, "refused")
    return ApiError(problem.status, code, problem.message_zh, problem.message_en)


@router.post("/deliveries", response={200: TakenOut, 201: TakenOut, **_ERRORS})
def deliver(request: HttpRequest, delivery: DeliveryIn) -> Any:
    """Hand a case in. Sent again it changes nothing (200, `known`); other content under the same reference is refused."""
    council, at = _admit(request), timezone.now()
    try:
        taken = services.receive(
            council, delivery.model_dump(), by=None, at=at, randomness=secrets.token_bytes
        )
    except ProcedureRefused as problem:
        raise _refused(problem) from None
    if taken.outcome == "changed":
        raise ApiError(
            409,
            "content_changed",
            "这个编号以前送过，内容不同，没有收。请用新的编号，或者联系我们补充。",
            "This reference came before with other content; it was not taken. Use a new one, or tell us what to add.",
        )
    return Status(200 if taken.outcome == "known" else 201, {**vars(taken), "reference": delivery.reference})


@router.post("/cases/{number}/replies", response={200: CaseOut, 201: CaseOut, **_ERRORS})
def answer(request: HttpRequest, number: CaseNumber, reply: ReplyIn) -> Any:
    """Acknowledge a case of ours, tell its progress, answer or return it."""
    council = _admit(request)
    try:
        transfer, is_new = services.reply(council, number, **reply.model_dump(), by=None, at=timezone.now())
    except ProcedureRefused as problem:
        raise _refused(problem) from None
    return Status(201 if is_new else 200, _case(transfer))


@router.get("/cases/{number}", response={200: CaseOut, **_ERRORS})
def standing(request: HttpRequest, number: CaseNumber) -> Any:
    """Say how a case stands that this council sent or was sent."""
    found = queries.of_council(_admit(request), number)
    if found is None:
        raise ApiError(
            404, "not_ours", "没有与贵会转办的这个编号。", "No case of this number was transferred with you."
        )
    return _case(found)


def _case(transfer: Transfer) -> CaseOut:
    fresh = Transfer.objects.prefetch_related("steps").get(pk=transfer.pk)
    zh, en = fresh.status_words
    is_theirs = (
        fresh.direction == Direction.IN
    )  # of a case of ours, our notes are for the consumer and the file
    steps = [
        StepOut(
            sequence=one.sequence,
            status=one.status,
            at=one.at,
            origin=one.origin,
            note=one.note if is_theirs or one.origin == "them" else "",
        )
        for one in fresh.history
        if one.status != "SUBMITTED"
    ]
    return CaseOut(
        number=fresh.number, reference=fresh.reference, direction=fresh.direction, status=fresh.status,
        status_zh=zh, status_en=en, steps=steps,
    )  # fmt: skip

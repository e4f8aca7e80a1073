"""Where a hotline hands its tickets in and asks how they stand, with a key of its own.

Nothing that names a person stands in an address or in an answer.
"""

import secrets
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, Router, Schema, Status
from ninja.security import HttpBearer
from pydantic import AwareDatetime, ConfigDict, field_validator

from zhijian.apps.consumer.complaints import hotline
from zhijian.apps.consumer.complaints.intake import keys, standing, throttle
from zhijian.apps.consumer.complaints.intake.models import IntakeKey
from zhijian.apps.consumer.complaints.models import ExternalReference
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL


class IntakeKeyHeader(HttpBearer):
    """The key as it was shown once: Authorization: Bearer zjh_…"""

    def authenticate(self, request: HttpRequest, token: str) -> IntakeKey | None:
        key = keys.find(token)
        return key if key and key.system in hotline.SYSTEMS else None


router = Router(tags=["complaints"], auth=IntakeKeyHeader())
_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 404, 409, 422, 429, 500), ErrorOut)
_LIMIT = throttle.Limit("api", per_address=20_000, per_device=0)
TicketNumber = PathEx[
    str, P(min_length=1, max_length=80, pattern=WITHOUT_NUL, description="the hotline's number")
]


def _text(most: int, *, least: int = 0, description: str = "") -> Any:
    default = ... if least else ""
    return Field(default, min_length=least, max_length=most, pattern=WITHOUT_NUL, description=description)


class _Given(Schema):
    """What is handed in: a field of another name is a mistake to hear of, not to lose."""

    model_config = ConfigDict(extra="forbid")


class PersonIn(_Given):
    """Who called. Kept sealed; all may be empty in a report."""

    name: str = _text(60)
    phone: str = _text(40)
    address: str = _text(200)
    id_number: str = _text(40)


class RespondentIn(_Given):
    """Whom it is about."""

    name: str = _text(200, least=1)
    uscc: str = Field("", pattern=r"^([0-9A-Z]{18})?$", description="unified social credit code")
    address: str = _text(300)
    platform_name: str = _text(200)


class AgentIn(_Given):
    """Who called for the consumer, and what the power is said to be. The original is checked before acceptance."""

    name: str = _text(60, least=1)
    phone: str = _text(40)
    id_number: str = _text(40)
    matter: str = _text(200)
    scope: Literal["", "general", "special"] = ""
    until: date | None = None


class JointIn(_Given):
    """Another consumer of a joint complaint; who called is one of its representatives."""

    name: str = Field(..., min_length=1, max_length=60, pattern=r"^[^\s,，、；;\x00]+$")
    phone: str = Field("", pattern=r"^(\+?[0-9-]{7,20})?$")
    is_representative: bool = False


class TicketIn(_Given):
    """A ticket, with the names of the contract consumer__hotline_tickets."""

    ticket_no: str = _text(80, least=1)
    category: str = _text(100)
    kind: Literal["", "complaint", "report", "both"] = ""
    first_call_at: AwareDatetime
    dispatched_at: AwareDatetime | None = None
    deadline_on: date | None = None
    person: PersonIn = PersonIn()
    respondent: RespondentIn
    division_code: str = Field(
        ..., pattern=r"^[0-9]{6}([0-9]{3})?$", description="where it happened, GB/T 2260"
    )
    facts: str = _text(5000, least=1)
    goods: str = _text(200)
    bought_on: date | None = None
    order_number: str = _text(80)
    amount_yuan: Decimal | None = Field(None, ge=0, lt=10**12, decimal_places=2)
    claim: str = _text(300)
    agent: AgentIn | None = None
    joint: list[JointIn] = Field([], max_length=50)

    @field_validator("first_call_at", "dispatched_at", "deadline_on", "bought_on")
    @classmethod
    def _of_our_time(cls, value: date | None) -> date | None:
        if value is not None and not 2000 <= value.year < 2100:
            raise ValueError("the year must lie between 2000 and 2099")
        return value


def _joint(one: JointIn) -> str:
    return " ".join(filter(None, (one.name, one.phone, "代表" if one.is_representative else "")))


class TakenOut(Schema):
    """What became of a ticket: `known` is the same ticket again, `repeat` the same complaint by another way."""

    ticket_no: str
    outcome: Literal["received", "known", "repeat", "redirected"]
    receipt_number: str
    receipt_code: str = Field("", description="for the caller; given only with the first delivery")
    first_received_at: datetime
    unit_name: str
    shown_due_on: date | None


class MatterOut(Schema):
    kind: Literal["complaint", "report"]
    number: str
    state: str
    state_zh: str
    state_en: str


class StandingOut(Schema):
    """How a ticket stands, for the hotline's echo."""

    ticket_no: str
    receipt_number: str
    shown_due_on: date | None
    return_reason: str
    returned_at: datetime | None
    matters: list[MatterOut]


def _admit(request: HttpRequest) -> IntakeKey:
    try:
        throttle.admit(_LIMIT, address=throttle.address_of(request), device="", at=timezone.now())
    except throttle.TooOften as problem:
        raise ApiError(429, "too_often", problem.message_zh, problem.message_en) from None
    key: IntakeKey = request.auth  # type: ignore[attr-defined]
    return key


@router.post("/tickets", response={200: TakenOut, 201: TakenOut, **_ERRORS})
def hand_in(request: HttpRequest, ticket: TicketIn) -> Any:
    """Hand a ticket in. Sent again with the same number it changes nothing, and the answer (200) says `known`."""
    key, at = _admit(request), timezone.now()
    plain = ticket.model_dump(exclude={"person", "respondent", "agent", "joint"})
    given = hotline.Ticket(
        system=key.system,
        **plain,
        **{f"person_{name}": value for name, value in ticket.person.model_dump().items()},
        respondent_name=ticket.respondent.name,
        respondent_uscc=ticket.respondent.uscc,
        respondent_address=ticket.respondent.address,
        platform_name=ticket.respondent.platform_name,
        **{
            f"agent_{name}": value
            for name, value in (ticket.agent.model_dump() if ticket.agent else {}).items()
        },
        joint_people="；".join(map(_joint, ticket.joint)),
    )
    try:
        taken = hotline.take_in(given, by=None, at=at, randomness=secrets.token_bytes)
    except ProcedureRefused as problem:
        raise ApiError(409, "refused", problem.message_zh, problem.message_en) from None
    code = taken.code if taken.outcome in {"received", "repeat"} else ""
    return Status(200 if taken.outcome == "known" else 201, {**vars(taken), "receipt_code": code})


@router.get("/tickets/{ticket_no}", response={200: StandingOut, **_ERRORS})
def ticket_standing(request: HttpRequest, ticket_no: TicketNumber) -> Any:
    """Say how a ticket stands: state, the day it is due, whether it was returned and why."""
    key = _admit(request)
    rows = ExternalReference.objects.select_related("submission__received_by")
    reference = rows.filter(system=key.system, number=ticket_no).first()
    if reference is None:
        raise ApiError(
            404, "no_such_ticket", "没有收到过这个工单号。", "No ticket of this number was received."
        )
    complaint, report = standing.matters_of(reference.submission)
    matters = []
    if complaint is not None:
        matters.append(_matter("complaint", complaint.number, complaint.state, complaint.state_words))
    if report is not None:
        matters.append(_matter("report", report.number, report.state, report.state_words))
    return StandingOut(
        ticket_no=ticket_no,
        receipt_number=reference.submission.receipt_number,
        shown_due_on=hotline.shown_due_on(reference),
        return_reason=reference.return_reason,
        returned_at=reference.returned_at,
        matters=matters,
    )


def _matter(
    kind: Literal["complaint", "report"], number: str, state: str, words: tuple[str, str]
) -> MatterOut:
    return MatterOut(kind=kind, number=number, state=str(state), state_zh=words[0], state_en=words[1])

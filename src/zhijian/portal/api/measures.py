"""Which measures apply to a firm at the moment of a department's decision, and what the department did. By key alone.

Who asks, for which case of its own and when is written down. A person is asked about with name and number in the body,
never in an address, and no answer lists anybody.
"""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, QueryEx, Router, Schema, Status

from zhijian.apps.supervision.measures import services
from zhijian.apps.supervision.measures.models import MeasureMatch, MeasureResponse, Recognition
from zhijian.apps.supervision.measures.queries import Applies
from zhijian.engines.exchange.models import Application
from zhijian.engines.exchange.policies import Refused
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.exchange import ExchangeKey
from zhijian.portal.api.schemas import WITHOUT_NUL

router = Router(tags=["measures"], auth=ExchangeKey())
_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 500, 503), ErrorOut)
Code = PathEx[str, P(max_length=40, pattern=WITHOUT_NUL, description="unified social credit code")]
Number = PathEx[int, P(ge=1, lt=2**53, description="number of the measure told")]
Purpose = QueryEx[str, P(min_length=1, max_length=20, pattern=WITHOUT_NUL)]
Matter = QueryEx[str, P(min_length=1, max_length=30, pattern=WITHOUT_NUL)]
Reference = QueryEx[str, P(min_length=1, max_length=100, pattern=WITHOUT_NUL, description="your own case")]


class MeasureOut(Schema):
    """One measure that applies: answer to its `number` by `answer_by`. It ends with its listing."""

    number: int
    measure: str
    version: int
    title: str
    binding: str
    basis: str
    basis_is_checked: bool
    list_kind: str
    listed_on: date
    until: date | None
    answer_by: date
    is_answered: bool
    is_synthetic: bool


class IncentiveOut(Schema):
    recognition: str
    green_channel: bool
    tolerates_missing: bool
    until: date | None
    is_synthetic: bool


class ToldOut(Schema):
    uscc: str
    as_of: date
    matter: str
    measures: list[MeasureOut]
    incentive: IncentiveOut | None


class PersonIn(Schema):
    purpose: str = Field(..., min_length=1, max_length=20, pattern=WITHOUT_NUL)
    reference: str = Field(..., min_length=1, max_length=100, pattern=WITHOUT_NUL)
    name: str = Field(..., min_length=1, max_length=60, pattern=WITHOUT_NUL)
    number: str = Field(..., min_length=1, max_length=30, pattern=WITHOUT_NUL)


class PersonOut(Schema):
    """`listed_on` is the day on which the firm that the person headed was put on the list."""

    is_barred: bool
    uscc: str | None
    listed_on: date | None
    until: date | None
    basis: str


class AnswerIn(Schema):
    purpose: str = Field(..., min_length=1, max_length=20, pattern=WITHOUT_NUL)
    action: Literal["applied", "considered", "not_applied"]
    acted_on: date
    decision_no: str = Field("", max_length=100, pattern=WITHOUT_NUL)
    reason: str = Field("", max_length=300, pattern=WITHOUT_NUL)


class AnswerOut(Schema):
    number: int
    action: str
    acted_on: date
    decision_no: str
    reason: str


@router.post("/persons", response={200: PersonOut, **_ERRORS})
def person(request: HttpRequest, asked: PersonIn) -> PersonOut:
    """Say whether the person of this identity may not head another firm now; the identity is not kept."""
    try:
        grant = _granted(request, asked.purpose)
        told = services.ask_person(grant, asked.name, asked.number, asked.reference, at=timezone.now())
    except Refused as problem:
        raise _refused(problem) from None
    return PersonOut(
        is_barred=told.bar is not None, uscc=told.bar.uscc if told.bar else None,
        listed_on=told.bar.listed_on if told.bar else None, until=told.until,
        basis="《企业信息公示暂行条例》（2024年修订）第十八条",
    )  # fmt: skip


@router.get("/{code}", response={200: ToldOut, **_ERRORS})
def matching(
    request: HttpRequest, code: Code, purpose: Purpose, matter: Matter, reference: Reference
) -> ToldOut:
    """Say which measures and incentives apply to a firm today at a matter, and why. Removed listings never count."""
    at = timezone.now()
    try:
        told = services.ask(_granted(request, purpose), code, matter, reference, at=at)
    except Refused as problem:
        raise _refused(problem) from None
    return ToldOut(
        uscc=told.uscc, as_of=told.on, matter=matter, measures=[_measure(*one) for one in told.measures], incentive=_incentive(told.recognition)
    )  # fmt: skip


@router.post("/matches/{number}/response", response={200: AnswerOut, 201: AnswerOut, **_ERRORS})
def answer(request: HttpRequest, number: Number, said: AnswerIn) -> Any:
    """Keep what was done about a measure. The same again changes nothing (200); another answer is refused (409)."""
    try:
        grant = _granted(request, said.purpose)
        kept, is_new = services.answer(
            number, action=said.action, decision_no=said.decision_no, reason=said.reason,
            acted_on=said.acted_on, by=grant, at=timezone.now(),
        )  # fmt: skip
    except Refused as problem:
        raise _refused(problem) from None
    return Status(201 if is_new else 200, _answered(kept))


def _granted(request: HttpRequest, purpose: str) -> Application:
    return services.granted(str(request.auth), purpose, at=timezone.now())  # type: ignore[attr-defined]


def _refused(problem: Refused) -> ApiError:
    return ApiError(problem.status, problem.code, problem.message_zh, problem.message_en)


def _measure(one: Applies, match: MeasureMatch) -> MeasureOut:
    entry = one.entry
    return MeasureOut(
        number=match.pk, measure=entry.key, version=entry.version, title=entry.name, binding=entry.binding_code,
        basis=entry.basis, basis_is_checked=entry.is_checked, list_kind=match.list_kind, listed_on=match.listed_on,
        until=match.until, answer_by=match.due_on, is_answered=hasattr(match, "response"), is_synthetic=entry.is_synthetic,
    )  # fmt: skip


def _incentive(known: Recognition | None) -> IncentiveOut | None:
    if known is None:
        return None
    return IncentiveOut(
        recognition=known.key, green_channel=known.green_channel, tolerates_missing=known.tolerates_missing,
        until=known.valid_to, is_synthetic=known.is_synthetic,
    )  # fmt: skip


def _answered(kept: MeasureResponse) -> AnswerOut:
    return AnswerOut(
        number=kept.match_id, action=kept.action, acted_on=kept.acted_on, decision_no=kept.decision_no, reason=kept.reason
    )  # fmt: skip

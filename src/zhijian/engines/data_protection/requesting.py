"""What people ask about their own data: a firm by its account, a person by the receipt; answered by the day of the law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from zhijian.engines.data_protection.errors import ProtectionRefused
from zhijian.engines.data_protection.models import Channel, RequestKind, SubjectRequest
from zhijian.engines.data_protection.rules import answer_due_on
from zhijian.engines.facts.services import record
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.sealed_text import seal, unseal
from zhijian.standards import secret_code
from zhijian.standards.calendar import statutory_day
from zhijian.standards.secret_code import Randomness

KEY = "data-requests"
LONGEST = 1000
_MOST_OPEN = 5
_SHORTEST = 4


@dataclass(frozen=True)
class Asker:
    """Whose data it is, and by which way the one who asks is known."""

    channel: Channel
    subject: str  # a credit code, or the number of a complaint or report
    division_code: str
    account: str = ""
    is_synthetic: bool = False


@transaction.atomic
def ask(kind: str, words: str, *, by: Asker, at: datetime, randomness: Randomness) -> SubjectRequest:
    """Take a request and set the day by which it is answered.

    Raises:
        ProtectionRefused: no such kind, no words, too many words, or five requests wait already.
    """
    if kind not in RequestKind.values:
        raise ProtectionRefused("请选择要办什么。", "Choose what you ask for.")
    if not _SHORTEST <= len(words.strip()) <= LONGEST:
        raise ProtectionRefused(
            f"请写明要求，{_SHORTEST}到{LONGEST}个字。",
            f"Say what you ask, in {_SHORTEST} to {LONGEST} characters.",
        )
    if of_subject(by.subject).filter(answered_at=None).count() >= _MOST_OPEN:
        raise ProtectionRefused(
            f"已有{_MOST_OPEN}项申请在办，请等答复后再提。",
            f"{_MOST_OPEN} requests wait already. Await their answers.",
        )
    day = statutory_day(at)
    number = f"SQ{day:%Y%m%d}-{secret_code.new_code(8, randomness)}"
    made = SubjectRequest.objects.create(
        number=number, kind=kind, channel=by.channel, subject=by.subject, division_code=by.division_code,
        asked_by=by.account, words_sealed=seal(words.strip(), key=KEY, context=f"{number}/words"),
        asked_at=at, due_on=answer_due_on(day), is_synthetic=by.is_synthetic,
    )  # fmt: skip
    record(
        "data_request.received", subject=by.subject, occurred_on=day, source="data-protection", source_key=number,
        payload={
            "number": number, "kind": kind, "channel": str(by.channel), "due_on": made.due_on.isoformat(),
        },
        by="data subject", at=at, is_synthetic=by.is_synthetic,
    )  # fmt: skip
    return made


def of_subject(subject: str) -> "QuerySet[SubjectRequest]":
    return SubjectRequest.objects.filter(subject=subject)


def own_words(request: SubjectRequest) -> tuple[str, str]:
    """Return what was asked and what was answered, for the one who asked; officers open it by `opened`."""
    return (
        unseal(request.words_sealed, key=KEY, context=f"{request.number}/words"),
        unseal(request.answer_sealed, key=KEY, context=f"{request.number}/answer"),
    )


def waiting_in_area(officer: Officer) -> "QuerySet[SubjectRequest]":
    """Return the requests of an officer's area, open ones first, the earliest due day first."""
    require(officer, Permission.ANSWER_DATA_REQUESTS)
    found = SubjectRequest.objects.filter(division_code__startswith=officer.territory)
    return found.select_related("answered_by").order_by(
        F("answered_at").desc(nulls_first=True), "due_on", "pk"
    )


def opened(request: SubjectRequest, *, by: Officer, at: datetime) -> tuple[str, str]:
    """Open the words for an officer of the area; the look is written down.

    Raises:
        Forbidden: no right, or another area.
    """
    require(by, Permission.ANSWER_DATA_REQUESTS, division=request.division_code)
    record_look(by, request.subject, "data_request", at=at, reason=request.number)
    return own_words(request)


@transaction.atomic
def answer(
    request: SubjectRequest, words: str, *, is_granted: bool, by: Officer, at: datetime
) -> SubjectRequest:
    """Answer a request, granted or not, with the reason.

    Raises:
        Forbidden: no right, or another area. ProtectionRefused: answered already, or no words.
    """
    locked = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    require(by, Permission.ANSWER_DATA_REQUESTS, division=locked.division_code)
    if locked.answered_at is not None:
        raise ProtectionRefused("这项申请已经答复。", "This request is answered already.")
    if not _SHORTEST <= len(words.strip()) <= LONGEST:
        raise ProtectionRefused(
            f"请写明办理结果或者不同意的理由，{_SHORTEST}到{LONGEST}个字。",
            f"Say what was done, or why it is refused, in {_SHORTEST} to {LONGEST} characters.",
        )
    locked.answer_sealed = seal(words.strip(), key=KEY, context=f"{locked.number}/answer")
    locked.answered_by, locked.answered_at, locked.is_granted = by, at, is_granted
    locked.save(update_fields=["answer_sealed", "answered_by", "answered_at", "is_granted"])
    record(
        "data_request.answered", subject=locked.subject, occurred_on=statutory_day(at),
        source="data-protection", source_key=f"{locked.number}/answer",
        payload={"number": locked.number, "kind": locked.kind, "is_granted": is_granted},
        by=by, at=at, is_synthetic=locked.is_synthetic,
    )  # fmt: skip
    return locked


def late_on(day: date) -> Sequence[SubjectRequest]:
    """Return the requests that are not answered and whose last day is past."""
    return list(SubjectRequest.objects.filter(answered_at=None, due_on__lt=day).order_by("due_on"))

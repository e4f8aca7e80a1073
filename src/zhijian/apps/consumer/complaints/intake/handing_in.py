"""From answers, a message of another system, or a ticket to a submission: the one door that all ways in share.

Before any clock starts, a complaint that came before by another way is recognised (H-3): it becomes a repeat of the
first one and no second matter.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from zhijian.apps.consumer.complaints import receiving
from zhijian.apps.consumer.complaints.codes import Channel, RespondentKind
from zhijian.apps.consumer.complaints.entries import (
    ComplaintEntry,
    ReportEntry,
    Respondent,
    SubmissionEntry,
)
from zhijian.apps.consumer.complaints.intake import files, handling, questions, receipts, repeats
from zhijian.apps.consumer.complaints.intake.models import Draft, Repeat
from zhijian.apps.consumer.complaints.models import Complaint, Party, Submission
from zhijian.apps.consumer.complaints.people import Person, keep_party
from zhijian.apps.consumer.complaints.representing import Mandate
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import statutory_day

STATUS = "status"  # the purpose of the code on a receipt
_TRIES = 8


@dataclass(frozen=True)
class Receipt:
    """What the person gets: the number, and the code that is kept nowhere."""

    number: str
    code: str
    is_repeat: bool = False


def code_for(send_key: uuid.UUID) -> str:
    """Return the code of a receipt. Made from the form's own key, so that the same form sent twice has one code."""
    digest = receipts.digest(str(send_key), "receipt", settings.SECRET_KEY)
    return receipts.new_code(receipts.SECRET_LENGTH, lambda length: bytes.fromhex(digest)[:length])


def sent_before(send_key: str) -> Receipt | None:
    """Return the receipt of a form that was sent already, or None."""
    try:
        key = uuid.UUID(send_key)
    except ValueError:
        return None
    submission = Submission.objects.filter(send_key=key).first()
    if submission is None:
        return None
    return Receipt(
        submission.receipt_number, code_for(key), Repeat.objects.filter(submission=submission).exists()
    )


def hand_in(
    draft: Draft,
    answers: Mapping[str, Any],
    *,
    language: str,
    at: datetime,
    randomness: receipts.Randomness,
) -> Receipt:
    """Make a draft a submission and take the draft away; the same draft twice gives one submission."""
    before = sent_before(str(draft.send_key))
    if before is not None:
        return before
    entry = _entry_of(answers, draft.send_key, language=language, at=at)
    with transaction.atomic():
        receipt = receive(entry, by=None, at=at, randomness=randomness)
        submission = Submission.objects.get(receipt_number=receipt.number)
        files.hand_over(draft, submission, at=at)
        draft.delete()
    return receipt


def receive(
    entry: SubmissionEntry, *, by: Officer | None, at: datetime, randomness: receipts.Randomness
) -> Receipt:
    """Take in one envelope; `entry` comes without number and code, which are made here."""
    key = entry.send_key or uuid.UUID(bytes=randomness(16), version=4)
    code = code_for(key)
    entry = replace(
        entry,
        send_key=key,
        receipt_code_hash=receipts.digest(code, STATUS, settings.SECRET_KEY),
    )
    day = statutory_day(entry.first_received_at)
    for _ in range(_TRIES):
        numbered = replace(entry, receipt_number=receipts.new_number(day, randomness))
        if Submission.objects.filter(receipt_number=numbered.receipt_number).exists():
            continue
        try:
            with transaction.atomic():
                is_repeat = _taken(numbered, by=by, at=at)
        except IntegrityError:
            again = sent_before(str(key))
            if again is not None:  # the same form, sent at the same moment
                return again
            continue
        return Receipt(numbered.receipt_number, code, is_repeat)
    raise RuntimeError("no receipt number was free; the source of randomness repeats itself")


def _taken(entry: SubmissionEntry, *, by: Officer | None, at: datetime) -> bool:
    """Write the envelope; say whether its complaint had come before."""
    first = repeats.find(entry)
    if first is None:
        submission = receiving.register(entry, by=by, at=at)
        complaint = Complaint.objects.filter(submission=submission).first()
        if complaint is not None:
            repeats.remember(complaint, entry)
        return False
    if entry.report is not None:  # the complaint is known, its report is a matter of its own
        receiving.register(replace(entry, complaint=None, parties=()), by=by, at=at)
    else:
        receiving.keep_envelope(entry, by=by)
    submission = Submission.objects.get(receipt_number=entry.receipt_number)
    if entry.report is not None and entry.reporter is not None:  # of an anonymous report nobody is a party
        for person in entry.parties:
            keep_party(submission, person)
    Repeat.objects.create(submission=submission, complaint=first, noticed_at=at)
    return True


# ---------------------------------------------------------------------------------------------- from the guided pages


def _entry_of(
    answers: Mapping[str, Any], send_key: uuid.UUID, *, language: str, at: datetime
) -> SubmissionEntry:
    today = statutory_day(at)
    units = []
    if questions.is_complaint(answers):
        units.append(handling.complaint_unit(answers, today)[0])
    if questions.is_report(answers):
        units.append(handling.report_unit(answers, today)[0])
    receiver = next(filter(None, units), None) or handling.first_receiver()
    if receiver is None:
        raise RuntimeError("no unit is registered that could receive")
    person = _person(answers)
    return SubmissionEntry(
        receipt_number="",
        channel=Channel.PORTAL,
        raw_text=_whole_text(answers),
        first_received_at=at,
        competent_received_at=at if all(units) else None,
        received_by=receiver,
        respondent=_respondent(answers),
        complaint=_complaint(answers, units[0]) if questions.is_complaint(answers) else None,
        report=_report(answers, units[-1]) if questions.is_report(answers) else None,
        parties=_parties(answers, person) if questions.is_complaint(answers) else (),
        reporter=_reporter(answers, person),
        language=language,
        send_key=send_key,
        is_urgent=answers.get("injured") == "yes",
        is_synthetic=bool(answers.get("is_synthetic")),
    )


def _whole_text(answers: Mapping[str, Any]) -> str:
    parts = (answers.get(name) for name in ("facts", "clue", "basis"))
    return "\n".join(str(part) for part in parts if part)


def _person(answers: Mapping[str, Any]) -> Person:
    names = ("name", "phone", "address", "id_type", "id_number")
    given: dict[str, Any] = {name: str(answers.get(name) or "") for name in names}
    return Person(**given)


def _parties(answers: Mapping[str, Any], person: Person) -> tuple[Person, ...]:
    """Return the complaint's side, the consumers first: one alone, one with an agent, or several with representatives."""
    if questions.is_for_another(answers):
        names = ("name", "phone", "address", "id_type", "id_number")
        given: dict[str, Any] = {name: str(answers.get(f"principal_{name}") or "") for name in names}
        mandate = Mandate(
            str(answers["mandate_matter"]),
            str(answers["mandate_scope"]),
            date.fromisoformat(answers["mandate_until"]),
            answers.get("mandate_signed") == "yes",
        )
        return Person(**given), replace(person, capacity=Party.AGENT, mandate=mandate.kept())
    if questions.is_joint(answers):
        return replace(person, capacity=Party.REPRESENTATIVE), *map(_other, answers.get("others") or ())
    return (person,)


def _other(given: Mapping[str, Any]) -> Person:
    return Person(
        name=given["name"],
        phone=given["phone"],
        address=given["address"],
        id_type="resident" if given.get("id_number") else "",
        id_number=given.get("id_number") or "",
        capacity=Party.REPRESENTATIVE if given.get("represents") else Party.JOINT,
    )


def _reporter(answers: Mapping[str, Any], person: Person) -> Person | None:
    if not questions.is_report(answers) or questions.is_anonymous(answers):
        return None
    return person


def _respondent(answers: Mapping[str, Any]) -> Respondent:
    place = handling.place_of(answers)
    is_on_platform = place.kind == RespondentKind.PLATFORM_MERCHANT
    return Respondent(
        name=str(answers["shop_name"])[:200],
        code=str(answers.get("shop_uscc") or ""),
        address=str(answers.get("shop_address") or "")[:300],
        contact=str(answers.get("shop_contact") or "")[:100],
        kind=place.kind,
        division_code=place.business,
        published_division_code=place.published,
        platform_name=str(answers.get("platform_name") or "")[:200] if is_on_platform else "",
    )


def _complaint(answers: Mapping[str, Any], unit: Organisation | None) -> ComplaintEntry:
    other = _OTHER_BODIES.get(str(answers.get("other_body")), "")
    return ComplaintEntry(
        facts_text=str(answers["facts"]) + (f"\n（投诉人说：{other}）" if other else ""),
        claims=tuple(answers.get("claims") or ()),
        goods=str(answers.get("goods") or "")[:200],
        bought_on=_day(answers.get("happened_on")),
        knew_on=_day(answers.get("happened_on")),
        order_number=str(answers.get("order_number") or "")[:80],
        amount_yuan=_sum(answers.get("amount")),
        claim_amount_yuan=_sum(answers.get("claim_amount")),
        consents_to_publish=answers.get("publish") == "yes",
        consents_to_delegation=answers.get("delegate") == "yes",
        is_for_daily_life=answers.get("for_daily_life") != "no",
        organisation=unit,
    )


_OTHER_BODIES = {
    "court": "法院或者仲裁机构在处理或者处理过",
    "authority": "其他行政机关在处理或者处理过",
    "association": "消费者委员会在处理或者处理过",
}


def _report(answers: Mapping[str, Any], unit: Organisation | None) -> ReportEntry:
    return ReportEntry(
        clue_text="\n".join(str(answers[name]) for name in ("clue", "facts") if answers.get(name)),
        factual_basis=str(answers.get("basis") or ""),
        goods=str(answers.get("goods") or "")[:200],
        conduct_place=str(answers.get("shop_address") or "")[:300],
        conduct_division_code=handling.place_of(answers).conduct,
        is_insider=answers.get("insider") == "yes",
        organisation=unit,
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _sum(value: Any) -> Decimal | None:
    return Decimal(value) if value else None


def numbers_of(submission: Submission) -> Sequence[str]:
    """Return the numbers of the matters in an envelope."""
    found = (getattr(submission, name, None) for name in ("complaint", "report"))
    return [matter.number for matter in found if matter is not None]

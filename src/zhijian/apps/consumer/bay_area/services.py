"""The verbs of handing over: hand in, revoke, take in, hear the other side, hand to an authority, tell how it stands."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from zhijian.apps.consumer.bay_area import outbox, reading, rules
from zhijian.apps.consumer.bay_area.codes import (
    ANSWERS,
    COUNCILS,
    CURRENCIES,
    PERSONAL_FIELDS,
    STATUS_WORDS,
    Council,
    Direction,
    Status,
)
from zhijian.apps.consumer.bay_area.errors import BadInput, NotNow, NotOurs
from zhijian.apps.consumer.bay_area.models import Consent, Message, Transfer, TransferStep
from zhijian.apps.consumer.bay_area.rules import Problem
from zhijian.apps.consumer.complaints import rules as complaint_rules
from zhijian.apps.consumer.complaints.codes import Channel, RespondentKind
from zhijian.apps.consumer.complaints.entries import ComplaintEntry, Reference, Respondent, SubmissionEntry
from zhijian.apps.consumer.complaints.hotline import claims_in
from zhijian.apps.consumer.complaints.intake import finding, handing_in, handling, receipts, traditional
from zhijian.apps.consumer.complaints.models import Complaint, ExternalReference, Party
from zhijian.apps.consumer.complaints.people import PARTIES, Person, masked_name
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers import EntityRecord
from zhijian.engines.registers.folding import fold
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.security.sealed_text import seal, unseal
from zhijian.standards import consumer_matters
from zhijian.standards.calendar import statutory_day

OUT, IN = "consumer/bay_area_out", "consumer/bay_area_in"
AREA = "440000"  # the platform is the province's
COUNCIL_UNIT = "council-440000"
STATUS_CODE = "bay-area"
RECEIPT, ANSWER = (
    "对方回执",
    "对方答复",
)  # the messages that the drawing waits for, as its case page calls them
_TRIES = 8


@dataclass(frozen=True)
class Dispute:
    """What a consumer of Guangdong says of a trader in Hong Kong or Macao. The sum is in `currency`, as paid."""

    council: str
    language: str
    trader_name: str
    facts: str
    goods_code: str
    currency: str
    trader_address: str = ""
    goods: str = ""
    claim: str = ""
    amount: Decimal | None = None
    bought_on: date | None = None
    evidence: str = ""
    division_code: str = ""


@dataclass(frozen=True)
class Agreed:
    """A separate consent: which personal data, and how it was asked."""

    fields: tuple[str, ...]
    way: str


@dataclass(frozen=True)
class Taken:
    """What became of a delivery: received, known (the same again) or changed (another content, not taken)."""

    number: str
    outcome: str
    status: str


def home_unit() -> Organisation:
    """Return the unit that runs the platform: the province's consumer council, else the province's authority.

    Raises:
        NotNow: no unit is registered.
    """
    unit = Organisation.objects.filter(code=COUNCIL_UNIT).first() or handling.first_receiver()
    if unit is None:
        raise NotNow("还没有登记受理单位。", "No receiving unit is registered.")
    return unit


def check_officer(officer: Any) -> Officer:
    """Return the officer who works on the platform.

    Raises:
        Forbidden: another role, or not of the province.
    """
    return require(officer, Permission.WORK_BAY_AREA, division=AREA)


# --------------------------------------------------------------------------------------------------------- outgoing


@transaction.atomic
def hand_in(
    dispute: Dispute,
    person: Person,
    consent: Agreed,
    *,
    by: Officer | None,
    at: datetime,
    randomness: receipts.Randomness,
    complaint: Complaint | None = None,
    send_key: UUID | None = None,
    is_synthetic: bool = False,
) -> tuple[Transfer, str]:
    """Open a transfer to Hong Kong or Macao; return it with the code that opens its status page.

    `send_key` is the form's own: sent again, it is the same transfer with the same code.

    Raises:
        BadInput: something is missing, or the consent is not whole; each problem names its field.
        IntegrityError: the same form is being handed in at this moment.
    """
    if before := sent_before(send_key):
        return before
    _check_dispute(dispute, person, consent)
    code = _code_for(send_key) if send_key else receipts.new_code(receipts.SECRET_LENGTH, randomness)
    number = _free_number(at, randomness)
    made = Transfer.objects.create(
        number=number,
        direction=Direction.OUT,
        complaint=complaint,
        person_sealed=_sealed_person(number, person),
        person_mask=masked_name(person.name),
        code_hash=receipts.digest(code, STATUS_CODE, settings.SECRET_KEY),
        send_key=send_key,
        received_at=at,
        is_synthetic=is_synthetic,
        **vars(dispute),
    )
    Consent.objects.create(
        transfer=made,
        fields=sorted(consent.fields),
        receiver=COUNCILS[dispute.council].name[0],
        given_at=at,
        recorded_by=by,
        way=consent.way[:300],
    )
    tell(made, Status.SUBMITTED, "us" if by else "consumer", by=by, at=at)
    _open_case(made, OUT, f"转{made.partner.name[0]}：{made.trader_name}", by=by, at=at)
    return made, code


def sent_before(send_key: UUID | None) -> tuple[Transfer, str] | None:
    """Return the transfer that a form was made into already, with its code."""
    found = Transfer.objects.filter(send_key=send_key).first() if send_key else None
    return (found, _code_for(send_key)) if found is not None and send_key else None


def _code_for(send_key: UUID) -> str:
    """Return the code of a receipt, made from the form's own key, so that the same form sent twice has one code."""
    digest = receipts.digest(str(send_key), "bay-area-receipt", settings.SECRET_KEY)
    return receipts.new_code(receipts.SECRET_LENGTH, lambda length: bytes.fromhex(digest)[:length])


def _check_dispute(dispute: Dispute, person: Person, consent: Agreed) -> None:
    wanted = (
        ("trader_name", dispute.trader_name, 2, "商户名称", "the trader's name"),
        ("facts", dispute.facts, 10, "经过（至少10个字）", "what happened, in ten characters at least"),
        ("claim", dispute.claim, 2, "希望怎样解决", "what you ask for"),
        ("name", person.name, 1, "姓名", "your name"),
    )
    problems = [
        Problem(name, f"请填写{zh}。", f"Give {en}.")
        for name, text, least, zh, en in wanted
        if len(text.strip()) < least
    ]
    if dispute.council not in COUNCILS:
        problems.append(Problem("council", "请选择商户在香港还是澳门。", "Choose Hong Kong or Macao."))
    elif dispute.language not in COUNCILS[dispute.council].languages:
        problems.append(
            Problem(
                "language", "对方用繁体中文或英文。", "The other side reads traditional Chinese or English."
            )
        )
    if dispute.currency not in CURRENCIES:
        problems += reading.amount_of("", dispute.currency)[1]
    if dispute.goods_code not in consumer_matters.all_entries():
        problems.append(Problem("goods_code", "请选择商品或服务类别。", "Choose what it is about."))
    if not (person.phone.strip() or person.email.strip()):
        problems.append(Problem("phone", "电话和邮箱至少填一个。", "Give a phone number or an e-mail."))
    if not rules.is_consent_whole(consent.fields) or not consent.way.strip():
        problems.append(
            Problem(
                "consent",
                "没有您的单独同意，不能把个人资料转到境外。",
                "Without your separate consent, personal data may not leave.",
            )
        )
    if problems:
        raise BadInput(problems)


@transaction.atomic
def from_complaint(
    complaint: Complaint,
    dispute: Dispute,
    consent: Agreed,
    *,
    by: Officer,
    at: datetime,
    randomness: receipts.Randomness,
) -> tuple[Transfer, str]:
    """Open a transfer from a complaint that turns out to concern a trader in Hong Kong or Macao.

    The complaint goes on under its own rules: this ends no clock of it.

    Raises:
        Forbidden: the officer does not work on the platform.
        BadInput: see `hand_in`; or the complaint was handed over already.
    """
    officer = check_officer(by)
    Complaint.objects.select_for_update().get(pk=complaint.pk)  # two at once make one transfer
    if any(goes_on(one) for one in Transfer.objects.filter(complaint=complaint, direction=Direction.OUT)):
        raise BadInput(
            [Problem("complaint", "这件投诉已经在转办。", "This complaint is being transferred already.")]
        )
    speaking = (Party.COMPLAINANT, Party.REPRESENTATIVE)
    party = complaint.submission.parties.filter(capacity__in=speaking).order_by("pk").first()
    if party is None:
        raise BadInput([Problem("complaint", "这件投诉没有登记投诉人。", "The complaint names no consumer.")])
    record_look(officer, complaint.number, "complaint_party", at=at, reason="转港澳消费者委员会")
    place = complaint.submission.receipt_number
    told: dict[str, Any] = {
        name: unseal(getattr(party, f"{name}_sealed"), key=PARTIES, context=f"{place}/{name}")
        for name in PERSONAL_FIELDS
    }
    return hand_in(
        dispute,
        Person(**told),
        consent,
        by=officer,
        at=at,
        randomness=randomness,
        complaint=complaint,
        is_synthetic=complaint.submission.is_synthetic,
    )


def goes_on(transfer: Transfer) -> bool:
    """Say whether a transfer still goes on."""
    return transfer.status in {Status.SUBMITTED, Status.TRANSFERRED, Status.ACKNOWLEDGED, Status.IN_CONTACT}


@transaction.atomic
def revoke_consent(transfer: Transfer, *, by: Officer | None, at: datetime) -> Transfer:
    """Take the consent back before anything was sent: the case ends and what names the person is erased.

    Raises:
        NotNow: it was sent, or ended, already.
    """
    locked = _locked(transfer)
    if locked.status != Status.SUBMITTED:
        raise NotNow(
            f"资料已经转出或者转办已经结束（{STATUS_WORDS[locked.status][0]}），不能再撤回同意。可以要求对方停止处理、删除资料，请联系我们代为转达。",
            f"It was sent or has ended ({STATUS_WORDS[locked.status][1]}); consent can no longer be taken back here. "
            "Ask us to pass on your request that the other side stops and deletes.",
        )
    procedures.withdraw(_case(locked), reason="消费者撤回了个人资料出境的同意", by=by, at=at)
    return Transfer.objects.get(pk=locked.pk)


def end_unsent(transfer: Transfer, *, by: Officer | None, at: datetime) -> None:
    """Write down that a transfer ended before anything left; what names the person goes.

    Raises:
        NotNow: it was sent already.
    """
    if transfer.status != Status.SUBMITTED:
        raise NotNow(
            "已经转出的不能撤回，请等对方答复。", "What was sent cannot be withdrawn. Wait for the answer."
        )
    Consent.objects.filter(transfer=transfer, revoked_at=None).update(revoked_at=at)
    Transfer.objects.filter(pk=transfer.pk).update(person_sealed="", person_mask="已删除")
    tell(transfer, Status.WITHDRAWN, "us" if by else "consumer", by=by, at=at)


def package_of(transfer: Transfer) -> dict[str, Any]:
    """Return what would be sent now, in the receiving side's language form."""
    person = json.loads(unseal(transfer.person_sealed, key=PARTIES, context=transfer.number) or "{}")
    case = {
        "number": transfer.number,
        "language": transfer.language,
        "trader_name": transfer.trader_name,
        "trader_address": transfer.trader_address,
        "goods": _goods_words(transfer),
        "facts": transfer.facts,
        "claim": transfer.claim,
        "currency": transfer.currency,
        "amount": str(transfer.amount or ""),
        "bought_on": transfer.bought_on.isoformat() if transfer.bought_on else "",
        "evidence": transfer.evidence,
    }
    made = rules.package(transfer.council, person=person, case=case)
    return made if transfer.language == "en" else _in_traditional(made)


def _goods_words(transfer: Transfer) -> str:
    entry = consumer_matters.all_entries()[transfer.goods_code]
    name = entry.name_en if transfer.language == "en" else entry.name_zh
    return ": ".join(filter(None, (name, transfer.goods)))


def _in_traditional(content: Mapping[str, Any]) -> dict[str, Any]:
    """Write a package in traditional characters; names of persons and codes stay as they were given."""
    kept = {"consumer", "form", "from", "to", "number", "language", "currency", "amount", "bought_on"}
    return {name: value if name in kept else traditional.words(str(value)) for name, value in content.items()}


@transaction.atomic
def send(transfer: Transfer, *, by: Officer, at: datetime) -> Message:
    """Let the package leave. The consent is looked at again in the same moment.

    Raises:
        NotNow: it was sent before, or the consent is not there any more.
    """
    locked = _locked(transfer)
    consent = Consent.objects.filter(transfer=locked, revoked_at=None).first()
    if locked.status != Status.SUBMITTED or consent is None:
        raise NotNow(
            "消费者的同意已经撤回，或者这件已经转出，不能再转。",
            "The consumer's consent was taken back, or it was sent already.",
        )
    message = outbox.put(locked, "package", package_of(locked), at=at)
    tell(locked, Status.TRANSFERRED, "us", by=by, at=at)
    return message


@transaction.atomic
def reply(
    council: Council,
    number: str,
    *,
    message_no: str,
    status: str,
    note: str,
    reference: str = "",
    by: Officer | None,
    at: datetime,
) -> tuple[Transfer, bool]:
    """Hear what the other side says of a case that we sent; return it, and whether this was new.

    Raises:
        NotOurs: no case of this number was sent to this council.
        NotNow: an echo before the receipt, or after the answer.
        BadInput: no such state, or a return without a reason.
    """
    found = Transfer.objects.filter(number=number, direction=Direction.OUT, council=council.code).first()
    if found is None or found.status in (Status.SUBMITTED, Status.WITHDRAWN):
        raise NotOurs(
            f"没有向{council.name[0]}转过编号为{number[:40]}的案件。",
            f"No case {number[:40]} was handed to the {council.name[1]}.",
        )
    locked = _locked(found)
    before = locked.steps.filter(message_no=message_no).first()
    if before is not None:
        if (before.status, before.note) != (status, note.strip()):
            raise NotNow(
                f"消息{message_no[:40]}以前收过，内容不同，没有改变。新的情况请用新的消息编号。",
                f"Message {message_no[:40]} came before with another content; nothing was changed. Use a new number.",
            )
        return locked, False
    after = _readable(status, note)
    if not rules.may_follow(locked.status, after):
        raise _out_of_turn(locked, after)
    if reference:
        Transfer.objects.filter(pk=locked.pk).update(reference=reference)
    tell(locked, after, "them", by=by, at=at, note=note, message_no=message_no)
    _go_on(locked, after, at=at)
    return locked, True


def _readable(status: str, note: str) -> Status:
    if status not in Status._value2member_map_ or status == Status.WITHDRAWN:
        known = ", ".join(one for one in Status if one != Status.WITHDRAWN)
        raise BadInput(
            [Problem("status", f"没有这个状态。可用：{known}。", f"No such status. Known are: {known}.")]
        )
    if status in (Status.RETURNED, Status.FAILED) and len(note.strip()) < 4:
        raise BadInput(
            [Problem("note", "退回或者未解决要写明理由。", "A return or failure needs its reason.")]
        )
    return Status(status)


def _out_of_turn(transfer: Transfer, after: Status) -> NotNow:
    if transfer.status == Status.TRANSFERRED:
        return NotNow(
            "还没有收到回执（ACKNOWLEDGED）。请先发回执，再报进展；这条没有记录。",
            "The receipt (ACKNOWLEDGED) has not come yet. Send it first, then the progress; this was not recorded.",
        )
    zh, en = STATUS_WORDS[transfer.status]
    return NotNow(
        f"案件现在是“{zh}”，不能再报“{STATUS_WORDS[after][0]}”。",
        f"The case stands at '{en}'; '{STATUS_WORDS[after][1]}' cannot follow.",
    )


def _go_on(transfer: Transfer, after: Status, *, at: datetime) -> None:
    """Move the case where it waits: for the receipt, then for the answer. Progress in between is only written down."""
    waits = {RECEIPT: after in (Status.ACKNOWLEDGED, Status.RETURNED), ANSWER: after in ANSWERS}
    case = _case(transfer)
    for name, fits in waits.items():
        if fits and case.waits.filter(kind="message", message=name).exists():
            day = statutory_day(at).isoformat()
            procedures.send_message(case, name, {"reply": str(after), "replied_on": day}, by=None, at=at)
            return


# --------------------------------------------------------------------------------------------------------- incoming


@transaction.atomic
def receive(
    council: Council,
    row: Mapping[str, Any],
    *,
    by: Officer | None,
    at: datetime,
    randomness: receipts.Randomness,
    is_synthetic: bool = False,
) -> Taken:
    """Take in a case of a council once, by its reference. Another content under the same reference is not taken.

    Raises:
        BadInput: the delivery breaks a rule; every problem names its field.
    """
    problems = reading.delivery_problems(row)
    if problems:
        raise BadInput(problems)
    digest, reference = reading.digest_of(row), str(row["reference"]).strip()
    known = _known(council, reference)
    if known is None:
        try:
            with transaction.atomic():
                return _taken(
                    council, row, digest, by=by, at=at, randomness=randomness, is_synthetic=is_synthetic
                )
        except IntegrityError:  # the same reference, delivered at the same moment
            known = _known(council, reference)
            if known is None:
                raise
    return _again(known, digest, by=by, at=at)


def _known(council: Council, reference: str) -> Transfer | None:
    return Transfer.objects.filter(direction=Direction.IN, council=council.code, reference=reference).first()


def _taken(
    council: Council,
    row: Mapping[str, Any],
    digest: str,
    *,
    by: Officer | None,
    at: datetime,
    randomness: receipts.Randomness,
    is_synthetic: bool,
) -> Taken:
    firm = found_firm(str(row["trader_name"]), str(row.get("trader_uscc") or ""))
    made = _incoming(
        council, row, firm, digest, _free_number(at, randomness), at=at, is_synthetic=is_synthetic
    )
    tell(made, Status.TRANSFERRED, "them", by=None, at=at)
    tell(made, Status.ACKNOWLEDGED, "us", by=by, at=at)
    _open_case(made, IN, f"{council.name[0]}转来：{made.trader_name}", by=by, at=at)
    echo(made, at=at)
    return Taken(made.number, "received", made.status)


def _again(known: Transfer, digest: str, *, by: Officer | None, at: datetime) -> Taken:
    if known.content_digest == digest:
        return Taken(known.number, "known", known.status)
    note = "对方用同一编号送来了不同的内容，没有收；请对方用新的编号，或者补充说明。"
    known = _locked(known)
    if known.history[-1].note != note:
        tell(known, known.status, "them", by=by, at=at, note=note)
    return Taken(known.number, "changed", known.status)


def _incoming(
    council: Council,
    row: Mapping[str, Any],
    firm: EntityRecord | None,
    digest: str,
    number: str,
    *,
    at: datetime,
    is_synthetic: bool,
) -> Transfer:
    person = Person(
        name=str(row["consumer_name"]),
        phone=str(row.get("consumer_phone") or ""),
        email=str(row.get("consumer_email") or ""),
        id_type=str(row.get("id_type") or ""),
        id_number=str(row.get("id_number") or "").strip().upper(),
    )
    currency = str(row["currency"])
    goods = str(row.get("goods") or "")
    return Transfer.objects.create(
        number=number,
        direction=Direction.IN,
        council=council.code,
        reference=str(row["reference"]).strip(),
        content_digest=digest,
        language=str(row["language"]),
        trader_name=str(row["trader_name"]).strip(),
        trader_address=str(row.get("trader_address") or ""),
        trader_code=firm.uscc if firm else "",
        division_code=(firm.county_code if firm else None) or str(row["division_code"]),
        goods_code=_goods_code(str(row.get("goods_code") or ""), f"{goods} {row['facts']}"),
        goods=goods,
        facts=str(row["facts"]),
        claim=str(row.get("claim") or ""),
        currency=currency,
        amount=reading.amount_of(str(row.get("amount") or ""), currency)[0],
        bought_on=row.get("bought_on") or None,
        person_sealed=_sealed_person(number, person),
        person_mask=masked_name(person.name),
        received_at=at,
        is_synthetic=is_synthetic,
    )


def _goods_code(given: str, text: str) -> str:
    """Return the field of the taxonomy that the council gives, else the one whose words the text has most of."""
    entries = consumer_matters.all_entries()
    if given in entries:
        return given[: consumer_matters.FIELD_DIGITS]
    plain = fold(text)
    counts: dict[str, int] = {}
    for entry in entries.values():
        code = entry.code[: consumer_matters.FIELD_DIGITS]
        counts[code] = counts.get(code, 0) + sum(fold(word) in plain for word in entry.words)
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else consumer_matters.OTHER[: consumer_matters.FIELD_DIGITS]


def found_firm(name: str, code: str) -> EntityRecord | None:
    """Return the one firm of the register of that code, or of that whole name however its characters are written."""
    by_code = finding.by_code(code)
    if by_code is not None:
        return by_code
    same = [one for one in finding.search(name, "").records if fold(one.name) == fold(name.strip())]
    return same[0] if len(same) == 1 else None


@transaction.atomic
def hand_to_authority(transfer: Transfer, *, by: Officer | None, at: datetime) -> Transfer:
    """Make an incoming transfer a complaint of the competent authority, by the door that all complaints come through.

    Only now the law's clocks begin: the channel between the councils is no administrative complaint. What came before
    by another way is recognised and goes on as the first one.
    """
    entry = _entry(transfer, at=at)
    receipt = handing_in.receive(entry, by=by, at=at, randomness=_drawn_from(transfer.number))
    reference = ExternalReference.objects.select_related("submission").get(
        system=transfer.partner.system, number=transfer.reference
    )
    assert reference.submission.receipt_number == receipt.number
    repeat = getattr(reference.submission, "repeat", None)
    transfer.complaint = repeat.complaint if repeat else reference.submission.complaint
    transfer.save(update_fields=["complaint"])
    tell(transfer, Status.ESCALATED, "us", by=by, at=at)
    echo(transfer, at=at)
    return transfer


def _entry(transfer: Transfer, *, at: datetime) -> SubmissionEntry:
    given = json.loads(unseal(transfer.person_sealed, key=PARTIES, context=transfer.number))
    kind = "hk_macao" if given["id_type"].startswith("hk_macao") else given["id_type"]
    place = complaint_rules.Place(
        RespondentKind.ORDINARY, business=transfer.division_code, conduct=transfer.division_code
    )
    unit = handling.competent(complaint_rules.complaint_competence(place, statutory_day(at)))
    sum_words = f"（金额：{transfer.currency} {transfer.amount:,}，按原币记）" if transfer.amount else ""
    return SubmissionEntry(
        receipt_number="",
        channel=Channel.TRANSFER,
        raw_text=f"{transfer.facts}\n{transfer.claim}".strip(),
        first_received_at=transfer.received_at,
        competent_received_at=at if unit else None,
        received_by=unit or home_unit(),
        respondent=Respondent(
            name=transfer.trader_name,
            code=transfer.trader_code,
            address=transfer.trader_address,
            division_code=transfer.division_code,
        ),
        complaint=ComplaintEntry(
            facts_text=f"{transfer.facts}{sum_words}",
            claims=claims_in(fold(transfer.claim or transfer.facts)),
            goods=transfer.goods,
            bought_on=transfer.bought_on,
            knew_on=transfer.bought_on,
            amount_yuan=transfer.amount if transfer.currency == "CNY" else None,
            organisation=unit,
        ),
        parties=(Person(**{**given, "id_type": kind}),),
        references=(Reference(system=transfer.partner.system, number=transfer.reference),),
        language=transfer.language,
        is_synthetic=transfer.is_synthetic,
    )


def _drawn_from(number: str) -> receipts.Randomness:
    """Return bytes that only this installation can make, the same for the same transfer: one transfer, one complaint."""
    counter = iter(range(10_000))

    def drawn(length: int) -> bytes:
        text = f"bay-area:{number}:{next(counter)}".encode()
        return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha512).digest()[:length]

    return drawn


# ------------------------------------------------------------------------------------------------------------ echoes


def _with_authorities() -> Any:
    """Return the transfers whose complaint an authority has and whose end was not told yet."""
    over = TransferStep.objects.filter(transfer=OuterRef("pk"), status__in=(Status.SETTLED, Status.FAILED))
    rows = Transfer.objects.filter(~Exists(over), direction=Direction.IN, complaint__isnull=False)
    return rows.prefetch_related("steps", "complaint__steps")


def _news_of(transfer: Transfer) -> Status | None:
    assert transfer.complaint is not None
    now = rules.status_of([step.state for step in transfer.complaint.history])
    return None if now == transfer.status else now


def has_news() -> bool:
    """Say whether an authority did something that a council does not know of."""
    return any(_news_of(one) is not None for one in _with_authorities())


def follow(*, at: datetime) -> int:
    """Tell the councils what authorities did with the complaints that came from them; return how many were told."""
    return sum(_followed(one, at=at) for one in _with_authorities())


@transaction.atomic
def _followed(transfer: Transfer, *, at: datetime) -> bool:
    locked = _locked(transfer)
    now = _news_of(locked)
    if now is None:
        return False
    tell(locked, now, "us", by=None, at=at)
    echo(locked, at=at)
    return True


def echo(transfer: Transfer, *, at: datetime) -> Message:
    """Put the newest step of an incoming transfer on its way to the council."""
    step = transfer.steps.latest("sequence")
    content = {
        "form": "bay-area-echo/1",
        "reference": transfer.reference,
        "number": transfer.number,
        "sequence": step.sequence,
        "status": step.status,
        "note": step.note,
        "at": step.at.isoformat(),
    }
    return outbox.put(transfer, "echo", content, at=at)


def tell(
    transfer: Transfer,
    status: Status,
    origin: str,
    *,
    by: Officer | None,
    at: datetime,
    note: str = "",
    message_no: str = "",
) -> TransferStep:
    """Add a step; two at once follow one another."""
    _locked(transfer)
    made: TransferStep = TransferStep.objects.create(
        transfer=transfer,
        sequence=transfer.steps.count() + 1,
        status=status,
        origin=origin,
        officer=by,
        at=at,
        note=note.strip(),
        message_no=message_no,
    )
    return made


def person_of(transfer: Transfer, *, by: Officer, at: datetime) -> dict[str, str]:
    """Return who the consumer is, for an officer who works on the platform; the look is written down.

    Raises:
        Forbidden: another role, or not of the province.
    """
    officer = check_officer(by)
    record_look(officer, transfer.number, "bay_area_person", at=at)
    found: dict[str, str] = json.loads(
        unseal(transfer.person_sealed, key=PARTIES, context=transfer.number) or "{}"
    )
    return found


# ---------------------------------------------------------------------------------------------------------- in common


def _locked(transfer: Transfer) -> Transfer:
    return Transfer.objects.select_for_update().select_related(None).get(pk=transfer.pk)


def _case(transfer: Transfer) -> Case:
    assert transfer.case_id is not None
    return Case.objects.get(pk=transfer.case_id)


def _open_case(transfer: Transfer, procedure: str, title: str, *, by: Officer | None, at: datetime) -> None:
    transfer.case = procedures.start_case(
        procedure,
        number=transfer.number,
        title=title[:300],
        organisation=home_unit(),
        division_code=AREA,
        data={"received_on": statutory_day(at)},
        by=by,
        at=at,
        entity_code=transfer.trader_code,
        is_synthetic=transfer.is_synthetic,
    )
    transfer.save(update_fields=["case"])


def _sealed_person(number: str, person: Person) -> str:
    kept = {
        name: getattr(person, name).strip() for name in ("name", "phone", "email", "id_type", "id_number")
    }
    return seal(json.dumps(kept, ensure_ascii=False), key=PARTIES, context=number)


def _free_number(at: datetime, randomness: receipts.Randomness) -> str:
    for _ in range(_TRIES):
        number = f"WB-{receipts.new_number(statutory_day(at), randomness)}"
        if not Transfer.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no number was free; the source of randomness repeats itself")

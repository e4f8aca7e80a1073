"""Tickets that 12345 and 12315 dispatch (S227): taken in once each, checked by a published contract, returned with a reason.

A ticket is known by its system and number: the same delivery again, as a file or a message, is recognised and said so.
What names a person goes into sealed columns and never into the lake.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import transaction

from zhijian.apps.consumer.complaints import policies, rules
from zhijian.apps.consumer.complaints.codes import (
    Channel,
    Claim,
    ComplaintState,
    RespondentKind,
    Scope,
    SubmissionKind,
)
from zhijian.apps.consumer.complaints.entries import (
    ComplaintEntry,
    Reference,
    ReportEntry,
    Respondent,
    SubmissionEntry,
)
from zhijian.apps.consumer.complaints.intake import finding, handing_in, handling
from zhijian.apps.consumer.complaints.intake.receipts import Randomness
from zhijian.apps.consumer.complaints.models import ExternalReference, Party, Submission
from zhijian.apps.consumer.complaints.people import Person
from zhijian.datazone import contracts
from zhijian.datazone.contracts import Field
from zhijian.datazone.ingest import columns
from zhijian.datazone.ingest.custody import Delivery
from zhijian.datazone.ingest.judging import Judging
from zhijian.datazone.ingest.report import IngestReport, Measures
from zhijian.datazone.ingest.run import Run
from zhijian.datazone.ingest.source import Limits
from zhijian.datazone.lake import Lake, Transaction
from zhijian.infrastructure.files import replace_file
from zhijian.security import key_ring, sealed_text
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.rotation import Step, generation_held
from zhijian.standards import parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import add_working_days, statutory_day

CONTRACT = "consumer__hotline_tickets"
_KEY, _SEALED = "tickets", b"zhijian-sealed\n"
SYSTEMS = (Channel.HOTLINE_12345, Channel.PLATFORM_12315)
RETURN_WINDOW = parameters.load("consumer/hotline_return_working_days")
RETURN_REASONS: dict[str, tuple[str, str]] = {
    "not_ours": ("不属于市场监管职责", "Not the function of market supervision"),
    "other_area": ("不属于本辖区", "Another area"),
    "incomplete": ("信息不全且联系不上诉求人", "Incomplete, and the person cannot be reached"),
    "repeated": ("重复派单", "Dispatched before"),
}
_KINDS = {
    "complaint": SubmissionKind.COMPLAINT, "投诉": SubmissionKind.COMPLAINT,
    "report": SubmissionKind.REPORT, "举报": SubmissionKind.REPORT,
    "both": SubmissionKind.BOTH, "投诉举报": SubmissionKind.BOTH,
}  # fmt: skip
_CLAIMS: tuple[tuple[str, Claim], ...] = (
    ("退款|退钱|退费|退还", Claim.REFUND), ("退货", Claim.RETURN), ("换货|更换|调换", Claim.REPLACE),
    ("修理|维修", Claim.REPAIR), ("重作|重做", Claim.REDO), ("补足|补齐", Claim.MAKE_UP),
    ("赔", Claim.COMPENSATE), ("道歉", Claim.APOLOGISE),
)  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """One ticket as the hotline says it. Sums are in yuan; division codes have 6 or 9 digits."""

    system: str
    ticket_no: str
    first_call_at: datetime
    respondent_name: str
    division_code: str
    facts: str
    category: str = ""
    kind: str = ""
    dispatched_at: datetime | None = None
    deadline_on: date | None = None
    person_name: str = ""
    person_phone: str = ""
    person_address: str = ""
    person_id_number: str = ""
    respondent_uscc: str = ""
    respondent_address: str = ""
    platform_name: str = ""
    goods: str = ""
    bought_on: date | None = None
    order_number: str = ""
    amount_yuan: Decimal | None = None
    claim: str = ""
    agent_name: str = ""
    agent_phone: str = ""
    agent_id_number: str = ""
    agent_matter: str = ""
    agent_scope: str = ""
    agent_until: date | None = None
    joint_people: str = ""  # the others of a joint complaint: 姓名 电话 [代表]；…

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Ticket":
        """Build a ticket from a clean row of the contract."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__ if row.get(name) is not None})


@dataclass(frozen=True)
class Taken:
    """What became of one ticket. `shown_due_on` is the earlier of the law's day and the hotline's (H-1)."""

    ticket_no: str
    receipt_number: str
    code: str
    outcome: (
        str  # received, known (the same ticket again), repeat (the same complaint by another way), redirected
    )
    first_received_at: datetime
    unit_name: str
    shown_due_on: date | None


@dataclass
class Imported:
    """What became of a file: its quality report, and each ticket that passed it."""

    report: IngestReport
    taken: list[Taken] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.taken)


def take_in(
    ticket: Ticket, *, by: Officer | None, at: datetime, randomness: Randomness, is_synthetic: bool = False
) -> Taken:
    """Take in a ticket once; the same one again is recognised.

    Raises:
        Incomplete: no unit is registered that could receive it.
    """
    known = _reference(ticket.system, ticket.ticket_no)
    if known is not None:
        return _said(known, "known", "")
    entry = _entry(ticket, at=at, is_synthetic=is_synthetic)
    receipt = handing_in.receive(entry, by=by, at=at, randomness=randomness)
    found = _reference(ticket.system, ticket.ticket_no)
    assert found is not None
    outcome = "repeat" if receipt.is_repeat else "redirected" if entry.redirected_to else "received"
    return _said(found, outcome, receipt.code)


def _reference(system: str, number: str) -> ExternalReference | None:
    rows = ExternalReference.objects.select_related("submission__received_by")
    return rows.filter(system=system, number=number).first()


def _said(reference: ExternalReference, outcome: str, code: str) -> Taken:
    submission = reference.submission
    return Taken(
        ticket_no=reference.number,
        receipt_number=submission.receipt_number,
        code=code,
        outcome=outcome,
        first_received_at=submission.first_received_at,
        unit_name=submission.received_by.name,
        shown_due_on=shown_due_on(reference),
    )


def shown_due_on(reference: ExternalReference) -> date | None:
    """Return the day by which something must be done: the law's, or the hotline's where that is earlier (H-1)."""
    submission = reference.submission
    received = submission.competent_received_at
    if received is None:
        return reference.deadline_on
    day, dues = statutory_day(received), []
    if submission.kind in {SubmissionKind.COMPLAINT, SubmissionKind.BOTH}:
        dues.append(rules.acceptance_due_on(day))
    if submission.kind in {SubmissionKind.REPORT, SubmissionKind.BOTH}:
        dues.append(rules.verification_due_on(day))
    return rules.shown_due_on(min(dues), reference.deadline_on) if dues else reference.deadline_on


def claims_in(words: str) -> tuple[str, ...]:
    """Return the claims that a hotline's words ask for."""
    return tuple(claim for pattern, claim in _CLAIMS if re.search(pattern, words))


# ------------------------------------------------------------------------------------------------ a ticket as an entry


def _entry(ticket: Ticket, *, at: datetime, is_synthetic: bool) -> SubmissionEntry:
    record = finding.by_code(ticket.respondent_uscc)
    respondent = _respondent(ticket, record.county_code if record else None)
    kind, redirect = _kind(ticket)
    place = rules.Place(
        RespondentKind(respondent.kind),
        business=respondent.division_code,
        published=respondent.published_division_code,
        conduct=respondent.division_code,
    )
    today = statutory_day(at)
    units = []
    if kind in {SubmissionKind.COMPLAINT, SubmissionKind.BOTH}:
        units.append(handling.competent(rules.complaint_competence(place, today)))
    if kind in {SubmissionKind.REPORT, SubmissionKind.BOTH}:
        units.append(handling.competent(rules.report_competence(place, today)))
    receiver = next(filter(None, units), None) or handling.unit_for(ticket.division_code)
    receiver = receiver or handling.first_receiver()
    if receiver is None:
        problem = Problem("unit", "还没有登记受理单位。", "No receiving unit is registered.")
        raise policies.Incomplete([problem])
    person = Person(
        name=ticket.person_name,
        phone=ticket.person_phone,
        address=ticket.person_address,
        id_number=ticket.person_id_number,
        id_type="resident" if ticket.person_id_number else "",
    )
    has_complaint = kind in {SubmissionKind.COMPLAINT, SubmissionKind.BOTH}
    has_report = kind in {SubmissionKind.REPORT, SubmissionKind.BOTH}
    return SubmissionEntry(
        receipt_number="",
        channel=ticket.system,
        raw_text="\n".join(filter(None, (ticket.facts, ticket.claim))),
        first_received_at=ticket.first_call_at,
        competent_received_at=at if units and all(units) else None,
        received_by=receiver,
        respondent=respondent,
        complaint=_complaint(ticket, units[0]) if has_complaint else None,
        report=_report(ticket, units[-1]) if has_report else None,
        parties=_parties(ticket, person) if has_complaint else (),
        reporter=person if has_report and person != Person() else None,
        references=(_reference_of(ticket, at),),
        redirected_to=redirect,
        is_synthetic=is_synthetic or (record is not None and record.is_synthetic),
    )


def _parties(ticket: Ticket, person: Person) -> tuple[Person, ...]:
    """Return the complaint's side: the consumer, the agent who called for her, the others who complain jointly.

    Who called is one representative of a joint complaint; another one is known where the ticket marks her.
    """
    others = joint_people(ticket.joint_people)
    consumer = replace(person, capacity=Party.REPRESENTATIVE) if others else person
    if not ticket.agent_name.strip():
        return consumer, *others
    agent = Person(
        name=ticket.agent_name,
        phone=ticket.agent_phone,
        id_number=ticket.agent_id_number,
        id_type="resident" if ticket.agent_id_number else "",
        capacity=Party.AGENT,
        mandate={  # a hotline hears of a power and sees none: whether it is signed is for an officer to see
            "matter": ticket.agent_matter.strip(),
            "scope": _SCOPES.get(ticket.agent_scope, ""),
            "until": ticket.agent_until.isoformat() if ticket.agent_until else "",
            "signed": False,
        },
    )
    return consumer, *others, agent


_SCOPES: dict[str, str] = {
    "general": Scope.GENERAL, "一般代理": Scope.GENERAL,
    "special": Scope.SPECIAL, "特别授权": Scope.SPECIAL,
}  # fmt: skip


def joint_people(words: str) -> tuple[Person, ...]:
    """Return the people that a ticket names as complaining together: name, phone, and 代表 for a representative."""
    found = []
    for text in re.split(r"[；;\n]+", words):
        parts = [part for part in re.split(r"[\s,，、]+", text) if part]
        if not parts:
            continue
        is_elected = any(part in {"代表", "代表人"} for part in parts[1:])
        phone = next((part for part in parts[1:] if re.fullmatch(r"\+?[0-9-]{7,20}", part)), "")
        capacity = Party.REPRESENTATIVE if is_elected else Party.JOINT
        found.append(Person(name=parts[0][:60], phone=phone, capacity=capacity))
    return tuple(found)


def _kind(ticket: Ticket) -> tuple[SubmissionKind, str]:
    """Return what the ticket asks for, as the hotline says or, where it does not, by the published words (IN-1, IN-3)."""
    if ticket.kind in _KINDS:
        return _KINDS[ticket.kind], ""
    kind, redirect = rules.kind_of(f"{ticket.facts}\n{ticket.claim}")
    return kind, redirect or ""


def _respondent(ticket: Ticket, county: str | None) -> Respondent:
    division = county or ticket.division_code
    is_on_platform = bool(ticket.platform_name)
    return Respondent(
        name=ticket.respondent_name,
        code=ticket.respondent_uscc,
        address=ticket.respondent_address,
        kind=RespondentKind.PLATFORM_MERCHANT if is_on_platform else RespondentKind.ORDINARY,
        division_code=division,
        published_division_code=division if is_on_platform else "",
        platform_name=ticket.platform_name,
    )


def _complaint(ticket: Ticket, unit: Any) -> ComplaintEntry:
    return ComplaintEntry(
        facts_text=ticket.facts,
        claims=claims_in(f"{ticket.claim}\n{ticket.facts}" if not ticket.claim else ticket.claim),
        goods=ticket.goods,
        bought_on=ticket.bought_on,
        knew_on=ticket.bought_on,
        order_number=ticket.order_number,
        amount_yuan=ticket.amount_yuan,
        organisation=unit,
    )


def _report(ticket: Ticket, unit: Any) -> ReportEntry:
    return ReportEntry(
        clue_text=ticket.facts,
        goods=ticket.goods,
        conduct_place=ticket.respondent_address,
        conduct_division_code=ticket.division_code,
        organisation=unit,
    )


def _reference_of(ticket: Ticket, at: datetime) -> Reference:
    return Reference(
        system=ticket.system,
        number=ticket.ticket_no,
        category=ticket.category,
        first_call_at=ticket.first_call_at,
        dispatched_at=ticket.dispatched_at,
        signed_for_at=at,
        deadline_on=ticket.deadline_on,
    )


# ------------------------------------------------------------------------------------------------ files by the contract


def import_file(
    lake: Lake, path: Path, *, by: str, at: datetime, randomness: Randomness, is_synthetic: bool = False
) -> Imported:
    """Check a file by the published contract; take in the tickets that pass, send the others to quarantine.

    The tickets and the lake's account of the delivery become final together: if the import breaks off, the same file
    can be given again, and what was taken in already is recognised by its number.

    Raises:
        DeliveryError: the file cannot be read; nothing was written.
    """
    taken: list[Taken] = []

    def hand_in(tickets: Iterable[Ticket]) -> None:
        with transaction.atomic():
            for ticket in tickets:
                taken.append(
                    take_in(ticket, by=None, at=at, randomness=randomness, is_synthetic=is_synthetic)
                )

    run = TicketRun(lake, path, by=by, at=at, is_synthetic=is_synthetic, hand_in=hand_in)
    return Imported(run.take_in(wait=True), taken)


class TicketRun(Run):
    """An ingest whose clean rows become tickets; of what names a person the lake gets nothing."""

    def __init__(
        self,
        lake: Lake,
        path: Path,
        *,
        by: str,
        at: datetime,
        is_synthetic: bool,
        hand_in: Callable[[Iterable[Ticket]], None],
    ) -> None:
        contract = contracts.load(CONTRACT, lake.contracts)
        self._tickets: list[Ticket] = []
        self._is_for_the_lake = False
        super().__init__(
            lake, contract, path, by, at, path.name, is_synthetic, None, Limits(),
            lambda _: hand_in(self._tickets),
        )  # fmt: skip

    def _clean_rows(self, judging: Judging, delivery: Delivery) -> Any:
        rows = super()._clean_rows(judging, delivery).read_all().to_pylist()
        self._tickets = [Ticket.of_row(row) for row in rows]
        self._is_for_the_lake = True
        return super()._clean_rows(judging, delivery)

    def _write(
        self,
        transaction: Transaction,
        judging: Judging,
        delivery: Delivery,
        headers: list[str],
        measures: Measures,
    ) -> None:
        super()._write(transaction, judging, delivery, headers, measures)
        seal_original(self.lake, delivery.sha256)

    def _refused_rows(
        self, judging: Judging, headers: list[str], delivery: Delivery
    ) -> Iterator[pa.RecordBatch]:
        """A refused row says which field is wrong and why; what names a person, and what was told, stays with the sender."""
        closed = {field.name for field in self.contract.fields if field.level == "personal"}
        places, unknown = columns.match(self.contract, headers)
        hidden = {headers[place] for name, place in places.items() if name in closed} | closed | {*unknown}
        for batch in super()._refused_rows(judging, headers, delivery):
            rows = [_without_persons(row, closed, hidden) for row in batch.to_pylist()]
            yield pa.RecordBatch.from_pylist(rows, schema=batch.schema)

    def _value(self, judging: Judging, field: Field, delivery: Delivery) -> str:
        if self._is_for_the_lake and field.level == "personal":
            return f"null::{field.physical_type}"
        return super()._value(judging, field, delivery)


def _without_persons(row: dict[str, Any], closed: set[str], hidden: set[str]) -> dict[str, Any]:
    """Return a refused row without what names a person; a line that could not be read in columns is not kept."""
    whole = json.loads(row["row"])
    kept = {name: "" if name in hidden or name == "_text" else value for name, value in whole.items()}
    row = {**row, "row": json.dumps(kept, ensure_ascii=False)}
    if row["field"] in closed or row["field"] is None:
        secret = (row["value"] or "")[:120]
        texts = ("reason_zh", "reason_en", "remedy_zh", "remedy_en", "suggestion")
        row |= {name: row[name].replace(secret, "＊") for name in texts if secret and row[name]}
        row["value"] = ""
    return row


def seal_original(lake: Lake, sha256: str) -> None:
    """Seal the delivered file under a key of its own: it names callers and reporters. Sealed twice is sealed once."""
    place = lake.deliveries / sha256 / "original"
    content = place.read_bytes()
    if not content.startswith(_SEALED):
        text = sealed_text.seal(
            base64.b64encode(content).decode("ascii"), key=_KEY, context=f"delivery/{sha256}"
        )
        replace_file(place, _SEALED + text.encode("ascii"))


def original_of(lake: Lake, sha256: str) -> bytes:
    """Return a delivered file as it came.

    Raises:
        CannotOpen: the key is another one, or somebody changed a byte.
    """
    content = (lake.deliveries / sha256 / "original").read_bytes()
    if not content.startswith(_SEALED):
        return content
    text = content.removeprefix(_SEALED).decode("ascii")
    return base64.b64decode(sealed_text.unseal(text, key=_KEY, context=f"delivery/{sha256}"))


class SealedOriginals:
    """The delivered files of tickets in the lake, for whoever changes their key."""

    name, key = "hotline deliveries", _KEY

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def counts(self) -> dict[int, int]:
        """Return how many files lie under each generation of the key."""
        return dict(Counter(generation_held(text, _KEY) for _, text in self._found()))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give each sealed file, by its hash."""
        yield from ((place.parent.name, text) for place, text in self._found())

    def contexts(self, chosen: list[str]) -> Iterator[tuple[str, str, str]]:
        """Give of those chosen the hash, the sealed text and to what it is bound."""
        for sha256, text in self.texts():
            if sha256 in chosen:
                yield sha256, text, f"delivery/{sha256}"

    def seal_anew(self, batch: int) -> Iterator[Step]:
        """Seal the files that lie under an older generation anew, each at once."""
        newest = key_ring.newest(_KEY).generation
        for place, text in self._found():
            if generation_held(text, _KEY) == newest:
                continue
            sha256 = place.parent.name
            try:
                anew = sealed_text.seal_anew(text, key=_KEY, context=f"delivery/{sha256}")
            except (sealed_text.CannotOpen, key_ring.MissingKey):
                yield Step(self.name, 0, (f"delivery {sha256}",))
                continue
            replace_file(place, _SEALED + anew.encode("ascii"))
            yield Step(self.name, 1)

    def _found(self) -> Iterator[tuple[Path, str]]:
        for place in sorted(self._lake.deliveries.glob("*/original")):
            with place.open("rb") as file:
                if file.read(len(_SEALED)) == _SEALED:
                    yield place, file.read().decode("ascii")


# ------------------------------------------------------------------------------------------------ back to the hotline


@transaction.atomic
def return_ticket(
    reference: ExternalReference, *, reason: str, by: Officer, at: datetime
) -> ExternalReference:
    """Return a ticket to its hotline with a reason code, within the hotline's own window (H-2).

    Raises:
        Forbidden: the officer has no such right for the unit's area.
        Incomplete: no such reason, too late, returned before, or work on it has begun.
    """
    locked = ExternalReference.objects.select_for_update().get(pk=reference.pk)
    submission = Submission.objects.select_related("received_by").get(pk=locked.submission_id)
    require(by, Permission.WORK_COMPLAINT, division=submission.received_by.division_code)
    policies.check_none(_return_problems(locked, submission, reason, statutory_day(at)))
    locked.return_reason, locked.returned_at = reason, at
    locked.save(update_fields=["return_reason", "returned_at"])
    return locked


def _return_problems(
    reference: ExternalReference, submission: Submission, reason: str, today: date
) -> list[Problem]:
    problems = []
    if reason not in RETURN_REASONS:
        problems.append(Problem("reason", "请选择退回理由。", "Choose why it is returned."))
    if reference.returned_at is not None:
        problems.append(Problem("reason", "这张工单已经退回。", "The ticket was returned already."))
    sent = statutory_day(reference.dispatched_at or submission.first_received_at)
    last = add_working_days(sent, RETURN_WINDOW.on(today), provisional=True)
    if today > last:
        problems.append(
            Problem(
                "reason",
                f"退回时限到{last}为止，已经过了。无权处理的请按不予受理或分送办理。",
                f"The window to return it ended on {last}. Refuse it or dispatch it instead.",
            )
        )
    complaint = getattr(submission, "complaint", None)
    if complaint is not None and complaint.state != ComplaintState.RECEIVED:
        problems.append(
            Problem("reason", "这件投诉已经开始办理，不能退回热线。", "Work on the complaint has begun.")
        )
    return problems

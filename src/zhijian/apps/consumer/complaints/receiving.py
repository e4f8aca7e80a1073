"""How a submission comes in: one envelope, one or two matters, each with its own clock, its own case and its own fate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from zhijian.apps.consumer.complaints import noticing, people, policies, reporting, rules, services
from zhijian.apps.consumer.complaints.codes import (
    ComplaintState,
    ReportState,
    SubmissionKind,
)
from zhijian.apps.consumer.complaints.entries import (
    ComplaintEntry,
    ReportEntry,
    Respondent,
    SubmissionEntry,
)
from zhijian.apps.consumer.complaints.ledger import COMPLAINTS, REPORTS
from zhijian.apps.consumer.complaints.matters import services as matters
from zhijian.apps.consumer.complaints.models import (
    Complaint,
    ExternalReference,
    Submission,
    ViolationReport,
)
from zhijian.engines.procedures import services as procedures
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

COMPLAINT, REPORT = "consumer/complaint", "consumer/report"


@transaction.atomic
def register(entry: SubmissionEntry, *, by: Officer | None, at: datetime) -> Submission:
    """Take a submission in and open a case for its complaint, its report, or both (IN-1). The same send twice is one.

    A ticket of another system that is known already returns the submission that it came with.

    Raises:
        Incomplete: a complaint or report without a respondent or without its text.
    """
    known = _known(entry)
    if known is not None:
        return known
    policies.check_none(_problems(entry))
    submission = keep_envelope(entry, by=by)
    model = matters.learned_model(settings.HOME.root)
    if entry.complaint is not None:
        complaint = _open_complaint(submission, entry, entry.complaint, by=by, at=at)
        matters.understand(complaint, model=model, by=by, at=at)
    if entry.report is not None:
        report = _open_report(submission, entry, entry.report, by=by, at=at)
        matters.understand(report, model=model, by=by, at=at)
    return submission


def keep_envelope(entry: SubmissionEntry, *, by: Officer | None) -> Submission:
    """Write the envelope down with the tickets it came by and the people in it; its matters are opened apart."""
    submission = Submission.objects.create(
        receipt_number=entry.receipt_number,
        receipt_code_hash=entry.receipt_code_hash,
        channel=entry.channel,
        kind=_kind(entry),
        redirected_to=entry.redirected_to,
        language=entry.language,
        raw_text=entry.raw_text,
        first_received_at=entry.first_received_at,
        competent_received_at=entry.competent_received_at,
        received_by=entry.received_by,
        registered_by=by,
        send_key=entry.send_key,
        is_synthetic=entry.is_synthetic,
    )
    for reference in entry.references:
        ExternalReference.objects.create(submission=submission, **vars(reference))
    for person in entry.parties:
        people.keep_party(submission, person)
    return submission


@transaction.atomic
def open_clue(
    complaint: Complaint, *, clue_text: str, factual_basis: str = "", by: Officer, at: datetime
) -> ViolationReport:
    """Open a verification for a clue that an officer found while handling a complaint: its clock starts today (IN-2).

    Raises:
        Incomplete: the clue is not described.
    """
    policies.check_work_complaint(complaint, by)
    if not clue_text.strip():
        raise policies.Incomplete([Problem("clue_text", "请写明发现的线索。", "Describe the clue.")])
    number = f"JB{complaint.number.removeprefix('TS')}-{complaint.clues.count() + 1}"
    report = ViolationReport.objects.create(
        number=number,
        discovered_in=complaint,
        organisation=complaint.organisation,
        division_code=complaint.division_code,
        clue_text=clue_text.strip(),
        factual_basis=factual_basis.strip(),
        goods=complaint.goods,
        topic_code=complaint.topic_code,
        first_received_at=at,
        competent_received_at=at,
        clock_started_on=statutory_day(at),
        is_synthetic=complaint.is_synthetic,
        **{
            name: getattr(complaint, name)
            for name in (
                "respondent_name",
                "respondent_code",
                "respondent_address",
                "respondent_kind",
                "respondent_division_code",
                "platform_name",
            )
        },
    )
    _receive_report(report, "discovery", by=by, at=at)
    return report


@dataclass(frozen=True)
class Found:
    """A clue that another system's supervision found: about which firm, what, and on what basis. Nobody reported it."""

    number: str
    respondent_name: str
    respondent_code: str
    clue_text: str
    factual_basis: str
    goods: str = ""
    is_synthetic: bool = False


@transaction.atomic
def open_finding(found: Found, unit: Organisation, *, by: Officer, at: datetime) -> ViolationReport:
    """Open a verification for what supervision found: whether a case is filed is decided there, by its own clock.

    Raises:
        Forbidden: the officer does not work on reports of this area.
        Incomplete: the clue is not described.
    """
    require(by, Permission.WORK_REPORT, division=unit.division_code)
    if not found.clue_text.strip():
        raise policies.Incomplete([Problem("clue_text", "请写明发现的线索。", "Describe the clue.")])
    report = ViolationReport.objects.create(
        organisation=unit,
        division_code=unit.division_code,
        first_received_at=at,
        competent_received_at=at,
        clock_started_on=statutory_day(at),
        **vars(found),
    )
    _receive_report(report, "discovery", by=by, at=at)
    return report


def _known(entry: SubmissionEntry) -> Submission | None:
    if entry.send_key is not None:
        found = Submission.objects.filter(send_key=entry.send_key).first()
        if found is not None:
            return found
    for reference in entry.references:
        ticket = ExternalReference.objects.filter(system=reference.system, number=reference.number).first()
        if ticket is not None:
            return ticket.submission
    return None


def _problems(entry: SubmissionEntry) -> list[Problem]:
    problems = []
    holds_matter = entry.complaint is not None or entry.report is not None
    if holds_matter and (entry.respondent is None or not entry.respondent.name.strip()):
        problems.append(Problem("respondent", "请写明被投诉、被举报的经营者。", "Name the business."))
    if entry.complaint is not None and not entry.complaint.facts_text.strip():
        problems.append(Problem("facts_text", "请写明争议事实。", "Describe the dispute."))
    if entry.report is not None and not entry.report.clue_text.strip():
        problems.append(Problem("clue_text", "请写明违法线索。", "Describe the violation."))
    if not holds_matter and not entry.redirected_to:
        problems.append(Problem("kind", "请说明是投诉、举报还是其他事项。", "Say what it is."))
    return problems


def _kind(entry: SubmissionEntry) -> str:
    if entry.complaint is not None:
        return SubmissionKind.BOTH if entry.report is not None else SubmissionKind.COMPLAINT
    return SubmissionKind.REPORT if entry.report is not None else SubmissionKind.OTHER


def _matter(
    entry: SubmissionEntry, unit: Organisation, respondent: Respondent, part: ComplaintEntry | ReportEntry
) -> dict[str, Any]:
    return {
        "organisation": unit,
        "division_code": unit.division_code,
        "respondent_name": respondent.name.strip(),
        "respondent_code": respondent.code.strip(),
        "respondent_address": respondent.address.strip(),
        "respondent_contact": respondent.contact.strip(),
        "respondent_kind": respondent.kind,
        "respondent_division_code": respondent.division_code,
        "published_division_code": respondent.published_division_code,
        "platform_name": respondent.platform_name.strip(),
        "platform_code": respondent.platform_code.strip(),
        "platform_division_code": respondent.platform_division_code,
        "goods": part.goods.strip(),
        "topic_code": part.topic_code,
        "first_received_at": entry.first_received_at,
        "competent_received_at": entry.competent_received_at,
        "is_urgent": entry.is_urgent,
        "is_synthetic": entry.is_synthetic,
    }


_COMPLAINT_FIELDS = (
    "facts_text", "bought_on", "knew_on", "place", "order_number", "amount_yuan", "damage_text", "claim_amount_yuan",
    "consents_to_publish", "consents_to_delegation", "is_for_daily_life", "is_prepaid",
)  # fmt: skip
_REPORT_FIELDS = (
    "clue_text", "factual_basis", "conduct_place", "conduct_division_code", "special_field", "is_insider",
)  # fmt: skip


def _open_complaint(
    submission: Submission, entry: SubmissionEntry, part: ComplaintEntry, *, by: Officer | None, at: datetime
) -> Complaint:
    assert entry.respondent is not None
    unit = part.organisation or entry.received_by
    complaint = Complaint.objects.create(
        number=f"TS{submission.receipt_number}",
        submission=submission,
        claims=list(part.claims),
        **_matter(entry, unit, entry.respondent, part),
        **{name: getattr(part, name) for name in _COMPLAINT_FIELDS},
    )
    step = COMPLAINTS.receive(complaint, ComplaintState.RECEIVED, by=by, at=at)
    COMPLAINTS.tell(
        complaint,
        "complaint.received",
        {
            "channel": submission.channel,
            "claims": list(part.claims),
            "competent_on": services.received_on(complaint).isoformat(),
            "topic": part.topic_code,
        },
        step,
        by=by,
        at=at,
    )
    complaint.case = procedures.start_case(
        COMPLAINT,
        number=complaint.number,
        title=f"{complaint.respondent_name}：{complaint.goods or '消费争议'}",
        organisation=unit,
        division_code=complaint.work_division_code,
        entity_code=complaint.respondent_code[:18],
        data=complaint_data(complaint),
        by=by,
        at=at,
        is_synthetic=complaint.is_synthetic,
    )
    complaint.save(update_fields=["case"])
    received_at = complaint.competent_received_at
    due_on = rules.acceptance_due_on(statutory_day(received_at)) if received_at else None
    noticing.complaint_received(complaint, due_on, by=by, at=at)
    return complaint


def complaint_data(complaint: Complaint) -> dict[str, Any]:
    """Return what the drawing of complaints starts with: days and places, no person."""
    return {
        "received_on": statutory_day(complaint.first_received_at),
        "competent_received_on": services.received_on(complaint),
        "respondent_kind": complaint.respondent_kind,
        "business_place": complaint.respondent_division_code,
        "published_place": complaint.published_division_code,
        "platform_place": complaint.platform_division_code,
        "rule_set": rules.rule_set(services.received_on(complaint)).value,
        "unit_code": complaint.organisation.code,
        "is_urgent": complaint.is_urgent,
    }


def _open_report(
    submission: Submission, entry: SubmissionEntry, part: ReportEntry, *, by: Officer | None, at: datetime
) -> ViolationReport:
    assert entry.respondent is not None
    unit = part.organisation or entry.received_by
    person = entry.reporter or people.Person()
    report = ViolationReport.objects.create(
        number=f"JB{submission.receipt_number}",
        submission=submission,
        is_named=person.is_named,
        clock_started_on=statutory_day(entry.competent_received_at or entry.first_received_at),
        **_matter(entry, unit, entry.respondent, part),
        **{name: getattr(part, name) for name in _REPORT_FIELDS},
    )
    if person != people.Person():
        people.keep_reporter(report, person)
    _receive_report(report, submission.channel, by=by, at=at)
    return report


def _receive_report(report: ViolationReport, channel: str, *, by: Officer | None, at: datetime) -> None:
    step = REPORTS.receive(report, ReportState.RECEIVED, by=by, at=at)
    REPORTS.tell(
        report,
        "report.received",
        {
            "channel": channel,
            "is_named": report.is_named,
            "competent_on": reporting.received_on(report).isoformat(),
            "field": report.special_field,
        },
        step,
        by=by,
        at=at,
    )
    # The title says nothing of the firm: lists of work are read by more people than may see a report.
    report.case = procedures.start_case(
        REPORT,
        number=report.number,
        title=f"举报核查 {report.number}",
        organisation=report.organisation,
        division_code=report.work_division_code,
        data=report_data(report),
        by=by,
        at=at,
        is_synthetic=report.is_synthetic,
    )
    report.save(update_fields=["case"])


def report_data(report: ViolationReport) -> Mapping[str, Any]:
    """Return what the drawing of reports starts with: days and duties, nobody and no firm."""
    received = reporting.received_on(report)
    duty = reporting.special_answer(report)
    is_legacy = rules.filing_notice_due_on(received, is_named=report.is_named) is not None
    return {
        "competent_received_on": received,
        "clock_started_on": reporting.clock_started_on(report),
        "is_discovery": report.discovered_in_id is not None,
        "is_named": report.is_named,
        "tells_filing": is_legacy,
        "answer_field": report.special_field if duty is not None else "",
        "unit_code": report.organisation.code,
    }

"""What officers' pages read of one complaint or report. No personal data: names are masked, reporters are not joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from zhijian.apps.consumer.complaints import claimants, reporting, representing, rules, services
from zhijian.apps.consumer.complaints.claimants import Filing, Sign
from zhijian.apps.consumer.complaints.codes import ComplaintState, RespondentKind
from zhijian.apps.consumer.complaints.models import Complaint, Party, ViolationReport
from zhijian.apps.consumer.complaints.policies import can_view_report
from zhijian.security.models import Officer
from zhijian.standards.bilingual import Problem

_MOST_FILINGS = 500


@dataclass(frozen=True)
class ComplaintSheet:
    """A complaint beside its case: what it asks for, who is competent, what else came with it."""

    complaint: Complaint
    parties: Sequence[Party]
    competences: Sequence[rules.Competence]
    is_ours: bool
    hotline_due_on: date | None
    report: ViolationReport | None  # of the same envelope, if this officer may see it
    clues: Sequence[ViolationReport]
    signs: Sequence[Sign]
    needs_review: bool
    is_lapsed: bool
    lacks: Sequence[Problem]  # of an agent or a joint complaint


@dataclass(frozen=True)
class ReportSheet:
    """A report beside its case. Who reported is not part of it."""

    report: ViolationReport
    answer: rules.Answer | None
    competences: Sequence[rules.Competence]
    earlier: ViolationReport | None
    repeat: rules.Repeat
    has_reporter: bool


def complaint_sheet(complaint: Complaint, officer: Officer, today: date) -> ComplaintSheet:
    """Return what the page of a complaint shows to this officer."""
    received = services.received_on(complaint)
    found = rules.complaint_competence(services.place_of(complaint), received)
    signs = claimants.signs_of(filings_of(complaint), today)
    report = ViolationReport.objects.filter(submission=complaint.submission).select_related("organisation")
    beside = report.first()
    references = complaint.submission.references.exclude(deadline_on=None)
    return ComplaintSheet(
        complaint=complaint,
        parties=list(complaint.submission.parties.select_related("submission")),
        competences=found,
        is_ours=rules.is_competent(complaint.organisation.division_code, found),
        hotline_due_on=min((one.deadline_on for one in references if one.deadline_on), default=None),
        report=beside if beside is not None and can_view_report(beside, officer) else None,
        clues=[
            one for one in complaint.clues.select_related("organisation") if can_view_report(one, officer)
        ],
        signs=[sign for sign in signs if sign.is_beyond],
        needs_review=claimants.needs_review(signs, today),
        is_lapsed=complaint.knew_on is not None and rules.is_lapsed(complaint.knew_on, received),
        lacks=representing.lacks(complaint, on=today),
    )


def report_sheet(report: ViolationReport) -> ReportSheet:
    """Return what the page of a report shows."""
    place = rules.Place(
        RespondentKind(report.respondent_kind),
        business=report.respondent_division_code,
        platform=report.platform_division_code,
        conduct=report.conduct_division_code,
    )
    earlier, repeat = reporting.earlier_of(report)
    return ReportSheet(
        report=report,
        answer=reporting.special_answer(report),
        competences=rules.report_competence(place, reporting.received_on(report)),
        earlier=earlier,
        repeat=repeat,
        has_reporter=hasattr(report, "identity"),
    )


def filings_of(complaint: Complaint) -> list[Filing]:
    """Return the complaints of the last year by the same persons, phones or addresses, by their marks.

    Whoever is on the complainants' side counts, also an agent; a complaint counts once however many complain in it.
    """
    parties = list(complaint.submission.parties.all())
    if not parties:
        return []
    same = Q(submission=complaint.submission)
    for name in ("id_mark", "phone_mark", "address_mark"):
        same |= Q(**{f"{name}__in": {getattr(one, name) for one in parties} - {""}})
    since = complaint.first_received_at - timedelta(days=365)
    found = Party.objects.filter(
        same, submission__first_received_at__gte=since, submission__complaint__isnull=False
    )
    latest = found.order_by("-submission__first_received_at", "submission_id")
    submissions = latest.values_list("submission_id", "submission__first_received_at").distinct()[
        :_MOST_FILINGS
    ]
    rows = (
        latest.filter(submission_id__in=[key for key, _received in submissions])
        .select_related("submission__complaint")
        .prefetch_related("submission__complaint__steps")
        .order_by("-submission__first_received_at", "submission_id", "-pk")
    )
    return [_filing(one) for one in {one.submission_id: one for one in rows}.values()]


def _filing(party: Party) -> Filing:
    complaint: Complaint = party.submission.complaint
    withdrawn = complaint.moment_of(ComplaintState.WITHDRAWN) is not None
    return Filing(
        received_on=services.received_on(complaint),
        respondent=complaint.respondent_code or complaint.respondent_name,
        product=complaint.topic_code or complaint.goods,
        text=complaint.facts_text,
        price_yuan=float(complaint.amount_yuan or 0),
        claim_yuan=float(complaint.claim_amount_yuan or 0),
        is_withdrawn_paid=withdrawn and any(step.data.get("is_settled") for step in complaint.history),
        address_mark=party.address_mark,
        phone_mark=party.phone_mark,
        person_mark=party.id_mark or party.name_mark,
    )

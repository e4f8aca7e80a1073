"""Complaints and reports as the judges of signals and the statistics count them: no name, no telephone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from zhijian.apps.consumer.complaints import rules, services
from zhijian.apps.consumer.complaints.codes import ComplaintState, ReportState, SubmissionKind
from zhijian.apps.consumer.complaints.models import Complaint, Party, ViolationReport
from zhijian.engines.signals.counted import COMPLAINT, REPORT, Counted
from zhijian.standards.calendar import ZONE, statutory_day

_ENDINGS = {
    ComplaintState.AGREED: "agreed",
    ComplaintState.TERMINATED: "terminated",
    ComplaintState.WITHDRAWN: "withdrawn",
    ComplaintState.REJECTED: "refused",
}
_FILED = {ReportState.CASE_FILED: "filed", ReportState.NO_CASE: "not_filed"}


def counted(first: date, last: date) -> Iterator[Counted]:
    """Return the complaints and reports received from `first` to `last`."""
    since = datetime.combine(first, time(), tzinfo=ZONE)
    until = datetime.combine(last + timedelta(days=1), time(), tzinfo=ZONE)
    complainants = Party.objects.filter(capacity__in=Party.CONSUMERS)
    complaints = (
        Complaint.objects.filter(first_received_at__gte=since, first_received_at__lt=until)
        .select_related("submission")
        .prefetch_related("steps", Prefetch("submission__parties", queryset=complainants))
    )
    for complaint in complaints:
        yield _complaint(complaint)
    reports = ViolationReport.objects.filter(
        first_received_at__gte=since, first_received_at__lt=until
    ).select_related("submission")
    for report in reports.prefetch_related("steps"):
        yield _report(report)


def _came_with_a_complaint(report: ViolationReport) -> bool:
    """One envelope is one event: its complaint is counted; what an officer found while mediating is none of its own."""
    if report.discovered_in_id is not None:
        return True
    return report.submission is not None and report.submission.kind == SubmissionKind.BOTH


def _common(matter: Complaint | ViolationReport) -> dict[str, Any]:
    return {
        "number": matter.number,
        "received_on": statutory_day(matter.first_received_at),
        "division_code": matter.division_code,
        "firm": matter.respondent_code or matter.respondent_name,
        "firm_name": matter.respondent_name,
        "product": matter.goods,
        "topic": matter.topic_code,
        "platform": matter.platform_name,
        "is_synthetic": matter.is_synthetic,
    }


def _complaint(complaint: Complaint) -> Counted:
    ending, answered_on, amount = "", None, Decimal(0)
    for step in complaint.history:
        if step.state in (ComplaintState.ACCEPTED, ComplaintState.REJECTED) and answered_on is None:
            answered_on = statutory_day(step.at)
        if step.state in _ENDINGS and not (ending == "withdrawn" and step.state == ComplaintState.TERMINATED):
            ending = _ENDINGS[ComplaintState(step.state)]
        if step.amount_yuan and step.state == ComplaintState.AGREED:
            amount = step.amount_yuan
    received_on = statutory_day(complaint.competent_received_at or complaint.first_received_at)
    marks = [party.id_mark or party.phone_mark for party in complaint.submission.parties.all()]
    due_on, ended_on = _mediation(complaint)
    return Counted(
        COMPLAINT,
        mediation_due_on=due_on,
        mediation_ended_on=ended_on,
        **_common(complaint),
        person=next((mark for mark in marks if mark), ""),
        path=f"/work/matters/{complaint.number}/",
        due_on=rules.acceptance_due_on(received_on),
        answered_on=answered_on,
        ending=ending,
        amount_yuan=amount,
    )


def _mediation(complaint: Complaint) -> tuple[date | None, date | None]:
    """Return by when mediation was to end and when it did; a withdrawal is no end that is judged."""
    accepted_at = complaint.accepted_at
    if accepted_at is None or complaint.moment_of(ComplaintState.WITHDRAWN) is not None:
        return None, None
    spans = services.suspensions_in(complaint.history)
    due_on = rules.mediation_period(statutory_day(accepted_at), spans).due_on
    ends = (ComplaintState.AGREED, ComplaintState.TERMINATED)
    ended = next((statutory_day(step.at) for step in complaint.history if step.state in ends), None)
    return due_on, ended


def _report(report: ViolationReport) -> Counted:
    ending, answered_on = "", None
    for step in report.history:
        if step.state in _FILED:
            ending, answered_on = _FILED[ReportState(step.state)], statutory_day(step.at)
    start = report.clock_started_on or statutory_day(report.first_received_at)
    return Counted(
        REPORT,
        is_beside=_came_with_a_complaint(report),
        **_common(report),
        path=f"/work/matters/{report.number}/",
        due_on=rules.verification_due_on(
            start, is_extended=any(step.state == ReportState.EXTENDED for step in report.history)
        ),
        answered_on=answered_on,
        ending=ending,
    )

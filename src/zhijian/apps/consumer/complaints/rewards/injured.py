"""Signs that a reporter is the party injured, whom the law gives no reward: for who assesses to check, never to decide.

Whether a complainant about the same firm is the reporter is found by fingerprints under the reporters' key: the
identity of the reporter stays closed, and a complainant's data are unsealed for the comparison only.
"""

from dataclasses import dataclass

from django.db.models import Q

from zhijian.apps.consumer.complaints.models import Complaint, Party, ReporterIdentity, ViolationReport
from zhijian.apps.consumer.complaints.people import PARTIES, Person, reporter_mark
from zhijian.security.sealed_text import unseal

MOST_PARTIES = 300  # of the newest complaints about the firm


@dataclass(frozen=True)
class Signs:
    """What points to the reporter being the party injured."""

    complaint: Complaint | None  # came under the same receipt
    is_complainant: bool  # somebody who complained about the firm has the reporter's document or telephone

    def __bool__(self) -> bool:
        return self.complaint is not None or self.is_complainant


def signs_of(report: ViolationReport) -> Signs:
    """Return the signs at a report. Show `is_complainant` only to who may open the reporter's identity."""
    together = (
        Complaint.objects.filter(submission=report.submission_id).first() if report.submission_id else None
    )
    return Signs(together, _is_complainant(report))


def _is_complainant(report: ViolationReport) -> bool:
    mark = ReporterIdentity.objects.filter(report=report).values_list("person_mark", flat=True).first()
    if not mark:
        return False
    firm = Q(submission__complaint__respondent_name=report.respondent_name)
    if report.respondent_code:
        firm |= Q(submission__complaint__respondent_code=report.respondent_code)
    parties = Party.objects.filter(firm, submission__complaint__organisation=report.organisation)
    found = parties.exclude(submission=report.submission_id).select_related("submission").order_by("-pk")
    return any(mark in _marks(party) for party in found[:MOST_PARTIES])


def _marks(party: Party) -> set[str]:
    """Return the marks that a reporter with a party's document, or with its telephone alone, would have."""
    place = party.submission.receipt_number
    number = unseal(party.id_number_sealed, key=PARTIES, context=f"{place}/id_number")
    phone = unseal(party.phone_sealed, key=PARTIES, context=f"{place}/phone")
    return {reporter_mark(Person(id_number=number)), reporter_mark(Person(phone=phone))} - {""}

"""The standard papers of a complaint or report: numbered, sealed as a fact and kept in the transaction of their step.

ASSUMPTION: a paper names the complainant by the mask of the name and the number of the complaint, and a reporter not
at all, so that neither the register of papers nor the bytes at rest hold what the sealed tables keep; the number on the
paper and the receipt identify the matter, and the parties sign an agreement with their own hands.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from zhijian.apps.consumer.complaints import policies, representing
from zhijian.apps.consumer.complaints.codes import REFUSAL_GROUNDS, TERMINATION_GROUNDS
from zhijian.apps.consumer.complaints.entries import Called
from zhijian.apps.consumer.complaints.models import (
    Attachment,
    Complaint,
    ComplaintStep,
    ReportStep,
    Submission,
    ViolationReport,
)
from zhijian.apps.consumer.complaints.rules import O121
from zhijian.apps.consumer.complaints.standard_papers import ALL_PAPERS
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.evidence.services import Owner
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden, Permission, may
from zhijian.standards.calendar import statutory_day

OF_COMPLAINT, OF_REPORT = "complaints.complaint", "complaints.report"  # owners of papers
OF_SUBMISSION = "complaints.submission"  # owner of the files that came with an envelope
FOR_THE_PERSON = frozenset(
    {
        "identity_notice",
        "acceptance",
        "refusal",
        "mediation_notice",
        "mediation_agreement",
        "termination",
        "report_result",
        "reward_decision",
        "reward_refusal",
    }
)
"""The papers that whoever handed the matter in may take from the status page; a dispatch goes from office to office."""

Matter = Complaint | ViolationReport


def owner_of(matter: Matter) -> Owner:
    return Owner(OF_COMPLAINT if isinstance(matter, Complaint) else OF_REPORT, matter.number)


def files_of(matter: Matter) -> "list[Attachment]":
    """Return the files that came for a matter, or for both of its envelope, oldest first."""
    if matter.submission is None:
        return []
    mark = Attachment.COMPLAINT if isinstance(matter, Complaint) else Attachment.REPORT
    return list(matter.submission.attachments.filter(matter__in=("", mark)).order_by("pk"))


def owner_of_file(submission: Submission, mark: str) -> Owner:
    """Return to whom a file of an envelope belongs: the matter for which it was sent, else whoever sees either."""
    matters: dict[str, Matter | None] = {
        Attachment.COMPLAINT: Complaint.objects.filter(submission=submission).first(),
        Attachment.REPORT: ViolationReport.objects.filter(submission=submission).first(),
    }
    matter = matters.get(mark)
    return owner_of(matter) if matter is not None else Owner(OF_SUBMISSION, submission.receipt_number)


def papers_of(matter: Matter) -> "QuerySet[Document]":
    """Return the papers of a matter, oldest first, with how each was served."""
    owner = owner_of(matter)
    found = Document.objects.filter(owner_kind=owner.kind, owner_id=owner.id)
    return (
        found.select_related("voiding", "organisation")
        .prefetch_related("services")
        .order_by("issued_at", "number")
    )


def for_the_person(matter: Matter) -> "QuerySet[Document]":
    """Return the papers that whoever handed the matter in may take; a void one is none."""
    return papers_of(matter).filter(template__in=FOR_THE_PERSON, voiding=None)


# -------------------------------------------------------------------------------------------------------- complaints


def identity_asked(complaint: Complaint, items: str, until: date, *, by: Officer, at: datetime) -> None:
    data = {"due_on": chinese_day(until), "items": _sentence(items)}
    _issue("identity_notice", complaint, data, by=by, at=at)


def accepted(complaint: Complaint, contact: str, close_by: date, *, by: Officer, at: datetime) -> None:
    data = {"contact": contact, "close_by": chinese_day(close_by)}
    _issue("acceptance", complaint, data, by=by, at=at)


def refused(complaint: Complaint, step: ComplaintStep, *, by: Officer, at: datetime) -> None:
    data = {
        "facts": _sentence(step.note),
        "article": REFUSAL_GROUNDS[step.ground].article,
        "remedy": step.data["remedies"],
    }
    _issue("refusal", complaint, data, by=by, at=at)


def dispatched(matter: Matter, target: Organisation, *, by: Officer | None, at: datetime) -> None:
    """From office to office; a report that the system dispatches by itself has no issuer and no paper."""
    count = len(files_of(matter))
    data = {
        "receiving_office": target.name,
        "kind": "投诉" if isinstance(matter, Complaint) else "举报",
        "article": f"{O121}第四十一条",
        "attachments": f"登记材料1份，附件{count}个。",
    }
    _issue("dispatch_notice", matter, data, by=by, at=at)


def mediation_called(
    complaint: Complaint, called: Called, mediators: Sequence[str], *, by: Officer, at: datetime
) -> None:
    """Both parties are called to the first session."""
    data = {
        "party": f"{representing.names_of(complaint)}、{complaint.respondent_name}",
        "mediation_at": f"{chinese_day(called.on)}{called.time}",
        "place": called.place.strip(),
        "mediator": "、".join(mediators),
    }
    _issue("mediation_notice", complaint, data, by=by, at=at)


def agreed(complaint: Complaint, step: ComplaintStep, *, by: Officer, at: datetime) -> None:
    """After mediation on site that no party waived a document for; otherwise the record of the step is enough."""
    if step.data["document"] != "document":
        return
    data = {
        "dispute": _sentence(complaint.facts_text),
        "terms": _sentence(step.note),
        "performance": "当场履行完毕。" if step.data["performed_at_once"] else "按上述协议内容履行。",
    }
    _issue("mediation_agreement", complaint, data, by=by, at=at)


def terminated(complaint: Complaint, *, by: Officer | None, at: datetime) -> None:
    """Once: by the officer who ends mediation, or, where a withdrawal ended it by itself, by who tells the parties."""
    if by is None or papers_of(complaint).filter(template="termination").exists():
        return
    step = complaint.steps.filter(verb="terminate").latest("sequence")
    data = {
        "party": f"{representing.names_of(complaint)}、{complaint.respondent_name}",
        "facts": _sentence(step.note),
        "article": TERMINATION_GROUNDS[step.ground].article,
    }
    _issue("termination", complaint, data, by=by, at=at)


# ----------------------------------------------------------------------------------------------------------- reports


def reporter_told(report: ViolationReport, result: str, *, by: Officer, at: datetime) -> None:
    """What a named reporter is told by an earlier order or a special law; the paper does not say who that is."""
    data = {"reporter": "举报人", "result": _sentence(result), "reward": ""}
    _issue("report_result", report, data, by=by, at=at)


def told_filing(report: ViolationReport, *, by: Officer, at: datetime) -> None:
    is_filed = report.steps.filter(verb="file_case").exists()
    reporter_told(report, "依法决定立案调查。" if is_filed else "依法决定不予立案。", by=by, at=at)


def told_no_authority(report: ViolationReport, step: ReportStep, *, by: Officer, at: datetime) -> None:
    """In writing where the special law wants it so."""
    if step.data["in_writing"]:
        moved = "，我局已移送" if step.data["is_transferred"] else ""
        reporter_told(report, f"该事项不属于我局职责，由{step.note}依法处理{moved}。", by=by, at=at)


def rewarded(report: ViolationReport, yuan: Decimal, *, by: Officer, at: datetime) -> None:
    """The decision of a reward; the code of payment stands on no paper, it is shown to who holds the receipt's code."""
    _issue("reward_decision", report, {"yuan": f"{yuan:,.2f}"}, by=by, at=at)


def reward_refused(report: ViolationReport, reason: str, *, by: Officer, at: datetime) -> None:
    _issue("reward_refusal", report, {"reason": _sentence(reason)}, by=by, at=at)


def _issue(
    code: str, matter: Matter, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> Document | None:
    if by is None:
        return None
    received = statutory_day(matter.competent_received_at or matter.first_received_at)
    shared = {
        "received_on": chinese_day(received),
        "respondent": matter.respondent_name,
        "case_number": matter.number,
    }
    if isinstance(matter, Complaint):
        shared["complainant"] = representing.names_of(matter)
    return documents.issue(
        ALL_PAPERS[code],
        {**shared, **data},
        owner_of(matter),
        site=settings.SITE,
        media=settings.HOME.media,
        by=by,
        at=at,
        is_synthetic=matter.is_synthetic,
    )


def _sentence(text: str) -> str:
    plain = text.strip()
    return plain if plain.endswith(("。", "！", "？")) else f"{plain}。"


# ---------------------------------------------------------------------------------------------- who may see what of it


def check_complaint_paper(number: str, officer: Officer) -> str:
    """Let those see a paper who handle the complaint where it lies, and those whose unit handled it before.

    Raises:
        Forbidden: another role, or another unit.
    """
    complaint = Complaint.objects.select_related("organisation").filter(number=number).first()
    return _checked(complaint, officer, Permission.VIEW_COMPLAINT)


def check_report_paper(number: str, officer: Officer) -> str:
    """As `check_complaint_paper`, for those who may see the report.

    Raises:
        Forbidden: another role, or another unit.
    """
    report = ViolationReport.objects.select_related("organisation").filter(number=number).first()
    return _checked(report, officer, Permission.VIEW_REPORT)


def _checked(matter: Matter | None, officer: Officer, permission: Permission) -> str:
    if matter is not None:
        if may(officer, permission, **policies.area_of(matter)):
            return matter.number
        had_it = matter.steps.filter(officer__organisation=officer.organisation_id).exists()
        if had_it and sees_any(officer, permission):
            return matter.number
    raise _nothing()


def sees_any(officer: Officer, permission: Permission) -> bool:
    """Say whether the officer has the right in the own unit."""
    unit = officer.organisation
    return unit is not None and may(officer, permission, division=unit.division_code)


def check_file(receipt_number: str, officer: Officer) -> str:
    """Let those see what came with a submission who see its complaint or its report.

    Raises:
        Forbidden: neither; says nothing of which there is.
    """
    submission = Submission.objects.filter(receipt_number=receipt_number).first()
    if submission is not None:
        complaint = Complaint.objects.select_related("organisation").filter(submission=submission).first()
        if complaint is not None and may(officer, Permission.VIEW_COMPLAINT, **policies.area_of(complaint)):
            return complaint.number
        report = ViolationReport.objects.select_related("organisation").filter(submission=submission).first()
        if report is not None and policies.can_view_report(report, officer):
            return report.number
    raise _nothing()


def _nothing() -> Forbidden:
    return Forbidden("您的岗位看不到这件事的材料。", "Your role does not see the material of this matter.")

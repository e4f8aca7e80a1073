"""Officers' pages of complaints and reports: what the matter says, beside its case, and opening who stands behind it.

A view fetches, asks a policy, renders. Names are opened by a form that asks for the purpose; what was opened is shown
once, is never kept in an address, and is written down.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from zhijian.apps.consumer.complaints import (
    codes,
    paperwork,
    people,
    policies,
    queries,
    representing,
)
from zhijian.apps.consumer.complaints.models import Complaint, Party, ViolationReport
from zhijian.apps.consumer.complaints.rules import Competence
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.infrastructure.language import in_english
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden, Permission, may, require
from zhijian.standards import consumer_matters, divisions
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day
from zhijian.standards.whole_number import whole_number

PURPOSES = (
    gettext_lazy("联系当事人核实情况"),
    gettext_lazy("送达文书或者告知"),
    gettext_lazy("核验身份"),
    gettext_lazy("审查投诉是否属实"),
)


def said(pair: tuple[str, str] | None) -> str:
    """Return the words of a pair in the language of the page."""
    if pair is None:
        return ""
    return pair[1] if in_english() else pair[0]


def _place(one: Competence) -> tuple[Competence, str, str, str]:
    """Return a competence with its place, its reason in words, and the code of the unit there, where it works here."""
    named = divisions.name_in_english(one.division_code) if in_english() else None
    place = named or divisions.full_name(one.division_code) or one.division_code
    unit = Organisation.objects.filter(division_code=one.division_code).order_by("id").first()
    return one, place, said((one.why_zh, one.why_en)), unit.code if unit else ""


def _topic(code: str) -> str:
    english = in_english()
    return consumer_matters.full_name(code, english=english) if code else ""


CAPACITY_WORDS: dict[str, tuple[str, str]] = {
    Party.COMPLAINANT: ("投诉人", "Complainant"),
    Party.AGENT: ("代理人", "Agent"),
    Party.REPRESENTATIVE: ("共同投诉代表人", "Representative of the complainants"),
    Party.JOINT: ("共同投诉人", "Joint complainant"),
}


def _mandate(party: Party) -> dict[str, Any]:
    """Return what an agent's power says, with its scope in words; nothing for others."""
    if party.capacity != Party.AGENT:
        return {}
    return {**party.mandate, "scope_words": said(codes.SCOPE_WORDS.get(str(party.mandate.get("scope"))))}


def complaint_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content that the case page shows of a complaint."""
    complaint = Complaint.objects.select_related("organisation", "submission").filter(case=case).first()
    if complaint is None:
        return None
    area = policies.area_of(complaint)
    if not may(officer, Permission.VIEW_COMPLAINT, **area):
        return None
    today = statutory_day(timezone.now())
    sheet = queries.complaint_sheet(complaint, officer, today)
    side = representing.side_of(complaint.submission)
    return "complaints/complaint_panel.html", {
        "sheet": sheet,
        "complaint": complaint,
        "state": said(complaint.state_words),
        "channel": said(codes.CHANNEL_WORDS.get(complaint.submission.channel)),
        "kind": said(codes.RESPONDENT_WORDS.get(complaint.respondent_kind)),
        "topic": _topic(complaint.topic_code),
        "claims": [said(pair) for pair in complaint.claim_words],
        "parties": [
            (party, said(CAPACITY_WORDS[party.capacity]), _mandate(party)) for party in sheet.parties
        ],
        "side": side,
        "lacking": [said((one.message_zh, one.message_en)) for one in sheet.lacks],
        "needs_consent": representing.needs_officer(complaint, on=today),
        "may_withdraw": case.waits.filter(kind="message", message=representing.WITHDRAWN).exists(),
        "scopes": [(code, said(pair)) for code, pair in codes.SCOPE_WORDS.items()],
        "may_work": may(officer, Permission.WORK_COMPLAINT, **area),
        "competences": [_place(one) for one in sheet.competences],
        "signs": [(sign, said((sign.label_zh, sign.label_en))) for sign in sheet.signs],
        "purposes": PURPOSES,
        "may_open": may(officer, Permission.VIEW_PARTY, **area),
        "attachments": paperwork.files_of(complaint),
        "papers": paperwork.papers_of(complaint),
        "own_unit": officer.organisation_id,
    }


def report_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content that the case page shows of a report; never who reported."""
    report = ViolationReport.objects.select_related("organisation").filter(case=case).first()
    if report is None:
        return None
    if not policies.can_view_report(report, officer):
        return None
    sheet = queries.report_sheet(report)
    needed = policies.right_to_reporter(report)
    return "complaints/report_panel.html", {
        "sheet": sheet,
        "report": report,
        "state": said(report.state_words),
        "topic": _topic(report.topic_code),
        "field": said(codes.SPECIAL_FIELD_WORDS.get(report.special_field)),
        "kind": said(codes.RESPONDENT_WORDS.get(report.respondent_kind)),
        "competences": [_place(one) for one in sheet.competences],
        "purposes": PURPOSES,
        "attachments": paperwork.files_of(report),
        "papers": paperwork.papers_of(report),
        "own_unit": officer.organisation_id,
        "may_open": sheet.has_reporter and may(officer, needed, **policies.area_of(report)),
    }


@never_cache
@login_required
@require_http_methods(["POST"])
def open_party(request: HttpRequest, party_id: int) -> HttpResponse:
    """Show one party's data once, for a purpose that is written down."""
    party, complaint = _party_of(party_id)
    officer = require(request.user, Permission.VIEW_PARTY, **policies.area_of(complaint))
    return _opened(
        request,
        complaint,
        lambda purpose: people.reveal_party(party, complaint, purpose=purpose, by=officer, at=timezone.now()),
    )


@never_cache
@login_required
@require_http_methods(["POST"])
def set_mandate(request: HttpRequest, party_id: int) -> HttpResponse:
    """Write down what an agent's power of attorney says, from its original."""
    party, complaint = _party_of(party_id)

    def kept(officer: Officer) -> None:
        until = parse_date(request.POST.get("until", "").strip()[:10]) if request.POST.get("until") else None
        if until is None:
            raise policies.Incomplete(
                [Problem("until", "请填写授权到哪一天。", "Give the last day of the power.")]
            )
        mandate = representing.Mandate(
            matter=request.POST.get("matter", "").replace("\x00", ""),
            scope=request.POST.get("scope", ""),
            until=until,
            is_signed=request.POST.get("signed") == "yes",
        )
        representing.keep_mandate(party, complaint, mandate, by=officer, at=timezone.now())

    return _changed(request, complaint, kept)


@never_cache
@login_required
@require_http_methods(["POST"])
def set_representatives(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Write down whom joint complainants elected, from the paper that they signed."""
    complaint = get_object_or_404(
        Complaint.objects.select_related("organisation", "case", "submission"), pk=complaint_id
    )
    typed = map(whole_number, request.POST.getlist("party"))
    chosen = [one for one in typed if one is not None]
    parties = list(complaint.submission.parties.filter(pk__in=chosen))
    return _changed(
        request,
        complaint,
        lambda officer: representing.elect(parties, complaint, by=officer, at=timezone.now()),
    )


@never_cache
@login_required
@require_http_methods(["POST"])
def withdraw_for_represented(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Record the withdrawal of those represented, from the paper of their consent."""
    rows = Complaint.objects.select_related("organisation", "case", "submission")
    complaint = get_object_or_404(rows, pk=complaint_id)
    is_seen = request.POST.get("paper_seen") == "yes"

    def done(officer: Officer) -> None:
        representing.withdraw_for_represented(complaint, paper_seen=is_seen, by=officer, at=timezone.now())

    return _changed(request, complaint, done)


def _party_of(party_id: int) -> tuple[Party, Complaint]:
    party = get_object_or_404(Party.objects.select_related("submission"), pk=party_id)
    rows = Complaint.objects.select_related("organisation", "case", "submission")
    return party, get_object_or_404(rows, submission=party.submission)


def _changed(request: HttpRequest, complaint: Complaint, change: Callable[[Officer], None]) -> HttpResponse:
    officer = require(request.user, Permission.WORK_COMPLAINT, **policies.area_of(complaint))
    try:
        change(officer)
    except (ProcedureRefused, ValueError) as refused:
        words = ("日期不对，请核对。", "This is no day. Please check.")
        if isinstance(refused, ProcedureRefused):
            words = refused.message_zh, refused.message_en
        context = {"matter": complaint, "case_id": complaint.case_id, "problem": said(words)}
        return render(request, "complaints/person.html", context, status=422)
    return redirect(f"/work/cases/{complaint.case_id}/#side")


@never_cache
@login_required
@require_http_methods(["POST"])
def open_reporter(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show who reported once, for a purpose that is written down in two places."""
    report = get_object_or_404(ViolationReport.objects.select_related("organisation", "case"), pk=report_id)
    if not may(request.user, Permission.VIEW_REPORT):
        raise Http404  # who may see no reports does not learn that there is one either
    officer = require(request.user, Permission.VIEW_REPORT, **policies.area_of(report))
    return _opened(
        request,
        report,
        lambda purpose: people.reveal_reporter(report, purpose=purpose, by=officer, at=timezone.now()),
    )


def _opened(request: HttpRequest, matter: Complaint | ViolationReport, open_for: Any) -> HttpResponse:
    purpose = (request.POST.get("purpose_other") or request.POST.get("purpose") or "").strip()
    context: dict[str, Any] = {"matter": matter, "purpose": purpose, "case_id": matter.case_id}
    status = 200
    try:
        person = open_for(purpose)
        context["person"] = person
        context["id_type"] = said(codes.ID_TYPES.get(person.id_type))
    except (ProcedureRefused, Forbidden) as refused:
        context["problem"] = said((refused.message_zh, refused.message_en))
        status = 422
    return render(request, "complaints/person.html", context, status=status)


urlpatterns = [
    path("parties/<int:party_id>/", open_party, name="open_party"),
    path("parties/<int:party_id>/mandate/", set_mandate, name="set_mandate"),
    path("<int:complaint_id>/representatives/", set_representatives, name="set_representatives"),
    path("<int:complaint_id>/withdraw/", withdraw_for_represented, name="withdraw_for_represented"),
    path("reporters/<int:report_id>/", open_reporter, name="open_reporter"),
]

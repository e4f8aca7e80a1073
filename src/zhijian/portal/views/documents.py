"""Documents: anyone verifies one against the sealed facts; the issuing unit sees its register, serves and voids."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_naive, make_aware, now
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.engines.documents import delivering, services, verifying
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document, Way
from zhijian.engines.evidence import access
from zhijian.portal.components.words import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require

_MOST = 200
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_GET
def verify_any(request: HttpRequest) -> HttpResponse:
    """Find a document by its number, and hold a hash against it where one is given."""
    text = request.GET.get("number", "")[:80].strip()
    found = verifying.find(text) if text else None
    if found is not None and _may_be_told(found, text, request.GET.get("sha256", "")):
        return _verified(request, found, request.GET.get("sha256", ""))
    context = {"number": text, "sha256": request.GET.get("sha256", "")[:80], "is_unknown": bool(text)}
    return render(request, "portal/documents/verify.html", context, status=404 if text else 200)


def _may_be_told(document: Document, text: str, sha256: str) -> bool:
    """Numbers can be counted up: a paper whose existence is not told needs its token, or its own hash."""
    if not access.is_closed(document.owner_kind) or document.token == text.upper():
        return True
    return verifying.verify(document, sha256[:80]).outcome == "same"


@require_GET
def verify_token(request: HttpRequest, token: str) -> HttpResponse:
    """Where a QR code leads."""
    found = verifying.find(token) if len(token) == 20 else None
    if found is None or found.token != token.upper():
        raise Http404
    return _verified(request, found, request.GET.get("sha256", ""))


def _verified(request: HttpRequest, document: Document, sha256: str) -> HttpResponse:
    verified = verifying.verify(document, sha256[:80])
    context = {
        "number": document.number,
        "document": document,
        "verified": verified,
        "sha256": sha256[:80],
        "synthetic": "all" if document.is_synthetic else "",
    }
    return render(request, "portal/documents/verify.html", context)


@login_required
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The unit's register of issued documents, newest first, with void numbers."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    own = (
        Document.objects.filter(organisation=officer.organisation)
        .exclude(owner_kind__in=access.hidden_kinds(officer))
        .select_related("voiding", "organisation")
    )
    context = {"documents": own[:_MOST], "count": own.count()}
    return render(request, "portal/documents/register.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def document_page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """One document: what is on it, how it was served, and voiding it."""
    document, officer = own_document(request, document_id)
    problem = ""
    if request.method == "POST":
        try:
            _act(request, document, officer)
            return redirect("work_document", document_id=document.pk)
        except DocumentRefused as refused:
            problem = refused.message_en if in_english() else refused.message_zh
    context: dict[str, Any] = {
        "document": document,
        "services": document.services.select_related("officer"),
        "ways": Way.choices,
        "problem": problem,
        "typed": request.POST,
        "is_own": document.organisation_id == officer.organisation_id,
        "delivered_at": delivering.page_of(document),
        "synthetic": "all" if document.is_synthetic else "",
    }
    return render(request, "portal/documents/document.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, document: Document, officer: Officer) -> None:
    form = request.POST
    if form.get("action") == "void":
        services.void(document, reason=form.get("reason", ""), by=officer, at=now())
        return
    delivering.check_here(document)
    served_at = _moment(form.get("served_at", ""))
    services.serve(
        document,
        way=form.get("way", ""),
        to_whom=form.get("to_whom", ""),
        served_at=served_at,
        proof=form.get("proof", ""),
        by=officer,
        at=now(),
    )


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise DocumentRefused("请写送达的日期和时间。", "Give the day and time of service.")
    return make_aware(moment, get_current_timezone()) if is_naive(moment) else moment


@login_required
@require_GET
def document_file(request: HttpRequest, document_id: UUID, form: str) -> HttpResponseBase:
    """The paper as PDF/A or docx, as it was issued."""
    document, officer = own_document(request, document_id)
    sha256 = document.sha256 if form == "pdf" else document.docx_sha256
    place = services.path_of(settings.HOME.media, sha256)
    if not place.exists():
        raise Http404
    record_look(officer, f"document/{document.token}"[:60], form, at=now(), reason=document.number)
    response = FileResponse(
        place.open("rb"),
        content_type="application/pdf" if form == "pdf" else _DOCX,
        as_attachment=True,
        filename=f"{document.number}{document.title}{'_SYNTHETIC' if document.is_synthetic else ''}.{form}",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def own_document(request: HttpRequest, document_id: UUID) -> tuple[Document, Officer]:
    """Return the document to whom the application of its case lets see it; where none answers, to its own unit."""
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    every = Document.objects.select_related("voiding", "organisation", "issued_by")
    document: Document = get_object_or_404(every, pk=document_id)
    is_answered = access.is_registered(document.owner_kind)
    if is_answered or document.organisation_id != officer.organisation_id:
        access.check_view(document.owner_kind, document.owner_id, officer)
    return document, officer

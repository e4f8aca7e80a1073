"""An issued document for the printer at hand: a roll of 58 or 80 mm, or a sheet of A4."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from zhijian.engines.documents.paper import chinese_day
from zhijian.engines.documents.pictures import qr_svg
from zhijian.portal.views.documents import own_document
from zhijian.security.audit import record_look
from zhijian.standards.calendar import statutory_day

WIDTHS = {"58": "roll58", "80": "roll80", "a4": "sheet"}
"""The page of the style sheet for each width that is asked for."""


@never_cache
@login_required
@require_GET
def print_page(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Show the words of a document as they will stand on the paper; an unknown width is A4."""
    document, officer = own_document(request, document_id)
    asked = request.GET.get("width", "a4")
    width = asked if asked in WIDTHS else "a4"
    record_look(officer, f"document/{document.token}"[:60], "print", at=now(), reason=document.number)
    address = f"{settings.SITE.rstrip('/')}/verify/{document.token}/"
    context = {
        "document": document,
        "width": width,
        "widths": list(WIDTHS),
        "page": WIDTHS[width],
        "dated": chinese_day(statutory_day(document.issued_at)),
        "verify_url": address,
        "code": mark_safe(qr_svg(address, is_scalable=True)),  # noqa: S308 - drawn here
        "synthetic": "all" if document.is_synthetic else "",
    }
    return render(request, "portal/documents/print.html", context)

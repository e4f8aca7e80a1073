"""A file of a case: its picture, where it came from, who had it in hand; every look is written down."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.engines.evidence import access, services
from zhijian.engines.evidence.examining import readable_size
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.portal.components.words import in_english
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require


@login_required
@require_http_methods(["GET", "POST"])
def file_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The file and its chain of custody; handing over is written here."""
    file, officer, subject = _found(request, file_id)
    problem = ""
    if request.method == "POST":
        try:
            services.hand_over(
                file,
                to=request.POST.get("to", ""),
                reason=request.POST.get("reason", ""),
                by=officer,
                at=now(),
            )
            return redirect("work_file", file_id=file.pk)
        except RefusedFile as refused:
            problem = refused.message_en if in_english() else refused.message_zh
    record_look(officer, subject[:60], "file_custody", at=now(), reason=file.sha256)
    context: dict[str, Any] = {
        "file": file,
        "size": readable_size(file.size_bytes),
        "chain": services.chain_of(file),
        "broken": services.broken_links(file),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "portal/files/file.html", context, status=422 if problem else 200)


@login_required
@require_GET
def file_bytes(request: HttpRequest, file_id: UUID, size: str) -> HttpResponseBase:
    """The original as a download, or a picture without what the camera wrote into it."""
    file, officer, subject = _found(request, file_id)
    try:
        place = services.view(file, subject, size, media=settings.HOME.media, by=officer, at=now())
    except FileNotFoundError as missing:
        raise Http404 from missing
    is_original = size == "original"
    response = FileResponse(
        place.open("rb"),
        content_type=file.mime if is_original else "image/jpeg",
        as_attachment=is_original,
        filename=file.name if is_original else "",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _found(request: HttpRequest, file_id: UUID) -> tuple[EvidenceFile, Officer, str]:
    officer = require(request.user, Permission.VIEW_WORKBENCH)
    file: EvidenceFile = get_object_or_404(EvidenceFile, pk=file_id)
    return file, officer, access.check_view(file.owner_kind, file.owner_id, officer)

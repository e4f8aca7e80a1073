"""An issued paper as a file to take: as it was issued, under its number, marked where it is invented."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from zhijian.engines.documents import services
from zhijian.engines.documents.models import Document


def pdf(document: Document | None) -> HttpResponse:
    """Return the PDF of a paper, which no browser runs anything of.

    Raises:
        Http404: there is no such paper, or its file is not there.
    """
    place = services.path_of(settings.HOME.media, document.sha256) if document is not None else None
    if document is None or place is None or not place.exists():
        raise Http404
    name = f"{document.number}{document.title}{'_SYNTHETIC' if document.is_synthetic else ''}.pdf"
    response = HttpResponse(place.read_bytes(), content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

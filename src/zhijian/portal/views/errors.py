"""Pages for what went wrong: what, what is saved, what next, and a number to quote."""

import logging
import secrets
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

logger = logging.getLogger("zhijian.portal")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "portal/errors/404.html", status=HTTPStatus.NOT_FOUND)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    context = {
        "message_zh": getattr(exception, "message_zh", ""),
        "message_en": getattr(exception, "message_en", ""),
    }
    return render(request, "portal/errors/403.html", context, status=HTTPStatus.FORBIDDEN)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/errors/400.html", status=HTTPStatus.BAD_REQUEST)


def unstorable(request: HttpRequest) -> HttpResponse:
    """What was typed holds NUL, a character that no keyboard writes and no database keeps."""
    return render(request, "portal/errors/nul.html", status=HTTPStatus.BAD_REQUEST)


def too_large(request: HttpRequest, size: str, limit: str) -> HttpResponse:
    """Answer before the site's own middleware has run: a small page that needs nothing of the request."""
    context = {"size": size, "limit": limit}
    text = render_to_string("portal/errors/413.html", context)
    return HttpResponse(text, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"Connection": "close"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "portal/errors/stale.html", status=HTTPStatus.FORBIDDEN)


def our_fault(request: HttpRequest) -> HttpResponse:
    """Our own failure. The number stands in the log beside the error.

    The frame asks the database who reads; where that is what failed, the page comes without.
    """
    number = secrets.token_hex(2)
    logger.error("request %s failed: %s %s", number, request.method, request.path)
    context = {"number": number}
    try:
        text = render_to_string("portal/errors/500.html", context, request)
    except DatabaseError:
        text = render_to_string("portal/errors/500.html", context)
    return HttpResponse(text, status=HTTPStatus.INTERNAL_SERVER_ERROR)

"""What every answer of the site carries: who may run script here, and in which language it speaks."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.security import SecurityMiddleware
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import translation

from zhijian.portal.uploads import length_of
from zhijian.portal.views import errors
from zhijian.security.models import RefusalKind
from zhijian.security.permissions import Forbidden
from zhijian.security.refusals import note

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def _has_nul(request: HttpRequest) -> bool:
    """Say whether the address holds NUL, which no page has a use for and PostgreSQL cannot store."""
    return "\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")


_FOR_PROGRAMS = ("/api/", "/metrics")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "TRACE")
_JSON_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it; with one backslash more it is six harmless characters."""


def _fields_hold_nul(request: HttpRequest) -> bool:
    """Say whether a field of the form, its name, or the name of a file holds NUL."""
    typed = chain.from_iterable((name, *values) for name, values in request.POST.lists())
    files = chain.from_iterable(files for _, files in request.FILES.lists())
    names = (str(name) for file in files for name in (file.name, file.content_type))
    return any("\0" in text for text in chain(typed, names))


def _json_holds_nul(request: HttpRequest) -> bool:
    """Say whether a JSON body holds NUL in one of its texts."""
    encoding = json.detect_encoding(
        request.body
    )  # JSON may also come as UTF-16 or UTF-32, or begin with a BOM
    text = request.body.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    return text[:1] in ("{", "[", '"') and _JSON_NUL.search(text) is not None


def _sent_nul(request: HttpRequest, *, is_exempt: bool) -> bool:
    """Say whether what was posted holds NUL; what cannot be read is left for the page to refuse.

    A form without CSRF check was read by nobody yet: above the limit of its fields its page says so in its own words.
    """
    if is_exempt and length_of(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return False
    try:
        return _fields_hold_nul(request) if request.content_type in _FORMS else _json_holds_nul(request)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return False


def _nul_in_json() -> JsonResponse:
    words = {
        "code": "nul",
        "message_zh": "提交的文字里有空字符（NUL），不能保存。请删去后再提交。",
        "message_en": "A text in the body holds the character NUL, which cannot be stored. Leave it out.",
    }
    return JsonResponse({"error": words}, status=HTTPStatus.BAD_REQUEST)


def _is_signed_in(request: HttpRequest) -> bool:
    """Say whether an officer gets this answer: it may then hold what the public does not see."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


class HttpsMiddleware(SecurityMiddleware):
    """Lead a person who comes without TLS to https. A program is refused: its key went in the clear, and somebody has to notice."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        """Say whether the request goes on (nothing), is led elsewhere, or is refused."""
        led = super().process_request(request)
        if led is None or not request.path.startswith(_FOR_PROGRAMS):
            return led
        note(RefusalKind.PLAIN_HTTP, is_sure=True)
        words = {
            "code": "https_only",
            "message_zh": "接口只用https。请把地址改为https再试。",
            "message_en": "This interface answers over https alone. Change the address and try again.",
        }
        return JsonResponse({"error": words}, status=HTTPStatus.FORBIDDEN)


class VisitorAddressMiddleware:
    """Behind the site's own proxy, let everything see the visitor's address, not the proxy's: the one it added, last in the list.

    Sessions are bound to a network, sign-ins are counted and forms are limited by it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if settings.SECURE_PROXY_SSL_HEADER and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class ForeignCookieMiddleware:
    """Take out cookies that hold NUL before a session is looked up by one: no cookie of the site has any."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


class ContentSecurityPolicyMiddleware:
    """Let pages load from their own host only, and never run inline script or style.

    What an officer gets is kept by no cache of the browser or on the way. The task pages that a phone keeps for
    work without a network lie in the service worker's own storage, which this does not touch; signing out clears it.

    It also speaks Chinese first: without a choice of the visitor's own, the browser's preference does
    not change the language, so that the same address reads the same for everybody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        response = errors.bad_request(request) if _has_nul(request) else self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        if _is_signed_in(request):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse NUL in what was posted, once for all pages and the API; a page sees only what can be stored."""
        if request.method in _WITHOUT_BODY or not _sent_nul(
            request, is_exempt=getattr(view, "csrf_exempt", False)
        ):
            return None
        return errors.unstorable(request) if request.content_type in _FORMS else _nul_in_json()

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal of `zhijian.security` with its own words."""
        return errors.forbidden(request, exception) if isinstance(exception, Forbidden) else None


class ReloadMiddleware:
    """Lead a browser that asks for an address where things are only posted to the page above it.

    A phone that loads its tab again, and whoever changes the language beside a refused form, come there by GET.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_reader = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_reader:
            return redirect(_page_above(request.path))
        return response


def _page_above(path: str) -> str:
    """Return the nearest address above `path` that is one of the site's."""
    parts = path.strip("/").split("/")
    for length in range(len(parts) - 1, 0, -1):
        above = f"/{'/'.join(parts[:length])}/"
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return "/"

"""What every answer of the site carries: who may run script here, and in which language it speaks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from zhijian.portal.views import errors
from zhijian.security.permissions import Forbidden

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


def _is_signed_in(request: HttpRequest) -> bool:
    """Say whether an officer gets this answer: it may then hold what the public does not see."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


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

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal of `zhijian.security` with its own words."""
        return errors.forbidden(request, exception) if isinstance(exception, Forbidden) else None

"""Pages for what went wrong: what, what is saved, what next, and a number to quote."""

import logging
import secrets
import sys
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from zhijian.portal.views import own_account
from zhijian.security.models import Officer, RefusalKind
from zhijian.security.permissions import lacking
from zhijian.security.refusals import note

logger = logging.getLogger("zhijian.portal")

RETRY_SECONDS = 30  # a replica is promoted within a minute
_GONE = (
    "connection failed",
    "connection is closed",
    "connection already closed",
    "server closed the connection",
    "could not connect",
    "terminating connection",
    "the database system is",
    "read-only transaction",
    "consuming input failed",
    "connection is lost",
)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "portal/errors/404.html", status=HTTPStatus.NOT_FOUND)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say what does not open, and to whom; to an officer who has no unit or no role yet, who gives one."""
    officer = getattr(request, "user", None)
    if isinstance(officer, Officer) and lacking(officer):
        return render(
            request, "portal/own_account.html", own_account.about(officer), status=HTTPStatus.FORBIDDEN
        )
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
    note(RefusalKind.TOKEN, is_sure=True)
    return render(request, "portal/errors/stale.html", status=HTTPStatus.FORBIDDEN)


def our_fault(request: HttpRequest) -> HttpResponse:
    """Our own failure. The number stands in the log beside the error.

    The frame asks the database who reads; where that is what failed, the page comes without.
    """
    if is_database_gone(sys.exc_info()[1]):
        return unavailable(request)
    number = secrets.token_hex(2)
    logger.error("request %s failed: %s %s", number, request.method, request.path)
    context = {"number": number}
    try:
        text = render_to_string("portal/errors/500.html", context, request)
    except DatabaseError:
        text = render_to_string("portal/errors/500.html", context)
    return HttpResponse(text, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is gone, or another is taking its place: what is safe, what is not, when to try again."""
    logger.error(
        "database unavailable: %s %s", request.method, request.resolver_match and request.resolver_match.route
    )
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if request.path.startswith("/api/"):
        words = {
            "code": "database_unavailable",
            "message_zh": "数据库正在切换。已经答复的都已保存；没有收到答复的，请30秒后用同一请求重试。",
            "message_en": "The database is being switched over. What was answered is saved; what was not, send again in 30 seconds.",
        }
        return JsonResponse({"error": words}, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    text = render_to_string("portal/errors/503.html")
    return HttpResponse(text, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


def is_database_gone(problem: BaseException | None) -> bool:
    """Say whether an error means that the database cannot be reached, or takes no writes while another takes its place."""
    chain: list[BaseException] = []
    while problem is not None and problem not in chain:
        chain.append(problem)
        problem = problem.__cause__ or problem.__context__
    return any(
        type(one).__name__
        in ("OperationalError", "InterfaceError", "ReadOnlySqlTransaction", "AdminShutdown", "CrashShutdown")
        and any(words in str(one) for words in _GONE)
        for one in chain
    )

"""What the site refused leaves a record: one place for all pages and interfaces (`security.refusals` keeps it)."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.contrib.messages import constants, get_messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from zhijian.portal.views.register import now
from zhijian.security import refusals
from zhijian.security.models import Officer, RefusalKind
from zhijian.security.refusals import Note
from zhijian.security.sessions import network_of

logger = logging.getLogger(__name__)

_READING = ("GET", "HEAD", "OPTIONS")
_SIGN_IN = ("sign-in/", "my/sign-in/", "work/me/")
_BY_STATUS = {
    HTTPStatus.BAD_REQUEST: RefusalKind.MALFORMED,
    HTTPStatus.UNAUTHORIZED: RefusalKind.KEY,
    HTTPStatus.FORBIDDEN: RefusalKind.OTHER,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RefusalKind.TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: RefusalKind.TOO_OFTEN,
}
_AGAIN = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Answers that show a form again with what was wrong."""
_SHOWN_AGAIN = (RefusalKind.DUTIES, RefusalKind.FILE)
"""Of what is noted while a page is shown again, that which is no mere question whether to show a button."""


class RefusalMiddleware:
    """Write down what was refused. What is let through costs a look at its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with refusals.noted() as notes:
            response = self.get_response(request)
        if notes or response.status_code in _BY_STATUS:
            try:
                _keep(request, response, notes)
            except DatabaseError:
                logger.exception("a refusal could not be written down")
        return response


def _keep(request: HttpRequest, response: HttpResponse, notes: list[Note]) -> None:
    signed_in = getattr(request, "user", None)
    officer = signed_in if isinstance(signed_in, Officer) else None
    found = _what(request, response, notes, officer)
    if found is None:
        return
    if officer is None and found.username:
        officer = Officer.objects.select_related("organisation").filter(username=found.username).first()
    refusals.record(found.kind, officer=officer, network=network_of(request), place=_route(request), at=now())


def _what(
    request: HttpRequest, response: HttpResponse, notes: list[Note], officer: Officer | None
) -> Note | None:
    """Return what was refused, if anything was."""
    status = response.status_code
    if sure := next((one for one in notes if one.is_sure), None):
        is_locked = status == HTTPStatus.TOO_MANY_REQUESTS
        return Note(RefusalKind.LOCKED, sure.username) if is_locked else sure
    is_acting = request.method not in _READING
    about = [
        one for one in notes if not one.accounts or (is_acting and officer and officer.pk in one.accounts)
    ]
    if status == HTTPStatus.FORBIDDEN and about:
        return about[-1]
    if status in _AGAIN and is_acting:
        return next((one for one in about if one.kind in _SHOWN_AGAIN), None)
    if status == HTTPStatus.FOUND and about and is_acting:
        return about[-1] if _says_error(request) else None
    if status == HTTPStatus.TOO_MANY_REQUESTS and _route(request).startswith(_SIGN_IN):
        return Note(RefusalKind.LOCKED)
    if status == HTTPStatus.UNAUTHORIZED and not _route(request).startswith("api/"):
        return None  # a phone whose sign-in ended is asked to sign in again
    kind = _BY_STATUS.get(HTTPStatus(status)) if status in _BY_STATUS else None
    return Note(kind) if kind else None


def _says_error(request: HttpRequest) -> bool:
    """Say whether this answer leads to a page that will say what was wrong."""
    queued = getattr(get_messages(request), "_queued_messages", [])
    return any(one.level >= constants.ERROR for one in queued)


def _route(request: HttpRequest) -> str:
    """Return the pattern of the address, which names no record."""
    return request.resolver_match.route if request.resolver_match else ""

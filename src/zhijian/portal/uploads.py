"""Too much is refused before it is read: nothing of it reaches memory or disk."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from zhijian.engines.evidence.examining import readable_size
from zhijian.portal.views import errors
from zhijian.standards.whole_number import whole_number

LIMIT_REQUEST_BYTES = 100 * 1024 * 1024
"""Of one request, all its files together. Each file has the smaller limit of its purpose."""

_DRAINED_BYTES = 64 * 1024 * 1024
_CHUNK = 1 << 16


class UploadLimitMiddleware:
    """Answer a request that says it is too large with 413 and words, without storing its body.

    The length is always said: without it (a chunked body) Django reads nothing. A browser shows the answer only when
    it could send on for a while, so a part of the body is read and thrown away, never kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size = length_of(request)
        if size <= LIMIT_REQUEST_BYTES:
            return self.get_response(request)
        _throw_away(request)
        return errors.too_large(request, readable_size(size), readable_size(LIMIT_REQUEST_BYTES))


def length_of(request: HttpRequest) -> int:
    """Return what the request says; a length of absurdly many digits is too large whatever it is."""
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (text.isascii() and text.isdecimal()):
        return 0  # no length at all: nothing is read beyond what came
    found = whole_number(text)
    return found if found is not None else LIMIT_REQUEST_BYTES + 1


def _throw_away(request: HttpRequest) -> None:
    body, left = request.META.get("wsgi.input"), _DRAINED_BYTES
    try:
        while body is not None and left > 0 and (chunk := body.read(_CHUNK)):
            left -= len(chunk)
    except OSError:
        return  # the sender is gone: nobody reads the answer either

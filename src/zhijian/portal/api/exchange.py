"""What a grant lets out: the rows of a data service since a version, as JSON Lines or an Arrow stream."""

from typing import Any, Literal

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import P, PathEx, QueryEx, Router
from ninja.security import HttpBearer

from zhijian.datazone.lake import Lake, NoSuchTable
from zhijian.engines.exchange import packing, services
from zhijian.engines.exchange.policies import Refused
from zhijian.infrastructure.home import current_home
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import WITHOUT_NUL


class ExchangeKey(HttpBearer):
    """The key as it was shown once: Authorization: Bearer zj_…"""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        return token or "-"


router = Router(tags=["exchange"], auth=ExchangeKey())
_ERRORS: dict[int, Any] = dict.fromkeys((401, 403, 404, 422, 429, 500, 503), ErrorOut)
_FILE = {
    "responses": {
        200: {
            "description": "Rows; the headers X-Exchange-Version (the next `since`), X-Exchange-Mode (full or increment), "
            "X-Exchange-SHA256, X-Quota-Limit and X-Quota-Used belong to it",
            "content": {
                mime: {"schema": {"type": "string", "format": "binary"}} for mime in packing.MIME.values()
            },
        }
    }
}
Service = PathEx[str, P(max_length=60, pattern=WITHOUT_NUL)]
Since = QueryEx[int | None, P(ge=0, lt=2**53)]
Columns = QueryEx[str | None, P(max_length=2000, pattern=WITHOUT_NUL)]
Name = QueryEx[str, P(max_length=1000, pattern=WITHOUT_NUL)]


@router.get("/{service}/rows", response=_ERRORS, openapi_extra=_FILE)
def rows(
    request: HttpRequest,
    service: Service,
    purpose: Name,
    since: Since = None,
    format: Literal["jsonl", "arrow"] = "jsonl",
    columns: Columns = None,
) -> FileResponse:
    """Give the rows that came since a version; all where none is named, or where the table was rewritten since.

    `purpose` is the one that was granted. `columns` narrows the granted ones, with commas.
    """
    lake, at = Lake(current_home().lake), timezone.now()
    wanted = columns.split(",") if columns else None
    try:
        services.service_named(service)
        grant = services.granted(str(request.auth), service, purpose, at=at)  # type: ignore[attr-defined]
        packet, selection, used = services.deliver(lake, grant, format, since=since, columns=wanted, at=at)
    except Refused as problem:
        raise ApiError(problem.status, problem.code, problem.message_zh, problem.message_en) from None
    except NoSuchTable:
        raise ApiError(503, "not_served", "这张表还没有发布。", "The table is not published yet.") from None
    response = FileResponse(packet.file, content_type=packing.MIME[format])
    response.headers["X-Exchange-Version"] = str(selection.version)
    response.headers["X-Exchange-Mode"] = selection.mode
    response.headers["X-Exchange-SHA256"] = packet.sha256
    response.headers["X-Quota-Limit"] = str(grant.decision.rows_per_day)
    response.headers["X-Quota-Used"] = str(used)
    response.headers["Cache-Control"] = "no-store"
    return response

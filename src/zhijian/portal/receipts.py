"""What an officer opens or takes away leaves a receipt: one place for all pages.

A record of which a page showed sealed texts without recording the look is recorded here, each by itself. A file that an officer takes away is
recorded, and a table carries whose copy it is. Issued papers are not touched: their hash is published, and a mark would
break it; the record names who took which.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import chain
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from zhijian.infrastructure.pdf_mark import marked_pdf
from zhijian.portal.components.words import moment
from zhijian.portal.views.register import now
from zhijian.security import receipts
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Officer

_SENT_BACK = frozenset({"register_template", "register_refused", "register_csv"})
"""Files that are read back as they are: a mark would be a row of theirs."""
_REPORTS = frozenset({"goods_quality_report"})
"""Internal reports made on the spot, whose pages may carry a line at the foot; issued papers and evidence stay as they are."""
_SHOWING = (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Answers that show something: a form that was filled in wrongly shows its page again, with all that it opens."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReceiptMiddleware:
    """Record what was opened without a look, and mark and record what is taken away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with receipts.counted() as receipt:
            response = self.get_response(request)
            if response.status_code not in _SHOWING:
                return response
            is_taken = response.headers.get("Content-Disposition", "").startswith("attachment")
            is_file = is_taken and response.status_code == HTTPStatus.OK
            owed = receipt.owed()
            if (is_file or owed) and isinstance(officer := request.user, Officer):
                for record in owed:
                    record_look(officer, record[:60], "unsealed", at=now(), reason=request.path[:200])
                if is_file and (not receipt.looks or _is_markable(request, response)):
                    _took(request, response, officer)
        return response


def _is_markable(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Say whether a file is one of ours that can carry a mark; of another kind, the page's own look is record enough."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return name not in _SENT_BACK and (kind in ("text/csv", _XLSX) or name in _REPORTS)


def _took(request: HttpRequest, response: HttpResponseBase, officer: Officer) -> None:
    subject = f"export{request.path}"[:60]
    look = record_look(officer, subject, "export", at=now(), reason=request.get_full_path()[:200])
    response.headers["X-Zhijian-Export"] = str(look.sequence)
    if not _is_markable(request, response):
        return
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind == "text/csv":
        _add(response, f"# {_mark(look, officer)}\n".encode())
    elif kind == _XLSX:
        _replace(response, lambda content: _marked_workbook(content, _mark(look, officer)))
    elif kind == "application/pdf":
        line = f"Exported by {officer.username}, {look.looked_at:%Y-%m-%d %H:%M} UTC, record {look.sequence}"
        _replace(response, lambda content: marked_pdf(content, line))


def _mark(look: AccessRecord, officer: Officer) -> str:
    """Say whose copy it is, and where the record of it stands."""
    at = moment(look.looked_at)
    return f"导出 exported: {officer.username} {look.organisation_name} {at} · 记录 record {look.sequence}"


def _add(response: HttpResponseBase, line: bytes) -> None:
    """Put a line after the last row."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = _with_line(response, line)
    elif isinstance(response, HttpResponse):
        rows = response.content
        response.content = rows + (b"" if rows.endswith(b"\n") else b"\n") + line
    response.headers.pop("Content-Length", None)


def _replace(response: HttpResponseBase, change: Callable[[bytes], bytes]) -> None:
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter([change(b"".join(response.streaming_content))])  # type: ignore[arg-type]
    elif isinstance(response, HttpResponse):
        response.content = change(response.content)
    response.headers.pop("Content-Length", None)


def _with_line(response: StreamingHttpResponse, line: bytes) -> Iterator[bytes]:
    return chain(response.streaming_content, [line])  # type: ignore[arg-type]


def _marked_workbook(content: bytes, mark: str) -> bytes:
    """Return a workbook whose properties name whose copy it is (File, Info, Properties: Comments)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "docProps/core.xml":
                text, end = data.decode("utf-8"), "</cp:coreProperties>"
                data = text.replace(end, f"<dc:description>{escape(mark)}</dc:description>{end}").encode(
                    "utf-8"
                )
            new.writestr(item, data)
    return out.getvalue()

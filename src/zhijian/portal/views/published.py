"""Files that anyone may take away: draws with their ledger, and the seals of the facts."""

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest

from zhijian.infrastructure.home import current_home

_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(json|csv|txt|leaves)")
_TYPES = {".json": "application/json; charset=utf-8", ".csv": "text/csv; charset=utf-8"}


def find(folder: str, name: str) -> Path | None:
    """Return a published file, or None where there is none of that name in that folder."""
    path = current_home().published / folder / name
    return path if _NAMES.fullmatch(name) and path.is_file() else None


def published_file(request: HttpRequest, folder: str, name: str) -> FileResponse:
    """Hand out one published file under its own name."""
    path = find(folder, name)
    if path is None:
        raise Http404
    kind = _TYPES.get(path.suffix, "text/plain; charset=utf-8")
    return FileResponse(path.open("rb"), content_type=kind, filename=name)

"""Tables that are taken away as files."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse


def csv_text(rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> str:
    """Return rows as CSV with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end).writerows(rows)
    return "\ufeff" + out.getvalue()


def csv_file(name: str, rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> HttpResponse:
    """Return rows as a CSV file of this name, which ends in ``.csv``."""
    response = HttpResponse(csv_text(rows, line_end=line_end), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


__all__ = ["csv_file", "csv_text"]

"""Tables that are taken away as files."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*(e[+-]?[0-9]+)?[%‰]?|-")  # '-' alone stands for nothing


def csv_text(rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> str:
    """Return rows as CSV with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end).writerows([_as_text(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _as_text(cell: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula; a number stays a number.

    Names and goods come from whoever complained: an officer's spreadsheet must not run them.
    """
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def csv_file(name: str, rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> HttpResponse:
    """Return rows as a CSV file of this name, which ends in ``.csv``."""
    response = HttpResponse(csv_text(rows, line_end=line_end), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


__all__ = ["csv_file", "csv_text"]

"""A delivered table, CSV or Excel, as rows of text under the names of the register's columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from zhijian.engines.registers.declared.columns import Column
from zhijian.engines.registers.declared.declaration import Register
from zhijian.standards.bilingual import BilingualError

MOST_ROWS = 20_000
MOST_BYTES = 10 * 1024 * 1024
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[int, dict[str, str]]


class Unreadable(BilingualError):
    """The file as a whole cannot be taken in; nothing was written."""


def read(register: Register, file_name: str, content: bytes) -> list[Row]:
    """Return the rows with their line numbers, counted from 1 as people see them.

    The heading may name columns in Chinese, in English or by their id; it may follow a line of explanation, and
    a second heading (as our own exports have) is passed over.

    Raises:
        Unreadable: too large, no text, no Excel, or no heading that names the required columns.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("文件超过10 MB，请分次交。", "The file is larger than 10 MB; send it in parts.")
    lines = _excel(content) if PurePath(file_name).suffix.lower() in (".xlsx", ".xls") else _csv(content)
    found: list[Row] = []
    heading: list[str | None] | None = None
    for number, cells in enumerate(lines, start=1):
        named = _heading(register, cells)
        if named is not None:
            heading = heading or named
        elif heading is not None and any(cells):
            found.append((number, _row(heading, cells)))
        if len(found) > MOST_ROWS:
            raise Unreadable(f"一次最多{MOST_ROWS:,}行，请分次交。", f"At most {MOST_ROWS:,} rows at a time.")
    if heading is None:
        raise Unreadable(*_no_heading(register))
    return found


def _no_heading(register: Register) -> tuple[str, str]:
    required = [one for one in register.columns if one.is_required]
    zh, en = "、".join(one.label.zh for one in required), ", ".join(one.name for one in required)
    return (
        f"没有找到表头。第一行应写列名，至少要有：{zh}。",
        f"No heading was found. It names at least: {en}.",
    )


def _row(heading: Sequence[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(heading, cells, strict=False) if name}


def _heading(register: Register, cells: Sequence[str]) -> list[str | None] | None:
    """Return the column names if the line is a heading: every required column is there."""
    names = {text: one.name for one in register.columns for text in _known_as(one)}
    named = [names.get(cell.strip().lower()) for cell in cells]
    required = {one.name for one in register.columns if one.is_required}
    return named if required <= set(named) else None


def _known_as(column: Column) -> tuple[str, ...]:
    return column.name.lower(), column.label.zh.lower(), column.label.en.lower()


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    try:
        for cells in csv.reader(io.StringIO(text), strict=True):
            yield [_undone(cell) for cell in cells]
    except csv.Error as problem:
        raise Unreadable(f"不是完整的CSV：{problem}。", f"Not a whole CSV file: {problem}.") from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable("既不是UTF-8，也不是GB18030的文本。", "Neither UTF-8 nor GB18030 text.")


def _undone(cell: str) -> str:
    """Take away the apostrophe that our own exports put before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in _FORMULA_STARTS else cell


def _excel(content: bytes) -> Iterator[list[str]]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as problem:
        raise Unreadable("打不开这个Excel文件。", "The Excel file cannot be opened.") from problem
    for cells in rows:
        yield [_written(cell) for cell in cells]


def _written(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)

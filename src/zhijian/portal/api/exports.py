"""What was found as a file: CSV for programs and spreadsheets, Excel for people.

Both begin with a line that says what it is, as of when, under which licence and whether invented data are
in it; then come the names of the columns in Chinese, then in English, then the rows.
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, Any

import xlsxwriter

from zhijian.engines.registers import EntityFilters, EntityRecord, EntityRegister
from zhijian.portal.api.errors import ApiError

ROW_LIMIT = 50_000
_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# ASSUMPTION: the licence is that of each row's source; the sample that ships is under its own.
_LICENCE = "许可：按各行来源；随软件附带的登记样本为CC BY-NC-SA 4.0（署名、非商业、相同方式共享）"

# Names of places and industries beside their codes, for people who open the file.
_NAMES = {
    "status_name": "登记状态名称",
    "kind_name": "主体类别名称",
    "division_name": "所在地",
    "industry_name": "行业名称",
}


@dataclass(frozen=True)
class Export:
    """The rows of one search, ready to be written; `has_synthetic` marks the file and its name."""

    columns: tuple[tuple[str, str], ...]
    rows: Iterable[list[Any]]
    note: str
    file_stem: str
    has_synthetic: bool


def prepare(register: EntityRegister, query: str, filters: EntityFilters) -> Export:
    """Check that the export is not too large and prepare its rows.

    Raises:
        ApiError: more rows than an export may have.
    """
    count = register.count_found(query, filters, limit=ROW_LIMIT + 1)
    if count > ROW_LIMIT:
        raise ApiError(
            422,
            "too_many_rows",
            f"结果超过{ROW_LIMIT:,}条，一次最多导出{ROW_LIMIT:,}条。请按地市、行业或成立年份分次导出。",
            f"More than {ROW_LIMIT:,} entities; one export has at most {ROW_LIMIT:,}."
            " Narrow it by prefecture, industry or year.",
        )
    declaration = register.declaration
    columns = [(one.name, one.label.zh) for one in declaration.public_fields]
    has_synthetic = _has_synthetic(register, query, filters)
    as_of = register.as_of
    return Export(
        columns=(*columns, *_NAMES.items()),
        rows=(_row(record, [name for name, _ in columns]) for record in register.iterate(query, filters)),
        note=_note(declaration.title.zh, as_of, count, has_synthetic),
        file_stem=_file_stem(as_of, has_synthetic),
        has_synthetic=has_synthetic,
    )


def _has_synthetic(register: EntityRegister, query: str, filters: EntityFilters) -> bool:
    if filters.is_synthetic is not None:
        return filters.is_synthetic
    return register.count_found(query, replace(filters, is_synthetic=True), limit=1) > 0


def _file_stem(as_of: date | None, has_synthetic: bool) -> str:
    day = f"-{as_of}" if as_of else ""
    return f"market-entities{day}{'-合成数据' if has_synthetic else ''}"


def _note(title: str, as_of: date | None, count: int, has_synthetic: bool) -> str:
    mark = "含合成数据（is_synthetic为1的行是虚构的）；" if has_synthetic else ""
    return f"{title}；{mark}截至{as_of or '未知'}；共{count:,}条；{_LICENCE}"


def _row(record: EntityRecord, names: list[str]) -> list[Any]:
    values = [_plain(getattr(record, name)) for name in names]
    return [*values, record.status.zh, record.kind.zh, record.division_full_name, record.industry_name]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def defused(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


class _Echo:
    """What ``csv`` writes into: gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(export: Export) -> Iterator[str]:
    """Give the lines of the CSV file, in UTF-8 with a byte order mark so that spreadsheets read Chinese."""
    writer = csv.writer(_Echo())
    yield _BYTE_ORDER_MARK + str(writer.writerow([export.note]))
    yield str(writer.writerow([label for _, label in export.columns]))
    yield str(writer.writerow([name for name, _ in export.columns]))
    for row in export.rows:
        yield str(writer.writerow([defused(value) for value in row]))


def xlsx_file(export: Export) -> IO[bytes]:
    """Write the Excel file row by row into a temporary file and return it, ready to be read."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("合成数据" if export.has_synthetic else "市场主体")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(3, 2)
        sheet.set_column(0, 1, 24)
        sheet.write(0, 0, export.note)
        sheet.write_row(1, 0, [label for _, label in export.columns], bold)
        sheet.write_row(2, 0, [name for name, _ in export.columns])
        for number, row in enumerate(export.rows, start=3):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    file.seek(0)
    return file

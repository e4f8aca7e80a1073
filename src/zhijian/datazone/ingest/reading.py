"""From a prepared file to the DuckDB table ``delivered``: every row as text, with its line in the source.

``delivered`` has ``source_line`` (from 1), ``problem`` (null, or the kind of structural rule that the row breaks),
``problem_details`` (JSON), ``raw`` (the row's own text where it could not be cut into columns) and one text column
``r0``, ``r1`` … for each header of the file.
"""

# ruff: noqa: S608 - names in the SQL come from published contracts and column numbers, texts are quoted

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import python_calamine

from zhijian.datazone.ingest.errors import DeliveryError, EmptyDelivery, ManySheets, UnknownFormat
from zhijian.datazone.ingest.source import Limits, Source
from zhijian.datazone.sql import identifier, literal
from zhijian.standards import uscc

Connection = duckdb.DuckDBPyConnection
_CODE = re.compile(r"(?i)\b[0-9A-HJ-NPQRTUWXY]{18}\b")
_COLUMNS_TOLD_APART = 5  # with fewer columns, prose in lines may have the shape of two halves of records
_BROKEN_QUOTE_LINES = 200  # a refused row longer than this is a quote that was never closed


class UnclosedQuote(DeliveryError):
    """A quoted value that swallows the lines after it."""

    code = "unclosed_quote"

    @classmethod
    def after(cls, line: int) -> "UnclosedQuote":
        return cls(
            f"第{line}行或其后不远处有一个双引号没有成对，使后面的各行并成了一行。请补上引号；内容中的双引号须写成两个。",
            f"In line {line} or soon after it a double quote is never closed, so that the following lines run into "
            "one. Close it; a quote inside a value is written twice.",
            line=line,
        )


def load(con: Connection, source: Source, limits: Limits) -> list[str]:
    """Create the table ``delivered`` from the file and return its headers.

    Raises:
        DeliveryError: one of its kinds, where the file as a whole cannot be read.
    """
    readers: dict[str, Callable[[Connection, Path, Limits], list[str]]] = {
        "csv": _load_csv,
        "jsonl": _load_jsonl,
        "xlsx": _load_workbook,
        "xls": _load_workbook,
        "parquet": _load_parquet,
    }
    headers = readers[source.format](con, source.path, limits)
    if _count(con) == 0:
        raise EmptyDelivery(
            "文件只有表头，没有数据行。请重新导出。",
            "The file has a header but no rows. Export it again.",
        )
    return headers


def _count(con: Connection) -> int:
    return int(con.execute("select count(*) from delivered").fetchall()[0][0])


def _load_csv(con: Connection, path: Path, limits: Limits) -> list[str]:
    headers, delimiter = _csv_header(path, limits)
    columns = [f"r{number}" for number in range(len(headers))]
    refused: list[Any] = []
    reader = _open_csv(path, columns, delimiter, limits, refused)
    stream = pa.RecordBatchReader.from_batches(
        pa.schema([("record", pa.int64()), *((column, pa.string()) for column in columns)]),
        _numbered(reader, refused),
    )
    _create_delivered(con, stream, columns)
    _add_refused(con, refused)
    _turn_records_into_lines(con, columns)
    _mark_swallowed(con, columns, delimiter)
    is_blank = " and ".join(f"({column} is null or {column} = '')" for column in columns)
    con.execute(f"delete from delivered where record = 1 or (problem is null and {is_blank})")
    con.execute("alter table delivered drop column record")
    return headers


def _csv_header(path: Path, limits: Limits) -> tuple[list[str], str]:
    with path.open("rb") as file:
        start = file.read(limits.line_bytes)
    text = start.decode("utf-8", errors="ignore")
    delimiter = max(",\t;|", key=text.split("\n", 1)[0].count)
    headers = next(csv.reader(io.StringIO(text), delimiter=delimiter))
    return [header.strip() for header in headers], delimiter


def _open_csv(
    path: Path, columns: list[str], delimiter: str, limits: Limits, refused: list[Any]
) -> arrow_csv.CSVStreamingReader:
    return arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, column_names=columns, block_size=max(8 << 20, 2 * limits.line_bytes)
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=_keeper(refused),
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
        ),
    )


def _keeper(refused: list[Any]) -> Callable[[Any], str]:
    """Return what Arrow calls with a row that has too many or too few columns."""

    def keep(row: Any) -> str:
        refused.append(row)
        return "skip"

    return keep


def _numbered(reader: arrow_csv.CSVStreamingReader, refused: list[Any]) -> Iterator[pa.RecordBatch]:
    """Give each row its record number in the file, counting the refused rows between them."""
    taken = 0
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except pa.ArrowInvalid:
            raise UnclosedQuote.after(taken + len(refused) + 1) from None
        order = np.arange(taken, taken + batch.num_rows, dtype=np.int64)
        refused_after = np.array(
            [row.number - 1 - place for place, row in enumerate(refused)], dtype=np.int64
        )
        records = order + np.searchsorted(refused_after, order, side="right") + 1
        taken += batch.num_rows
        yield pa.RecordBatch.from_arrays(
            [pa.array(records), *batch.columns], names=["record", *batch.schema.names]
        )


def _create_delivered(con: Connection, stream: Any, columns: list[str]) -> None:
    con.register("arriving", stream)
    con.execute(
        "create table delivered as select record, record as source_line, null::varchar as problem, "
        f"null::varchar as problem_details, null::varchar as raw, {', '.join(columns)} from arriving"
    )
    con.unregister("arriving")


def _add_refused(con: Connection, refused: list[Any]) -> None:
    for row in refused:
        if row.text.count("\n") > _BROKEN_QUOTE_LINES:
            raise UnclosedQuote.after(row.number)
    if refused:
        details = [
            json.dumps({"expected_columns": row.expected_columns, "actual_columns": row.actual_columns})
            for row in refused
        ]
        rows = pa.table(
            {
                "record": pa.array([row.number for row in refused], pa.int64()),
                "problem": ["columns"] * len(refused),
                "problem_details": details,
                "raw": [row.text for row in refused],
            }
        )
        con.register("refused", rows)
        con.execute(
            "insert into delivered by name select record, record as source_line, problem, problem_details, raw "
            "from refused where trim(raw) <> '' or record = 1"
        )
        con.unregister("refused")


def _turn_records_into_lines(con: Connection, columns: list[str]) -> None:
    """Move `source_line` on by the line breaks inside earlier values, if there are any."""
    texts = [*columns, "raw"]
    has_breaks = " or ".join(f"contains({column}, chr(10))" for column in texts)
    if not con.execute(f"select 1 from delivered where {has_breaks} limit 1").fetchall():
        return
    breaks = " + ".join(
        f"coalesce(length({column}) - length(replace({column}, chr(10), '')), 0)" for column in texts
    )
    con.execute(
        f"create table lines as select record, record + coalesce(sum({breaks}) over "
        "(order by record rows between unbounded preceding and 1 preceding), 0)::bigint as line from delivered"
    )
    con.execute(
        "update delivered set source_line = lines.line from lines where lines.record = delivered.record"
    )
    con.execute("drop table lines")


def _mark_swallowed(con: Connection, columns: list[str], delimiter: str) -> None:
    """Mark rows in which a pair of stray quotes joined several records into one with the right number of columns.

    Raises:
        UnclosedQuote: such a row runs over more lines than anybody would mend by hand.
    """
    marked = []
    for record, line, *cells in _suspects(con, columns, delimiter):
        if not any(_holds_records(cell, place, len(columns), delimiter) for place, cell in enumerate(cells)):
            continue
        lines = sum(cell.count("\n") for cell in cells)
        if lines > _BROKEN_QUOTE_LINES:
            raise UnclosedQuote.after(line)
        details = json.dumps({"first_line": line, "last_line": line + lines})
        marked.append({"record": record, "problem_details": details, "raw": _as_csv(cells, delimiter)})
    if marked:
        con.register("marked", pa.Table.from_pylist(marked))
        con.execute(
            "update delivered set problem = 'swallowed', problem_details = marked.problem_details, raw = marked.raw "
            "from marked where marked.record = delivered.record"
        )
        con.unregister("marked")


def _suspects(con: Connection, columns: list[str], delimiter: str) -> list[tuple[Any, ...]]:
    """Rows with a line break in a value that also has as many delimiters as a record, or what may be a code."""
    is_suspect = " or ".join(
        f"((contains({column}, chr(10)) or contains({column}, chr(13))) and "
        f"(length({column}) - length(replace({column}, {literal(delimiter)}, '')) >= {len(columns) - 1} "
        f"or regexp_matches({column}, {literal(_CODE.pattern)})))"
        for column in columns
    )
    texts = ", ".join(f"coalesce({column}, '')" for column in columns)
    return con.execute(
        f"select record, source_line, {texts} from delivered where problem is null and ({is_suspect})"
    ).fetchall()


def _holds_records(value: str, place: int, columns: int, delimiter: str) -> bool:
    """Say whether a value goes on, after a line break, with something that is a record or a piece of one.

    A quote that opens in one record's column and closes in the same column of a later one leaves the end of the
    first, whole records, and the beginning of the last; JSON laid out over several lines is none of this.
    """
    first, *rest = re.split(r"\r\n|\r|\n", value)
    if not rest or _is_json(value):
        return False
    counts = [part.count(delimiter) for part in rest]
    is_whole = columns > 1 and columns - 1 in counts
    is_cut = columns >= _COLUMNS_TOLD_APART and (first.count(delimiter), counts[-1]) == (
        columns - 1 - place,
        place,
    )
    return is_whole or is_cut or any(_holds_code(part) for part in rest)


def _holds_code(text: str) -> bool:
    return any(not uscc.find_problems(found[0].upper()) for found in _CODE.finditer(text))


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _as_csv(cells: list[str], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(cells)
    return text.getvalue()


def _load_jsonl(con: Connection, path: Path, limits: Limits) -> list[str]:
    refused: list[Any] = []
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            use_threads=False, column_names=["line"], block_size=max(8 << 20, 2 * limits.line_bytes)
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter="\x01",
            quote_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=_keeper(refused),
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={"line": pa.string()}, strings_can_be_null=False
        ),
    )
    schema = pa.schema([("record", pa.int64()), ("line", pa.string())])
    con.register("arriving", pa.RecordBatchReader.from_batches(schema, _numbered(reader, refused)))
    con.execute(
        "create table lines as select record, line, if(is_object, line, '{}') as object, is_object from (select *, "
        "case when json_valid(line) then json_type(line) = 'OBJECT' else false end as is_object "
        "from (select record, trim(line, chr(13) || ' ' || chr(9)) as line from arriving) where line <> '')"
    )
    con.unregister("arriving")
    headers = [
        key
        for (key,) in con.execute(
            "select key from (select unnest(list_distinct(json_keys(object))) as key, record from lines) "
            "group by key order by min(record), key"
        ).fetchall()
    ]
    cut = "".join(
        f", json_extract_string(object, {literal(_json_path(key))}) as r{number}"
        for number, key in enumerate(headers)
    )
    con.execute(
        "create table delivered as select record as source_line, case when not is_object then 'json' "
        "when len(keys) > len(list_distinct(keys)) then 'repeated_keys' end as problem, "
        "case when len(keys) > len(list_distinct(keys)) then json_object('keys', array_to_string(list_sort("
        "list_distinct(list_filter(keys, lambda key: len(list_filter(keys, lambda k: k = key)) > 1))), '、')) end"
        f"::varchar as problem_details, line as raw{cut} from (select *, json_keys(object) as keys from lines)"
    )
    con.execute("drop table lines")
    _add_unreadable_lines(con, refused)
    return headers


def _add_unreadable_lines(con: Connection, refused: list[Any]) -> None:
    for row in refused:
        con.execute("insert into delivered by name select ? as source_line, 'json' as problem, ? as raw", [
            row.number, row.text
        ])  # fmt: skip


def _json_path(key: str) -> str:
    return '$."' + key.replace('"', '""') + '"'


def _load_workbook(con: Connection, path: Path, limits: Limits) -> list[str]:
    try:
        workbook = python_calamine.load_workbook(str(path))
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
        filled_sheets = [(sheet.name, rows) for sheet in sheets if (rows := _filled_rows(sheet))]
    except (python_calamine.CalamineError, ValueError, OSError) as problem:
        raise UnknownFormat.of(
            f"工作簿无法打开（{problem}）", f"The workbook cannot be opened ({problem})"
        ) from None
    if not filled_sheets:
        raise EmptyDelivery("工作簿里没有内容。请重新导出。", "The workbook is empty. Export it again.")
    if len(filled_sheets) > 1:
        raise ManySheets.named([name for name, _ in filled_sheets])
    filled = filled_sheets[0][1]
    headers = [_cell(cell).strip() for cell in filled[0][1]]
    while headers and headers[-1] == "":
        headers.pop()
    columns = {
        f"r{number}": pa.array([_cell(row[number]) for _, row in filled[1:]], pa.string())
        for number in range(len(headers))
    }
    table = pa.table({"record": pa.array([place for place, _ in filled[1:]], pa.int64()), **columns})
    _create_delivered(con, table, list(columns))
    con.execute("alter table delivered drop column record")
    return headers


def _filled_rows(sheet: python_calamine.CalamineSheet) -> list[tuple[int, list[Any]]]:
    """Return the rows that have a cell that is not empty, with their numbers from 1."""
    rows = enumerate(sheet.to_python(skip_empty_area=False), 1)
    return [(place, row) for place, row in rows if any(cell != "" for cell in row)]


def _cell(value: Any) -> str:
    """Write a spreadsheet's cell as text: dates as ISO 8601, whole numbers without decimals."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _load_parquet(con: Connection, path: Path, limits: Limits) -> list[str]:
    try:
        described = con.execute(f"describe select * from read_parquet({literal(str(path))})").fetchall()
        texts = "".join(
            f", {_as_text(name, kind)} as r{number}" for number, (name, kind, *_) in enumerate(described)
        )
        con.execute(
            "create table delivered as select file_row_number + 1 as source_line, null::varchar as problem, "
            f"null::varchar as problem_details, null::varchar as raw{texts} "
            f"from read_parquet({literal(str(path))}, file_row_number = true)"
        )
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0].replace(str(path), path.name)
        raise UnknownFormat.of(
            f"Parquet 文件损坏（{reason}）", f"The Parquet file is damaged ({reason})"
        ) from None
    return [name for name, *_ in described]


def _as_text(name: str, kind: str) -> str:
    column = identifier(name)
    is_nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
    return f"to_json({column})::varchar" if is_nested else f"{column}::varchar"

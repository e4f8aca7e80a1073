"""The same rows come out whatever format, encoding, order or names of columns they came in."""

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from tests.datazone.ingest.old_excel import workbook
from tests.datazone.ingest.samples import HEADER, TABLE, code, csv_text, line, take_in
from zhijian.datazone.ingest import DeliveryError
from zhijian.datazone.lake import Lake

TEXT = csv_text(line(1), line(2, capital="-", scope='"零售：〓百货,日用品"'))
JSON_LINES = "\n".join(
    json.dumps(dict(zip(HEADER.split(","), row, strict=True)), ensure_ascii=False)
    for row in csv.reader(TEXT.splitlines()[1:])
)


def _workbook(path: Path) -> bytes:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate(csv.reader(TEXT.splitlines())):
        sheet.write_row(number, 0, row)
    book.close()
    return path.read_bytes()


def _old_workbook(path: Path) -> bytes:
    return workbook(list(csv.reader(TEXT.splitlines())))


def _parquet(path: Path) -> bytes:
    rows = list(csv.reader(TEXT.splitlines()))
    table = pa.table({name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])})
    table = table.set_column(0, "file_year", pa.array([2019, 2019], pa.int16()))
    pq.write_table(table, path)
    return path.read_bytes()


CONTENTS = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": TEXT.encode("utf-8-sig"),
    "gb18030": TEXT.encode("gb18030"),
    "windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "tabs": TEXT.replace('"', "").replace("百货,日用品", "百货；日用品").replace(",", "\t").encode(),
    "json lines": JSON_LINES.encode(),
    "xlsx": _workbook,
    "xls": _old_workbook,
    "parquet": _parquet,
}


@pytest.mark.parametrize("is_gzipped", [False, True])
@pytest.mark.parametrize("kind", list(CONTENTS))
def test_format_and_encoding_are_told_by_content(
    kind: str, is_gzipped: bool, lake: Lake, tmp_path: Path
) -> None:
    made = CONTENTS[kind]
    content = made(tmp_path / "made") if callable(made) else made
    path = tmp_path / "delivery.bin"
    path.write_bytes(gzip.compress(content) if is_gzipped else content)
    report = take_in(lake, path)
    assert (report.rows_in, report.rows_clean) == (2, 2)
    rows = lake.read(TABLE).sort_by("source_line").to_pylist()
    assert [row["name"] for row in rows] == ["示例1有限公司", "示例2有限公司"]
    assert rows[0]["registered_on"].isoformat() == "2019-04-30"
    assert rows[0]["file_year"] == 2019
    assert [row["capital_text"] for row in rows] == ["50(万元人民币)", None]
    assert rows[1]["scope"].startswith("零售：百货")
    first = 1 if kind in ("json lines", "parquet") else 2
    assert [row["source_line"] for row in rows] == [first, first + 1]


def test_a_damaged_old_workbook_is_told_so(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "damaged.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DeliveryError, match="工作簿无法打开"):
        take_in(lake, path)


def test_columns_come_in_any_order_under_chinese_names(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        f"备注,成立日期,企业名称,省份,统一社会信用代码\n重点,2019年4月30日,示例有限公司,广东省,{code(7).lower()}\n"
    )
    report = take_in(lake, path)
    (row,) = lake.read(TABLE).to_pylist()
    assert (row["uscc"], row["name"], row["province_text"]) == (code(7), "示例有限公司", "广东省")
    assert report.ignored_columns == ["备注"]
    assert "city" in report.missing_columns and row["city_text"] is None


def test_lines_are_those_of_the_file_even_after_line_breaks_inside_values_and_blank_lines(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, scope='"零售\n百货\n日用"'), "", line(2), "只有,三,列", line(3)))
    take_in(lake, path)
    rows = {row["name"]: row["source_line"] for row in lake.read(TABLE).to_pylist()}
    assert rows == {"示例1有限公司": 2, "示例2有限公司": 6, "示例3有限公司": 8}
    (refused,) = lake.read("standard_quarantine").to_pylist()
    assert (refused["source_line"], refused["rule_id"], refused["value"]) == (7, "C-001", "只有,三,列")
    assert refused["reason_zh"] == "本行有3列，表头有10列。"


def test_every_row_of_a_clean_delivery_carries_its_origin(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1)))
    report = take_in(lake, path, source="省登记系统", is_synthetic=True)
    (row,) = lake.read(TABLE).to_pylist()
    assert (row["source"], row["is_synthetic"], row["delivery_sha256"]) == (
        "省登记系统",
        True,
        report.delivery_sha256,
    )
    assert (lake.deliveries / report.delivery_sha256 / "original").read_bytes() == path.read_bytes()

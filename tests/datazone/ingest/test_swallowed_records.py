"""A stray pair of quotes, a second sheet, a repeated key, a hidden character: nothing vanishes or hides in silence."""

import json
from pathlib import Path

import pytest
import xlsxwriter

from tests.datazone.ingest.samples import HEADER, TABLE, code, csv_text, fact, line, quarantined, take_in
from zhijian.datazone.ingest import DeliveryError
from zhijian.datazone.lake import Lake


def test_a_row_that_swallowed_others_between_two_quotes_is_refused_and_names_its_lines(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    opened, closed = line(2, scope='"零售：百货'), line(5, scope='日用品"')
    path.write_text(csv_text(line(1), opened, line(3), line(4), closed, line(6)))
    report = take_in(lake, path)
    (row,) = quarantined(lake)
    assert (row["rule_id"], row["source_line"]) == ("C-003", 3)
    assert "第3行至第6行" in row["reason_zh"] and "Lines 3 to 6" in row["reason_en"]
    assert all(code(number) in json.loads(row["row"])["_text"] for number in (2, 3, 4, 5))
    assert lake.read(TABLE)["name"].to_pylist() == ["示例1有限公司", "示例6有限公司"]
    assert (report.rows_in, report.rows_clean, report.lines_in) == (3, 2, 7)


def test_two_neighbours_that_became_one_are_told_by_the_second_ones_code(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, scope='"零售'), line(2, scope='百货"')))
    take_in(lake, path)
    assert [row["rule_id"] for row in quarantined(lake)] == ["C-003"]


def test_two_halves_of_records_are_told_by_their_shape_where_no_code_is_among_them(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    header = "name,registered_on,scope,province,city,uscc"
    first, second = (
        f'示例1,2019-04-30,"零售,广东,广州,{code(1)}',
        f'示例2,2019-04-30,百货",广东,广州,{code(2)}',
    )
    path.write_text(f"{header}\n{first}\n{second}\n")
    take_in(lake, path)
    assert [row["rule_id"] for row in quarantined(lake)] == ["C-003"]


@pytest.mark.parametrize(
    "scope", ['"零售\n百货\n日用"', '"一、零售,批发\n二、服务,咨询"', '"编号 123456789012345678\n百货"']
)
def test_a_value_may_have_lines_of_its_own(scope: str, lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, scope=scope), line(2)))
    report = take_in(lake, path)
    assert (report.rows_clean, report.lines_in) == (2, 3 + scope.count("\n"))


def test_json_laid_out_over_lines_may_name_a_code(lake: Lake, tmp_path: Path) -> None:
    payload = json.dumps({"other": code(9)}, indent=1).replace('"', '""')
    path = tmp_path / "f.csv"
    path.write_text(
        f'uscc,kind,occurred_on,source,source_key,payload\n{code(1)},penalty.decided,2025-03-01,系统,K1,"{payload}"\n'
    )
    assert take_in(lake, path, "supervision__facts").rows_clean == 1


def test_a_quote_that_swallows_hundreds_of_lines_stops_the_whole_file(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    rows = [line(1, scope='"零售'), *(line(n) for n in range(2, 300)), line(300, scope='百货"')]
    path.write_text(csv_text(*rows))
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, path)
    assert caught.value.code == "unclosed_quote" and lake.tables() == []


@pytest.mark.parametrize(("ending", "lines"), [("\n", 2), ("", 2), ("\n\n", 3)])
def test_the_lines_of_a_file_are_counted_with_header_and_blanks(
    ending: str, lines: int, lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"{HEADER}\n{line(1)}{ending}")
    assert take_in(lake, path).lines_in == lines


def _workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    book.close()
    return path


def test_a_workbook_with_two_filled_sheets_is_refused_and_names_them(lake: Lake, tmp_path: Path) -> None:
    rows = [HEADER.split(","), line(1).split(",")]
    path = _workbook(tmp_path / "two.xlsx", {"一月": rows, "二月": rows})
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, path)
    assert caught.value.code == "many_sheets" and "一月、二月" in caught.value.message_zh
    assert lake.tables() == []


def test_empty_sheets_beside_the_filled_one_do_not_matter(lake: Lake, tmp_path: Path) -> None:
    rows = [HEADER.split(","), line(1).split(",")]
    path = _workbook(tmp_path / "one.xlsx", {"空": [], "数据": rows, "Sheet3": [["", ""]]})
    assert take_in(lake, path).rows_clean == 1


def test_a_json_line_with_a_repeated_key_is_refused_and_names_it(lake: Lake, tmp_path: Path) -> None:
    twice = fact(1)[:-1] + f', "uscc": "{code(2)}"}}'
    path = tmp_path / "f.jsonl"
    path.write_text(f"{twice}\n{fact(3)}\n")
    report = take_in(lake, path, "supervision__facts")
    (row,) = quarantined(lake)
    assert (row["rule_id"], row["source_line"], row["state"]) == ("C-004", 1, "open")
    assert "“uscc”" in row["reason_zh"] and row["value"] == twice
    assert report.rows_clean == 1


@pytest.mark.parametrize("payload", ['{"fine": 1, "fine": 2}', '{"a": [{"b": {"c": 1, "c": 1}}]}'])
def test_a_key_repeated_inside_the_payload_is_refused_at_any_depth(
    payload: str, lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(fact(1, payload=0).replace('"payload": 0', f'"payload": {payload}') + "\n" + fact(2))
    report = take_in(lake, path, "supervision__facts")
    assert [row["rule_id"] for row in quarantined(lake)] == ["C-254"]
    assert report.rows_clean == 1


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u0007", "\u0085", "\U000e0041"])
@pytest.mark.parametrize(("column", "rule_id"), [("name", "C-113"), ("scope", "C-142"), ("address", "C-172")])
def test_characters_that_nobody_sees_are_refused_and_named(
    column: str, rule_id: str, hidden: str, lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, **{column: f"示例{hidden}有限公司"})))
    take_in(lake, path)
    (row,) = quarantined(lake)
    assert row["rule_id"] == rule_id and f"U+{ord(hidden):04X}" in row["reason_zh"]


def test_rare_characters_of_names_are_no_hidden_ones(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, name="示例𠮷（广东）·Ünïcode有限公司")))
    assert take_in(lake, path).rows_clean == 1


def test_a_hidden_character_is_found_in_a_payload_too_though_written_as_an_escape(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    start = f"uscc,kind,occurred_on,source,source_key,payload\n{code(1)},penalty.decided,2025-03-01,系统,K1,"
    path.write_text(start + '"{""violation"": ""a\\u202eb""}"\n')
    take_in(lake, path, "supervision__facts")
    (row,) = quarantined(lake)
    assert row["rule_id"] == "C-253" and "U+202E" in row["reason_zh"]

"""Invented data never lie under a real firm's code, nor real data under an invented one."""

from pathlib import Path

import pytest

from tests.datazone.ingest.samples import TABLE, code, csv_text, fact, line, quarantined, take_in
from zhijian.datazone.lake import Lake

FACTS = "standard_supervision__facts"


@pytest.fixture
def registered(lake: Lake, tmp_path: Path) -> Lake:
    """A lake with a real firm, number 1, and an invented one, number 2."""
    (tmp_path / "real.csv").write_text(csv_text(line(1)))
    (tmp_path / "invented.csv").write_text(csv_text(line(2)))
    take_in(lake, tmp_path / "real.csv")
    take_in(lake, tmp_path / "invented.csv", is_synthetic=True)
    return lake


@pytest.mark.parametrize(
    ("number", "is_synthetic", "own", "held"),
    [(1, True, "合成数据", "真实数据"), (2, False, "真实数据", "合成数据")],
)
def test_a_row_flagged_other_than_the_register_holds_its_code_is_refused(
    number: int, is_synthetic: bool, own: str, held: str, registered: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "over.csv"
    path.write_text(csv_text(line(number, name="被冒名有限公司"), line(3)))
    report = take_in(registered, path, is_synthetic=is_synthetic)
    (row,) = quarantined(registered)
    assert (row["rule_id"], row["source_line"], row["value"]) == ("C-105", 2, code(number))
    assert f"本行是{own}" in row["reason_zh"] and f"是{held}" in row["reason_zh"]
    assert "--synthetic" in row["remedy_zh"] and "--synthetic" in row["remedy_en"]
    assert report.rows_clean == 1
    assert "被冒名有限公司" not in registered.read(TABLE)["name"].to_pylist()


@pytest.mark.parametrize(("number", "is_synthetic"), [(1, False), (2, True)])
def test_a_row_with_the_flag_of_the_register_is_an_update(
    number: int, is_synthetic: bool, registered: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "again.csv"
    path.write_text(csv_text(line(number, name="改名后的公司")))
    assert take_in(registered, path, is_synthetic=is_synthetic).rows_clean == 1


@pytest.mark.parametrize(
    ("number", "of_delivery", "of_row", "rule_id"),
    [
        (1, True, None, "C-214"),  # invented, about a real firm
        (1, True, False, "C-214"),  # a delivery said to be invented holds nothing real
        (1, False, True, "C-214"),  # the row alone says that it is invented
        (2, False, None, "C-214"),  # real, about an invented firm
        (3, True, None, "C-215"),  # invented, about nobody on the register
        (3, False, True, "C-215"),
    ],
)
def test_a_fact_flagged_other_than_its_subject_is_refused(
    number: int, of_delivery: bool, of_row: bool | None, rule_id: str, registered: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(fact(number, is_synthetic=of_row))
    take_in(registered, path, "supervision__facts", is_synthetic=of_delivery)
    (row,) = quarantined(registered)
    assert (row["rule_id"], row["value"]) == (rule_id, code(number))
    assert row["reason_en"] and "--synthetic" in row["remedy_zh"]
    assert not registered.exists(FACTS)


@pytest.mark.parametrize(("number", "is_synthetic", "warnings"), [(1, False, 0), (2, True, 0), (3, False, 1)])
def test_a_fact_flagged_as_its_subject_comes_in_and_a_real_one_may_come_before_its_subject(
    number: int, is_synthetic: bool, warnings: int, registered: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(fact(number))
    report = take_in(registered, path, "supervision__facts", is_synthetic=is_synthetic)
    assert report.rows_clean == 1
    assert [rule["rule_id"] for rule in report.rules] == ["C-213"] * warnings

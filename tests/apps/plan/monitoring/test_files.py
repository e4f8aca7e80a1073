"""A plan is data: the published one is whole, another is loaded without code, and a wrong file says what is wrong where."""

import csv
import shutil
from decimal import Decimal as D
from pathlib import Path

import pytest

from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import cells, files, loading, queries
from zhijian.apps.plan.monitoring.rules import Basis

SECOND = Path(__file__).resolve().parents[3] / "data" / "plans" / "second"


def test_the_published_plan_has_its_28_rows_93_commitments_and_every_task_with_its_owner():
    plan = files.read(files.OWN)
    assert (len(plan.indicators), len(plan.commitments)) == (28, 93)
    tasks = [row for row in plan.paragraphs if row["kind"] != "text"]
    assert len(tasks) > 140 and all(row["owner_zh"] and row["from_year"] for row in tasks)
    linked = {name for row in plan.paragraphs for name in row.names("systems")}
    assert linked == {f"S{n:02d}" for n in range(1, 276)}
    assert len({name for row in plan.paragraphs for name in row.names("commitments")}) == 93
    assert all(row["owner_zh"] and row["owner_en"] for row in plan.indicators)
    binding = [row["number"] for row in plan.indicators if row.goal.is_binding]
    assert binding == ["18", "19", "21"]
    new = [row["number"] for row in plan.indicators if row.goal.basis == Basis.NEW]
    assert new == ["5", "6", "7"]
    assert [row["number"] for row in plan.indicators if row.goal.baseline is None] == ["5", "7", "8"]
    assert [row["number"] for row in plan.indicators if row.goal.basis == Basis.LOWER] == ["26"]


@pytest.mark.parametrize(
    ("text", "unit", "value", "sign"),
    [("55%", "%", "55", ""), ("≤2%", "%", "2", "≤"), ("[1384.9]", "万户", "1384.9", ""), ("(2500)", "亿元", "2500", ""),
     ("（8）", "万件", "8", ""), ("≥ 98.5", "%", "98.5", "≥"), ("1,780", "户", "1780", "")],
)  # fmt: skip
def test_a_cell_is_read_as_printed(text, unit, value, sign):
    found = cells.read(text, unit=unit)
    assert (found.value, found.comparator) == (D(value), sign)


@pytest.mark.parametrize("text", ["[5", "about 5", "5%%", "五", "50%"])
def test_what_is_no_cell_is_refused(text):
    with pytest.raises(cells.WrongCell):
        cells.read(text, unit="户")
    assert cells.read("  ", unit="户") is None


def test_the_next_plan_comes_from_files_alone_and_the_same_again_changes_nothing(db):
    first = loading.load(files.read(SECOND), at=AT)
    again = loading.load(files.read(SECOND), at=AT)
    assert (first.added, first.changed, again.is_new) == (6, 0, False)
    rows = queries.indicators(first.plan)
    assert [(row.number, row.basis, row.baseline, row.target, row.is_binding) for row in rows] == [
        ("Z1", "lower", 4, 0, True), ("Z2", "new", 30, 50, False), ("Z3", "level", 95, 97, False),
    ]  # fmt: skip


def changed(folder, name, old, new):
    shutil.copytree(SECOND, folder)
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")
    return folder


def test_a_better_definition_is_a_version_and_a_target_in_a_file_is_refused(db, tmp_path):
    loading.load(files.read(SECOND), at=AT)
    better = changed(tmp_path / "a", "indicators.csv", "linear,yes,,,,", "linear,yes,,,按批次计,by batch")
    found = loading.load(files.read(better), at=AT)
    assert (found.added, found.changed, found.plan.version) == (0, 1, 2)
    assert [one.version for one in found.plan.indicator_versions.filter(number="Z3")] == [1, 2]
    lower = changed(tmp_path / "b", "indicators.csv", "(50)", "(40)")
    with pytest.raises(files.WrongPlan, match="adjustment procedure"):
        loading.load(files.read(lower), at=AT)
    assert queries.indicator(found.plan, "Z2").target == 50


def test_a_table_with_an_endless_field_is_refused_with_its_line(tmp_path, usual_csv_limit):
    endless = changed(tmp_path / "e", "indicators.csv", "≥97%", "9" * 200_000)
    with pytest.raises(files.WrongPlan) as wrong:
        files.read(endless)
    assert "indicators.csv 4" in {one.field for one in wrong.value.problems}


def test_a_wrong_folder_names_every_fault(tmp_path):
    folder = changed(tmp_path / "c", "indicators.csv", "≥97%", "ninety")
    with pytest.raises(files.WrongPlan) as wrong:
        files.read(folder)
    assert [one.field for one in wrong.value.problems] == ["indicators.csv 4"]
    lost = changed(tmp_path / "d", "paragraphs.csv", "K1,Z2", "K9,Z2")
    with pytest.raises(files.WrongPlan, match="no K9 in commitments"):
        files.read(lost)
    (folder / "plan.yaml").write_text("code: A b\n", "utf-8")
    rows = list(csv.reader((folder / "commitments.csv").open(encoding="utf-8")))
    with (folder / "commitments.csv").open("w", encoding="utf-8") as out:
        csv.writer(out).writerows(row[1:] for row in rows)
    with pytest.raises(files.WrongPlan) as wrong:
        files.read(folder)
    assert {one.field for one in wrong.value.problems} >= {"plan.yaml", "commitments.csv"}
    (folder / "paragraphs.csv").unlink()
    with pytest.raises(files.WrongPlan, match="missing"):
        files.read(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",linear,,,,,", ",sideways,,,,,", "sideways"),
        (",linear,,,,,", ",geometric,,,,,", "must both be above zero"),
        (",linear,,,,,", ",linear,,no_such_formula,,,", "no_such_formula"),
    ],
)
def test_a_word_that_the_program_does_not_know_is_refused_when_the_plan_is_loaded(tmp_path, old, new, said):
    folder = tmp_path / "plan"
    shutil.copytree(SECOND, folder)
    table = folder / "indicators.csv"
    text = table.read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(files.WrongPlan, match=said):
        files.read(folder)


def test_a_commitment_has_the_owner_and_period_of_the_paragraph_that_promises_it(db):
    plan = loading.load(files.read(files.OWN), at=AT).plan
    found = {one.number: one for one in queries.items(plan, "commitment")}
    assert (found["C22"].owner_zh, found["C22"].from_year) == (
        "食品、药品、特种设备、产品质量监管业务机构",
        2021,
    )
    paragraphs = {one.number: one for one in queries.items(plan, "paragraph")}
    assert {"19", "20"} <= set(paragraphs["P076"].indicators) and "19" not in paragraphs["P054"].indicators

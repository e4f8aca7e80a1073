"""The verbs `ingest` and `lake`, as a person and as a program call them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.datazone.ingest.samples import ENTERPRISES, csv_text, line
from zhijian.operations.commands import ingest, lake


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJIAN_HOME", str(tmp_path / "home"))


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1), line(2, name="")))
    return path


def test_a_delivery_is_reported_to_a_person_and_again_recognised(delivery: Path) -> None:
    run = CliRunner()
    first = run.invoke(ingest.command, [ENTERPRISES, str(delivery), "--by", "省局"])
    assert first.exit_code == 0, first.output
    assert "收到 2 行，合格 1，退回 1" in first.output.replace("\n", "")
    assert "企业名称缺失" in first.output
    again = run.invoke(ingest.command, [ENTERPRISES, str(delivery)])
    assert again.exit_code == 0 and "已由 省局 于" in again.output.replace("\n", "")


def test_programs_get_one_json_report_for_each_file_and_status_2_for_a_bad_one(
    delivery: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    result = CliRunner().invoke(ingest.command, [ENTERPRISES, str(empty), str(delivery), "--json"])
    assert result.exit_code == 2
    bad, good = (json.loads(text) for text in result.stdout.splitlines())
    assert (bad["error"], bad["file"]) == ("empty", str(empty))
    assert (good["rows_in"], good["rows_quarantined"], good["already_delivered"]) == (2, 1, False)


def test_an_unknown_contract_is_told_with_those_that_there_are(delivery: Path) -> None:
    result = CliRunner().invoke(ingest.command, ["nothing", str(delivery)])
    assert result.exit_code == 2 and ENTERPRISES in result.output


def test_tables_rows_and_quarantine_can_be_looked_into(delivery: Path) -> None:
    run = CliRunner()
    run.invoke(ingest.command, [ENTERPRISES, str(delivery)])
    tables = [json.loads(text) for text in run.invoke(lake.command, ["tables", "--json"]).output.splitlines()]
    assert {entry["table"]: entry["rows"] for entry in tables}[f"standard_{ENTERPRISES}"] == 1
    shown = run.invoke(lake.command, ["show", f"standard_{ENTERPRISES}", "--as-of", "0", "--json"])
    assert json.loads(shown.output)["name"] == "示例1有限公司"
    refused = run.invoke(lake.command, ["quarantine", "--rule", "C-111", "--json"])
    assert json.loads(refused.output)["field"] == "name"
    assert "没有内容" in run.invoke(lake.command, ["quarantine", "--rule", "C-152"]).output
    assert run.invoke(lake.command, ["show", "standard_nothing"]).exit_code == 2

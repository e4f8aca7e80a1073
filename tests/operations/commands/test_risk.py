"""The verb `risk` from end to end on a small data set."""

import json

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from tests.datazone.risk.conftest import tiny_document, tiny_rows
from zhijian.operations.cli import zhijian


@pytest.fixture
def files(tmp_path, home):
    pq.write_table(tiny_rows(1_200), tmp_path / "rows.parquet")
    (tmp_path / "tiny.odcs.yaml").write_text(yaml.safe_dump(tiny_document()), encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(zhijian, ["risk", *map(str, arguments)])


def test_fit_then_score_then_evaluate(files, home):
    data, contract = files / "rows.parquet", files / "tiny.odcs.yaml"
    fitted = json.loads(run("fit", data, "--contract", contract, "--json").output)
    assert fitted["rows"] == 1_200
    assert fitted["variant"] == "adjusted"
    scored = run("score", data, "--contract", contract, "--target", files / "scores.parquet")
    assert scored.exit_code == 0, scored.output
    assert pq.read_table(files / "scores.parquet").num_rows == 1_200
    judged = run("evaluate", data, "--contract", contract, "--windows", 1, "--held-out", 0, "--repeats", 2)
    assert judged.exit_code == 0, judged.output
    assert "assignment alone" in judged.output
    assert (home.root / "risk" / "tiny.card.json").is_file()


def test_bad_input_ends_with_one_clear_message(files):
    pq.write_table(tiny_rows(1_200).drop_columns(["dirt"]), files / "bad.parquet")
    answer = run("fit", files / "bad.parquet", "--contract", files / "tiny.odcs.yaml")
    assert answer.exit_code == 1
    assert "column dirt is missing. Add it." in answer.output
    assert "Traceback" not in answer.output


def test_scoring_before_fitting_says_what_to_run(files):
    answer = run(
        "score",
        files / "rows.parquet",
        "--contract",
        files / "tiny.odcs.yaml",
        "--target",
        files / "no.parquet",
    )
    assert answer.exit_code == 1
    assert "Run `zhijian risk fit` first" in answer.output


def test_half_a_request_is_answered_with_what_is_missing(home):
    assert run("fit", "--province").exit_code == 2
    assert run("evaluate").exit_code == 2

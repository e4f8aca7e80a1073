"""``zhijian build`` and ``zhijian accuracy``: for people and for scripts."""

import json

import pytest
from click.testing import CliRunner

from tests.datazone.entity.test_market_entities import FIRST, deliver, row
from zhijian.datazone.lake import Lake
from zhijian.operations.commands import accuracy, build


@pytest.fixture
def filled(home):
    deliver(Lake(home.lake), "a", FIRST, row())
    return home


def test_a_build_tells_what_it_did_and_the_next_that_nothing_is_new(filled):
    first = CliRunner().invoke(build.command, [])
    assert first.exit_code == 0 and "新增1" in first.stdout
    assert "Nothing is new" in CliRunner().invoke(build.command, []).stdout


def test_the_json_of_a_build_is_one_object(filled):
    report = json.loads(CliRunner().invoke(build.command, ["--json"]).stdout)
    assert (report["entity_count"], report["is_unchanged"]) == (1, False)


def test_without_deliveries_the_next_step_is_named(home):
    result = CliRunner().invoke(build.command, [])
    assert result.exit_code == 1
    assert "zhijian ingest" in result.stderr


def test_accuracy_without_labels_says_what_is_missing(tmp_path):
    result = CliRunner().invoke(accuracy.command, ["--labels", str(tmp_path)])
    assert result.exit_code == 1
    assert "division_200.csv" in result.stderr


def test_accuracy_prints_shares_with_intervals_for_scripts():
    report = json.loads(CliRunner().invoke(accuracy.command, ["--json"]).stdout)
    county = report["shares"][0]
    assert (county["level"], county["rows"]) == ("county", 200)
    assert county["low_percent"] < county["percent"] < county["high_percent"]

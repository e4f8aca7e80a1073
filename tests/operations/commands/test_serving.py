"""``zhijian serving``: built, kept or refused, in words and as JSON."""

import json

import pytest
from click.testing import CliRunner

from tests.engines.registers.factory import entity, write
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import Home
from zhijian.operations.commands.serving import command


@pytest.fixture
def filled(home: Home) -> Home:
    write(Lake(home.lake), [entity(1, "示例甲有限公司")])
    return home


def test_a_build_is_reported_and_a_second_one_says_that_nothing_is_new(filled):
    first = CliRunner().invoke(command, ["build"])
    assert first.exit_code == 0
    assert "1 entities" in first.stdout and "as of 2026-11-19" in first.stdout
    assert "Nothing new in the lake" in CliRunner().invoke(command, ["build"]).stdout
    assert "Built in" in CliRunner().invoke(command, ["build", "--force"]).stdout


def test_json_is_one_object_for_scripts(filled):
    report = json.loads(CliRunner().invoke(command, ["build", "--json"]).stdout)
    assert (report["entity_count"], report["is_unchanged"]) == (1, False)
    assert json.loads(CliRunner().invoke(command, ["status", "--json"]).stdout) == report


def test_an_empty_lake_is_refused_with_what_to_run_first(home):
    result = CliRunner().invoke(command, ["build"])
    assert result.exit_code == 1
    assert "zhijian ingest" in result.stderr and "数据湖中还没有市场主体" in result.stderr


def test_the_status_before_the_first_build_fails_and_says_what_to_run(home):
    result = CliRunner().invoke(command, ["status"])
    assert result.exit_code == 1
    assert "zhijian serving build" in result.stderr

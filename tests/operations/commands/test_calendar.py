"""An office adds the year that has been announced, and every deadline counts with it."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest
from click.testing import CliRunner

from zhijian.operations.commands.calendar import command

NOTICE = """\
source: 示例通知
holidays:
  - {name: 元旦, from: 2035-01-01, to: 2035-01-03}
working_days: [2035-01-06]
"""
_NEXT_WORKING_DAY = "from datetime import date; from zhijian.operations import cli; import sys; " + (
    "from zhijian.infrastructure.configuration import use_own_parameters; import os; use_own_parameters(os.environ); "
    "from zhijian.standards.calendar import add_working_days; print(add_working_days(date(2035, 1, 1), 3))"
)


@pytest.fixture
def notice(tmp_path):
    path = tmp_path / "2035.yaml"
    path.write_text(NOTICE)
    return path


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_a_year_of_the_package_is_shown_with_its_make_up_days(home):
    shown = json.loads(run("show", 2026, "--json").output)
    assert shown["holidays"]["2026-10-01"] == "国庆节"
    assert "2026-02-14" in shown["working_weekends"]


def test_a_year_that_is_not_known_says_how_to_enter_it(home):
    result = run("show", 2035)
    assert result.exit_code == 1
    assert "zhijian calendar add 2035.yaml" in result.output


def test_an_added_year_is_counted_with_by_the_next_process(home, notice):
    assert run("add", notice).exit_code == 0
    environment = {**os.environ, "ZHIJIAN_HOME": str(home.root)}
    environment.pop("ZHIJIAN_PARAMETERS", None)
    command_line = [sys.executable, "-c", _NEXT_WORKING_DAY]
    printed = subprocess.run(command_line, capture_output=True, text=True, env=environment, check=True).stdout
    assert printed.strip() == str(date(2035, 1, 6))  # 4, 5 and the Saturday worked


def test_the_same_file_again_changes_nothing_and_another_needs_a_word(home, notice):
    run("add", notice)
    assert "没有任何改变" in run("add", notice).output
    notice.write_text(NOTICE.replace("working_days: [2035-01-06]", ""))
    refused = run("add", notice)
    assert refused.exit_code == 2 and "--replace" in refused.output
    assert run("add", notice, "--replace").exit_code == 0


def test_a_wrong_file_is_refused_and_nothing_is_put_in_use(home, notice):
    notice.write_text(NOTICE.replace("2035-01-06", "2035-01-05"))
    result = run("add", notice)
    assert result.exit_code == 2 and "cannot be a make-up day" in result.output
    assert not home.parameters.exists()


def test_a_file_that_names_no_year_is_asked_for_one(home, notice):
    other = notice.rename(notice.with_name("notice.yaml"))
    assert "--year 2027" in run("add", other).output
    assert run("add", other, "--year", 2035).exit_code == 0

"""The command line: every verb explains itself with an example."""

import subprocess
import sys

from click.testing import CliRunner

from zhijian.operations.cli import zhijian

VERBS = zhijian.list_commands(None)


def test_help_lists_every_verb_with_an_example():
    printed = CliRunner().invoke(zhijian, ["--help"], terminal_width=200).output
    for verb in VERBS:
        assert f"zhijian {verb}" in printed, f"{verb} has no example"


def test_an_unknown_verb_is_refused():
    result = CliRunner().invoke(zhijian, ["inspekt"])
    assert result.exit_code == 2
    assert "No such command 'inspekt'" in result.output


def test_a_wrong_setting_ends_with_one_clear_line(home):
    command = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", "migrate"]
    environment = {"ZHIJIAN_HOME": str(home.root), "ZHIJIAN_DEBUG": "perhaps", "PATH": "/usr/bin"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 2
    assert result.stderr == "zhijian: ZHIJIAN_DEBUG is 'perhaps'. Write 1 for yes or 0 for no.\n"

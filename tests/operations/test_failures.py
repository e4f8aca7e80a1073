"""What goes wrong outside the program ends in one line that says what, where and what next."""

import errno
import sqlite3
import subprocess
import sys

import pytest
from django.db.utils import OperationalError, ProgrammingError

from zhijian.operations.failures import explain


def verb(home, *words, **environment):
    command = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", *words]
    variables = {"ZHIJIAN_HOME": str(home), "PATH": "/usr/bin", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=variables)


@pytest.mark.parametrize(
    "full",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("Generic LocalFileSystem error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_is_told_whoever_met_it(home, full):
    try:
        raise OperationalError("commit") from full
    except OperationalError as problem:
        text = explain(problem, home)
    assert f"{home.root} 所在磁盘已满" in text and "Make room and run it again" in text


@pytest.mark.parametrize(
    ("problem", "remedy"),
    [
        (OperationalError("no such table: facts_fact"), "Run: zhijian migrate."),
        (ProgrammingError('relation "facts_fact" does not exist\nLINE 1: …'), "Run: zhijian migrate."),
        (OperationalError("database is locked"), "Try again when it has ended"),
        (OperationalError('connection failed: database "x" does not exist'), "Check ZHIJIAN_DATABASE_URL"),
    ],
)
def test_a_database_that_is_not_ready_is_told_with_the_remedy(home, problem, remedy):
    assert remedy in explain(problem, home)


def test_an_error_of_the_program_itself_is_left_for_programmers(home):
    assert explain(KeyError("uscc"), home) is None
    assert explain(PermissionError(errno.EACCES, "denied", "/elsewhere/file"), home) is None


def test_a_verb_before_migrate_ends_with_one_line_and_no_traceback(home):
    result = verb(home.root, "facts", "verify")
    assert result.returncode == 1
    assert result.stderr.startswith("zhijian: ") and result.stderr.endswith("Run: zhijian migrate.\n")
    assert "Traceback" not in result.stderr


def test_a_home_that_cannot_be_made_is_named(home):
    (home.root / "file").write_text("")
    result = verb(home.root / "file" / "home", "migrate")
    assert result.returncode == 1
    assert f"ZHIJIAN_HOME (now {home.root / 'file' / 'home'})" in result.stderr
    assert "Traceback" not in result.stderr

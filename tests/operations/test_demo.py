"""The main job as a stranger meets it: one command, on real input, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.database
ENTRY = [sys.executable, "-c", "from zhijian.operations.cli import main; main()"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A home of its own, and on PostgreSQL a database of its own."""
    values = {**os.environ, "ZHIJIAN_HOME": str(tmp_path_factory.mktemp("demo") / "home")}
    if url := os.environ.get("ZHIJIAN_DATABASE_URL"):
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE demonstration")
        values["ZHIJIAN_DATABASE_URL"] = url.rsplit("/", 1)[0] + "/demonstration"
    return values


def zhijian(environment, *arguments):
    return subprocess.run([*ENTRY, *arguments], env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def first_run(environment):
    result = zhijian(environment, "demo", "--no-serve")
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-4000:]
    return result.stdout


def test_it_says_what_came_in_what_was_refused_and_why(first_run):
    assert "12,010" in first_run
    assert "统一社会信用代码" in first_run
    assert "classes A" in first_run


def test_every_draw_and_every_fact_verifies_at_the_end(first_run):
    assert first_run.count("all agree") == 3
    assert "nothing was changed:" in first_run


def test_it_prints_accounts_for_every_role(first_run):
    for role in (
        "province-drawer",
        "province-auditor",
        "province-publisher",
        "province-steward",
        "inspector-",
    ):
        assert role in first_run


def test_a_second_run_changes_nothing_and_says_so(first_run, environment):
    second = zhijian(environment, "demo", "--no-serve")
    assert second.returncode == 0
    assert "this run changed nothing" in second.stdout


def test_a_published_draw_verifies_by_the_command_that_anybody_has(first_run, environment):
    draws = Path(environment["ZHIJIAN_HOME"]) / "published" / "draws"
    file = next(draws.glob("draw-GD-2026-0001-1-results-*.json"))
    result = zhijian(
        environment, "draw", "verify", str(file), "--ledger", str(draws / "ledger.json"), "--json"
    )
    assert result.returncode == 0
    assert json.loads(result.stdout)["ok"]


def test_its_tables_its_sealed_facts_and_its_record_of_looks_agree(first_run, environment):
    facts = zhijian(environment, "facts", "verify", "--json")
    assert (facts.returncode, json.loads(facts.stdout)["list"]) == (0, []), facts.stderr[-2000:]
    looks = zhijian(environment, "audit", "verify")
    assert looks.returncode == 0, looks.stdout + looks.stderr[-2000:]


def test_no_published_file_holds_a_class_or_the_name_of_a_real_firm(first_run, environment):
    """The rehearsal's file is salted: nobody learns from it which real firm was drawn."""
    draws = Path(environment["ZHIJIAN_HOME"]) / "published" / "draws"
    rehearsal = (draws / "draw-GD-2026-R001-1.json").read_text("utf-8")
    assert "有限公司" not in rehearsal
    for path in draws.glob("*GD-2026-0001*"):
        assert "class_code" not in path.read_text("utf-8")


def test_no_fact_was_written_about_a_real_firm(first_run, environment):
    check = (
        "from zhijian.operations.cli import prepare_django; prepare_django()\n"
        "from zhijian.engines.facts.models import Fact\n"
        "print(Fact.objects.filter(is_synthetic=False).exclude(kind__startswith='draw.')"
        ".exclude(kind='publicity.root').count())"  # a day's root is about no firm
    )
    result = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True)
    assert result.stdout.strip() == "0", result.stderr[-2000:]

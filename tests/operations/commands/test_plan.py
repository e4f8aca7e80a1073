"""``zhijian plan``: a plan is loaded once, shown, handed out as a package and computed again; bad input has one clear line."""

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from zhijian.apps.plan.monitoring import files
from zhijian.operations.commands.plan import command

SECOND = Path(__file__).parents[2] / "data" / "plans" / "second"


def _run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_a_plan_is_loaded_shown_packed_and_computed_again(db, tmp_path):
    assert _run("show").exit_code == 1 and _run("package", tmp_path / "none.zip").exit_code == 1
    assert "rows added" in _run("load").output and "nothing changed" in _run("load").output
    shown = json.loads(_run("show", "--json", "--on", "2023-12-31").output)
    assert len(shown["figures"]) == 28 and {one["judged"]["light"] for one in shown["figures"]} <= {
        "grey",
        "no_data",
    }
    assert _run("show", "--plan", "no-such").exit_code == 1
    package = tmp_path / "package.zip"
    assert _run("package", package, "--on", "2025-12-31").exit_code == 0
    assert "figures are the same" in _run("recompute", package).output
    package.write_bytes(b"not a package")
    broken = _run("recompute", package)
    assert broken.exit_code == 1 and "Traceback" not in broken.output


def test_another_plan_is_loaded_from_its_files_and_a_folder_without_its_head_is_refused(db, tmp_path):
    assert _run("load", SECOND).exit_code == 0
    folder = tmp_path / "wrong"
    shutil.copytree(files.OWN, folder)
    (folder / "plan.yaml").unlink()
    assert _run("load", folder).exit_code == 1


def test_the_platform_computes_what_it_has_tables_for_and_says_how_many_values(db, home):
    assert _run("load").exit_code == 0
    told = _run("compute")
    assert told.exit_code == 0 and told.output.endswith("  0 values\n")  # an empty home has nothing to count


def test_a_plan_is_checked_before_it_is_loaded_and_written_out_to_begin_the_next_with(db, tmp_path):
    assert "nothing loaded: 6 rows added" in _run("load", SECOND, "--check").output
    assert _run("export", tmp_path / "none").exit_code == 1
    _run("load", SECOND)
    assert _run("export", tmp_path / "next", "--plan", "invented-2026-2030").exit_code == 0
    again = _run("load", tmp_path / "next")
    assert again.exit_code == 0 and "nothing changed" in again.output
    package = tmp_path / "next.zip"
    assert _run("package", package, "--plan", "invented-2026-2030", "--on", "2026-11-30").exit_code == 0
    assert "figures are the same" in _run("recompute", package).output
    full = _run("export", tmp_path / "next")
    assert full.exit_code == 1 and "not empty" in full.output
    table = tmp_path / "next" / "indicators.csv"
    table.write_text(table.read_text("utf-8-sig").replace("Z2,", "Z1,", 1), "utf-8")
    told = _run("load", tmp_path / "next")
    assert told.exit_code == 1 and "indicators.csv line 3" in told.output and "Traceback" not in told.output

"""`zhijian draw verify`: yes is 0, no is 1 and names the line, unreadable is 2."""

import json

import pytest
from click.testing import CliRunner

from tests.engines.draws import ceremony, cheats
from zhijian.engines.draws import services, verifier
from zhijian.operations.commands.draw import command

pytestmark = [pytest.mark.django_db]


def _run(*arguments):
    return CliRunner().invoke(command, ["verify", *map(str, arguments)])


def test_yes_no_and_unreadable_have_exit_codes_of_their_own(honest, tmp_path):
    good, bad, junk = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "junk.json"
    forgery = cheats.changed_weight(honest)[0]
    good.write_bytes(honest.salted)
    bad.write_bytes(forgery.file)
    junk.write_bytes(b"not a draw")
    (tmp_path / "ledger.json").write_bytes(honest.salted_ledger)
    assert _run(good, "--ledger", tmp_path / "ledger.json").exit_code == 0
    refused = _run(bad)
    assert refused.exit_code == 1 and f"第{forgery.line}行" in refused.output
    assert _run(junk).exit_code == 2
    assert _run(tmp_path / "missing.json").exit_code == 2
    answer = json.loads(_run(good, "--json").stdout)
    assert answer["ok"] and len(answer["objects"]) == 60


def test_an_object_learns_why_it_was_drawn_and_a_dropped_one_that_it_was_dropped(home, tmp_path):
    draw, path = ceremony.published()
    selection = services.result_of(draw).drawn[0]
    opening = services.opening_of(draw, selection.object_id)
    mine = tmp_path / "opening.json"
    mine.write_text(json.dumps(opening))
    answer = _run(path, "--why", mine)
    assert answer.exit_code == 0
    assert "所以抽中" in answer.output and "so you were drawn" in answer.output
    mine.write_text(json.dumps(opening | {"salt": "00" * 16}))
    dropped = _run(path, "--why", mine)
    assert dropped.exit_code == 1 and "不在这份名单里" in dropped.output
    mine.write_text("[]")
    assert _run(path, "--why", mine).exit_code == 2


def test_an_object_sees_that_its_own_result_was_replaced(home, tmp_path):
    draw, _ = ceremony.published()
    results = ceremony.with_outcomes(draw, pending=0)
    one = services.result_of(draw).drawn[0]
    opening = services.opening_of(draw, one.object_id)
    mine = tmp_path / "opening.json"
    mine.write_text(json.dumps(opening))
    assert _run(results, "--why", mine).exit_code == 0
    opening["results"][-1]["result"]["codes"] = ["9"]
    mine.write_text(json.dumps(opening))
    answer = _run(results, "--why", mine)
    assert answer.exit_code == 1 and "与您收到的不同" in answer.output


@pytest.mark.browser
def test_the_browser_gives_the_same_reason(home, verifier_page):
    draw, path = ceremony.published()
    for selection in (*services.result_of(draw).drawn[:2], services.result_of(draw).reserve[0]):
        opening = services.opening_of(draw, selection.object_id)
        found = verifier_page.evaluate(
            "([file, opening]) => explain(file, opening)", [path.read_text("utf-8"), opening]
        )
        ours = _reason(path, opening)
        assert (found["ok"], found["line"], found["place"], found["drawn"]) == (
            ours.ok,
            ours.line,
            ours.place,
            ours.drawn,
        )
        assert found["message_zh"] == ours.message_zh


def _reason(path, opening):
    from zhijian.engines.draws.why import explain

    return explain(path.read_bytes(), opening)


def test_the_verifier_runs_as_a_plain_script_and_imports_nothing_of_ours(honest, tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    script = Path(verifier.__file__)
    (tmp_path / "draw.json").write_bytes(honest.salted)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(tmp_path / "draw.json")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "zhijian." not in script.read_text("utf-8")

"""`zhijian verify publicity` and `zhijian mirror` from files alone: right, wrong, unreadable."""

import json
import sys
from datetime import timedelta

import pytest

from tests.conftest import run
from tests.engines.publicity.conftest import DAY, FIRM, NONE, OTHER, ask, build, morning, penalty  # noqa: F401
from zhijian.engines.facts import services
from zhijian.engines.publicity import mirror, roots
from zhijian.engines.publicity.building import open_map

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def called():
    """Call a verb in this process and return what it printed and its exit code."""
    from click.testing import CliRunner

    from zhijian.operations.cli import zhijian as verbs

    def call(*arguments):
        return CliRunner().invoke(verbs, [str(one) for one in arguments])

    return call


@pytest.fixture
def files(penalty, build, ask, home, tmp_path):  # noqa: F811
    """A proof, the chain, and a snapshot of the first day with the changes up to the second."""
    first = penalty("1")
    penalty("2", subject=OTHER)
    build()
    snapshot = tmp_path / "copy.jsonl"
    snapshot.write_text(_snapshot(home), "utf-8")
    at = morning(DAY) + timedelta(hours=9)
    services.withdraw(first, reason="处罚决定被撤销", by="demo", at=at)
    penalty("3", subject=NONE, at=at)
    build(NEXT)
    changes = tmp_path / "changes.jsonl"
    with open_map(home) as store:
        lines = mirror.change_lines(DAY.isoformat(), roots.all_roots()[-1], store.changed_since(DAY))
        changes.write_text("".join(lines), "utf-8")
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(ask(OTHER, NEXT)))
    return {
        "copy": snapshot,
        "changes": changes,
        "proof": proof,
        "roots": home.published / "publicity" / "roots.json",
    }


def _snapshot(home):
    with open_map(home) as store:
        return "".join(mirror.snapshot_lines(json.loads(store.newest().signed), store.texts()))


def test_a_proof_and_the_chain_verify(files, called):
    done = called("verify", "publicity", files["proof"], "--roots", files["roots"], "--kept", files["roots"])
    assert (done.exit_code, "The 1 items listed are all there are" in done.output) == (0, True)
    assert called("verify", "publicity", "--roots", files["roots"]).exit_code == 0


def test_a_hidden_record_ends_with_one_and_is_named(files, called):
    answer = json.loads(files["proof"].read_text())
    answer["leaf"]["items"] = []
    files["proof"].write_text(json.dumps(answer))
    done = called("verify", "publicity", files["proof"], "--json")
    assert done.exit_code == 1
    assert [one["id"] for one in json.loads(done.output)["checks"] if one["ok"] is False] == ["list"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"form": "x"}'])
def test_an_unreadable_file_ends_with_two(files, called, text):
    files["proof"].write_text(text)
    assert called("verify", "publicity", files["proof"]).exit_code == 2


def test_a_mirror_that_applied_the_changes_gives_the_root_of_the_day(files, called, home):
    assert called("mirror", "check", files["copy"]).exit_code == 0
    done = called("mirror", "apply", files["copy"], files["changes"])
    assert (done.exit_code, files["copy"].read_text("utf-8")) == (0, _snapshot(home))
    assert called("mirror", "check", files["copy"], "--key", roots.all_roots()[0]["key"]).exit_code == 0
    assert FIRM not in files["copy"].read_text("utf-8")


def test_a_mirror_that_leaves_out_a_record_is_found(files, called):
    lines = files["copy"].read_text("utf-8").splitlines(keepends=True)
    files["copy"].write_text("".join(lines[:-1]), "utf-8")
    done = called("mirror", "check", files["copy"])
    assert (done.exit_code, "does not give the root" in done.output) == (1, True)
    before = files["copy"].read_bytes()
    assert called("mirror", "apply", files["copy"], files["changes"]).exit_code == 1
    assert files["copy"].read_bytes() == before


def test_changes_of_another_day_and_a_broken_copy_are_refused(files, called):
    called("mirror", "apply", files["copy"], files["changes"])
    again = called("mirror", "apply", files["copy"], files["changes"])
    assert (again.exit_code, "ask for those since 2026-11-04" in again.output) == (2, True)
    files["copy"].write_text("x\n")
    assert called("mirror", "check", files["copy"]).exit_code == 2


def test_the_night_is_a_verb_too(called, home, db, monkeypatch):
    monkeypatch.setattr("zhijian.operations.commands.publicity.prepare_django", lambda: None)
    done = called("publicity", "build", "--day", "2026-11-03", "--json")
    assert (done.exit_code, json.loads(done.output)["statement"]["entities"]) == (0, 0)
    done = called("publicity", "prove", FIRM)
    assert json.loads(done.output)["leaf"] is None
    assert called("publicity", "prove", FIRM, "--day", "2026-11-01").exit_code == 1


def test_a_day_that_has_not_begun_is_refused_in_words(called, home, db, monkeypatch):
    monkeypatch.setattr("zhijian.operations.commands.publicity.prepare_django", lambda: None)
    done = called("publicity", "build", "--day", "2999-01-01")
    assert (done.exit_code, "has not begun" in done.output) == (1, True)


def test_a_strangers_verbs_need_no_database(files, tmp_path):
    code = f"from zhijian.operations.cli import zhijian; zhijian(['verify', 'publicity', {str(files['proof'])!r}])"
    mirrored = (
        f"from zhijian.operations.cli import zhijian; zhijian(['mirror', 'check', {str(files['copy'])!r}])"
    )
    environment = {"PATH": "/usr/bin:/bin", "ZHIJIAN_HOME": str(tmp_path / "none")}
    for one in (code, mirrored):
        done = run(sys.executable, "-c", one, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "none").exists()


def test_a_proof_written_by_hand_withholds_a_list_of_which_an_item_left_since(penalty, build, called, home):  # noqa: F811
    fact = penalty("1")
    build()
    whole = json.loads(called("publicity", "prove", FIRM).stdout)
    assert [one["fact_id"] for one in whole["leaf"]["items"]] == [str(fact.pk)]
    services.withdraw(fact, reason="处罚决定被撤销", by="demo", at=morning(DAY) + timedelta(hours=9))
    withheld = json.loads(called("publicity", "prove", FIRM).stdout)
    assert withheld["is_withheld"] is True and withheld["leaf"] is None

"""S01: the demonstration has invented transfers at every stage; a second run changes nothing; the command tells what it did."""

import json

import pytest
from click.testing import CliRunner

from tests.apps.consumer.bay_area.handing import ROW
from zhijian.apps.consumer.bay_area.models import Line, Transfer
from zhijian.apps.consumer.complaints.intake import keys
from zhijian.operations.commands import bay_area as verbs
from zhijian.operations.demo import bay_area

pytestmark = pytest.mark.django_db


def test_the_demonstration_has_every_stage_and_a_second_run_changes_nothing(office, django_user_model):
    assert bay_area.seed() == 13
    assert bay_area.seed() == 0
    found = {one.status for one in Transfer.objects.all()}
    assert {
        "SUBMITTED",
        "TRANSFERRED",
        "IN_CONTACT",
        "SETTLED",
        "RETURNED",
        "ESCALATED_TO_AUTHORITY",
        "WITHDRAWN",
    } <= found
    assert all(one.is_synthetic for one in Transfer.objects.all())


@pytest.fixture
def run(desk, monkeypatch):
    monkeypatch.setattr(verbs, "prepare_django", lambda: None)
    return lambda *words: CliRunner().invoke(verbs.command, list(words))


def test_a_key_is_shown_once_and_the_one_before_ends(run):
    first = json.loads(run("key", "hk", "--unit", "council-440000").output)
    again = json.loads(
        run("key", "hk", "--unit", "council-440000", "--address", "https://hk.example/x").output
    )
    assert keys.find(first["key"]) is None
    assert keys.find(again["key"]).system == "council_hk"
    assert Line.objects.get().address == "https://hk.example/x"
    assert (first["signing_secret"], len(again["signing_secret"])) == ("", 64)
    assert run("key", "hk", "--unit", "council-440000", "--address", "http://10.0.0.1/").exit_code == 1


def test_a_file_is_taken_in_line_by_line_and_bad_lines_are_told_without_persons(run, tmp_path):
    lines = [ROW, ROW | {"reference": "B2", "currency": "USD"}, ROW | {"facts": "換了一個說法的經過。"}]
    file = tmp_path / "from-hk.jsonl"
    file.write_text(
        "\n".join([*(json.dumps(one, ensure_ascii=False) for one in lines), "{broken", "[1]"]), "utf-8"
    )
    done = run("import", str(file), "--council", "hk", "--synthetic", "--json")
    told = json.loads(done.output)
    assert (told["received"], told["known"], told["changed"]) == (1, 0, 1)
    assert [(one["line"], one["fields"]) for one in told["refused"]] == [(2, ["currency"]), (4, []), (5, [])]
    assert ROW["consumer_name"] not in done.output
    assert done.exit_code == 1
    assert json.loads(run("import", str(file), "--council", "hk", "--json").output)["known"] == 1
    assert Transfer.objects.get().is_synthetic

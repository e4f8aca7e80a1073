"""`facts verify` compares the tables of checks and the ledger of draws with the sealed facts."""

import json

import pytest
from click.testing import CliRunner

from tests.apps.supervision.inspection.casework import AT, NOTHING_FOUND, corrected
from zhijian.apps.supervision.inspection import agreement
from zhijian.apps.supervision.inspection.models import Check, CheckEvent, CheckItemResult, RecordedCode
from zhijian.engines.facts.models import Fact
from zhijian.operations.commands import facts as verbs

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def said():
    return [finding.message_en for finding in agreement.findings()]


def test_of_honest_tables_nothing_is_said(published, staff):
    corrected(published, NOTHING_FOUND, "另一家", staff=staff, at=AT)
    assert said() == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda: RecordedCode.objects.filter(code="9").update(code="7"), "not what was confirmed"),
        (lambda: RecordedCode.objects.filter(code="9").update(code="7"), "codes"),
        (lambda: CheckItemResult.objects.update(finding="conform"), "items"),
        (lambda: Check.objects.update(uscc="another"), "its dispatch differs"),
        (lambda: CheckEvent.objects.filter(verb="confirm").update(verb="begin"), "confirmation of version 1"),
        (
            lambda: CheckEvent.objects.filter(verb="publish").update(verb="begin"),
            "publication 1 is on one side",
        ),
    ],
)
def test_what_was_edited_in_the_tables_is_named(published, edit, expected):
    edit()
    assert any(expected in words for words in said()), said()


@pytest.mark.parametrize(("verb", "expected"), [("publish", "publisher"), ("confirm", "by another person")])
def test_another_name_at_a_step_is_named(published, staff, verb, expected):
    CheckEvent.objects.filter(verb=verb).update(actor=staff.third)
    assert any(expected in words for words in said())


def test_a_check_whose_row_is_gone_is_named(published):
    Check.objects.filter(pk=published.pk).update(number="other")
    assert any("has no row" in words for words in said())


def test_the_verb_counts_disagreements_and_fails(published, home, monkeypatch):
    monkeypatch.setattr(verbs, "_prepare", lambda: None)
    assert json.loads(CliRunner().invoke(verbs.verify, ["--json"]).output)["ok"] is True
    RecordedCode.objects.filter(code="9").update(code="7")
    done = CliRunner().invoke(verbs.verify, ["--json"])
    assert (done.exit_code, json.loads(done.output)["ledger_findings"]) == (1, 2)
    assert Fact.objects.exists()

"""What others made is listed whole, and known weaknesses of it never pass in silence."""

import importlib.util
import json
import re
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[2]


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def audit():
    return script("dependency_audit")


@pytest.fixture(scope="module")
def bill():
    return script("bill_of_materials")


def test_the_bill_of_materials_is_that_of_the_lock_files_and_of_the_format(bill):
    text = bill.PAGE.read_text("utf-8")
    assert text == bill.text(), "run scripts/bill_of_materials.py"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_every_component_to_run_stands_in_the_bill_with_a_licence_and_none_is_gpl(bill):
    listed = {one["name"]: one for one in json.loads(bill.PAGE.read_text("utf-8"))["components"]}
    needed = bill.locked("requirements.lock")
    assert set(needed) <= set(listed)
    words = {
        name: " ".join(part.get("expression") or part["license"]["name"] for part in listed[name]["licenses"])
        for name in needed
    }
    assert [name for name, said in words.items() if re.search(r"(?<![L])A?GPL", said)] == []


def test_the_audit_knows_every_locked_package(audit, bill):
    assert audit.locked() == {name.replace(".", "-").replace("_", "-"): version for name, (version, _) in bill.locked("requirements-dev.lock").items()}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "weak"),
    [("4.1", False), ("4.2", True), ("4.2.15", True), ("4.2.16", False), ("5.0.8", True), ("5.0.9", False),
     ("5.1", True), ("5.1.1", False), ("5.2.19", False)],
)  # fmt: skip
def test_a_version_is_weak_from_where_it_came_in_until_it_was_mended(audit, version, weak):
    advisories = [one for one in audit.kept()["advisories"] if one["id"] == "PYSEC-0000-CVE-2024-45230"]
    assert bool(audit.known_from(advisories, {"django": version})) is weak


def test_no_locked_package_is_named_by_a_kept_advisory(audit):
    assert audit.known_from(audit.kept()["advisories"], audit.locked()) == []


def test_a_source_that_is_silent_is_said_loudly_and_is_no_clean_answer(audit, monkeypatch, capsys):
    monkeypatch.setattr(audit, "ask_source", lambda packages: ([], 3))
    assert audit.audit(on=date(2026, 11, 30), is_strict=False) == 0
    said = capsys.readouterr()
    assert "NOT AUDITED IN FULL" in said.err and "3 of" in said.err and "1 days old" in said.err
    assert "no weakness" not in said.out
    assert audit.audit(on=date(2026, 11, 30), is_strict=True) == 2
    audit.audit(on=date(2027, 1, 30), is_strict=False)
    assert "OLDER THAN 30 DAYS" in capsys.readouterr().err


def test_skipped_packages_are_no_answer_even_where_the_tool_ends_well(audit, monkeypatch):
    told = {"dependencies": [{"name": "django", "skip_reason": "not found"}, {"name": "lxml", "version": "6", "vulns": []}]}  # fmt: skip
    done = subprocess.CompletedProcess([], 0, json.dumps(told), "No known vulnerabilities found")
    monkeypatch.setattr(audit.subprocess, "run", lambda *a, **k: done)
    assert audit.ask_source({"django": "5.2", "lxml": "6"}) == ([], 1)


def test_a_known_weakness_stops_the_audit_unless_it_was_accepted_until_a_day(audit, monkeypatch, capsys):
    monkeypatch.setattr(audit, "ask_source", lambda packages: ([], len(packages)))
    monkeypatch.setattr(audit, "locked", lambda: {"django": "5.1", "gunicorn": "27.0.1"})
    assert audit.audit(on=date(2026, 11, 30), is_strict=False) == 1
    assert "django 5.1: PYSEC-0000-CVE-2024-45230" in capsys.readouterr().err
    accepted = [{"id": "PYSEC-0000-CVE-2024-45230", "reason": "not used", "until": "2026-12-01"}]
    monkeypatch.setattr(
        audit, "kept", lambda: {**json.loads(audit.KEPT.read_text("utf-8")), "accepted": accepted}
    )
    assert audit.audit(on=date(2026, 12, 1), is_strict=True) == 0
    assert audit.audit(on=date(2026, 12, 2), is_strict=True) == 1


def test_the_kept_list_is_made_anew_from_an_archive_of_the_source(audit, tmp_path):
    def advisory(name, **more):
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]
        return json.dumps({"affected": [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}], "published": "2026-01-02T00:00:00Z", **more})  # fmt: skip

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("A.json", advisory("Django", id="A"))
        archive.writestr("B.json", advisory("nobody-s", id="B"))
        archive.writestr("C.json", advisory("django", id="C", withdrawn="2026-01-03T00:00:00Z"))
    made = audit.refreshed(tmp_path / "all.zip", {"django": "5.2"}, on=date(2026, 12, 1))
    assert [one["id"] for one in made["advisories"]] == ["A"]
    assert made["kept_on"] == "2026-12-01" and made["licence"] == "CC-BY-4.0"
    assert audit.known_from(made["advisories"], {"django": "5.2"}) == ["Django 5.2: A"]


def test_all_of_it_stands_in_make_test():
    lines = (ROOT / "Makefile").read_text("utf-8").split("\ntest:")[1].split("\n\n")[0]
    assert "scripts/dependency_audit.py" in lines and "scripts/bill_of_materials.py --check" in lines

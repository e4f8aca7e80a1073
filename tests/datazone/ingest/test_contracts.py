"""Published contracts can be applied, and every rule can be explained to a person in two languages."""

import string
from datetime import date
from pathlib import Path

import pytest
import yaml

from zhijian.datazone import contracts
from zhijian.datazone.ingest.refusals import explain

NAMES = contracts.names()
EXPLAINED = [(name, field, rule) for name in NAMES for field, rule in contracts.load(name).every_rule()]
ENTRY = {"value": "某值", "clean_value": "某值", "earlier_line": 7, "problem_details": None}


def test_the_three_first_contracts_are_published() -> None:
    assert {"registration__enterprises", "supervision__facts", "enforcement__penalty_decisions"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_has_what_the_standard_requires(name: str) -> None:
    document = yaml.safe_load(contracts.load(name).path.read_text())
    assert document["apiVersion"] == "v3.1.0" and document["kind"] == "DataContract"
    assert document["id"] and document["version"] and document["status"] == "active"
    types = {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"}
    properties = document["schema"][0]["properties"]
    assert {entry["logicalType"] for entry in properties} <= types
    metrics = {"nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"}
    rules = [rule for entry in properties for rule in entry.get("quality", [])]
    assert {rule["metric"] for rule in rules if rule["type"] == "library"} <= metrics
    assert all(rule["engine"] and rule["implementation"] for rule in rules if rule["type"] == "custom")


def test_no_two_rules_share_an_id() -> None:
    structural = {rule.id for rule in contracts.STRUCTURAL_RULES.values()}
    ids = [rule.id for name in NAMES for _, rule in contracts.load(name).every_rule()]
    own = [rule_id for rule_id in ids if rule_id not in structural]
    assert len(own) == len(set(own))


@pytest.mark.parametrize(
    ("name", "field", "rule"), EXPLAINED, ids=[f"{name}-{rule.id}" for name, _, rule in EXPLAINED]
)
def test_every_rule_is_explained_without_a_gap(
    name: str, field: contracts.Field | None, rule: contracts.Rule
) -> None:
    details = '{"expected_columns": 10, "actual_columns": 3, "first_line": 2, "last_line": 4, "keys": "name"}'
    texts = explain(rule, field, {**ENTRY, "problem_details": details}, date(2026, 11, 24))
    for side in ("reason_zh", "reason_en", "remedy_zh", "remedy_en"):
        text = texts[side]
        assert text and "None" not in text
        assert not [part for _, part, *_ in string.Formatter().parse(text) if part and rule.kind != "json"]


def test_a_contract_with_an_unknown_check_is_refused_when_it_is_read(tmp_path: Path) -> None:
    text = contracts.load("registration__enterprises").path.read_text()
    path = tmp_path / "bad.odcs.yaml"
    path.write_text(text.replace("{check: uscc}", "{check: horoscope}"))
    with pytest.raises(contracts.BadContract, match="C-102"):
        contracts.read(path)


def test_a_contract_with_an_unknown_code_list_is_refused_when_it_is_read(tmp_path: Path) -> None:
    text = contracts.load("registration__enterprises").path.read_text()
    path = tmp_path / "bad.odcs.yaml"
    path.write_text(text.replace("divisions.provinces", "divisions.planets"))
    with pytest.raises(contracts.BadContract, match=r"divisions\.planets"):
        contracts.read(path)

"""The invented province: deterministic, valid in form, and never mistaken for a real one."""

import csv
import json
from datetime import date

import pytest

from zhijian.operations.seed.synthetic import CODE_MARK, synthetic_code, write_province
from zhijian.standards.uscc import UnifiedSocialCreditCode

UNTIL = date(2026, 10, 31)


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    return write_province(tmp_path_factory.mktemp("province"), entities=300, seed=7, until=UNTIL)


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes(province, tmp_path):
    again = write_province(tmp_path, entities=300, seed=7, until=UNTIL)
    assert all(again[name].read_bytes() == path.read_bytes() for name, path in province.items())


def test_every_name_says_that_it_is_an_example_and_every_file_that_it_is_synthetic(province):
    assert all("示例" in row["name"] for row in rows(province["register"]))
    assert all("_SYNTHETIC" in path.name for path in province.values())


def test_every_code_is_right_in_form_unique_and_in_the_unreached_number_space(province):
    codes = [row["uscc"] for row in rows(province["register"])]
    assert len(set(codes)) == 300
    for code in codes:
        assert UnifiedSocialCreditCode.parse(code).organisation_code.startswith(CODE_MARK)


def test_codes_differ_for_every_number_of_a_large_province():
    assert len({synthetic_code(n, "440106") for n in range(0, 900_000, 997)}) == len(range(0, 900_000, 997))


def test_every_fact_belongs_to_an_invented_firm_and_lies_in_the_past(province):
    codes = {row["uscc"] for row in rows(province["register"])}
    facts = [json.loads(line) for line in province["facts"].read_text("utf-8").splitlines()]
    assert len({fact["fact_id"] for fact in facts}) == len(facts)
    assert {fact["uscc"] for fact in facts} <= codes
    assert max(fact["occurred_on"] for fact in facts) <= UNTIL.isoformat()


def test_the_later_export_changes_some_firms_and_keeps_their_codes(province):
    before = {row["uscc"]: row for row in rows(province["register"])}
    changed = rows(province["changes"])
    assert len(changed) == 300 // 40
    assert all(before[row["uscc"]] != row for row in changed)

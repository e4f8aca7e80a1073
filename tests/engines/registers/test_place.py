"""Where a firm belongs: to its present registration authority, not to the one that its code was given by."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from zhijian.engines.registers.public_records import place_on_record

SOURCE = Path(__file__).parents[3] / "src" / "zhijian"
CODE = "91440305MA5EXAMPLE"


@dataclass
class Registered:
    county_code: str | None
    prefecture_code: str | None


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (Registered("440106", "440100"), "440106"),
        (Registered(None, "440100"), "440100"),
        (Registered(None, None), "440305"),
        (None, "440305"),
    ],
)
def test_the_register_says_where_a_firm_belongs_and_the_code_only_where_it_says_nothing(record, place):
    assert place_on_record(record, CODE) == place


def test_no_application_and_no_page_reads_the_place_of_a_firm_from_its_code():
    shown_in_groups = SOURCE / "portal" / "components" / "words.py"
    cuts = [
        str(path.relative_to(SOURCE))
        for folder in ("apps", "portal")
        for path in sorted((SOURCE / folder).rglob("*.py"))
        if path != shown_in_groups and re.search(r"\[2:8\]", path.read_text("utf-8"))
    ]
    assert cuts == []

"""The list of the Application Security Verification Standard is whole, counts itself right and names tests that exist."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security" / "asvs.md"
STATES = ("met", "partly", "not met", "n/a")
LEVELS_1_AND_2 = {  # the numbers of version 5.0.0, section by section; level 3 is left out
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2", "2.1": "1-3", "2.2": "1-3", "2.3": "1-4",
    "2.4": "1", "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2", "4.1": "1-3", "4.2": "1",
    "4.3": "1-2", "4.4": "1-4", "5.1": "1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3", "6.1": "1-3", "6.2": "1-12",
    "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4", "7.1": "1-3", "7.2": "1-4", "7.3": "1-2",
    "7.4": "1-5", "7.5": "1-2", "7.6": "1-2", "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1", "9.1": "1-3",
    "9.2": "1-4", "10.1": "1-2", "10.2": "1-2", "10.3": "1-4", "10.4": "1-11", "10.5": "1-5", "10.6": "1-2",
    "10.7": "1-3", "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1", "12.1": "1-3",
    "12.2": "1-2", "12.3": "1-4", "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5", "14.1": "1-2",
    "14.2": "1-4", "14.3": "1-3", "15.1": "1-3", "15.2": "1-3", "15.3": "1-7", "16.1": "1", "16.2": "1-5",
    "16.3": "1-4", "16.4": "1-3", "16.5": "1-3", "17.1": "1", "17.2": "1-4", "17.3": "1-2",
}  # fmt: skip
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.M)


@pytest.fixture(scope="module")
def lines():
    return LINE.findall(PAGE.read_text("utf-8"))


def test_each_requirement_of_levels_1_and_2_stands_there_once(lines):
    asked = []
    for section, numbers in LEVELS_1_AND_2.items():
        first, _, last = numbers.partition("-")
        asked += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    assert [number for number, *_ in lines] == asked
    assert Counter(level for _, level, *_ in lines) == {"1": 70, "2": 183}


def test_each_line_has_a_state_and_a_test_or_a_reason(lines):
    assert [line for line in lines if line[2] not in STATES or not line[4].strip()] == []


def test_the_page_counts_its_own_lines_right(lines):
    told = dict(re.findall(r"^\| (met|partly|not met|n/a) \| (\d+) \|$", PAGE.read_text("utf-8"), re.M))
    assert {state: int(count) for state, count in told.items()} == Counter(line[2] for line in lines)


def test_every_test_file_and_page_that_is_named_exists(lines):
    text = PAGE.read_text("utf-8")
    missing = []
    for path, name in re.findall(r"`((?:tests|src|deploy)/[^`:]+)(?:::(\w+))?`", text):
        file = ROOT / path
        if not file.is_file() or (name and f"def {name}(" not in file.read_text("utf-8")):
            missing.append(f"{path}::{name}")
    missing += [
        link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("https://")
        and not (PAGE.parent / link).exists()
    ]  # fmt: skip
    assert missing == []

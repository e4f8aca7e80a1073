"""Where something is known from is said in words, whichever part of the platform recorded it."""

import re
from pathlib import Path

import pytest

from zhijian.portal.components.timeline import source_words

SOURCE = Path(__file__).resolve().parents[2] / "src" / "zhijian"
FOUND = sorted(
    {
        name
        for folder in ("apps", "engines")
        for path in (SOURCE / folder).rglob("*.py")
        for line in re.findall(r"^(?:KIND, )?SOURCE = (.*)$", path.read_text("utf-8"), re.MULTILINE)
        for name in re.findall(r'"([a-z_/-]+)"$', line)
    }
)


def test_the_sources_of_facts_are_found():
    assert {"inspection", "joint", "listing", "repair", "instant_information"} <= set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_a_source_of_the_platform_has_words(name):
    assert re.search("[\u4e00-\u9fff]", source_words(name)), name

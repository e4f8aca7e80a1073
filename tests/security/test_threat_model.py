"""The threat model names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_and_page_that_the_threat_model_names_exists():
    text = (ROOT / "docs" / "security" / "threat-model.md").read_text("utf-8")
    tests = re.findall(r"`(tests/[^`]+)`", text)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(tests) >= 15 and links
    assert [one for one in tests if not (ROOT / one).is_file()] == []
    assert [one for one in links if not (ROOT / "docs" / "security" / one).exists()] == []

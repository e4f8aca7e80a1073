"""What a page points at is there: its links, the files it names, the addresses of the site that it sends people to."""

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md"  # what was true on its day
]
TODAY = [path for path in PAGES if path.parent.name != "decisions"]
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
_FILE = re.compile(r"`((?:src|tests|deploy|scripts|benchmarks|docs)/[\w./-]+\w/?)(?:::\w+)?`")
_ADDRESS = re.compile(r"`(/(?:[a-z][\w-]*/)+)`")
INVENTED = "/repair_shops/"  # the system that docs/how-to/add-a-system.md makes
_OUTSIDE = ("http://", "https://", "mailto:")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    targets = [one for one in _LINK.findall(path.read_text("utf-8")) if not one.startswith(_OUTSIDE)]
    assert [one for one in targets if not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", TODAY, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(path):
    named = set(_FILE.findall(path.read_text("utf-8")))
    assert sorted(one for one in named if INVENTED not in one and not (ROOT / one).exists()) == []


@pytest.mark.parametrize("path", TODAY, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_address_that_is_named_is_one_of_the_site(path):
    named = set(_ADDRESS.findall(path.read_text("utf-8")))
    assert sorted(one for one in named if not _is_served(one)) == []


def _is_served(address):
    try:
        resolve(address)
    except Resolver404:
        return False
    return True

"""Text and filters together give what a scan of all rows gives, in the same order."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.registers.factory import entity, register_of
from zhijian.engines.registers import EntityFilters, EntityRegister, postings
from zhijian.engines.registers.filters import stored
from zhijian.engines.registers.folding import fold, short_form
from zhijian.engines.registers.segment import write_common, write_facet_bits

WORDS = ["东莞", "市", "广州", "禾", "满", "贸易", "省"]
PLACES, SECTIONS, STATUSES = ["440100", "440300", "441900", None], ["C", "F"], ["active", "revoked"]
ROWS = [
    entity(
        number,
        "".join(WORDS[(number * step + step) % len(WORDS)] for step in range(1, 3 + number % 4)),
        prefecture_code=PLACES[number % 4],
        industry_section=SECTIONS[number // 4 % 2],
        status_code=STATUSES[number // 8 % 2],
        registered_on=date(2000 + number % 20, 1, 1),
        address=f"{WORDS[number % 5]}{WORDS[number // 5 % 5]}路{number}号" if number % 9 else None,
        is_synthetic=bool(number % 10),
    )
    for number in range(1, 121)
]


@pytest.fixture(scope="module", params=["asked of each row", "with bits", "with bits, few at once"])
def register(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EntityRegister]:
    """A small store as it is built, and ones with what only a large store has: bits of values and of common runs."""
    folder: Path = tmp_path_factory.mktemp("filtered")
    found = register_of(folder, ROWS)
    patch = pytest.MonkeyPatch()
    if request.param.startswith("with bits"):
        segment = next((folder / "serving").glob("search-*"))
        assert write_facet_bits(segment) == 4 + 1 + 2 + 1 + 2 + 2
        assert all(write_common(segment, kind) for kind in ("names", "addresses", "initials", "codes"))
        found = EntityRegister(folder / "serving")
    if request.param.endswith("few at once"):
        patch.setattr(postings, "_BYTES_AT_ONCE", 2)
    yield found
    patch.undo()


def scanned(text: str, filters: EntityFilters) -> list[str]:
    """Return the codes found by looking at every row."""
    found = []
    for row in ROWS:
        rank = rank_of(row, text)
        if rank is not None and passes(row, filters):
            found.append((rank, len(row["name"]), row["name"], row["uscc"]))
    return [uscc for *_, uscc in sorted(found)]


def rank_of(row: dict[str, Any], text: str) -> int | None:
    name, address = fold(row["name"]), fold(row["address"] or "")
    brief, asked = short_form(name), short_form(text)
    tests = [
        brief == asked,
        name.startswith(text) or brief.startswith(asked),
        text in name or asked in brief,
        len(text) > 1 and text in address,
    ]
    return tests.index(True) if True in tests else None


def passes(row: dict[str, Any], filters: EntityFilters) -> bool:
    names = ("prefecture_code", "industry_section", "status_code", "is_synthetic")
    asked = {name: getattr(filters, name) for name in names if getattr(filters, name) is not None}
    first, last = filters.years or (0, 9999)
    is_in_time = first <= row["registered_on"].year <= last
    return is_in_time and all(stored(row[name]) == stored(value) for name, value in asked.items())


narrowed = st.builds(
    EntityFilters,
    prefecture_code=st.sampled_from([None, "440100", "440300", "441900", "unknown", "999999"]),
    industry_section=st.sampled_from([None, *SECTIONS]),
    status_code=st.sampled_from([None, *STATUSES]),
    is_synthetic=st.sampled_from([None, True, False]),
    registered_from_year=st.sampled_from([None, 2005]),
    registered_to_year=st.sampled_from([None, 2012]),
)


@settings(max_examples=150, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), filters=narrowed)
def test_text_and_filters_find_what_a_scan_finds_in_its_order(register, words, filters):
    text, expected = "".join(words), scanned("".join(words), filters)
    page = register.search(text, filters, size=100)
    assert [record.uscc for record in page.records] == expected[:100]
    assert page.count == len(expected)


def test_pages_of_a_filtered_search_follow_one_another(register):
    filters, shown, cursor = EntityFilters(industry_section="C"), [], None
    while True:
        page = register.search("东莞", filters, cursor=cursor, size=7)
        shown += [record.uscc for record in page.records]
        if (cursor := page.next_cursor) is None:
            break
    assert shown == scanned("东莞", filters)


def test_the_masks_of_the_last_filters_alone_are_kept(register):
    segment = register._store().layers.base
    for year in range(1990, 2010):
        register.search("东莞", EntityFilters(registered_from_year=year))
    assert len(segment._masks) == 8

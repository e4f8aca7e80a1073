"""Lists of rows: every way of walking them gives what a plain scan gives."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.engines.registers.postings import Filter, Postings, PostingsWriter, Run, candidates

ROWS = 200_000
RUN = Run(3, 13)
FEW, MANY = 5, 60  # neighbouring lists: below and above the number from which they are halved all at once


@pytest.fixture(scope="module", params=[FEW, MANY], ids=["few lists", "many lists"])
def written(request, tmp_path_factory) -> tuple[Path, np.ndarray]:
    """Postings of runs (7, 8, x) of half the rows, and of a run that is beside them; and which rows have them."""
    folder, random_numbers = tmp_path_factory.mktemp("postings"), np.random.default_rng(1)
    rows = np.sort(random_numbers.choice(ROWS, ROWS // 2, replace=False))
    last = random_numbers.integers(10, 10 + request.param, len(rows))
    writer = PostingsWriter()
    for part in np.array_split(np.arange(len(rows)), 3):
        lanes = [np.full(len(part), 7), np.full(len(part), 8), last[part]]
        writer.add(RUN.of(lanes), rows[part])
    beside = np.arange(0, ROWS, 7)
    writer.add(RUN.of([np.full(len(beside), number) for number in (7, 9, 9)]), beside)
    writer.write(folder, "names")
    return folder, rows


def walked(postings: Postings, after: int, passing: Filter) -> list[int]:
    lists = postings.of_text([7, 8])
    return np.concatenate([np.zeros(0, np.uint32), *candidates([lists], after, 2048, passing)]).tolist()


@pytest.mark.parametrize("after", [-1, 0, 777, 150_001, ROWS])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.01, 0.0])
@pytest.mark.parametrize("has_bits", [False, True])
def test_a_range_of_lists_is_walked_as_one_whether_they_are_few_or_many(written, after, share, has_bits):
    folder, rows = written
    if has_bits:
        Postings(folder, "names", RUN).write_common(folder, "names", ROWS)
    postings = Postings(folder, "names", RUN)
    assert (postings.beginning([7, 8]).bits is not None) is has_bits
    mask = np.random.default_rng(2).random(ROWS) < share
    passing = Filter(lambda found: found[mask[found]], float(mask.mean()), np.packbits(mask))
    expected = rows[(rows > after) & mask[rows]]
    assert walked(postings, after, passing if share < 1 else Filter(lambda found: found)) == expected.tolist()
    for file in folder.glob("names.common*"):
        file.unlink()


@settings(max_examples=20, deadline=None)
@given(after=st.integers(-1, ROWS), asked=st.integers(1, ROWS))
def test_places_in_many_lists_are_those_of_one_search_each(written, after, asked):
    lists = Postings(written[0], "names", RUN).beginning([7, 8])
    begins, ends = lists.starts[:-1], lists.starts[1:]
    one_by_one = [
        int(begin + np.searchsorted(lists.rows[begin:end], asked, "right"))
        for begin, end in zip(begins, ends, strict=True)
    ]
    assert lists._places(begins, ends, asked).tolist() == one_by_one

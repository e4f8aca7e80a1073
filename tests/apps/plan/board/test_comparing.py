"""What changed, whether by more than chance, where from, and which counts are too small to be shown."""

import pytest

from zhijian.apps.plan.board.comparing import compare, hide_small, source_of


def changed(now, before, places=(), kinds=()):
    return compare(places, kinds, now=now, before=before, least=10, usual=1.96)


@pytest.mark.parametrize(
    ("now", "before", "is_news"),
    [
        (100, 100, False), (129, 100, False), (130, 100, True),  # √2·(√129−10) = 1.92, √2·(√130−10) = 1.98
        (100, 129, False), (100, 130, True), (0, 10, True), (0, 0, False),
    ],
)  # fmt: skip
def test_a_change_is_told_only_where_it_is_more_than_chance(now, before, is_news):
    assert changed(now, before).is_beyond_chance is is_news


def test_few_are_not_compared_even_where_all_are_new():
    assert not changed(9, 0).is_compared and not changed(9, 0).is_beyond_chance
    assert changed(10, 0).is_compared and changed(10, 0).is_beyond_chance


def test_most_of_a_change_comes_from_the_part_that_moved_most_the_same_way():
    places = [("440100", 30, 10), ("440300", 12, 10), ("440600", 8, 20)]
    found = changed(50, 40, places).place
    assert (found.part, found.change, found.share) == ("440100", 20, 2.0)  # twice the whole: another fell
    fallen = changed(40, 50, [(part, before, now) for part, now, before in places]).place
    assert (fallen.part, fallen.change, fallen.share) == ("440100", -20, 2.0)


def test_where_nothing_changed_or_there_is_one_part_no_source_is_named():
    assert source_of([("440100", 5, 5), ("440300", 5, 5)], 0) is None
    assert source_of([("440100", 9, 5)], 4) is None
    assert changed(7, 0).percent is None and changed(15, 10).percent == 50


def test_counts_in_which_persons_could_be_seen_are_hidden_and_cannot_be_reckoned_from_the_sum():
    shown = hide_small({"a": 3, "b": 12, "c": 40, "d": 0}, least=5)
    assert shown == {"a": None, "b": None, "c": 40, "d": 0}  # b too: else a is the sum less the rest
    assert hide_small({"a": 3, "b": 4, "c": 40}, least=5) == {"a": None, "b": None, "c": 40}
    assert hide_small({"a": 5, "b": 12}, least=5) == {"a": 5, "b": 12}
    assert hide_small({"a": 1, "b": 2}, least=0) == {"a": 1, "b": 2}

"""S01: what is counted in public tells of nobody."""

from datetime import date

from zhijian.apps.consumer.bay_area.statistics import Counted, by, cell


def many(count, outcome="settled", goods="M06", city="440100", days=10):
    return [Counted("out", "hk", goods, city, outcome, date(2026, 9, 1), days, True)] * count


def test_four_are_hidden_and_five_are_told():
    assert cell(many(4)).count is None
    assert (cell(many(5)).count, cell(many(5)).days) == (5, 10.0)


def test_a_small_part_takes_the_next_one_with_it_so_that_the_sum_does_not_tell():
    found = cell(many(9) + many(2, "failed") + many(6, "returned"))
    assert found.count == 17
    assert found.outcomes == {"settled": 9, "failed": None, "returned": None, "authority": 0, "open": 0}


def test_small_groups_go_into_others_and_others_are_never_small():
    found = by("goods_code", many(8, goods="M06") + many(6, goods="M07") + many(2, goods="M08"))
    assert {code: one.count for code, one in found.items()} == {"M06": 8, "": 8}


def test_an_empty_table_is_empty():
    assert by("city", []) == {}
    assert cell([]).count == 0

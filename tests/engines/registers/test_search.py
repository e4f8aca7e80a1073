"""Searching as people type Chinese; each test names the habit."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.registers.factory import code, entity, register_of
from zhijian.engines.registers import BadCursor, EntityFilters, EntityRegister, mark
from zhijian.engines.registers.folding import fold

NAMES = [
    "示例禾满食品有限公司",
    "广州市示例新塘化工有限公司",
    "示例禾满",
    "广州示例ABC电子有限公司",
    "深圳示例禾满餐饮管理有限公司",
    "示例东莞银行大厦管理处",
    "佛山示例满禾食品厂",
    "示例〓氏贸易行",
    "汕头示例國際貿易有限公司",
]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> EntityRegister:
    rows = [entity(number, name) for number, name in enumerate(NAMES, start=1)]
    rows[4] |= {
        "prefecture_code": "440300", "county_code": "440305", "industry_section": "H",
        "address": "深圳市南山区科技园路1号", "status_code": "active", "registered_on": date(2021, 12, 31),
    }  # fmt: skip
    rows[5] |= {"entity_kind_code": "individual_business", "registered_on": date(2005, 1, 1)}
    rows[6] |= {"prefecture_code": None, "is_synthetic": False, "address": None}
    return register_of(tmp_path_factory.mktemp("register"), rows)


def names(register: EntityRegister, query: str, **filters: object) -> list[str]:
    return [record.name for record in register.search(query, EntityFilters(**filters)).records]  # type: ignore[arg-type]


def test_an_exact_name_comes_first_then_names_that_begin_so_then_shorter_ones(register):
    assert names(register, "示例禾满") == ["示例禾满", "示例禾满食品有限公司", "深圳示例禾满餐饮管理有限公司"]


@pytest.mark.parametrize("fragment", ["禾满", "禾满食品", "满食", "示例禾满食品有限公司"])
def test_any_fragment_of_two_characters_or_more_finds_the_name(register, fragment):
    assert "示例禾满食品有限公司" in names(register, fragment)


def test_pairs_that_occur_in_another_order_do_not_count_as_the_fragment(register):
    assert "佛山示例满禾食品厂" not in names(register, "禾满食品")


def test_one_character_finds_names_that_hold_it_anywhere(register):
    assert names(register, "厂") == ["佛山示例满禾食品厂"]


@pytest.mark.parametrize("typed", ["ABC", "abc", "ＡＢＣ", "ａｂｃ", " A B-C "])
def test_width_case_spaces_and_signs_make_no_difference(register, typed):
    assert "广州示例ABC电子有限公司" in names(register, typed)


@pytest.mark.parametrize(
    "typed", ["廣州市示例", "广州市示例新塘化工有限公司", "廣州示例新塘", "广州示例新塘"]
)
def test_traditional_characters_and_a_left_out_city_suffix_find_the_name(register, typed):
    assert "广州市示例新塘化工有限公司" in names(register, typed)


def test_a_name_registered_in_traditional_characters_is_found_by_simplified_ones(register):
    assert names(register, "国际贸易") == ["汕头示例國際貿易有限公司"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("slhm", "示例禾满食品有限公司"),
        ("SLHM", "示例禾满"),
        ("gzslxt", "广州市示例新塘化工有限公司"),
        ("gzsslxt", "广州市示例新塘化工有限公司"),
        ("hmsp", "示例禾满食品有限公司"),
        ("dgyh", "示例东莞银行大厦管理处"),
        ("dgyx", "示例东莞银行大厦管理处"),
    ],
)
def test_pinyin_initials_find_the_name_with_each_usual_reading(register, typed, expected):
    assert expected in names(register, typed)


def test_a_character_that_could_not_be_printed_is_kept_as_one(register):
    assert names(register, "例〓氏") == ["示例〓氏贸易行"]
    assert names(register, "例氏") == []


def test_a_whole_code_finds_its_entity_alone_however_it_is_typed(register):
    typed = f"{code(3)[:2]} {code(3)[2:8].lower()}-{code(3)[8:].lower()}"
    assert names(register, typed) == ["示例禾满"]
    assert register.search(typed).code_check is None


def test_four_characters_of_a_code_are_enough(register):
    assert names(register, code(7)[12:18]) == ["佛山示例满禾食品厂"]
    assert len(names(register, "9144")) == len(NAMES)


def test_a_fragment_of_an_address_finds_what_is_there(register):
    assert names(register, "科技园路") == ["深圳示例禾满餐饮管理有限公司"]


def test_words_typed_apart_may_stand_in_name_and_address(register):
    assert names(register, "南山 餐饮") == ["深圳示例禾满餐饮管理有限公司"]
    assert names(register, "南山 化工") == []


def test_nothing_is_found_twice_though_it_matches_in_several_ways(register):
    found = names(register, "广州")  # in names and in addresses
    assert len(found) == len(set(found)) == 7


def test_signs_alone_find_nothing_and_nothing_typed_lists_all(register):
    assert names(register, "，。") == []
    assert register.search("").count == len(NAMES)


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"prefecture_code": "440300"}, 1),
        ({"prefecture_code": "unknown"}, 1),
        ({"county_code": "440106"}, 8),
        ({"industry_section": "H"}, 1),
        ({"entity_kind_code": "individual_business"}, 1),
        ({"status_code": "active"}, 1),
        ({"status_code": "unknown"}, 8),
        ({"is_synthetic": False}, 1),
        ({"registered_from_year": 2021}, 1),
        ({"registered_to_year": 2005}, 1),
        ({"registered_from_year": 2005, "registered_to_year": 2021}, 9),
        ({"registered_from_year": 2022}, 0),
        ({"prefecture_code": "440300", "industry_section": "F"}, 0),
        ({"prefecture_code": '440300" OR "x'}, 0),
    ],
)
def test_filters_narrow_the_list_the_search_and_the_counts_alike(register, filters, count):
    conditions = EntityFilters(**filters)
    assert len(register.search("", conditions).records) == count
    assert len(register.search("示例", conditions).records) == count
    assert register.count(conditions) == count
    assert sum(register.counts_by_prefecture(conditions).values()) == count


def test_pages_follow_one_another_without_gap_or_repetition(register):
    whole = names(register, "示例")
    shown, cursor = [], None
    for _ in range(len(whole)):
        page = register.search("示例", cursor=cursor, size=2)
        shown += [record.name for record in page.records]
        cursor = page.next_cursor
        assert page.count == len(whole)
        if cursor is None:
            break
    assert shown == whole


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WzEsOTksMSwxLDBd", "WzksMCwwLDAsMF0", "é"])
def test_a_cursor_that_was_not_given_out_is_refused(register, cursor):
    with pytest.raises(BadCursor):
        register.search("示例", cursor=cursor)


def test_counts_are_by_prefecture_with_zeros_and_the_unknown(register):
    counts = register.counts_by_prefecture()
    assert (counts["440100"], counts["440300"], counts["unknown"], counts["445300"]) == (7, 1, 1, 0)
    assert len(counts) == 22


def test_counting_by_a_field_that_is_no_filter_is_refused(register):
    with pytest.raises(ValueError, match="cannot be counted by"):
        register.counts_by("name")


def test_a_wrong_code_is_explained_and_what_it_may_have_been_is_named(register):
    right = code(1)
    wrong = right[:2] + right[2:].replace("0", "O", 1)
    check = register.search(wrong).code_check
    assert check is not None and not check.is_valid
    assert "“O”" in check.problems[0].message_zh
    assert right in check.suggestions
    assert [record.uscc for record in check.registered] == [right]


def test_a_code_one_short_is_told_its_length(register):
    check = register.search(code(1)[:17]).code_check
    assert check is not None
    assert "17" in check.problems[0].message_zh


def test_a_right_code_that_is_not_on_the_register_is_said_to_be_right(register):
    check = register.search(code(4711)).code_check
    assert check is not None and check.is_valid and check.registered == ()


def test_suggestions_are_at_most_eight_and_mark_what_matched(register):
    first = register.suggest("禾满")[0]
    assert [(part.text, part.is_match) for part in first.segments] == [("示例", False), ("禾满", True)]
    assert first.is_synthetic
    assert len(register.suggest("示例")) == 8
    assert register.suggest(" ") == []


def test_an_export_gives_what_the_search_finds_in_its_order(register):
    assert [record.name for record in register.iterate("示例")] == names(register, "示例")
    assert len(list(register.iterate("示例", limit=3))) == 3


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("廣州ＡＢＣ公司", "广州abc", "廣州ＡＢＣ"),
        ("示例禾满食品", "hmsp", "禾满食品"),
        ("示例（禾）满", "禾满", "禾）满"),
        ("示例", "别的", None),
    ],
)
def test_what_was_typed_is_marked_in_the_name_as_it_is_written(text, typed, marked):
    segments = mark(text, typed)
    assert "".join(segment.text for segment in segments) == text
    assert next((segment.text for segment in segments if segment.is_match), None) == marked


@given(st.text(max_size=30), st.integers(0, 5))
def test_a_fragment_folds_as_it_does_inside_the_name(text, start):
    assert fold(text) == fold(text[:start]) + fold(text[start:])
    assert fold(fold(text)) == fold(text)


@given(typed=st.text(max_size=20))
def test_whatever_is_typed_is_answered_and_every_name_fragment_is_found(register, typed):
    expected = {name for name in NAMES if fold(typed) and fold(typed) in fold(name)}
    assert expected <= {record.name for record in register.search(typed, size=100).records}


def test_a_new_store_is_noticed_and_an_old_cursor_refused(tmp_path: Path):
    rows = [entity(number, f"示例第{number}号店") for number in range(1, 5)]
    register = register_of(tmp_path, rows)
    cursor = register.search("示例", size=2).next_cursor
    register_of(tmp_path, [*rows, entity(9, "示例新店")])
    assert register.find(code(9)) is not None
    with pytest.raises(BadCursor):
        register.search("示例", cursor=cursor)

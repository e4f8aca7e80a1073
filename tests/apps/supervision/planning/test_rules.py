"""The domain page's worked examples E1 and E12, and what is no item and no rate."""

from datetime import date
from fractions import Fraction

import pytest

from zhijian.apps.supervision.planning import rules

ON = date(2026, 3, 1)


def test_e1_five_percent_of_the_frame_of_47554_are_2378():
    assert rules.at_least(31_107 + 12_044 + 3_682 + 721, Fraction(5)) == 2378


@pytest.mark.parametrize("percent", [Fraction(0), Fraction(-1), Fraction(10001, 100)])
def test_a_rate_of_nothing_or_of_more_than_all_is_none(percent):
    with pytest.raises(ValueError):
        rules.at_least(100, percent)


def test_e12_of_1200000_entities_52000_checked_are_short_by_8000():
    found = rules.general_quota(52_000, 1_200_000, on=ON)
    assert (round(float(found.percent), 2), found.is_met, found.short) == (4.33, False, 8_000)
    assert rules.general_quota(60_000, 1_200_000, on=ON).is_met


def test_three_percent_of_the_firms_have_their_publicity_information_checked():
    assert rules.publicity_quota(2, 100, on=ON).short == 1
    assert rules.publicity_quota(0, 0, on=ON).is_met
    with pytest.raises(ValueError):
        rules.publicity_quota(101, 100, on=ON)


@pytest.mark.parametrize(
    ("law", "article", "has"),
    [
        ("《食品安全法》", "第五十三条", True),
        ("《食品安全法》", "有关规定", False),
        ("上级会议要求", "第一条", False),
        ("", "", False),
    ],
)
def test_an_item_without_a_law_and_an_article_has_no_basis(law, article, has):
    assert rules.has_basis(law, article) is has


def test_what_no_published_list_holds_is_named_once():
    assert rules.not_listed(["REG-01", "X", "X"], listed={"REG-01"}) == ("X",)
    assert [rules.level_of(code) for code in ("440000", "440100", "440106", "441900")] == [
        "province", "city", "county", "city",
    ]  # fmt: skip

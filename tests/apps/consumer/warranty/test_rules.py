"""《部分商品修理更换退货责任规定》: the day before, the day, and the day after each limit."""

from datetime import date, timedelta

import pytest

from zhijian.apps.consumer.warranty.rules import PRODUCTS, Goods, guaranteed_until, remedy
from zhijian.apps.consumer.warranty.words import GROUNDS, said

SOLD = date(2026, 1, 10)
ON = date(2026, 11, 28)


def asked(days, **more):
    return remedy(Goods("phone", SOLD, SOLD + timedelta(days=days), **more), on=ON)


@pytest.mark.parametrize(
    ("days", "options"),
    [
        (0, ("return", "replace", "repair")),
        (7, ("return", "replace", "repair")),
        (8, ("replace", "repair")),
        (15, ("replace", "repair")),
        (16, ("repair",)),
        (365, ("repair",)),
        (366, ()),
    ],
)
def test_what_may_be_asked_narrows_with_the_days(days, options):
    assert asked(days).options == options


@pytest.mark.parametrize(
    ("more", "ground"),
    [
        ({"repairs": 1}, "within_guarantee"),
        ({"repairs": 2}, "repaired_in_vain"),
        ({"waiting_days": 90}, "within_guarantee"),
        ({"waiting_days": 91}, "no_parts"),
        ({"repair_days": 30}, "within_guarantee"),
        ({"repair_days": 31}, "too_long"),
    ],
)
def test_replacement_is_due_after_repairs_in_vain_or_too_long_a_wait(more, ground):
    found = asked(100, **more)
    assert found.ground == ground
    assert ("replace" in found.options) is (ground != "within_guarantee")


def test_where_no_such_model_is_left_the_goods_go_back():
    assert asked(10, has_same_model=False).options == ("return", "repair")
    assert asked(100, repairs=2, has_same_model=False).options == ("return", "repair")
    assert not asked(100, repairs=2, has_same_model=False).is_reduced
    assert asked(100, repairs=2).is_reduced


@pytest.mark.parametrize("cause", ["misuse", "opened", "no_proof"])
def test_damage_by_the_consumer_is_repaired_for_pay(cause):
    assert asked(1, cause=cause).options == ()


def test_the_guarantee_is_longer_by_the_days_of_repair_and_for_main_parts():
    assert guaranteed_until(Goods("tv", SOLD, SOLD), on=ON) == date(2027, 1, 10)
    assert guaranteed_until(Goods("tv", SOLD, SOLD, repair_days=5, waiting_days=2), on=ON) == date(
        2027, 1, 17
    )
    assert guaranteed_until(Goods("tv", SOLD, SOLD, is_main_part=True), on=ON) == date(2029, 1, 10)
    assert all(guaranteed_until(Goods(one, SOLD, SOLD), on=ON) > SOLD for one in PRODUCTS)


def test_every_answer_is_said_in_both_languages():
    for ground in GROUNDS:
        for options in ((), ("repair",)):
            text = said(options, ground, is_reduced=False)
            assert text.zh.endswith("。") and text.en.isascii()

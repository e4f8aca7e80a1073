"""《部分商品修理更换退货责任规定》: the day before, the day, and the day after each limit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from zhijian.apps.consumer.warranty.rules import PRODUCTS, Goods, guaranteed_until, remedy, usage_fee
from zhijian.apps.consumer.warranty.words import GROUNDS, fee_said, said

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


def fee_of(product, price, used_to, **more):
    goods = Goods(product, SOLD, used_to, **more)
    return usage_fee(goods, Decimal(price), returned_on=used_to)


def test_a_phone_of_3000_yuan_given_back_after_100_days_of_which_12_in_repair_costs_1320_yuan_of_use():
    """3000 x 0.5% x (100 - 12) days; the seller pays 1680 back."""
    found = fee_of("phone", "3000", SOLD + timedelta(days=100), repairs=2, repair_days=8, waiting_days=4)
    assert (found.days, found.fee_yuan, found.refund_yuan) == (88, Decimal("1320.00"), Decimal("1680.00"))
    text = fee_said(found, Decimal(3000))
    assert (
        "1,320.00元" in text.zh and "3,000.00元×每日0.5%×使用88日" in text.zh and "1,680.00 yuan" in text.en
    )


@pytest.mark.parametrize(
    ("product", "fee"),
    [("bicycle", "50.00"), ("tv", "100.00"), ("fridge", "50.00"), ("washer", "50.00"), ("aircon", "100.00"),
     ("computer", "250.00"), ("phone", "500.00")],
)  # fmt: skip
def test_each_kind_of_goods_has_its_rate(product, fee):
    """A thousand yuan, a hundred days."""
    assert fee_of(product, "1000", SOLD + timedelta(days=100)).fee_yuan == Decimal(fee)


def test_a_fee_is_never_more_than_the_price_nor_less_than_nothing():
    assert fee_of("phone", "1000", SOLD + timedelta(days=300)).refund_yuan == 0
    assert fee_of("phone", "1000", SOLD + timedelta(days=5), repair_days=9).fee_yuan == 0


def test_goods_that_no_catalogue_names_have_no_fee():
    assert fee_of("other", "1000", SOLD + timedelta(days=100)) is None
    text = fee_said(None, Decimal(1000))
    assert "没有这类商品的折旧率" in text.zh and text.en.isascii()
    before_computers = date(2002, 8, 31)
    goods = Goods("computer", before_computers - timedelta(days=90), before_computers)
    assert usage_fee(goods, Decimal(1000), returned_on=before_computers) is None

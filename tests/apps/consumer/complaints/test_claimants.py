"""Signs of complaining for a living: shown for review, counted by hand here."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zhijian.apps.consumer.complaints import claimants
from zhijian.apps.consumer.complaints.claimants import Filing

TODAY = date(2026, 11, 1)


def filing(days_ago=1, **more):
    return Filing(received_on=TODAY - timedelta(days=days_ago), **{"respondent": "示例店", **more})


def value(name, filings):
    return next(sign for sign in claimants.signs_of(filings, TODAY) if sign.name == name)


def test_concentration_is_the_sum_of_squared_shares():
    assert claimants.product_concentration(["a", "a", "a", "b"]) == 0.625
    assert claimants.product_concentration(["a"]) == 1
    assert claimants.product_concentration([]) == 0


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=40))
def test_concentration_lies_between_an_equal_share_and_one(products):
    assert 1 / len(set(products)) - 1e-9 <= claimants.product_concentration(products) <= 1


def test_texts_from_one_template_are_found_alike_and_others_are_not():
    template = "本人在该店购买了{}，收到后发现标签不符合国家标准的强制性规定，要求退一赔十并依法处理，请贵局尽快立案调查。"
    others = ["手机屏幕两天就坏了，店家不给修", "健身房关门了，卡里还有钱", "买的鞋开胶，要求换一双"]
    texts = [template.format(name) for name in ("饼干", "果汁", "坚果")]
    assert claimants.same_text_share([*texts, *others]) == 0.5
    assert claimants.same_text_share(others) == 0


def test_the_same_goods_from_three_shops_within_a_week_is_a_sign_and_within_eight_days_is_none():
    shops = [filing(days, respondent=f"店{days}", product="饼干") for days in (1, 4, 7)]
    assert claimants.multiple_purchases(shops) == 3
    apart = [filing(days, respondent=f"店{days}", product="饼干") for days in (1, 8)]
    assert claimants.multiple_purchases(apart) == 1


def test_claims_of_ten_times_the_price_are_counted_as_round():
    filings = [filing(price_yuan=20, claim_yuan=200), filing(price_yuan=20, claim_yuan=35)]
    assert value("round_claim_share", filings).value == 0.5


def test_what_lies_more_than_a_year_back_is_not_counted():
    assert value("complaints_12_months", [filing(1), filing(366)]).value == 1


def test_one_consumer_with_one_complaint_shows_no_sign():
    signs = claimants.signs_of([filing(product="饼干", text="示例", price_yuan=58, claim_yuan=58)], TODAY)
    assert [sign.name for sign in signs if sign.is_beyond] == []
    assert not claimants.needs_review(signs, TODAY)

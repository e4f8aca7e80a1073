"""Registered capital out of free text: exact, with its currency, never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.datazone.normalise.capital import parse_capital, parse_capitals


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("200(万元人民币)", "2000000"),
        ("1,000(万元(人民币))", "10000000"),
        ("2500（万元）", "25000000"),
        ("17.5（万元）", "175000"),
        ("183.8000(万人民币元)", "1838000"),
        ("100(万)", "1000000"),
        ("3万人民币", "30000"),
        ("１００万元", "1000000"),
        ("5亿元", "500000000"),
        ("50000元", "50000"),
        ("0（万元）", "0"),
    ],
)
def test_an_amount_in_renminbi_becomes_exact_yuan(text, yuan):
    capital = parse_capital(text)
    assert (capital.yuan, capital.currency_code, capital.refusal) == (Decimal(yuan), "CNY", None)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("50(万美元)", "500000", "USD"),
        ("120(万香港元)", "1200000", "HKD"),
        ("5(万元（港币）)", "50000", "HKD"),
        ("30(万元(美元))", "300000", "USD"),
        ("2000(万元(日元))", "20000000", "JPY"),
        ("10(万欧元)", "100000", "EUR"),
        ("23(万德国马克)", "230000", "DEM"),
        ("8万澳门元", "80000", "MOP"),
    ],
)
def test_another_currency_keeps_its_own_amount_and_no_yuan_is_guessed(text, amount, currency):
    capital = parse_capital(text)
    assert (capital.amount, capital.currency_code, capital.yuan) == (Decimal(amount), currency, None)


@pytest.mark.parametrize(
    "text", [None, "", "N/A", "-", "电热多用锅", "ROY", "万元", "12.3.4万", "1,00(万)", "5(万贝壳)"]
)
def test_what_is_no_amount_is_refused_with_a_reason(text):
    capital = parse_capital(text)
    assert capital.amount is None and capital.yuan is None
    assert capital.refusal


def test_a_sum_beyond_all_measure_is_refused():
    assert parse_capital("9" * 25 + "万元").amount is None


@given(st.integers(0, 10**9), st.integers(0, 9999))
def test_no_digit_is_lost(whole, part):
    text = f"{whole}.{part:04d}(万元人民币)"
    assert parse_capital(text).yuan == Decimal(f"{whole}.{part:04d}") * 10_000


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_breaks(text):
    capital = parse_capital(text)
    assert (capital.amount is None) == (capital.refusal is not None)


def test_equal_texts_are_read_once():
    assert set(parse_capitals(["1万元", "1万元", None])) == {"1万元", None}

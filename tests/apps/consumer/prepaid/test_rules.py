"""Prepaid cards: what is kept aside, and the signs that an issuer may run away."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from zhijian.apps.consumer.prepaid.rules import (
    Filed,
    is_face_allowed,
    refund_interest,
    required_deposit,
    runaway_risk,
)

ON = date(2026, 11, 28)
SOUND = Filed(
    balance_yuan=Decimal(100_000),
    redeemed_yuan=Decimal(20_000),
    redeemed_before_yuan=Decimal(20_000),
    deposit_yuan=Decimal(40_000),
    discount_percent=20,
    pushes_cards=False,
    has_arrears=False,
    refund_complaints=0,
)


def signs(**change):
    found = runaway_risk(replace(SOUND, **change), issuer_class="scale", on=ON)
    return [one.sign for one in found.reasons], found.score, found.level


@pytest.mark.parametrize(
    ("issuer_class", "required"), [("scale", 20_000), ("group", 30_000), ("brand", 40_000), ("other", 0)]
)
def test_the_deposit_goes_by_the_class_of_issuer(issuer_class, required):
    found = required_deposit(Decimal(100_000), issuer_class, Decimal(29_999), on=ON)
    assert found.required_yuan == required
    assert found.is_enough is (required <= 29_999)
    assert found.missing_yuan == max(0, required - 29_999)


def test_a_sound_issuer_has_no_sign():
    assert signs() == ([], 0, "low")


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"balance_yuan": Decimal(240_001), "deposit_yuan": Decimal(99_999)}, ["slow"]),
        ({"balance_yuan": Decimal(240_000), "deposit_yuan": Decimal(99_999)}, []),
        ({"redeemed_before_yuan": Decimal(40_000)}, []),
        ({"redeemed_before_yuan": Decimal(41_000)}, ["falling"]),
        ({"refund_complaints": 4}, []),
        ({"refund_complaints": 5}, ["complaints"]),
        ({"has_arrears": True}, ["arrears"]),
        ({"discount_percent": 60}, []),
        ({"discount_percent": 50, "pushes_cards": True}, []),
        ({"discount_percent": 51, "pushes_cards": True}, ["discount"]),
        ({"deposit_yuan": Decimal("19999.99")}, ["deposit"]),
    ],
)
def test_each_sign_stands_just_beyond_its_limit(change, sign):
    assert signs(**change)[0] == sign


def test_one_that_serves_nobody_and_keeps_the_money_is_high_and_says_why():
    names, score, level = signs(
        redeemed_yuan=Decimal(0), refund_complaints=9, has_arrears=True, deposit_yuan=Decimal(0)
    )
    assert names == ["complaints", "arrears", "slow", "falling", "deposit"]
    assert (score, level) == (100, "high")


def test_a_card_with_its_holder_s_name_carries_at_most_five_thousand():
    assert is_face_allowed(Decimal(5000), on=ON)
    assert not is_face_allowed(Decimal("5000.01"), on=ON)


@pytest.mark.parametrize(
    ("own", "contracted", "ended", "paid", "yuan", "percent"),
    [
        (False, date(2025, 6, 1), date(2025, 11, 28), date(2026, 11, 28), "30.00", "3.0"),
        (True, date(2025, 6, 1), date(2025, 11, 28), date(2026, 11, 28), "15.00", "1.5"),
        (False, date(2024, 10, 20), date(2026, 11, 18), date(2026, 11, 28), "0.92", "3.35"),
        (False, date(2024, 10, 21), date(2026, 11, 18), date(2026, 11, 28), "0.85", "3.1"),
        (False, date(2025, 6, 1), date(2026, 11, 28), date(2026, 11, 28), "0.00", "3.0"),
        (False, date(2025, 6, 1), date(2026, 11, 28), date(2026, 11, 1), "0.00", "3.0"),
    ],
)
def test_interest_goes_by_the_cause_and_the_rate_of_the_day_of_the_contract(
    own, contracted, ended, paid, yuan, percent
):
    found = refund_interest(
        Decimal(1000), is_consumers_reason=own, contracted_on=contracted, ended_on=ended, paid_on=paid
    )
    assert (found.yuan, found.percent) == (Decimal(yuan), Decimal(percent))


def test_a_contract_before_the_first_known_rate_has_no_interest_here():
    assert refund_interest(Decimal(1), is_consumers_reason=True, contracted_on=date(2019, 8, 19),
                           ended_on=ON, paid_on=ON) is None  # fmt: skip

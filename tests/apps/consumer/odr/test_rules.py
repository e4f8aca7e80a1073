"""Offers, terms and sums by the law, without a database."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from zhijian.apps.consumer.odr import reading, rules
from zhijian.apps.consumer.odr.errors import BadInput
from zhijian.apps.consumer.odr.rules import OfferState, Way
from zhijian.standards.calendar import ZONE

NOW = datetime(2026, 9, 21, 10, tzinfo=ZONE)


def test_an_offer_runs_out_by_itself_and_what_ended_it_comes_first():
    end = datetime(2026, 9, 30, 23, 59, 59, tzinfo=ZONE)
    assert rules.offer_state(ended_by="", expires_at=end, at=end) is OfferState.OPEN
    late = end.replace(month=10, day=1)
    assert rules.offer_state(ended_by="", expires_at=end, at=late) is OfferState.EXPIRED
    assert rules.offer_state(ended_by="accepted", expires_at=end, at=late) is OfferState.ACCEPTED


def test_the_court_is_asked_within_thirty_days_and_a_rest_day_gives_way():
    assert rules.confirmation_due_on(date(2026, 9, 21)) == date(2026, 10, 21)
    assert rules.confirmation_due_on(date(2026, 9, 3)) == date(2026, 10, 8)  # 3 October is a holiday


def test_an_agreement_comes_about_on_the_last_day_and_not_after_it():
    due = date(2026, 11, 20)
    assert rules.is_within_term(due, due) and not rules.is_within_term(date(2026, 11, 21), due)
    assert rules.is_within_term(due, None)


def test_sums_go_to_the_procedure_that_the_law_names():
    limits = rules.thresholds(date(2026, 9, 21))
    assert limits.agreed_yuan == 4 * limits.plain_yuan and limits.source
    on = date(2026, 9, 21)
    assert rules.way_of(limits.plain_yuan, on=on) is Way.SMALL
    assert rules.way_of(limits.plain_yuan + 1, on=on) is Way.BY_AGREEMENT
    assert rules.way_of(limits.agreed_yuan + 1, on=on) is Way.ORDINARY


def test_a_small_claim_lacks_what_was_not_checked_and_a_sum_beyond_it():
    on, ticked = date(2026, 9, 21), {want.code: True for want in rules.WANTS}
    assert rules.small_claims_lacks(ticked, Decimal(58), on=on) == []
    assert [one.code for one in rules.small_claims_lacks({**ticked, "domestic": False}, None, on=on)] == [
        "domestic",
        "amount",
    ]
    too_much = rules.small_claims_lacks(ticked, Decimal("9999999"), on=on)
    assert [one.code for one in too_much] == ["too_much"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("-5", "负数"),
        ("1e30", "普通数字"),
        ("9" * 15, "太大"),
        ("1.234", "普通数字"),
        ("NaN", "普通数字"),
        ("１２.x", "普通数字"),
    ],
)
def test_a_sum_that_is_none_is_refused_with_the_remedy(typed, says):
    with pytest.raises(BadInput, match=says) as refused:
        reading.yuan("amount", typed)
    assert refused.value.field == "amount" and refused.value.message_en


def test_sums_are_read_as_people_write_them():
    assert reading.yuan("amount", " １,２８0.50元 ") == Decimal("1280.50")
    assert reading.yuan("amount", "") == 0


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("<script>alert(1)</script>", "网页代码"),
        ("＜img src=x onerror=1＞", "网页代码"),
        ("打我电话 138 0000 1234", "电话"),
        ("我的证件44010619900101001X", "证件"),
        ("  \n ", "写几句话"),
        ("长" * 1001, "最多1000"),
    ],
)
def test_words_that_would_harm_are_refused(typed, says):
    with pytest.raises(BadInput, match=says):
        reading.words("text", typed)


def test_plain_words_pass_even_with_signs():
    assert reading.words("text", "少于 <3 天，金额 199.00\r\n谢谢\x07") == "少于 <3 天，金额 199.00\n谢谢"


def test_days_lie_ahead():
    assert reading.day("done_by", "2026-09-21", at=NOW) == date(2026, 9, 21)
    for typed in ("2026-09-20", "2028-01-01", "31/12/2026", ""):
        with pytest.raises(BadInput):
            reading.day("done_by", typed, at=NOW)
    with pytest.raises(BadInput):
        reading.moment("starts", "2026-09-21T09:00", at=NOW)

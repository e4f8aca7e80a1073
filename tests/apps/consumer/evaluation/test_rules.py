"""The published rules of evaluation: 《电子商务法》第三十九条."""

from datetime import date

import pytest

from zhijian.apps.consumer.evaluation import rules

ON = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("score", "holds"),
    [(1, True), (5, True), (0, False), (6, False), ("5", False), (True, False), (4.5, False)],
)
def test_the_scale_is_whole_numbers_from_1_to_5(score, holds):
    assert rules.score_is_on_the_scale(score) is holds


def test_a_ticket_is_good_for_ninety_days():
    assert rules.last_day_of_ticket(date(2026, 11, 1)) == date(2027, 1, 30)


@pytest.mark.parametrize(
    ("text", "grounds"),
    [
        ("菜很好吃，下次再来", ()),
        ("加我13800138000有优惠", ("personal",)),
        ("看 http://example.cn", ("link",)),
        ("<script>alert(1)</script>", ("code",)),
        ("好好好好好好好好好好", ("repeated",)),
    ],
)
def test_a_text_waits_only_on_published_grounds(text, grounds):
    assert rules.text_is_held_for(text) == grounds


def test_that_an_evaluation_is_bad_is_no_ground_to_leave_it_out():
    assert not rules.may_be_set_aside("low_score")
    assert rules.may_be_set_aside("copies")


def test_a_firm_with_few_evaluations_has_no_place_in_the_order():
    assert not rules.has_a_place_in_the_order(19, on=ON)
    assert rules.has_a_place_in_the_order(20, on=ON)


def test_the_device_of_the_desk_does_not_evaluate():
    assert rules.is_own_evaluation(device="a", issuing_devices=frozenset({"a"}))
    assert not rules.is_own_evaluation(device="b", issuing_devices=frozenset({"a"}))
    assert not rules.is_own_evaluation(device="", issuing_devices=frozenset({""}))

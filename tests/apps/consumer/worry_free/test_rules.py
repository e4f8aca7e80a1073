"""《消费者权益保护法》第十六条: what was promised is owed; checks say whether it is kept."""

from datetime import date

import pytest

from zhijian.apps.consumer.worry_free.rules import Check, is_recognised, return_days_are_enough, standing

ON = date(2026, 11, 28)


def broken(on, *, by=None, done=None):
    return Check(on, "broken", rectify_by=by, rectified_on=done)


def test_without_a_check_nothing_is_said():
    found = standing([], on=ON)
    assert (found.code, found.checks, found.last_on) == ("unchecked", 0, None)


def test_checked_and_kept_is_honoured():
    assert standing([Check(date(2026, 6, 1), "kept")], on=ON).code == "honoured"


@pytest.mark.parametrize(
    ("by", "done", "code"),
    [
        (date(2026, 11, 28), None, "rectifying"),
        (date(2026, 11, 27), None, "suspended"),
        (date(2026, 11, 27), date(2026, 11, 28), "honoured"),
        (date(2026, 11, 27), date(2026, 11, 29), "suspended"),
        (None, None, "suspended"),
    ],
)
def test_what_is_broken_is_put_right_by_its_day_or_suspended(by, done, code):
    assert standing([broken(date(2026, 10, 1), by=by, done=done)], on=ON).code == code


@pytest.mark.parametrize(
    ("first", "code"), [(date(2025, 11, 28), "rectifying"), (date(2025, 11, 29), "removed")]
)
def test_twice_broken_within_twelve_months_is_taken_off(first, code):
    done = date(2026, 1, 1)
    checks = [broken(first, by=done, done=done), broken(date(2026, 11, 20), by=date(2026, 12, 20))]
    assert standing(checks, on=ON).code == code


def test_a_check_that_lies_ahead_does_not_count():
    assert standing([broken(date(2026, 11, 29))], on=ON).code == "unchecked"


@pytest.mark.parametrize(
    ("day", "own", "holds"),
    [
        (date(2025, 12, 31), "honoured", False),
        (date(2026, 1, 1), "unchecked", True),
        (date(2026, 12, 31), "rectifying", True),
        (date(2027, 1, 1), "honoured", False),
        (date(2026, 6, 1), "suspended", False),
        (date(2026, 6, 1), "removed", False),
    ],
)
def test_macao_recognises_within_the_term_and_only_who_keeps_the_promise(day, own, holds):
    term = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    assert is_recognised(status="recognised", own_standing=own, on=day, **term) is holds
    assert not is_recognised(status="applied", own_standing=own, on=day, **term)


def test_a_shop_gives_at_least_the_seven_days_of_online_buyers():
    assert not return_days_are_enough(6, on=ON)
    assert return_days_are_enough(7, on=ON)

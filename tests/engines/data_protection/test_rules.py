"""《个人信息保护法》第十八、四十五、五十条一条: which looks are unusual, when a look is told, until when a request is answered."""

from datetime import date, datetime, time, timedelta

import pytest

from zhijian.engines.data_protection.rules import Kind, Look, answer_due_on, is_at_night, is_told, unusual

DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 2, 12, 0)
TIANHE, SHENZHEN, CITY = "91440106MA5{n:07}X", "91440300MA5{n:07}XX", "91440100MA5{n:07}XX"


def code(pattern, n):
    return pattern.format(n=n)[:18].ljust(18, "0")


def looks(count, pattern=TIANHE, at=NOON):
    return [Look(code(pattern, n), at + timedelta(seconds=n)) for n in range(count)]


def kinds(seen, *, usual=10.0, territory="440106", ties=()):
    return {one.kind: one.count for one in unusual(seen, usual=usual, territory=territory, ties=ties, on=DAY)}


@pytest.mark.parametrize(
    ("count", "usual", "found"), [(60, 10, False), (61, 10, True), (61, 25, False), (76, 25, True)]
)
def test_many_subjects_are_unusual_above_sixty_and_three_times_the_usual(count, usual, found):
    assert (Kind.MANY in kinds(looks(count), usual=usual)) is found


@pytest.mark.parametrize(
    ("clock", "is_night"),
    [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
def test_the_night_is_from_ten_to_six(clock, is_night):
    assert is_at_night(time.fromisoformat(clock), on=DAY) is is_night


def test_five_looks_at_night_are_unusual_and_four_are_not():
    night = datetime(2026, 11, 2, 23, 30)
    assert kinds(looks(4, at=night)) == {} and kinds(looks(5, at=night)) == {Kind.NIGHT: 5}


def test_five_firms_of_another_area_are_unusual_and_one_registered_with_the_city_is_of_the_own():
    assert kinds(looks(4, SHENZHEN)) == {} and kinds(looks(5, SHENZHEN)) == {Kind.OUTSIDE: 5}
    assert kinds(looks(9, CITY)) == {} and kinds(looks(9, SHENZHEN), territory="44") == {}


def test_one_look_at_a_firm_to_which_a_tie_is_declared_is_unusual():
    assert kinds(looks(2), ties={code(TIANHE, 1)}) == {Kind.TIES: 1}


def test_the_same_subject_twenty_times_a_day_is_unusual():
    one = Look(code(TIANHE, 1), NOON)
    assert kinds([one] * 19) == {} and kinds([one] * 20) == {Kind.AGAIN: 20}


def test_a_look_is_told_at_once_unless_its_case_is_secret_and_then_after_180_days():
    assert is_told(DAY, is_secret=False, today=DAY)
    assert not is_told(DAY, is_secret=True, today=DAY + timedelta(days=180))
    assert is_told(DAY, is_secret=True, today=DAY + timedelta(days=181))


def test_a_request_is_answered_within_thirty_days():
    assert answer_due_on(date(2026, 11, 2)) == date(2026, 12, 2)

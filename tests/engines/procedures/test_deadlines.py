"""Periods of the law: the worked examples, holds, extension, lights. The calendar of 2026 is the State Council's."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.engines.procedures.deadlines import (
    DeadlineProblem,
    Declared,
    Period,
    deadline,
    declared,
    light,
    period_on,
)
from zhijian.standards.calendar import add_working_days, is_working_day, working_days_between

ACCEPT = "consumer/complaint_acceptance"
MEDIATE = "consumer/complaint_mediation"
VERIFY = "consumer/report_verification"


def due(name, start, **more):
    return deadline(period_on(name, start), start, **more)


def test_a_complaint_received_before_the_national_holiday_is_accepted_after_it():
    assert due(ACCEPT, date(2026, 9, 21)).due_on == date(2026, 10, 8)


def test_a_saturday_on_which_people_work_counts():
    assert due(ACCEPT, date(2026, 2, 12)).due_on == date(2026, 2, 28)


def test_mediation_ends_on_the_sixtieth_day():
    assert due(MEDIATE, date(2026, 9, 28)).due_on == date(2026, 11, 27)


def test_ten_days_of_testing_move_the_end_by_ten_days():
    holds = [(date(2026, 10, 12), date(2026, 10, 21))]
    assert due(MEDIATE, date(2026, 9, 28), holds=holds).due_on == date(2026, 12, 7)


def test_an_end_on_a_holiday_rolls_and_the_alarm_does_not():
    found = due(MEDIATE, date(2026, 8, 3))
    assert (found.due_on, found.alarm_on) == (date(2026, 10, 8), date(2026, 10, 2))


def test_both_parties_are_told_of_the_termination_in_seven_working_days():
    assert due("consumer/complaint_termination_notice", date(2026, 11, 27)).due_on == date(2026, 12, 8)


def test_a_report_is_verified_in_fifteen_working_days_and_fifteen_more():
    received = date(2026, 4, 24)
    assert due(VERIFY, received).due_on == date(2026, 5, 19)
    extension = period_on(VERIFY, received).extension
    assert due(VERIFY, received, extended_length=extension).due_on == date(2026, 6, 9)


def test_new_facts_start_the_verification_anew():
    assert due(VERIFY, date(2026, 5, 12)).due_on == date(2026, 6, 2)


def test_a_period_that_does_not_roll_ends_where_it_ends():
    assert deadline(Period(60, "day", rolls=False), date(2026, 8, 3)).due_on == date(2026, 10, 2)


def test_a_period_in_months_ends_on_the_corresponding_day():
    assert deadline(Period(1, "month"), date(2026, 1, 30)).alarm_on == date(2026, 2, 28)


def test_while_a_hold_goes_on_no_day_can_be_told():
    found = due(MEDIATE, date(2026, 9, 28), holds=[(date(2026, 10, 12), None)])
    assert (found.due_on, found.light_on(date(2027, 1, 1))) == (None, "held")


def test_the_light_is_green_yellow_from_two_thirds_and_red_when_past():
    found = due(ACCEPT, date(2026, 9, 7))  # 7 working days: to 16 September; the fifth is the 14th
    assert found.due_on == date(2026, 9, 16)
    days = {13: "green", 14: "yellow", 16: "yellow", 17: "red"}
    assert {day: found.light_on(date(2026, 9, day)) for day in days} == days
    assert light(date(2026, 9, 1), due_on=None, yellow_on=None) == "held"


def test_a_deadline_is_read_as_the_drawing_names_it():
    assert declared(f"{MEDIATE} from accepted_on, stops while testing, recusal") == Declared(
        MEDIATE, "accepted_on", ("testing", "recusal")
    )
    for wrong in ("7 working days", "x of y", f"{MEDIATE} from"):
        with pytest.raises(DeadlineProblem):
            declared(wrong)


def test_a_parameter_that_is_no_period_is_refused():
    with pytest.raises(DeadlineProblem):
        period_on("consumer/rule_set", date(2026, 5, 1))


days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
holds = st.lists(
    st.tuples(days, st.integers(0, 20)).map(lambda one: (one[0], one[0] + timedelta(one[1]))), max_size=4
)


def held_days(start, end, spans, counts):
    """Days after `start` up to `end` inside any span, each once."""
    return sum(
        counts(day) and any(first <= day <= last for first, last in spans)
        for day in (start + timedelta(n) for n in range(1, (end - start).days + 1))
    )


@given(start=days, length=st.integers(1, 60), spans=holds)
def test_of_calendar_days_the_end_is_the_start_and_the_length_and_the_days_held(start, length, spans):
    last = deadline(Period(length, "day", rolls=False), start, holds=spans).due_on
    assert last == start + timedelta(length + held_days(start, last, spans, lambda day: True))


@given(start=days, length=st.integers(1, 30), spans=holds)
def test_of_working_days_only_those_inside_a_hold_are_added(start, length, spans):
    last = deadline(Period(length, "working_day"), start, holds=spans).due_on
    held = held_days(start, last, spans, is_working_day)
    assert working_days_between(start, last) == length + held
    assert last == add_working_days(start, length + held)


@given(start=days, length=st.integers(1, 60), spans=holds)
def test_an_overlap_counts_once_and_a_hold_never_shortens(start, length, spans):
    period = Period(length, "day")
    found = deadline(period, start, holds=[*spans, *spans])
    assert found == deadline(period, start, holds=spans)
    assert found.due_on >= deadline(period, start).due_on
    assert found.yellow_on <= found.due_on

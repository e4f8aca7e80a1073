"""The worked examples by which the rules of complaints and reports are accepted, in their order."""

from datetime import date
from decimal import Decimal

import pytest

from zhijian.apps.consumer.complaints import rules
from zhijian.apps.consumer.complaints.codes import RespondentKind, SubmissionKind
from zhijian.apps.consumer.complaints.rules import Place, Repeat, Span, TestingOutcome

GUANGZHOU, SHENZHEN, HANGZHOU = "440106", "440305", "330108"


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [(date(2026, 9, 21), date(2026, 10, 8)), (date(2026, 2, 12), date(2026, 2, 28))],
    ids=["1: over the National Day holiday", "2: a make-up Saturday counts"],
)
def test_a_complaint_is_accepted_within_seven_working_days(received_on, due_on):
    assert rules.acceptance_due_on(received_on) == due_on


def test_3_mediation_ends_after_sixty_days_and_not_after_45_working_days():
    period = rules.mediation_period(date(2026, 9, 28))
    assert period.due_on == period.alarm_on == date(2026, 11, 27)


def test_4_ten_days_of_testing_are_added():
    testing = [Span(date(2026, 10, 12), date(2026, 10, 21))]
    assert rules.mediation_period(date(2026, 9, 28), testing).due_on == date(2026, 12, 7)


def test_5_the_legal_end_rolls_over_the_holiday_and_the_alarm_does_not():
    period = rules.mediation_period(date(2026, 8, 3))
    assert (period.due_on, period.alarm_on) == (date(2026, 10, 8), date(2026, 10, 2))


def test_6_both_parties_are_told_of_the_termination_within_seven_working_days():
    assert rules.termination_notice_due_on(date(2026, 11, 27)) == date(2026, 12, 8)


def test_7_a_clue_is_verified_within_fifteen_working_days_or_thirty():
    received_on = date(2026, 4, 24)
    assert rules.verification_due_on(received_on) == date(2026, 5, 19)
    assert rules.verification_due_on(received_on, is_extended=True) == date(2026, 6, 9)


def test_8_a_named_reporter_is_told_only_where_a_law_says_so():
    assert rules.filing_notice_due_on(date(2026, 5, 18), is_named=True) is None
    assert rules.filing_notice_due_on(date(2026, 3, 30), is_named=True) == date(2026, 4, 7)
    assert rules.special_answer("", date(2026, 5, 18), is_named=True) is None
    advertising = rules.special_answer("advertising", date(2026, 5, 18), is_named=True)
    assert advertising.due_on == date(2026, 5, 27)
    assert advertising.tells_complainant


def test_9_one_text_that_asks_for_a_refund_and_a_fine_is_two_matters():
    kind, redirect = rules.kind_of("refund me and fine the shop for expired food")
    assert (kind, redirect) == (SubmissionKind.BOTH, None)


def test_10_a_merchants_complaint_goes_where_its_address_on_the_platform_is_or_where_the_platform_lives():
    place = Place(RespondentKind.PLATFORM_MERCHANT, business=SHENZHEN, published=SHENZHEN, platform=HANGZHOU)
    competent = rules.complaint_competence(place, date(2026, 5, 1))
    assert [one.division_code for one in competent] == [SHENZHEN, HANGZHOU]
    assert not rules.is_competent(GUANGZHOU, competent)
    hidden = Place(RespondentKind.PLATFORM_MERCHANT, business=SHENZHEN, platform=HANGZHOU)
    assert [one.division_code for one in rules.complaint_competence(hidden, date(2026, 5, 1))] == [HANGZHOU]


def test_11_more_than_three_years_since_the_harm_was_known_is_too_late():
    assert rules.is_lapsed(date(2023, 4, 1), date(2026, 4, 20))
    assert not rules.is_lapsed(date(2023, 4, 20), date(2026, 4, 20))
    assert rules.is_lapsed(date(2023, 4, 19), date(2026, 4, 20))


@pytest.mark.parametrize(
    ("paid", "bonus", "discounted", "list_price", "own_reason", "used", "refund"),
    [
        (1000, 200, 300, 300, False, 250, 750),
        (1000, 200, 300, 300, True, 300, 700),
        (1000, 0, 800, 1100, True, 1100, 0),
    ],
    ids=["12: the shop closed", "13: the consumer's own reason", "14: never below nothing"],
)
def test_a_prepaid_card_is_refunded_by_whose_reason_it_is(
    paid, bonus, discounted, list_price, own_reason, used, refund
):
    found = rules.prepaid_refund(
        paid_yuan=Decimal(paid),
        bonus_yuan=Decimal(bonus),
        used_discounted_yuan=Decimal(discounted),
        used_list_price_yuan=Decimal(list_price),
        is_consumers_reason=own_reason,
    )
    assert (found.used_yuan, found.refund_yuan) == (used, refund)


def test_16_new_facts_from_the_same_reporter_restart_the_clock():
    repeat = rules.repeat_of(same_reporter=True, same_reported=True, has_new_facts=True)
    assert repeat is Repeat.MERGED
    assert rules.verification_due_on(date(2026, 5, 12)) == date(2026, 6, 2)


def test_17_a_quarrel_about_the_testing_body_ends_nothing():
    outcome = rules.testing_body(agree_on_body=False, agree_on_cost=True)
    assert outcome is TestingOutcome.AUTHORITY_DESIGNATES


def test_18_a_report_of_false_annual_data_is_answered_in_writing_within_twenty_working_days():
    answer = rules.special_answer("published_information", date(2026, 5, 18), is_named=True)
    assert (answer.due_on, answer.is_in_writing) == (date(2026, 6, 15), True)

"""如果……会怎样: what lawful steps would change, by the models that rate everyone."""

from datetime import date

import pytest

from tests.datazone.mart.test_credit_class import BASE, ENTITY, fact, rated
from zhijian.datazone.mart.what_if import possible_changes, repair_window, what_if

AS_OF = date(2026, 10, 31)
PENALTY = fact("penalty.decided", date(2026, 1, 10), reference="1号", fine="200000", field_code="广告")
PENALTY = {**PENALTY, "recorded_on": date(2026, 1, 15)}
LISTED = fact("abnormal_list.listed", date(2026, 7, 8), ground_code="annual_report")
RECORD = fact("annual_report.published", date(2025, 3, 1))


def forecast(facts, *kinds):
    changes = [change for change in possible_changes(facts, as_of=AS_OF) if change.kind in kinds]
    return what_if(ENTITY, facts, changes, as_of=AS_OF, cut_score=720)


def test_a_fine_on_advertising_may_be_repaired_six_months_after_publication():
    """E9: published 2026-01-15, repair from 2026-07-15."""
    assert repair_window(date(2026, 1, 15), "广告", as_of=date(2026, 2, 28))[0] == date(2026, 7, 15)


def test_a_fine_on_food_may_be_repaired_after_twelve_months_whatever_the_firms_trade():
    """E10 and edge case 7: published 2026-01-15, repair from 2027-01-15."""
    assert repair_window(date(2026, 1, 15), "食品安全", as_of=date(2026, 2, 28))[0] == date(2027, 1, 15)


def test_without_changes_the_forecast_is_the_class_that_stands():
    shown = forecast([PENALTY, RECORD])
    stored = rated([PENALTY, RECORD])
    assert (shown.now.score, shown.now.class_code) == (stored["score"], stored["class_code"])
    assert shown.earliest == shown.latest == shown.now


def test_a_repaired_penalty_leaves_the_score_from_the_month_of_the_decision():
    shown = forecast([PENALTY, RECORD], "penalty_repaired")
    assert shown.now.score > BASE
    assert shown.earliest.score == BASE - 20
    assert (shown.earliest.month_end, shown.latest.month_end) == (date(2026, 11, 30), date(2026, 11, 30))


def test_filing_the_missing_report_and_being_removed_takes_the_open_listing_away():
    shown = forecast([LISTED, RECORD], "listing_removed", "report_filed")
    ids = [reason.indicator_id for reason in shown.latest.reasons]
    assert "abnormal_open" not in ids
    assert "abnormal_closed" in ids  # for twelve months it is remembered, internally
    assert shown.latest.score < shown.now.score


def test_no_new_complaint_for_half_a_year_lets_the_earlier_ones_fade():
    complained = [fact("complaint.upheld", date(2026, 1, day)) for day in (5, 6, 7)]
    shown = forecast([*complained, RECORD], "no_new_complaint")
    assert shown.earliest.month_end == date(2027, 4, 30)
    assert shown.earliest.score < shown.now.score


@pytest.mark.parametrize("kind", ["penalty.repaired", "abnormal_list.removed"])
def test_what_is_already_closed_is_not_offered_again(kind):
    closed = fact(kind, date(2026, 9, 1), reference="1号", ground_code="annual_report")
    kinds = {change.kind for change in possible_changes([PENALTY, LISTED, closed], as_of=AS_OF)}
    gone = {"penalty.repaired": "penalty_repaired", "abnormal_list.removed": "listing_removed"}[kind]
    assert gone not in kinds

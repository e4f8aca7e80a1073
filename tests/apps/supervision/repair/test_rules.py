"""Repair beside the one rule: its clocks over the Spring Festival and National Day, the two regimes, withdrawal, the term anew."""

from datetime import date

import pytest

from zhijian.apps.supervision.repair import rules
from zhijian.standards.parameters import NoValueInForce


def test_a_repair_asked_for_before_the_spring_festival_is_accepted_and_decided_after_it():
    clock = rules.repair_clock(date(2026, 2, 13), accepted_on=date(2026, 2, 24), decided_on=date(2026, 3, 16))
    assert (clock.accept_by, clock.decide_by, clock.told_by) == (
        date(2026, 2, 24),
        date(2026, 3, 16),
        date(2026, 3, 19),
    )


def test_the_clocks_stand_still_over_national_day():
    clock = rules.repair_clock(date(2026, 9, 29), accepted_on=date(2026, 9, 30))
    assert (clock.accept_by, clock.decide_by) == (date(2026, 10, 8), date(2026, 10, 27))


@pytest.mark.parametrize("kind", ["penalty.decided", "serious_list.listed"])
def test_what_rests_on_an_annulled_decision_is_withdrawn_in_three_working_days(kind):
    assert rules.withdrawal_due_on(kind, date(2026, 4, 30)) == date(2026, 5, 8)


def test_at_credit_china_an_ordinary_item_counts_from_its_determination_whenever_it_was_published():
    term = rules.credit_china_term(
        ["fine"], is_low_fine=False, decided_on=date(2026, 4, 10), on=date(2026, 5, 6)
    )
    assert (term.earliest_repair_on, term.shown_until) == (date(2026, 7, 10), date(2027, 4, 10))
    with pytest.raises(NoValueInForce):
        rules.credit_china_term(
            ["fine"], is_low_fine=False, decided_on=date(2026, 1, 10), on=date(2026, 3, 31)
        )


@pytest.mark.parametrize(
    ("types", "is_low", "level"),
    [
        (["warning"], False, "minor"),
        (["fine", "warning"], True, "minor"),
        (["fine"], False, "ordinary"),
        (["fine", "confiscation"], True, "ordinary"),
        (["fine", "licence_revoked"], True, "serious"),
    ],
)
def test_the_gravest_part_of_a_penalty_decides_its_level(types, is_low, level):
    assert rules.credit_china_level(types, is_low_fine=is_low) == level


def test_after_false_papers_the_term_counts_anew_from_the_revocation():
    assert rules.term_anew_from(date(2026, 11, 20)) == date(2026, 11, 20)

"""The abnormal list, the serious list and publication by the worked examples of the law's own pages."""

from dataclasses import replace
from datetime import date

import pytest

from zhijian.apps.supervision.listing import rules
from zhijian.apps.supervision.listing.rules import Ground, SeriousCase
from zhijian.engines.facts import repair
from zhijian.standards.parameters import NoValueInForce


def test_falsity_left_the_list_of_enterprises_in_2025_and_stays_for_individual_businesses():
    """E21."""
    assert Ground.FALSITY in rules.grounds("enterprise", on=date(2025, 3, 17))
    assert Ground.FALSITY not in rules.grounds("enterprise", on=date(2026, 6, 1))
    assert Ground.FALSITY in rules.grounds("individual", on=date(2026, 6, 1))
    assert rules.listing_due_on(date(2026, 6, 1)) == date(2026, 6, 15)
    assert len(rules.grounds("enterprise", on=date(2026, 6, 1))) == 4


def test_a_name_ordered_out_of_use_is_a_ground_only_since_2025_and_never_of_an_individual_business():
    assert Ground.NAME_NOT_CHANGED not in rules.grounds("enterprise", on=date(2025, 3, 17))
    assert Ground.NAME_NOT_CHANGED in rules.grounds("enterprise", on=date(2025, 3, 18))
    assert Ground.NAME_NOT_CHANGED not in rules.grounds("individual", on=date(2026, 6, 1))


def test_who_did_not_report_by_30_june_is_listed_within_ten_working_days():
    """E1."""
    assert rules.listing_due_on(date(2026, 6, 30)) == date(2026, 7, 14)


def test_an_order_to_publish_gives_ten_days_and_then_ten_working_days_to_list():
    """E2."""
    ends = rules.instant_information_order_ends_on(date(2026, 3, 2))
    assert (ends, rules.listing_due_on(ends)) == (date(2026, 3, 12), date(2026, 3, 26))


def test_a_name_is_changed_in_thirty_days_or_the_firm_is_listed():
    """E19."""
    ends = rules.name_change_ends_on(date(2026, 3, 2))
    assert (ends, rules.listing_due_on(ends)) == (date(2026, 4, 1), date(2026, 4, 16))


def test_a_ground_that_arose_under_the_text_of_2014_has_no_day_here():
    with pytest.raises(NoValueInForce):
        rules.listing_due_on(date(2024, 6, 30))


@pytest.mark.parametrize(("second", "is_whole"), [(15, False), (16, True), (31, True)])
def test_two_letters_lie_fifteen_to_thirty_days_apart(second, is_whole):
    found = rules.unreachable_problem(
        "letters", first_sent_on=date(2026, 9, 1), second_sent_on=date(2026, 9, second) if second < 31 else date(2026, 10, 1)
    )  # fmt: skip
    assert (found == "") is is_whole


def test_a_letter_that_was_signed_for_or_sent_once_proves_nothing_and_a_visit_needs_its_day():
    sent = {"first_sent_on": date(2026, 9, 1), "second_sent_on": date(2026, 9, 20)}
    assert "签收" in rules.unreachable_problem("letters", **sent, is_signed=True)
    assert "两次" in rules.unreachable_problem("letters", first_sent_on=date(2026, 9, 1))
    assert rules.unreachable_problem("landlord") and rules.unreachable_problem("no_premises")
    assert rules.unreachable_problem("landlord", visited_on=date(2026, 9, 1)) == ""
    apart = {"first_sent_on": date(2026, 9, 1), "second_sent_on": date(2026, 10, 2)}
    assert "31日" in rules.unreachable_problem("letters", **apart)


def test_removal_runs_from_the_application_for_a_report_and_from_verification_for_premises():
    """E5, E20."""
    day = date(2026, 9, 23)
    assert rules.removal_due_on("annual_report", applied_on=day) == date(2026, 10, 8)
    assert rules.removal_due_on("unreachable", applied_on=date(2026, 9, 1)) is None
    assert rules.removal_due_on("unreachable", applied_on=date(2026, 9, 1), verified_on=day) == date(
        2026, 10, 8
    )


def test_an_objection_is_lodged_in_thirty_days_and_answered_by_its_clocks():
    clock = rules.objection_clock(
        date(2026, 7, 10), lodged_on=date(2026, 8, 3), accepted_on=date(2026, 8, 10), found_wrong_on=date(2026, 9, 7)
    )  # fmt: skip
    assert (clock.lodge_by, clock.accept_by) == (date(2026, 8, 9), date(2026, 8, 10))
    assert (clock.verify_by, clock.correct_by) == (date(2026, 9, 7), date(2026, 9, 14))


def test_an_individual_business_goes_to_the_separate_register_after_two_full_years():
    """E24."""
    assert rules.separate_register_from(date(2025, 7, 10), on=date(2026, 1, 1)) == date(2027, 7, 10)
    assert rules.individual_shown_until(date(2026, 7, 10)) == date(2027, 6, 30)


def test_three_years_on_the_abnormal_list_lead_nowhere_by_themselves_since_may_2024():
    """E17."""
    listed = date(2021, 2, 5)
    assert rules.escalates_to_serious(listed, on=date(2024, 4, 30))
    assert not rules.escalates_to_serious(listed, on=date(2024, 5, 1))
    assert rules.may_be_revoked({2023, 2024}, is_unreachable=True)
    assert not rules.may_be_revoked({2023, 2024}, is_unreachable=False)
    assert not rules.may_be_revoked({2022, 2024}, is_unreachable=True)


GRAVE = {"is_bad_nature": True, "is_serious": True, "harms_society": True}


def test_the_serious_list_needs_all_four_and_is_barred_by_proof_of_no_intent():
    grave = SeriousCase("food", {"fine"}, fine_is_heavy=True, **GRAVE)
    assert rules.serious_test(grave) == ()
    assert len(rules.serious_test(SeriousCase("food", {"fine"}, **GRAVE))) == 1
    assert len(rules.serious_test(SeriousCase("food", {"licence_revoked"}))) == 3
    barred = SeriousCase("food", {"closure"}, proves_no_intent=True, **GRAVE)
    assert "没有主观故意" in rules.serious_test(barred)[0]
    assert rules.serious_test(SeriousCase("weather", {"closure"}, **GRAVE))


def test_who_refuses_to_perform_a_decision_while_able_is_listed_without_a_heavier_penalty():
    assert rules.serious_test(SeriousCase("refusal", refuses_while_able=True)) == ()
    assert rules.serious_test(SeriousCase("refusal", {"closure"}, **GRAVE))


def test_counties_and_prefectures_ask_the_next_level_and_the_province_decides_alone():
    day = date(2026, 3, 10)
    assert [rules.needs_consent(level, on=day) for level in ("county", "prefecture", "province")] == [
        True,
        True,
        False,
    ]


def test_a_listing_whose_penalty_fell_is_withdrawn_in_three_working_days():
    """E13."""
    assert rules.serious_withdrawal_due_on(date(2026, 4, 30)) == date(2026, 5, 8)
    assert rules.penalty_withdrawal_due_on(date(2026, 4, 30)) == date(2026, 5, 8)


def test_a_listing_restored_for_false_papers_counts_its_term_anew():
    assert rules.term_starts_anew_on(date(2026, 3, 10), restored_on=None) == date(2026, 3, 10)
    assert rules.term_starts_anew_on(date(2026, 3, 10), restored_on=date(2027, 5, 6)) == date(2027, 5, 6)


def test_a_penalty_is_published_here_in_twenty_working_days_and_pushed_elsewhere_in_ten():
    """E6, E7."""
    here = rules.penalty_publication(date(2026, 9, 15), is_same_province=True)
    assert (here.publish_by, here.double_publicity_by) == (date(2026, 10, 19), date(2026, 9, 23))
    there = rules.penalty_publication(
        date(2026, 9, 15), is_same_province=False, received_on=date(2026, 9, 29)
    )
    assert (there.push_by, there.publish_by) == (date(2026, 9, 29), date(2026, 10, 19))
    assert rules.penalty_publication(date(2026, 9, 15), is_same_province=False).publish_by is None


def test_at_credit_china_the_term_runs_from_the_determination_and_not_from_publication():
    """E22."""
    term = rules.credit_china_term("ordinary", decided_on=date(2026, 4, 10), law_in_force_on=date(2026, 5, 6))
    assert (term.earliest_repair_on, term.shown_until) == (date(2026, 7, 10), date(2027, 4, 10))


def test_a_request_at_credit_china_goes_by_its_own_clocks():
    """E23."""
    clock = rules.credit_china_clock(date(2026, 9, 18), accepted_on=date(2026, 9, 23))
    assert clock.accept_by == date(2026, 9, 22)
    assert (clock.result_by, clock.extended_to) == (date(2026, 10, 10), date(2026, 10, 23))
    assert clock.answer_by == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("status", "registered_on", "ground", "why"),
    [
        ("deregistered", date(2019, 1, 1), "annual_report", "gone"),
        ("deregistered", date(2019, 1, 1), "unreachable", "gone"),
        ("revoked", date(2019, 1, 1), "annual_report", "owed_nothing"),
        ("revoked", date(2019, 1, 1), "unreachable", ""),
        ("active", date(2026, 1, 1), "annual_report", "owed_nothing"),
        ("active", date(2025, 12, 31), "annual_report", ""),
        ("active", date(2026, 1, 1), "unreachable", ""),
        (None, None, "annual_report", ""),
    ],
)
def test_nobody_is_listed_who_is_gone_and_for_a_report_nobody_who_owed_none(
    status, registered_on, ground, why
):
    """C1, C8, edge case 3: the report on 2025 was due on 2026-06-30; who is set up in 2026 begins with the report on 2026."""
    found = rules.unlistable_because(
        ground, status=status, registered_on=registered_on, arose_on=date(2026, 6, 30)
    )
    assert found == why


def test_a_hearing_is_asked_for_within_five_working_days_of_the_notice():
    assert rules.hearing_asked_by(date(2026, 9, 14)) == date(2026, 9, 20)  # a Sunday worked
    assert rules.hearing_asked_by(date(2026, 9, 23)) == date(2026, 10, 8)  # mid-autumn and the national days


def test_a_serious_listing_is_challenged_in_sixty_days_or_six_months():
    found = rules.remedies(date(2026, 8, 31))
    assert (found.reconsideration_by, found.suit_by) == (date(2026, 10, 30), date(2027, 2, 28))


def test_falsified_publicity_is_a_ground_of_the_regulation_and_meets_the_same_test():
    family = rules.FAMILIES["publicity"]
    assert (family.article, family.regulation) == (18, "《企业信息公示暂行条例》")
    assert len(rules.serious_test(SeriousCase("publicity", {"fine"}, fine_is_heavy=True))) == 3


def test_a_firm_is_told_what_it_may_do_about_a_listing_and_until_when_the_last_day_included():
    def told(on, **more):
        found = rules.rights(
            **{"is_serious": True, "noticed_on": date(2026, 9, 21), "known_on": None} | more, on=on
        )
        return [(one.code, one.until) for one in found]

    hearing = [("hearing", date(2026, 9, 29))]  # five working days; the 25th to the 27th are mid-autumn
    assert told(date(2026, 9, 29)) == hearing and told(date(2026, 9, 30)) == []
    assert told(date(2026, 9, 22), noticed_on=None) == []
    listed = {"known_on": date(2026, 10, 15)}
    remedies = [("reconsideration", date(2026, 12, 14)), ("suit", date(2027, 4, 15))]
    assert told(date(2026, 10, 15), **listed) == remedies  # the hearing lies behind
    assert told(date(2026, 12, 15), **listed) == remedies[1:] and told(date(2027, 4, 16), **listed) == []
    objection = [("objection", date(2026, 11, 14))]
    assert told(date(2026, 11, 14), is_serious=False, **listed) == objection + remedies
    assert told(date(2026, 11, 15), is_serious=False, **listed) == remedies


@pytest.mark.parametrize(
    ("is_individual", "article"),
    [(False, "《企业经营异常名录管理办法》第十五条"), (True, "《个体工商户年度报告办法》第十九条")],
)
def test_a_firm_and_an_individual_business_object_by_the_measures_that_govern_each(is_individual, article):
    day = date(2026, 10, 15)
    first = rules.rights(
        is_serious=False, is_individual=is_individual, noticed_on=None, known_on=day, on=day
    )[0]
    assert (first.code, first.article) == ("objection", article)


def test_a_period_that_changes_while_it_runs_keeps_the_days_of_the_day_from_which_it_counts(monkeypatch):
    """A clock is not moved under who relies on it: the value in force on the first day governs to the last."""
    older = rules.HEARING.values[0]
    longer = replace(older, starts_on=date(2026, 9, 24), value=10)
    monkeypatch.setattr(rules, "HEARING", replace(rules.HEARING, values=(older, longer)))
    served = {"is_serious": True, "known_on": None, "on": date(2026, 9, 28)}
    (before,) = rules.rights(noticed_on=date(2026, 9, 21), **served)
    (after,) = rules.rights(noticed_on=date(2026, 9, 24), **served)
    assert (before.until, after.until) == (date(2026, 9, 29), date(2026, 10, 15))
    first = rules.REMOVAL_WORKING_DAYS.values[-1]
    shorter = replace(first, starts_on=date(2026, 9, 24), value=1)
    monkeypatch.setattr(
        rules, "REMOVAL_WORKING_DAYS", replace(rules.REMOVAL_WORKING_DAYS, values=(first, shorter))
    )
    asked = {
        day: rules.removal_due_on("annual_report", applied_on=day)
        for day in (date(2026, 9, 23), date(2026, 9, 24))
    }
    assert asked == {date(2026, 9, 23): date(2026, 10, 8), date(2026, 9, 24): date(2026, 9, 28)}
    path_of_ban = repair.penalty_repair(
        {"types": ["ban"]}, published_on=date(2020, 1, 1), on=date(2026, 9, 28)
    )
    assert not path_of_ban.may_ask and path_of_ban.earliest_on is None  # however long it stands

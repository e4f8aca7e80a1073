"""《市场监督管理投诉举报处理办法》: which rules, which clock, which ground, what follows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.apps.consumer.complaints import rules
from zhijian.apps.consumer.complaints.codes import (
    REFUSAL_GROUNDS,
    TERMINATION_GROUNDS,
    Redirect,
    RespondentKind,
    SubmissionKind,
)
from zhijian.apps.consumer.complaints.rules import Place, Repeat, RuleSet, Span
from zhijian.standards import calendar

DAYS = st.dates(date(2026, 4, 15), date(2026, 11, 30))
MAY_8 = date(2026, 5, 8)


def spans(low, high):
    return st.lists(
        st.tuples(st.dates(low, high), st.integers(0, 20)).map(
            lambda pair: Span(pair[0], pair[0] + timedelta(days=pair[1]))
        ),
        max_size=4,
    )


# ------------------------------------------------------------------------------------------------- which rules


@pytest.mark.parametrize(
    ("received_on", "rule_set"),
    [(date(2026, 4, 14), RuleSet.ORDER20), (date(2026, 4, 15), RuleSet.ORDER121)],
)
def test_the_order_in_force_on_the_day_of_receipt_governs(received_on, rule_set):
    assert rules.rule_set(received_on) == rule_set


def test_an_old_complaint_that_is_still_open_goes_on_under_the_new_order():
    assert rules.rule_set(date(2026, 4, 1), step_on=date(2026, 4, 20)) == RuleSet.ORDER121
    assert rules.rule_set(date(2026, 4, 1), step_on=date(2026, 4, 14)) == RuleSet.ORDER20


def test_between_the_regulations_and_the_new_order_the_alarm_is_the_earlier_of_both_periods():
    accepted_on = date(2025, 9, 25)  # 45 working days span the long holiday, 60 days do not care
    period = rules.mediation_period(accepted_on)
    assert period.due_on == date(2025, 11, 24)
    assert period.alarm_on == min(date(2025, 11, 24), calendar.add_working_days(accepted_on, 45))
    assert rules.mediation_period(date(2024, 6, 28)).due_on == calendar.add_working_days(
        date(2024, 6, 28), 45
    )


# ------------------------------------------------------------------------------------------------------ clocks


@given(accepted_on=DAYS, stops=spans(date(2026, 4, 15), date(2026, 12, 31)))
def test_a_suspension_never_shortens_mediation_and_the_alarm_never_comes_after_the_end(accepted_on, stops):
    plain, held = rules.mediation_period(accepted_on), rules.mediation_period(accepted_on, stops)
    assert held.due_on >= plain.due_on
    assert held.alarm_on <= held.due_on
    assert calendar.is_working_day(held.due_on, provisional=True)


@given(accepted_on=DAYS, stops=spans(date(2026, 4, 15), date(2026, 12, 31)))
def test_mediation_ends_when_sixty_days_outside_all_suspensions_are_over(accepted_on, stops):
    """A slow twin: walk day by day and count those on which the clock runs."""
    day, counted = accepted_on, 0
    while counted < 60:
        day += timedelta(days=1)
        counted += not any(span.first <= day <= span.last for span in stops)
    assert rules.mediation_period(accepted_on, stops).alarm_on == day


@given(started_on=DAYS, stops=spans(date(2026, 4, 15), date(2026, 12, 31)), is_extended=st.booleans())
def test_verification_ends_when_its_working_days_outside_all_suspensions_are_over(
    started_on, stops, is_extended
):
    day, counted = started_on, 0
    while counted < (30 if is_extended else 15):
        day += timedelta(days=1)
        runs = not any(span.first <= day <= span.last for span in stops)
        counted += runs and calendar.is_working_day(day, provisional=True)
    due = rules.verification_due_on(started_on, is_extended=is_extended, suspensions=stops)
    assert due == day


def test_suspensions_that_overlap_count_once():
    one = [Span(date(2026, 10, 12), date(2026, 10, 21))]
    twice = [*one, Span(date(2026, 10, 15), date(2026, 10, 21))]
    accepted_on = date(2026, 9, 28)
    assert rules.mediation_period(accepted_on, twice) == rules.mediation_period(accepted_on, one)


def test_the_hotline_may_shorten_what_an_officer_sees_and_never_lengthens_it():
    law = date(2026, 10, 8)
    assert rules.shown_due_on(law, date(2026, 9, 28)) == date(2026, 9, 28)
    assert rules.shown_due_on(law, date(2026, 10, 20)) == law
    assert rules.shown_due_on(law, None) == law


def test_a_partys_last_day_rolls_over_the_weekend():
    assert rules.party_due_on(date(2026, 11, 28)) == date(2026, 11, 30)


def test_authorities_have_seven_working_days_to_agree_and_the_superior_seven_to_designate():
    assert rules.consultation_due_on(date(2026, 11, 27)) == date(2026, 12, 8)
    assert rules.designation_due_on(date(2026, 11, 27)) == date(2026, 12, 8)
    assert rules.recusal_due_on(date(2026, 11, 27)) == date(2026, 12, 2)


# ------------------------------------------------------------------------------------------------ what arrived


@pytest.mark.parametrize(
    ("text", "kind", "redirect"),
    [
        ("要求退款并查处该店", SubmissionKind.BOTH, None),
        ("商家拒不退货，请帮我协调退款", SubmissionKind.COMPLAINT, None),
        ("举报该店销售过期食品", SubmissionKind.REPORT, None),
        ("咨询营业执照怎么办理", SubmissionKind.OTHER, Redirect.CONSULTATION),
        ("申请公开去年的抽检结果", SubmissionKind.OTHER, Redirect.INFORMATION_REQUEST),
        ("买的手机用了两天就坏了", SubmissionKind.COMPLAINT, None),
    ],
)
def test_what_a_text_asks_for_is_proposed_by_its_words(text, kind, redirect):
    assert rules.kind_of(text) == (kind, redirect)


def test_the_same_facts_again_are_not_handled_again():
    again = rules.repeat_of(same_reporter=True, same_reported=True, has_new_facts=False)
    assert again is Repeat.NOT_AGAIN
    assert rules.repeat_of(same_reporter=False, same_reported=True, has_new_facts=False) is Repeat.NEW


def test_a_law_that_was_not_in_force_yet_orders_no_answer():
    assert rules.special_answer("unfair_competition", date(2025, 10, 14), is_named=True) is None
    assert rules.special_answer("unfair_competition", date(2025, 10, 15), is_named=True)
    assert rules.special_answer("unfair_competition", date(2025, 10, 15), is_named=False) is None


def test_food_that_is_anothers_business_is_transferred_and_told_in_writing():
    answer = rules.special_answer("food", MAY_8, is_named=False)
    assert answer.must_transfer and answer.is_in_writing


# ------------------------------------------------------------------------------------------------ jurisdiction


def test_an_ordinary_shop_belongs_to_the_county_where_it_trades():
    place = Place(RespondentKind.ORDINARY, business="440106")
    (county,) = rules.complaint_competence(place, MAY_8)
    assert county.division_code == "440106"
    assert rules.is_competent("440106", [county])
    assert rules.is_competent("440106003", [county])  # its station
    assert rules.is_competent("440100", [county])  # a higher level may take it
    assert not rules.is_competent("440104", [county])


def test_a_published_address_where_nobody_answers_moves_the_complaint_to_the_platform():
    place = Place(
        RespondentKind.PLATFORM_MERCHANT,
        published="440305",
        platform="330108",
        is_published_reachable=False,
    )
    assert [one.division_code for one in rules.complaint_competence(place, MAY_8)] == ["330108"]


def test_before_the_new_order_a_merchants_place_of_business_counted():
    place = Place(RespondentKind.PLATFORM_MERCHANT, business="440106", published="440305", platform="330108")
    codes = [one.division_code for one in rules.complaint_competence(place, date(2026, 4, 14))]
    assert codes == ["440106", "330108"]


def test_nobody_is_named_where_the_decisive_address_is_unknown():
    assert rules.complaint_competence(Place(RespondentKind.ORDINARY), MAY_8) == []


def test_a_report_goes_to_the_place_of_the_conduct_and_the_platforms_county_may_act_if_first():
    ordinary = Place(RespondentKind.ORDINARY, business="440106", conduct="440305")
    assert rules.report_competence(ordinary, MAY_8)[0].division_code == "440305"
    merchant = Place(RespondentKind.PLATFORM_MERCHANT, business="440106", platform="330108")
    own, platform = rules.report_competence(merchant, MAY_8)
    assert (own.only_if_first, platform.only_if_first) == (False, True)


def test_an_advertisement_that_the_advertiser_put_online_itself_belongs_to_the_advertisers_place():
    self_made = rules.advertising_competence(
        is_internet=True, is_self_published=True, publisher="330108", advertiser="440106"
    )
    assert [one.division_code for one in self_made] == ["440106"]
    newspaper = rules.advertising_competence(
        is_internet=False, is_self_published=False, publisher="330108", advertiser="440106"
    )
    assert [one.division_code for one in newspaper] == ["330108"]


# ------------------------------------------------------------------------------------------------------ grounds

REFUSAL = {
    "received_on": MAY_8,
    "decided_on": MAY_8,
    "reason": "示例",
    "remedies_text": "可以向人民法院起诉。",
}


def fields(problems):
    return [problem.field for problem in problems]


def test_every_refusal_says_why_and_what_other_ways_are_open():
    bare = REFUSAL | {"reason": "", "remedies_text": " "}
    assert fields(rules.refusal_problems("R5", **bare)) == ["reason", "remedies_text"]
    assert fields(rules.refusal_problems("R9", **REFUSAL)) == ["ground"]


@pytest.mark.parametrize(
    ("code", "lacking", "given"),
    [
        ("R1", "citation", {"citation": "《市场监督管理投诉举报处理办法》第十三条"}),
        ("R3", "document_facts", {"document_facts": ["订单显示一次购买同款商品200件"]}),
        ("R4", "knew_on", {"knew_on": date(2023, 4, 1)}),
        ("R6", "ground", {"identity_asked": True}),
        ("R7", "citation", {"citation": "《某条例》第一条"}),
    ],
)
def test_a_ground_of_refusal_needs_what_it_rests_on(code, lacking, given):
    assert fields(rules.refusal_problems(code, **REFUSAL)) == [lacking]
    assert rules.refusal_problems(code, **REFUSAL | given) == []


def test_refusing_to_be_identified_is_a_ground_only_under_the_new_order():
    old = REFUSAL | {"received_on": date(2026, 4, 1), "decided_on": date(2026, 4, 10)}
    assert fields(rules.refusal_problems("R6", **old, identity_asked=True)) == ["ground"]


TERMINATION = {"accepted_on": MAY_8, "decided_on": date(2026, 6, 1), "statement": "示例"}


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("T3", {"was_organised": True}),
        ("T4", {"disagree_on_cost": True}),
        ("T5", {"decided_on": date(2026, 7, 8)}),
        ("T6", {"refusal_ground": "R3"}),
    ],
)
def test_a_ground_of_termination_needs_what_it_rests_on(code, given):
    assert rules.termination_problems(code, **TERMINATION) != []
    assert rules.termination_problems(code, **TERMINATION | given) == []


def test_the_last_of_the_sixty_days_is_not_over_yet():
    last = rules.mediation_period(MAY_8).due_on
    assert rules.termination_problems("T5", **TERMINATION | {"decided_on": last}) != []


@pytest.mark.parametrize("code", ["T1", "T2", "T7", "T8"])
def test_the_other_grounds_of_termination_need_only_their_statement(code):
    assert rules.termination_problems(code, **TERMINATION) == []
    assert fields(rules.termination_problems(code, **TERMINATION | {"statement": ""})) == ["statement"]


def test_every_ground_cites_its_article():
    assert list(REFUSAL_GROUNDS) == [f"R{n}" for n in range(1, 8)]
    assert list(TERMINATION_GROUNDS) == [f"T{n}" for n in range(1, 9)]
    assert all(
        "第" in ground.article for ground in [*REFUSAL_GROUNDS.values(), *TERMINATION_GROUNDS.values()]
    )


TESTS = dict.fromkeys(("has_evidence", "is_punishable", "is_ours", "is_within_limitation"), True)


def test_a_case_is_filed_only_if_all_four_tests_are_met():
    assert rules.filing_problems("file", ground="", tests=TESTS, finding="示例") == []
    one_short = TESTS | {"is_ours": False}
    assert fields(rules.filing_problems("file", ground="", tests=one_short, finding="示例")) == ["tests"]
    assert rules.filing_problems("no_case", ground="N0", tests=one_short, finding="示例") == []
    assert fields(rules.filing_problems("no_case", ground="N0", tests=TESTS, finding="示例")) == ["ground"]


# ------------------------------------------------------------------------------------------- what is required


FORM = {
    "name": "示例张三",
    "phone": "13800000000",
    "address": "示例路1号",
    "id_number": "440106199001010000",
    "respondent_name": "示例商行",
    "facts_text": "示例",
    "claims": ["refund"],
}


def test_a_complaint_names_its_complainant_its_respondent_its_facts_and_its_claim():
    assert rules.complaint_problems(**FORM) == []
    for field in FORM:
        empty = FORM | {field: [] if field == "claims" else " "}
        assert fields(rules.complaint_problems(**empty)) == [field]


def test_an_agent_has_a_power_of_attorney_and_a_joint_complaint_two_representatives():
    assert fields(rules.complaint_problems(**FORM, has_agent=True)) == ["mandate"]
    assert fields(rules.complaint_problems(**FORM, complainants=3, representatives=1)) == ["representatives"]
    assert rules.complaint_problems(**FORM, complainants=3, representatives=2) == []


# ---------------------------------------------------------------------------------------------- consequences


def test_only_an_upheld_complaint_with_a_written_finding_touches_credit():
    assert rules.touches_credit(is_upheld=True, finding="收银小票与标价不符", ground="")
    assert not rules.touches_credit(is_upheld=False, finding="收银小票与标价不符", ground="")
    assert not rules.touches_credit(is_upheld=True, finding=" ", ground="")
    assert not rules.touches_credit(is_upheld=True, finding="示例", ground="T6")


def test_nothing_is_published_without_consent_or_without_being_found_true():
    given = {"consented": True, "is_upheld": True, "ground": "", "is_for_daily_life": True}
    assert rules.publication_problems(**given) == []
    for change in (
        {"consented": False},
        {"is_upheld": False},
        {"ground": "T6"},
        {"is_for_daily_life": False},
    ):
        assert len(rules.publication_problems(**given | change)) == 1


def test_a_reward_is_a_share_of_the_fine_between_its_least_and_the_cap():
    day = date(2026, 6, 1)
    assert rules.reward_yuan("first", Decimal(200_000), day) == 10_000
    assert rules.reward_yuan("first", Decimal(0), day) == 5_000
    assert rules.reward_yuan("third", Decimal(10_000), day) == 1_000
    assert rules.reward_yuan("first", Decimal(90_000_000), day) == 1_000_000


# ---------------------------------------------------------------------------------------------- prepaid cards

MONEY = st.decimals(0, 100_000, places=2)


@given(paid=MONEY, bonus=MONEY, discounted=MONEY, extra=MONEY, own_reason=st.booleans())
def test_a_refund_lies_between_nothing_and_what_was_paid(paid, bonus, discounted, extra, own_reason):
    found = rules.prepaid_refund(
        paid_yuan=paid,
        bonus_yuan=bonus,
        used_discounted_yuan=discounted,
        used_list_price_yuan=discounted + extra,
        is_consumers_reason=own_reason,
    )
    assert 0 <= found.refund_yuan <= paid


def test_within_seven_days_the_whole_principal_is_refunded_unless_the_service_was_known():
    card = {
        "paid_yuan": Decimal(1000),
        "used_discounted_yuan": Decimal(100),
        "used_list_price_yuan": Decimal(120),
        "is_consumers_reason": True,
        "paid_on": date(2026, 6, 1),
    }
    assert rules.prepaid_refund(**card, claimed_on=date(2026, 6, 8)).refund_yuan == 1000
    assert rules.prepaid_refund(**card, claimed_on=date(2026, 6, 9)).refund_yuan == 880
    known = rules.prepaid_refund(**card, claimed_on=date(2026, 6, 8), had_same_before=True)
    assert known.refund_yuan == 880


def test_a_refund_still_unpaid_on_the_sixteenth_day_is_deliberately_delayed():
    assert not rules.is_refund_delayed(date(2026, 6, 1), date(2026, 6, 16))
    assert rules.is_refund_delayed(date(2026, 6, 1), date(2026, 6, 17))

"""How a follow-up ends: 《企业经营异常名录管理办法》第九条, 《市场监督管理行政处罚程序规定》第十四条、第十八条, 《行政处罚法》第二十八条."""

from dataclasses import replace
from datetime import date

import pytest

from zhijian.apps.supervision.inspection.codes import ENDING_LABELS, Ending, FollowUpKind
from zhijian.apps.supervision.inspection.ending_rules import (
    ENDING_ARTICLES,
    LISTING,
    LISTING_GROUNDS,
    Asked,
    Matter,
    Told,
    ending_problems,
    endings_of,
)
from zhijian.apps.supervision.listing.words import ground_words

FIRM = "91440106MA9XH0T10X"
CHECKED, TODAY = date(2026, 9, 16), date(2026, 9, 30)
GONE = LISTING_GROUNDS["5"]
MATTER = Matter("LR-2026-0007", LISTING, FIRM, CHECKED, is_dropped=False, ground=GONE)
ASKED = Asked(FIRM, "示例天河区市场监督管理局", CHECKED, TODAY, code="5")


def wrong(kind, told, asked=ASKED):
    return [problem.field for problem in ending_problems(kind, told, asked)]


def test_every_kind_of_follow_up_has_an_ending_and_only_a_corrected_result_supersedes():
    allowed = {ending for kind in FollowUpKind for ending in endings_of(kind)}
    assert allowed == set(Ending) - {Ending.SUPERSEDED} == set(ENDING_ARTICLES)
    assert set(ENDING_LABELS) == set(Ending)


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("recheck", "listed"),
        ("abnormal_list", "corrected"),
        ("file_case", "ordered_again"),
        ("order_correction", "ordered_again"),  # who does not publish in time is listed, not ordered again
        ("retag", "filed"),
        ("recheck", "superseded"),
        ("recheck", ""),
    ],
)
def test_a_follow_up_does_not_end_in_what_its_outcome_does_not_allow(kind, ending):
    assert wrong(kind, Told(ending, "说明")) == ["ending"]


def test_a_listing_hangs_on_a_case_of_this_firm_that_was_opened_on_or_after_the_day_of_the_check():
    told = Told("listed", case=MATTER.number)
    assert wrong("abnormal_list", told, replace(ASKED, matter=MATTER)) == []
    others = [
        None,
        replace(MATTER, procedure="supervision/abnormal_removal"),
        replace(MATTER, uscc="91440106MA9XH0T11X"),
        replace(MATTER, opened_on=date(2026, 9, 15)),
        replace(MATTER, is_dropped=True),
        replace(MATTER, ground=LISTING_GROUNDS["2"]),  # the firm is listed, but not for what this check found
    ]
    for one in others:
        assert wrong("abnormal_list", told, replace(ASKED, matter=one)) == ["case"]


@pytest.mark.parametrize(
    ("opened_on", "fields"),
    [(CHECKED, ["case"]), (date(2026, 9, 28), ["case"]), (date(2026, 9, 29), [])],
)
def test_who_was_ordered_to_publish_is_listed_only_when_the_time_of_the_order_is_over(opened_on, fields):
    matter = replace(MATTER, opened_on=opened_on, ground=LISTING_GROUNDS["3"])
    asked = replace(ASKED, code="3", order_ends_on=date(2026, 9, 28), matter=matter)
    assert wrong("order_correction", Told("listed", case=MATTER.number), asked) == fields


@pytest.mark.parametrize(
    ("code", "ground"), [("2", "annual_report"), ("3", "instant_information"), ("5", "unreachable")]
)
def test_a_ground_is_called_here_as_the_lists_call_it(code, ground):
    assert LISTING_GROUNDS[code] == ground_words(ground)[0]


@pytest.mark.parametrize(
    ("day", "fields"),
    [(date(2026, 9, 15), ["acted_on"]), (CHECKED, []), (TODAY, []), (date(2026, 10, 1), ["acted_on"])],
)
def test_a_re_check_is_neither_before_the_check_nor_still_to_come(day, fields):
    assert wrong("recheck", Told("corrected", acted_on=day)) == fields


def test_a_filing_needs_its_number_and_its_day_and_is_about_this_firm():
    assert wrong("file_case", Told("filed")) == ["number", "acted_on"]
    told = Told("filed", number="粤市监案〔2026〕12号", acted_on=TODAY)
    assert wrong("file_case", told) == []
    assert wrong("file_case", told, replace(ASKED, matter=replace(MATTER, uscc="another"))) == ["number"]


def test_the_number_of_a_listing_is_no_filing_of_a_penalty_case():
    told = Told("filed", number=MATTER.number, acted_on=TODAY)
    assert wrong("file_case", told, replace(ASKED, matter=MATTER)) == ["number"]


def test_a_decision_not_to_file_says_why_and_when():
    assert wrong("file_case", Told("not_filed")) == ["acted_on", "outcome"]
    assert wrong("file_case", Told("not_filed", "初次违法，后果轻微并及时改正", acted_on=TODAY)) == []


def test_a_transfer_goes_to_another_authority_with_a_letter_of_a_day():
    assert wrong("file_case", Told("transferred")) == ["authority", "number", "acted_on"]
    told = Told("transferred", authority=ASKED.unit, number="移字1号", acted_on=TODAY)
    assert wrong("file_case", told) == ["authority"]
    assert wrong("file_case", replace(told, authority="示例消防救援大队")) == []


@pytest.mark.parametrize(
    ("until", "fields"),
    [(None, ["until"]), (date(2026, 9, 30), ["until"]), (date(2026, 10, 1), [])],
)
def test_a_further_order_ends_after_the_day_of_the_re_check(until, fields):
    assert wrong("recheck", Told("ordered_again", acted_on=TODAY, until=until)) == fields


@pytest.mark.parametrize(("day", "fields"), [(date(2026, 9, 28), ["acted_on"]), (date(2026, 9, 29), [])])
def test_nobody_failed_to_correct_before_the_time_of_the_order_is_over(day, fields):
    asked = replace(ASKED, code="6", order_ends_on=date(2026, 9, 28))
    assert wrong("recheck", Told("ordered_again", acted_on=day, until=date(2026, 10, 12)), asked) == fields
    assert wrong("recheck", Told("corrected", acted_on=day), asked) == []  # who corrects early is done early


@pytest.mark.parametrize("kind", ["retag", "update_status"])
def test_what_only_words_can_show_needs_words(kind):
    assert wrong(kind, Told("updated")) == ["outcome"]
    assert wrong(kind, Told("updated", "标签已改")) == []


def test_a_refusal_says_in_both_languages_what_is_wrong_and_how_to_mend_it():
    problem = ending_problems("abnormal_list", Told("listed", case="LR-2026-0099"), ASKED)[0]
    assert (
        problem.message_zh
        == "没有编号为“LR-2026-0099”的列入案件。请先在“名录管理”提出列入，再回来选这个案件。"
    )
    assert problem.message_en.endswith("Propose the listing first, then choose its case.")

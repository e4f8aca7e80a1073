"""《市场监管领域重大违法行为举报奖励暂行办法》: grades, sums, shares, terms, and a statistic that names nobody."""

from datetime import date
from decimal import Decimal

import pytest

from zhijian.apps.consumer.complaints.rewards import rules

DAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("level", "counted", "multiple", "yuan"),
    [
        ("first", "200000", "1", "10000.00"),
        ("second", "200000", "1", "6000.00"),
        ("third", "200000", "1", "2000.00"),
        ("third", "0", "1", "1000.00"),
        ("first", "200000", "2", "20000.00"),
        ("first", "0", "1.5", "7500.00"),
        ("third", "100000.33", "1.5", "1500.00"),
        ("first", "30000000", "2", "1000000.00"),
    ],
)
def test_a_reward_is_the_grades_share_times_the_insiders_multiple_up_to_the_cap(
    level, counted, multiple, yuan
):
    found = rules.amount_yuan(level, Decimal(counted), DAY, multiple=Decimal(multiple))
    assert found == Decimal(yuan)


def test_what_is_left_over_by_rounding_goes_to_the_first_named():
    shares = [("A", Decimal("33.33")), ("B", Decimal("33.33")), ("C", Decimal("33.34"))]
    parts = rules.divided(Decimal("1000.01"), shares)
    assert [part.yuan for part in parts] == [Decimal("333.31"), Decimal("333.30"), Decimal("333.40")]
    assert sum(part.yuan for part in parts) == Decimal("1000.01")


def test_shares_are_read_a_line_each_and_a_line_that_is_none_is_named():
    assert rules.read_shares("JB1：70\n JB2 : 30%\n") == ([("JB1", 70), ("JB2", 30)], [])
    found, problems = rules.read_shares("JB1 七成")
    assert found == [] and "JB1 七成" in problems[0].message_zh


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ([("A", 60), ("B", 30)], "90%"),
        ([("A", 100), ("X", 0)], "X"),
        ([("A", 50), ("A", 50)], "写了两次"),
        ([("B", 100)], "缺少本件"),
        ([("B", 50), ("C", 50)], "最先举报的是A"),
    ],
)
def test_shares_make_a_hundred_of_known_reports_and_leave_the_first_in_time_not_out(shares, says):
    given = [(name, Decimal(percent)) for name, percent in shares]
    problems = rules.share_problems(given, main="A", known=["A", "B", "C"], in_order=["A", "B", "C"])
    assert any(says in problem.message_zh for problem in problems)


def test_an_insider_is_not_refused_for_having_taken_part():
    assert rules.exclusion_problems("offender", is_insider=False, reason="查明") == []
    problem = rules.exclusion_problems("offender", is_insider=True, reason="查明")[0]
    assert "内部举报人" in problem.message_zh
    assert len(rules.exclusion_problems("none such", is_insider=False, reason=" ")) == 2


def test_only_the_part_of_the_fine_that_was_reported_counts_and_it_is_not_more_than_the_whole():
    given = {"multiple": Decimal(1), "reason": "查明"}
    fine = Decimal(100)
    assert rules.grading_problems("first", fine_yuan=fine, consistent_yuan=Decimal(100), **given) == []
    problems = rules.grading_problems("first", fine_yuan=fine, consistent_yuan=Decimal("100.01"), **given)
    assert problems[0].field == "consistent_yuan"
    fields = [
        p.field
        for p in rules.grading_problems(
            "best", fine_yuan=None, consistent_yuan=None, multiple=Decimal(9), reason=""
        )
    ]
    assert fields == ["level", "fine_yuan", "multiple", "reason"]


def test_the_term_to_claim_is_thirty_days_rolled_off_a_holiday_and_extended_once_by_ten_working_days():
    assert rules.claim_until(date(2026, 11, 2)) == date(2026, 12, 2)
    assert rules.claim_until(date(2026, 9, 4)) == date(2026, 10, 8)  # day 30 is 4 October, a holiday
    assert rules.extended_until(date(2026, 12, 2)) == date(2026, 12, 16)


def test_the_statistic_puts_small_fields_together_so_that_no_difference_gives_one_away():
    paid = [("M01", Decimal(1000))] * 6 + [("M02", Decimal(3000))] * 5 + [("M03", Decimal(5000))] * 2
    rows = rules.told_rows(paid)
    assert [(row.field, row.count) for row in rows] == [("M01", 6), ("", 7)]
    assert rows[1].yuan == 5 * 3000 + 2 * 5000


def test_fewer_than_five_payments_are_told_with_no_figure_at_all():
    assert rules.told_rows([("M01", Decimal(1000))] * 4) == [rules.Row("", None, None)]
    assert rules.told_rows([]) == []


def payment(day, reward, yuan=1000, field="M01"):
    return rules.Paid(day, reward, field, Decimal(yuan))


def test_a_period_is_told_once_it_is_over_and_never_changes():
    first = [payment(date(2026, 2, 3), number) for number in range(6)]
    later = [payment(date(2026, 5, 9), number, 9000) for number in range(6, 9)]
    before = rules.closed_periods(first, date(2026, 4, 1))
    assert [(one.first, one.last, one.rows[0].count) for one in before] == [
        (date(2026, 1, 1), date(2026, 3, 31), 6)
    ]
    assert rules.closed_periods(first, date(2026, 3, 31)) == []
    assert rules.closed_periods(first + later, date(2026, 7, 1)) == before  # three wait for the next quarter
    more = [payment(date(2026, 9, 30), number) for number in range(9, 11)]
    both = rules.closed_periods(first + later + more, date(2026, 10, 1))
    assert [(one.first, one.last) for one in both] == [
        (date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 1, 1), date(2026, 3, 31)),
    ]
    assert both[1:] == before


def test_one_who_was_paid_twice_is_one_person_in_the_statistic():
    paid = [payment(date(2026, 2, 3), 1)] * 4 + [payment(date(2026, 2, 4), 2)]
    assert rules.closed_periods(paid, date(2026, 4, 1)) == []


def test_one_number_of_a_penalty_written_in_two_ways_is_one_fine():
    first = rules.penalty_key("穗天市监罚〔2026〕9号")
    assert (
        first
        == rules.penalty_key(" 穗天市监罚[2026]第009号 ")
        == rules.penalty_key("穗天市监罚（２０２６）9")
    )
    assert first != rules.penalty_key("穗天市监罚〔2026〕90号")
    assert first != rules.penalty_key("穗天市监罚〔20〕269号")
    assert rules.penalty_key("（）") == ""

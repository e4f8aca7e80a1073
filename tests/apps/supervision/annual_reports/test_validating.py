"""What a clerk of a firm types into an annual report, and what the page says to it."""

import pytest

from zhijian.apps.supervision.annual_reports.contents import ENTERPRISE, INDIVIDUAL
from zhijian.apps.supervision.annual_reports.validating import MOST_ROWS, read

GOOD = {
    "address": "广州市越秀区示例路1号", "postcode": "510000", "phone": "020-12345678", "state": "active",
    "staff": "12", "assets": "1,000,000.00", "liabilities": "400000", "equity": "600000", "revenue": "900000.5",
    "main_revenue": "800000", "profit": "-2000", "net_profit": "-2000", "tax": "31000",
}  # fmt: skip


def problems(kind=ENTERPRISE, **changed):
    return {one.field: one.message_zh for one in read(kind, 2025, {**GOOD, **changed}).problems}


def test_a_whole_report_has_no_problem_and_a_loss_may_be_negative():
    found = read(ENTERPRISE, 2025, GOOD)
    assert found.problems == []
    assert (found.values["assets"], found.values["staff"], found.values["profit"]) == (
        "1000000.00",
        12,
        "-2000",
    )


def test_full_width_digits_are_read_as_digits():
    assert read(ENTERPRISE, 2025, {**GOOD, "staff": "１２"}).values["staff"] == 12


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("staff", "-3", "整数"),
        ("staff", "٣", "整数"),  # an Arabic-Indic digit
        ("staff", "12.5", "整数"),
        ("revenue", "-1", "不能是负数"),
        ("revenue", "1e9", "以元为单位"),
        ("revenue", "一百万", "以元为单位"),
        ("tax", "1.234", "两位小数"),
        ("tax", "NaN", "以元为单位"),
        ("assets", "999999999999999", "核对单位"),
        ("postcode", "51000", "6位"),
        ("phone", "<script>", "电话号码"),
        ("state", "sold", "选择"),
        ("equity", "5", "不等"),
        ("main_revenue", "900001", "不能大于"),
        ("address", "", "请填写"),
        ("address", "路" * 201, "最多200"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(field, typed, said):
    assert said in problems(**{field: typed})[field]


def test_script_and_direction_marks_are_kept_as_text_on_one_line():
    found = read(ENTERPRISE, 2025, {**GOOD, "address": "<script>alert(1)</script>\u202e\n路1号"})
    assert found.values["address"] == "<script>alert(1)</script> 路1号"


def test_a_row_is_whole_or_empty_and_a_code_has_its_check_digit():
    rows = [
        {"name": "", "uscc": ""},
        {"name": "示例公司", "uscc": "91440101MA5D00000X"},
        {"name": "无代码", "uscc": ""},
    ]
    found = problems(investments=rows)
    assert "校验码" in found["investments-1-uscc"] and "请填写" in found["investments-2-uscc"]
    assert len(read(ENTERPRISE, 2025, {**GOOD, "investments": rows}).values["investments"]) == 2


def test_no_report_holds_more_rows_than_the_page_shows():
    rows = [{"name": f"店{n}", "address": "example.com"} for n in range(MOST_ROWS + 1)]
    assert f"{MOST_ROWS}行" in problems(sites=rows)["sites"]


def test_a_contribution_is_not_paid_after_the_reported_year_but_may_be_owed_later():
    row = {
        "holder": "甲", "subscribed": "100", "subscribed_on": "2030-01-01", "paid": "100", "paid_on": "2026-01-02",
        "way": "money",
    }  # fmt: skip
    assert list(problems(contributions=[row])) == ["contributions-0-paid_on"]


def test_an_individual_business_is_not_asked_for_a_balance_sheet():
    found = read(INDIVIDUAL, 2025, {"address": "广州市", "postcode": "510000", "phone": "13800138000",
                                    "state": "active", "staff": "2", "revenue": "1", "tax": "0"})  # fmt: skip
    assert found.problems == [] and "assets" not in found.values


@pytest.mark.parametrize("typed", [None, 3, ["x"], {"a": 1}])
def test_what_is_no_text_at_all_is_an_empty_field(typed):
    assert "请填写" in problems(address=typed)["address"]

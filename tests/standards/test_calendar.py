"""《民法典》第二百零一条至第二百零三条, and the State Council's holidays: how the law's periods are counted."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhijian.standards import calendar
from zhijian.standards.calendar import (
    CalendarProblem,
    Counting,
    NoCalendarForYear,
    add_months,
    add_working_days,
    add_years,
    deadline,
    is_working_day,
    statutory_day,
    working_days_before,
    working_days_between,
)

WORKING, DAYS, TERM = Counting.WORKING_DAYS, Counting.DAYS_ROLLING, Counting.DAYS_FIXED

# SOURCE: 国办发明电〔2022〕16号, 〔2023〕7号, 〔2024〕12号, 〔2025〕7号, as read in published copies: (first, last) days off
# besides plain weekends, and the weekends on which people work.
NOTICES = {
    2023: (
        ["01-01/01-02", "01-21/01-27", "04-05", "04-29/05-03", "06-22/06-24", "09-29/10-06"],
        ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
    ),
    2024: (
        ["01-01", "02-10/02-17", "04-04/04-06", "05-01/05-05", "06-10", "09-15/09-17", "10-01/10-07"],
        ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    ),
    2025: (
        ["01-01", "01-28/02-04", "04-04/04-06", "05-01/05-05", "05-31/06-02", "10-01/10-08"],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        ["01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}  # fmt: skip


def on(text):
    return date.fromisoformat(f"2026-{text}" if len(text) == 5 else text)


def days_of(year, span):
    first, _, last = span.partition("/")
    start, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
    return {start + timedelta(days=offset) for offset in range((end - start).days + 1)}


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_the_year_is_as_the_notice_says(year):
    spans, made_up = NOTICES[year]
    off = set().union(*(days_of(year, span) for span in spans))
    working_weekends = {date.fromisoformat(f"{year}-{day}") for day in made_up}
    for day in days_of(year, "01-01/12-31"):
        expected = day not in off and (day.weekday() < 5 or day in working_weekends)
        assert is_working_day(day) == expected, day


def test_the_notices_of_the_years_held_against_the_package_are_marked_so():
    assert {notice.year for notice in calendar.notices() if notice.is_verified} == set(NOTICES)
    assert {notice.year for notice in calendar.notices()} == set(range(2004, 2027))


@pytest.mark.parametrize(
    ("rule", "start", "length", "counting", "last_day"),
    [
        ("《市场主体登记管理条例》第十九条：3个工作日", "02-12", 3, WORKING, "02-24"),
        ("同条：再延长3个工作日", "02-24", 3, WORKING, "02-27"),
        ("同条例第二十四条：30日内申请变更登记", "03-06", 30, DAYS, "04-07"),
        ("同条例第三十三条：简易注销公示20日", "04-10", 20, TERM, "04-30"),
        ("同条：公示期满20日内申请", "04-30", 20, DAYS, "05-20"),
        ("同条：公示20日", "09-08", 20, TERM, "09-28"),
        ("同条：期满20日内申请，末日为周日", "09-28", 20, DAYS, "10-19"),
        ("同条例第三十二条：清算组10日内公示", "03-02", 10, DAYS, "03-12"),
        ("《公司法》第二百三十五条：60日内公告", "03-02", 60, DAYS, "05-06"),
        ("同条：未接到通知的债权人45日", "03-16", 45, DAYS, "04-30"),
        ("《强制注销公司登记制度实施办法》第二条：满3年", "2022-11-15", 3, Counting.YEARS_FIXED, "2025-11-15"),
        ("同办法第三条：公告90日", "2025-11-17", 90, DAYS, "02-24"),
        ("同办法第七条：10个工作日内决定", "02-24", 10, WORKING, "03-09"),
        ("歇业恢复后30日内公示", "06-10", 30, DAYS, "07-10"),
        ("《企业名称登记管理规定》第十八条：名称保留2个月", "12-31", 2, Counting.MONTHS_FIXED, "2027-02-28"),
        ("同条：1年", "12-31", 1, Counting.YEARS_FIXED, "2027-12-31"),
        ("《实施细则》第五十二条：3个工作日内受理", "06-17", 3, WORKING, "06-23"),
        ("《实施细则》第五十三条：3个月内调查", "06-23", 3, Counting.MONTHS_ROLLING, "09-23"),
        ("同条：再延长3个月", "09-23", 3, Counting.MONTHS_ROLLING, "12-23"),
        ("同条：公示45日，末日为周六", "07-01", 45, DAYS, "08-17"),
        ("《个体工商户登记管理规定》第三十一条：10日", "09-18", 10, DAYS, "09-28"),
        ("《实施细则》第六十七条：满6个月", "03-31", 6, Counting.MONTHS_FIXED, "09-30"),
        ("强制注销公告送达满30日", "03-10", 30, DAYS, "04-09"),
        ("强制注销异议7个工作日内审查", "01-20", 7, WORKING, "01-29"),
        ("名称争议5个工作日内决定受理", "03-02", 5, WORKING, "03-09"),
        ("名称争议5个工作日内送达副本", "03-09", 5, WORKING, "03-16"),
        ("名称争议10个工作日内答辩", "03-18", 10, WORKING, "04-01"),
        ("名称争议3个月内裁决", "03-09", 3, Counting.MONTHS_ROLLING, "06-09"),
    ],
)  # fmt: skip
def test_a_period_of_registration_ends_on(rule, start, length, counting, last_day):
    assert deadline(on(start), length, counting) == on(last_day), rule


@pytest.mark.parametrize(
    ("rule", "start", "length", "counting", "last_day"),
    [
        ("年报期满10个工作日内列入", "06-30", 10, WORKING, "07-14"),
        ("责令10日内公示", "03-02", 10, DAYS, "03-12"),
        ("责令期满10个工作日内列入", "03-12", 10, WORKING, "03-26"),
        ("《企业信息公示暂行条例》第十条：20个工作日", "01-20", 20, WORKING, "02-24"),
        ("同条例第十三条：20个工作日", "02-10", 20, WORKING, "03-16"),
        ("5个工作日内移出", "09-23", 5, WORKING, "10-08"),
        ("处罚信息20个工作日内公示", "09-15", 20, WORKING, "10-19"),
        ("双公示7个工作日", "09-15", 7, WORKING, "09-23"),
        ("10个工作日内推送外省", "09-15", 10, WORKING, "09-29"),
        ("外省10个工作日内公示", "09-29", 10, WORKING, "10-19"),
        ("较低数额罚款公示3个月", "01-15", 3, Counting.MONTHS_FIXED, "04-15"),
        ("满6个月可申请修复", "01-15", 6, Counting.MONTHS_FIXED, "07-15"),
        ("公示3年", "01-15", 3, Counting.YEARS_FIXED, "2029-01-15"),
        ("食品满12个月", "01-15", 12, Counting.MONTHS_FIXED, "2027-01-15"),
        ("决定被撤销3个工作日内撤回", "04-30", 3, WORKING, "05-08"),
        ("严重违法失信满1年可申请", "03-10", 1, Counting.YEARS_FIXED, "2027-03-10"),
        ("严重违法失信满3年自动移出", "03-10", 3, Counting.YEARS_FIXED, "2029-03-10"),
        ("2个工作日内决定受理", "02-13", 2, WORKING, "02-24"),
        ("15个工作日内决定修复", "02-24", 15, WORKING, "03-16"),
        ("部门数据7个工作日内归集", "04-29", 7, WORKING, "05-12"),
        ("部门数据20个工作日内公示", "04-29", 20, WORKING, "05-29"),
        ("更名期限30日", "03-02", 30, DAYS, "04-01"),
        ("更名期满10个工作日内列入", "04-01", 10, WORKING, "04-16"),
        ("核实后10个工作日内列入", "06-01", 10, WORKING, "06-15"),
        ("信用修复满3个月", "04-10", 3, Counting.MONTHS_FIXED, "07-10"),
        ("最长公示1年", "04-10", 1, Counting.YEARS_FIXED, "2027-04-10"),
        ("认定单位3个工作日内受理", "09-18", 3, WORKING, "09-22"),
        ("7个工作日内办结", "09-23", 7, WORKING, "10-10"),
        ("延长10个工作日", "10-10", 10, WORKING, "10-23"),
        ("信用中国10个工作日内答复", "09-18", 10, WORKING, "10-09"),
        ("满2年转另册", "2025-07-10", 2, Counting.YEARS_FIXED, "2027-07-10"),
        ("抽查结果20个工作日内公示", "09-16", 20, WORKING, "10-20"),
        ("部门协助15个工作日", "04-24", 15, WORKING, "05-19"),
    ],
)  # fmt: skip
def test_a_period_of_credit_and_inspection_ends_on(rule, start, length, counting, last_day):
    assert deadline(on(start), length, counting) == on(last_day), rule


@pytest.mark.parametrize(
    ("rule", "start", "length", "counting", "last_day"),
    [
        ("15个工作日内决定是否立案", "04-20", 15, WORKING, "05-13"),
        ("延长15个工作日", "05-13", 15, WORKING, "06-03"),
        ("《行政处罚法》第六十条：90日", "05-13", 90, TERM, "08-11"),
        ("延长30日", "08-11", 30, TERM, "09-10"),
        ("《行政强制法》第二十五条：查封扣押30日", "05-20", 30, TERM, "06-19"),
        ("延长30日", "06-19", 30, TERM, "07-19"),
        ("《食品安全法实施条例》第六十一条：延长45日", "06-19", 45, TERM, "08-03"),
        ("先行登记保存7个工作日", "04-29", 7, WORKING, "05-12"),
        ("5个工作日内要求听证", "09-22", 5, WORKING, "09-30"),
        ("3个工作日内指定主持人", "09-23", 3, WORKING, "09-29"),
        ("广东：5个工作日内组成听证组", "09-23", 5, WORKING, "10-08"),
        ("广东：7个工作日内送达通知", "09-23", 7, WORKING, "10-10"),
        ("广东：30日内听证完毕", "09-23", 30, TERM, "10-23"),
        ("10个工作日内审核", "07-20", 10, WORKING, "08-03"),
        ("7个工作日内送达", "06-01", 7, WORKING, "06-10"),
        ("《行政处罚法》第六十七条：15日内缴款", "09-16", 15, DAYS, "10-08"),
        ("《行政复议法》第二十条：60日", "09-16", 60, DAYS, "11-16"),
        ("《行政诉讼法》第四十六条：6个月", "09-16", 6, Counting.MONTHS_FIXED, "2027-03-16"),
        ("催告后10个工作日", "09-16", 10, WORKING, "09-30"),
    ],
)  # fmt: skip
def test_a_period_of_penalties_ends_on(rule, start, length, counting, last_day):
    assert deadline(on(start), length, counting) == on(last_day), rule


@pytest.mark.parametrize(("raw", "act_by"), [("10-01", "09-30"), ("06-19", "06-18"), ("08-11", "08-11")])
def test_the_authority_acts_before_a_last_day_of_rest(raw, act_by):
    assert calendar.previous_working_day(on(raw)) == on(act_by)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-02-28", 6, "2026-08-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start, months, end):
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_a_year_from_29_february_ends_on_28_february():
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("start", "length", "last_day"),
    [
        ("09-23", 1, "09-24"),
        ("09-23", 2, "09-28"),
        ("09-23", 3, "09-28"),
        ("09-23", 5, "09-28"),
        ("09-23", 6, "09-29"),
    ],
)
def test_a_last_day_of_rest_rolls_to_the_next_working_day(start, length, last_day):
    assert deadline(on(start), length, DAYS) == on(last_day)


def test_a_term_that_runs_out_by_itself_does_not_roll():
    assert deadline(on("09-23"), 2, TERM) == on("09-25")  # Mid-autumn festival


@given(st.dates(date(2004, 1, 1), date(2025, 12, 31)), st.integers(0, 60))
def test_working_days_between_is_the_reverse_of_adding(day, n):
    end = add_working_days(day, n)
    assert working_days_between(day, end) == n
    assert working_days_between(end, day) == -n
    if n:
        assert is_working_day(end)
        assert add_working_days(working_days_before(end, n), n) <= end


@given(st.dates(date(2004, 1, 1), date(2025, 6, 1)), st.integers(0, 120), st.sampled_from(list(Counting)))
def test_no_period_ends_before_it_begins_and_longer_ones_end_no_earlier(day, length, counting):
    if counting in (
        Counting.YEARS_FIXED,
        Counting.YEARS_ROLLING,
        Counting.MONTHS_FIXED,
        Counting.MONTHS_ROLLING,
    ):
        length = min(length, 6 if "months" in counting.value else 0)
    assert day <= deadline(day, length, counting) <= deadline(day, length + 1, counting, provisional=True)


def test_a_notice_before_a_hearing_is_counted_backwards():
    assert working_days_before(on("10-15"), 7) == on("09-30")
    assert working_days_before(on("10-09"), 7) == on("09-22")  # 10-08, 09-30, 29, 28, 24, 23, 22


def test_a_year_without_notice_is_refused_and_the_message_says_how_to_add_it():
    with pytest.raises(NoCalendarForYear, match=r"zhijian calendar add 2027\.yaml") as caught:
        add_working_days(on("12-20"), 20)
    assert caught.value.year == 2027
    with pytest.raises(NoCalendarForYear):
        is_working_day(date(2003, 12, 31))


def test_a_deadline_in_a_year_without_notice_can_be_had_as_provisional():
    assert calendar.is_provisional(date(2027, 1, 4))
    assert not calendar.is_provisional(on("12-31"))
    assert deadline(on("12-30"), 2, WORKING, provisional=True) == date(2027, 1, 4)  # 1 January is a holiday


def test_an_office_adds_a_year(tmp_path, monkeypatch):
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar/2027.yaml").write_text(
        "source: 国办发明电〔2026〕示例号\n"
        "holidays:\n  - {name: 元旦, from: 2027-01-01, to: 2027-01-05}\n"
        "working_days: [2027-01-10]\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("ZHIJIAN_PARAMETERS", str(tmp_path))
    assert add_working_days(on("12-31"), 1) == date(2027, 1, 6)
    assert is_working_day(date(2027, 1, 10))
    assert not calendar.is_provisional(date(2027, 1, 4))
    assert calendar.known_years() == range(2004, 2028)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source: x\nholidays: []\n", "names no holiday"),
        ("source: x\nholidays: [{name: 元旦, from: 2026-01-01}]\n", "is not in 2027"),
        (
            "source: x\nholidays: [{name: 元旦, from: 2027-01-01}]\nworking_days: [2027-01-04]\n",
            "make-up day",
        ),
        ("source: x\n", "needs source, holidays"),
        ("holidays: [", "cannot be used"),
    ],
)
def test_a_wrong_calendar_file_is_refused_by_name(tmp_path, text, says):
    (tmp_path / "calendar").mkdir()
    (tmp_path / "calendar/2027.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CalendarProblem, match=says) as caught:
        calendar.year_calendar(2027, tmp_path)
    assert "2027.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 4, 30, 15, 59, 59, tzinfo=UTC), "04-30"),  # 23:59:59 in Shanghai
        (datetime(2026, 4, 30, 16, 0, 0, tzinfo=UTC), "05-01"),
    ],
)
def test_the_day_of_a_moment_is_that_of_shanghai(moment, day):
    assert statutory_day(moment) == on(day)


def test_a_moment_without_zone_has_no_statutory_day():
    with pytest.raises(ValueError, match="time zone"):
        statutory_day(datetime(2026, 4, 30))


def test_negative_periods_are_refused():
    with pytest.raises(ValueError, match="working_days_before"):
        add_working_days(on("04-30"), -1)
    with pytest.raises(ValueError, match="no end"):
        deadline(on("04-30"), -1, DAYS)

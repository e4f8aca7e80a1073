"""《国家发展规划法》第二十三条: main indicators are broken down into targets of each year, which are judged year by year."""

from datetime import date, datetime
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest

from tests.apps.plan.monitoring.office import Office
from zhijian.apps.plan.monitoring import evaluating, queries, rules, splitting
from zhijian.apps.plan.monitoring.models import YearTarget
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.rules import Basis, Goal
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.database
EARLY = datetime(2023, 1, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LIFTS = "2023 91\n2024 91.5\n2025 92"


@pytest.fixture
def office(db):
    return Office()


RISES = Goal(Basis.LEVEL, D(90), D(92))
FALLS = Goal(Basis.LOWER, D("4.5"), D(2), is_at_most=True)
NEW = Goal(Basis.NEW, None, D(2500))


@pytest.mark.parametrize(
    ("goal", "told", "done", "leads"),
    [
        (RISES, ("91", "91.5", "92"), "0", True), (RISES, ("91", "91.5", "91.9"), "0", False),
        (RISES, ("92", "91", "92"), "0", False), (FALLS, ("4", "3", "2"), "0", True), (FALLS, ("4", "4.1", "2"), "0", False),
        (FALLS, ("4", "3", "2.1"), "0", False), (NEW, ("500", "500", "500"), "1000", True),
        (NEW, ("500", "500", "499"), "1000", False), (NEW, ("-1", "500", "2001"), "0", False), (RISES, (), "0", False),
    ],
)  # fmt: skip
def test_yearly_targets_lead_to_the_target_of_the_plan(goal, told, done, leads):
    targets = dict(zip(range(2023, 2026), map(D, told), strict=False))
    assert rules.leads_to_target(goal, targets, done=D(done)) is leads


def test_they_are_entered_by_one_confirmed_by_another_and_judged_year_by_year(office):
    office.published("27", 2023, "90.8")
    office.published("27", 2024, "91.5")
    splitting.enter(office.plan, "27", LIFTS, evidence="示例分解通知1号", by=office.first, at=EARLY)
    figure = queries.figure(queries.indicator(office.plan, "27"), date(2024, 12, 31))
    assert figure.years == ()  # nobody confirmed them
    with pytest.raises(PlanRefused, match="同一个人"):
        splitting.confirm(office.plan, "27", by=office.first, at=EARLY)
    splitting.confirm(office.plan, "27", by=office.second, at=EARLY)
    figure = queries.figure(queries.indicator(office.plan, "27"), date(2024, 12, 31))
    assert [(one.year, one.is_met) for one in figure.years] == [(2023, False), (2024, True), (2025, None)]
    with pytest.raises(PlanRefused, match="没有等待复核"):
        splitting.confirm(office.plan, "27", by=office.second, at=EARLY)
    with pytest.raises(PlanRefused, match="已经复核"):
        splitting.enter(office.plan, "27", LIFTS, evidence="示例分解通知2号", by=office.first, at=EARLY)
    by = {"by": office.first, "at": datetime(2025, 2, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2024, **by), **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    told = next(part["text"] for part in one.sections if part["key"] == "yearly")
    assert "27 电梯保险覆盖率：2023年目标91，没有达到，2024年目标91.5，达到。" in told and "2025" not in told


def test_what_nobody_confirmed_is_entered_anew(office):
    splitting.enter(office.plan, "27", LIFTS, evidence="示例分解通知1号", by=office.first, at=EARLY)
    splitting.enter(
        office.plan,
        "27",
        LIFTS.replace("91\n", "90.5\n"),
        evidence="示例分解通知2号",
        by=office.first,
        at=EARLY,
    )
    assert [one.value for one in YearTarget.objects.all()] == [D("90.5"), D("91.5"), D(92)]


@pytest.mark.parametrize(
    ("text", "told"),
    [("2022 91\n2023 91\n2024 92\n2025 92", "已经过去的年度"), ("2023 91\n2025 92", "还缺2024年"), ("2023 91\n2023 91", "读不懂"),
     ("2023 a", "不是数字"), ("2023 93\n2024 91\n2025 92", "不能比前一年松"), ("", "还缺")],
)  # fmt: skip
def test_a_wrong_split_is_told_and_nothing_is_kept(office, text, told):
    with pytest.raises(PlanRefused, match=told):
        splitting.enter(office.plan, "27", text, evidence="示例分解通知1号", by=office.first, at=EARLY)
    with pytest.raises(Forbidden):
        splitting.enter(office.plan, "27", LIFTS, evidence="示例分解通知1号", by=office.of_city, at=EARLY)
    assert not YearTarget.objects.exists()


def test_a_plan_whose_period_is_over_gets_no_target(office):
    late = datetime(2026, 1, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    with pytest.raises(PlanRefused, match="规划期已满"):
        splitting.enter(office.plan, "27", "2026 92", evidence="示例分解通知1号", by=office.first, at=late)

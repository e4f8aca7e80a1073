"""Late values are reminded of by night: the province's to the province, a city's to the city, each stage once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import evaluating, queries, reminding, warning
from zhijian.engines.notices.models import Notice
from zhijian.standards import divisions

pytestmark = pytest.mark.database
ZONE = ZoneInfo("Asia/Shanghai")
CITIES = [one.code6 for one in divisions.PREFECTURES]


@pytest.fixture
def office(db):
    return Office()


def night(month, day, year=2024):
    return datetime(year, month, day, 0, 10, tzinfo=ZONE)


def told(officer, kind="plan.values_lacking"):
    return list(Notice.objects.filter(officer=officer, kind=kind).order_by("pk"))


@pytest.mark.parametrize(
    ("on", "found"),
    [(date(2024, 2, 29), None), (date(2024, 3, 1), -30), (date(2024, 3, 31), -7), (date(2024, 4, 1), 1), (date(2024, 7, 1), 45)],
)  # fmt: skip
def test_the_reminder_whose_day_came_last_is_due(on, found):
    assert reminding.due_on(2023) == date(2024, 3, 31)
    assert reminding.stage(2023, on) == found


def test_a_stage_is_told_once_and_a_night_without_run_makes_none_fall_away(office):
    assert reminding.remind(at=night(2, 10)) == 0 and not Notice.objects.exists()
    reminding.remind(at=night(3, 2))
    reminding.remind(at=night(3, 3))
    (first,) = told(office.first)
    assert "请在2024-03-31前填报" in first.text_zh and "1 期末市场主体总量" in first.text_zh
    assert first.link == "/work/plan/?plan=gd-amr-2021-2025&year=2023" and not told(office.of_city)
    reminding.remind(at=night(4, 3))
    assert "报送日2024-03-31已过" in told(office.second)[-1].text_zh and len(told(office.second)) == 2


def test_a_city_that_lacks_is_told_of_its_own_value_and_one_that_reported_is_not(office):
    for area in CITIES[1:]:
        office.enter("21", 2023, "88", area=area)
    lack = next(one for one in queries.lacking(office.plan, 2023) if one.row.number == "21")
    assert lack.cities == ("440100",)
    reminding.remind(at=night(4, 3))
    (notice,) = told(office.of_city)
    assert (
        "广州市2023年还有1项没有值（21 明厨亮灶覆盖率）" in notice.text_zh and "Guangzhou" in notice.text_en
    )
    assert "21 明厨亮灶覆盖率" not in told(office.first)[0].text_zh


def test_what_waits_for_its_confirmation_is_entered_and_not_reminded_of(office):
    office.enter("1", 2023, "1500")
    assert "1" not in {one.row.number for one in queries.lacking(office.plan, 2023)}


def test_years_outside_the_plan_are_not_reminded_of(office):
    assert reminding.remind(at=night(4, 3, 2027)) == 0


def test_a_warning_without_reply_and_a_measure_past_its_day_are_told_once_each(office):
    office.published("26", 2022, "4.3", parts=("43", "1000"))
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2022, **by), **by)
    (found,) = warning.raise_from(one, **by)
    for at in (night(12, 4, 2026), night(12, 5, 2026), night(12, 6, 2026)):
        reminding.remind(at=at)
    (late,) = told(office.leader, "plan.warning_late")
    assert "责任单位应在2026-12-04前答复，还没有答复" in late.text_zh
    warning.assign(found, "加密复查", "产品质量监管处", date(2026, 12, 31), by=office.leader, at=AT)
    reminding.remind(at=night(1, 1, 2027))
    assert "还没有办结" in told(office.leader, "plan.warning_late")[-1].text_zh

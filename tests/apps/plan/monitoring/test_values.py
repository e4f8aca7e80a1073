"""Values pass from hand to hand; a target changes by its procedure alone; figures come from what is confirmed."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import adjusting, money, queries, reckoning, services
from zhijian.apps.plan.monitoring.models import Adjustment, DataPoint
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.rules import Light, Note
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.database


@pytest.fixture
def office(db):
    return Office()


def figure(office, number, on, *, is_public=True):
    whole = queries.whole(office.plan, on, is_public=is_public)
    return next(one for one in whole.figures if one.number == number)


def test_a_value_is_entered_by_one_confirmed_by_another_published_as_a_fact_and_settled(office):
    point = office.enter("18", 2023, "4.4")
    with pytest.raises(PlanRefused, match="不能是同一个人"):
        services.verify(point, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="已自动校验"):
        services.publish(point, by=office.second, at=AT)
    point = services.publish(services.verify(point, by=office.second, at=AT), by=office.second, at=AT)
    assert services.settle(point, by=office.leader, at=AT).state == "final"
    fact = Fact.objects.get(kind="indicator.published")
    assert (fact.payload["value"], fact.payload["year"], fact.occurred_on) == (
        "4.4",
        2023,
        date(2023, 12, 31),
    )
    verbs = [one.verb for one in queries.steps_of("datapoint", point.pk)]
    assert verbs == ["submitted", "verified", "published", "final"]
    found = figure(office, "18", date(2023, 12, 31))
    assert (float(found.judged.progress), found.light) == (0.7, Light.GREEN)


def test_nothing_unconfirmed_is_shown_or_reckoned(office):
    office.enter("18", 2023, "4.4")
    assert figure(office, "18", date(2023, 12, 31), is_public=False).judged.value is None
    assert figure(office, "18", date(2023, 12, 31)).light == Light.GREY


@pytest.mark.parametrize(
    ("value", "kwargs", "told"),
    [("四成", {}, "不是数字"), ("", {}, "没有填。请填数字"), ("140", {}, "0至100"), ("4.4", {"parts": ("44", "")}, "都填"),
     ("4.4", {"parts": ("50", "1000")}, "5.00%"), ("4.4", {"parts": ("5", "0")}, "大于零"), ("4.4", {"kind": "X"}, "实际值"),
     ("4.4", {"as_of": date(2022, 12, 31)}, "这一年之内"), ("4.4", {"area": "440199"}, "21个地市"),
     ("1e999", {}, "不是数字"), ("NaN", {}, "不是数字")],
)  # fmt: skip
def test_what_a_clerk_types_wrong_is_told_and_nothing_is_kept(office, value, kwargs, told):
    with pytest.raises(PlanRefused, match=told):
        office.enter("18", 2023, value, **kwargs)
    assert not DataPoint.objects.exists()


def test_a_value_entered_twice_is_refused_and_a_returned_one_makes_room(office):
    point = office.enter("18", 2023, "4.4")
    with pytest.raises(PlanRefused, match="不能重复填报"):
        office.enter("18", 2023, "4.5", by=office.second)
    services.give_back(point, reason="漏了一个市", by=office.second, at=AT)
    assert office.enter("18", 2023, "4.5").state == "checked"


def test_a_city_s_officer_enters_the_own_city_alone(office):
    assert office.enter("18", 2023, "4.0", area="440100", by=office.of_city).area_code == "440100"
    for area in ("440000", "440300"):
        with pytest.raises(Forbidden):
            office.enter("18", 2023, "4.0", area=area, by=office.of_city)


def test_a_published_value_is_restated_by_a_correction_and_stands_until_the_new_one_is_confirmed(office):
    point = office.published("18", 2023, "4.4")
    typed = Typed("4.6", date(2023, 12, 31), evidence="普查修订公报")
    new = services.restate(point, typed, reason="普查后修订", by=office.first, at=AT)
    assert figure(office, "18", date(2023, 12, 31)).judged.value == D("4.4")
    services.give_back(new, reason="修订依据不足", by=office.second, at=AT)
    point.refresh_from_db()
    assert point.state == "published"
    new = services.restate(point, typed, reason="普查后修订", by=office.first, at=AT)
    services.publish(services.verify(new, by=office.second, at=AT), by=office.second, at=AT)
    assert figure(office, "18", date(2023, 12, 31)).judged.value == D("4.6")
    facts = Fact.objects.filter(kind="indicator.published").order_by("revision")
    assert [(one.payload["value"], one.revision) for one in facts] == [("4.4", 0), ("4.6", 1)]


def test_an_estimate_at_the_end_says_so_and_is_never_final(office):
    point = office.published("1", 2025, "1800", kind="E", as_of=date(2025, 12, 31))
    with pytest.raises(PlanRefused, match="不能定案"):
        services.settle(point, by=office.leader, at=AT)
    found = figure(office, "1", date(2026, 11, 22))
    assert (found.judged.elapsed, found.light, found.judged.notes) == (1, Light.ATTAINED, (Note.ESTIMATE,))


def test_the_province_is_the_sum_of_21_cities_and_with_two_missing_it_has_no_value(office):
    cities = [
        f"44{n:02d}00" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 51, 52, 53)
    ]
    for area in cities[:19]:
        office.published("18", 2023, "5", area=area, parts=("50", "1000"))
    found = figure(office, "18", date(2023, 12, 31))
    assert (found.judged.value, found.missing_areas, found.light) == (None, 2, Light.GREY)
    office.published("18", 2023, "1", area=cities[19], parts=("80", "8000"))
    office.published("18", 2023, "5", area=cities[20], parts=("50", "1000"))
    found = figure(office, "18", date(2023, 12, 31))
    assert found.judged.value == D(1080) * 100 / 28000 and found.is_from_cities and found.grade == "B"


def test_a_changed_definition_counts_only_when_another_reviewed_it_and_moves_the_baseline(office):
    office.published("27", 2023, "93")
    broken = services.declare_break(
        office.plan, "27", 2023, reason="含家用电梯", baseline="91", by=office.first, at=AT
    )
    found = figure(office, "27", date(2023, 12, 31))
    assert (found.light, found.goal.baseline) == (Light.GREY, 91) and Note.DEFINITION in found.judged.notes
    with pytest.raises(PlanRefused, match="同一个人"):
        services.review_break(broken, by=office.first, at=AT)
    services.review_break(broken, by=office.second, at=AT)
    assert figure(office, "27", date(2023, 12, 31)).judged.progress == 2


def test_a_target_changes_by_its_procedure_alone(office):
    row = queries.indicator(office.plan, "1")
    row.target = D(1700)
    with pytest.raises(Exception, match="nothing recorded"):
        row.save()
    made = adjusting.propose(
        office.plan, "1", "1700", reason="集中清理死户，存量下降", by=office.first, at=AT
    )
    with pytest.raises(PlanRefused, match="先评估"):
        adjusting.decide(made, approves=True, document="示例文号1", by=office.leader, at=AT)
    made = adjusting.move_on(made, "中期评估认为需要调整", by=office.first, at=AT)
    made = adjusting.move_on(made, "已报原批准机关", by=office.first, at=AT)
    with pytest.raises(Forbidden):
        adjusting.decide(made, approves=True, document="示例文号1", by=office.second, at=AT)
    assert queries.indicator(office.plan, "1").target == 1780
    adjusting.decide(made, approves=True, document="示例文号1", by=office.leader, at=AT)
    now = queries.indicator(office.plan, "1")
    assert (now.target, now.version, Adjustment.objects.get().state) == (1700, 2, "approved")
    assert Fact.objects.get(kind="indicator.adjusted").payload["target_before"] == "1780"


def test_money_is_entered_by_one_confirmed_by_another_and_outputs_of_different_units_are_not_added(office):
    typed = money.Typed("1000000", "800000.50", "4000", "批次", "示例预算批复1号")
    one = money.enter(office.plan, "P150", 2022, typed, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="已经填过"):
        money.enter(office.plan, "P150", 2022, typed, by=office.first, at=AT)
    with pytest.raises(PlanRefused, match="同一个人"):
        money.confirm(one, by=office.first, at=AT)
    money.confirm(one, by=office.second, at=AT)
    other = money.enter(
        office.plan, "P150", 2023, money.Typed("5", "0", "7", "次", "示例2号"), by=office.first, at=AT
    )
    first, both = money.sums([one])[0], money.sums([one, other])[0]
    assert (first.executed_percent, first.per_yuan) == (D("80.00005"), D(4000) / D("800000.50"))
    assert (both.planned, both.output, both.per_yuan) == (D("1000005.00"), None, None)
    for wrong in ("-5", "many"):
        with pytest.raises(PlanRefused):
            money.enter(
                office.plan, "P150", 2024, money.Typed(wrong, "0", evidence="示例3号"), by=office.first, at=AT
            )


def test_late_data_say_what_they_may_change(office):
    for year, value in zip(range(2020, 2023), ("4.5", "4.1", "3.7"), strict=True):
        office.published("26", year, value)
    data = queries.data(office.plan, date(2023, 12, 31), is_public=True)
    whole = reckoning.reckon(data)
    told = reckoning.sensitivity(data, whole)
    late = next(one for one in told.rows if one.number == "26")
    assert (late.year, late.light, late.if_still, late.if_trend) == (2023, Light.YELLOW, Light.RED, None)
    assert told.low < whole.composite.index < told.high and whole.composite.left_out == 27


def test_a_second_account_of_the_same_person_confirms_nothing(office):
    for one in (office.first, office.second):
        one.staff_number = "粤-0012"
        one.save(update_fields=["staff_number"])
    point = office.enter("18", 2023, "4.4")
    with pytest.raises(PlanRefused, match="同一个人"):
        services.verify(point, by=office.second, at=AT)
    assert services.verify(point, by=office.leader, at=AT).state == "verified"


def test_an_account_without_a_number_confirms_nothing_of_another(office):
    point = office.enter("18", 2023, "4.4")
    office.second.staff_number = ""
    office.second.save(update_fields=["staff_number"])
    with pytest.raises(PlanRefused, match="看不出是两个人"):
        services.verify(point, by=office.second, at=AT)
    assert services.verify(point, by=office.leader, at=AT).state == "verified"


def test_after_a_break_the_series_are_kept_apart_and_the_trend_runs_on_the_new_basis_alone(office):
    for year, value in ((2021, "90.5"), (2022, "91.0"), (2023, "88.0"), (2024, "88.6")):
        office.published("27", year, value)
    services.declare_break(
        office.plan, "27", 2023, reason="含家用电梯", baseline="86.2", recalculated="2021 86.8\n2022 87.4",
        by=office.first, at=AT,
    )  # fmt: skip
    found = figure(office, "27", date(2024, 12, 31))
    assert found.series == {2021: D("90.5"), 2022: D("91"), 2023: D("88"), 2024: D("88.6")}
    assert found.comparable == {2021: D("86.8"), 2022: D("87.4"), 2023: D("88"), 2024: D("88.6")}
    assert found.forecast.points == 5 and round(found.forecast.slope, 2) == 0.60
    assert found.judged.progress == Fraction(D("88.6") - D("86.2")) / Fraction(D(92) - D("86.2"))


@pytest.mark.parametrize("line", ["2023 88", "2020 85", "2021", "2021 x", "2021 86\n2021 87", "两千 5"])
def test_a_recalculated_year_is_before_the_break_in_the_plan_and_stands_once(office, line):
    with pytest.raises(PlanRefused):
        services.declare_break(
            office.plan,
            "27",
            2023,
            reason="含家用电梯",
            baseline="",
            recalculated=line,
            by=office.first,
            at=AT,
        )
    with pytest.raises(PlanRefused, match="规划期内"):
        services.declare_break(
            office.plan, "27", 2031, reason="含家用电梯", baseline="", by=office.first, at=AT
        )
    assert not office.plan.breaks.exists()


def test_a_row_of_grade_d_is_never_green_and_says_why(office):
    typed = Typed("93", date(2023, 12, 31), evidence="统计年报第3页")  # late, two years lack, no numerator
    point = services.submit(office.plan, "27", 2023, typed, by=office.first, at=AT)
    services.publish(services.verify(point, by=office.second, at=AT), by=office.second, at=AT)
    found = figure(office, "27", date(2023, 12, 31))
    assert (found.grade, found.light, found.judged.is_attained) == ("D", Light.GREY, True)
    assert Note.QUALITY_D in found.judged.notes


def test_a_value_of_sixteen_months_ago_is_grey_and_left_out_of_the_index_with_its_count(office):
    office.published("1", 2022, "1700", as_of=date(2022, 8, 31))
    office.published("2", 2023, "60", as_of=date(2023, 12, 31))
    whole = queries.whole(office.plan, date(2023, 12, 31))
    found = {one.number: one for one in whole.figures}
    assert (found["1"].light, found["1"].judged.notes) == (Light.GREY, (Note.STALE,))
    assert (whole.composite.counted, whole.composite.left_out) == (1, 27)
    earlier = queries.whole(office.plan, date(2023, 11, 30))  # fifteen months are not too old
    assert next(one.light for one in earlier.figures if one.number == "1") == Light.GREEN

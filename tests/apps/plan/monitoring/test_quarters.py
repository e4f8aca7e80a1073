"""Values by quarter: what four of them make of a year, what stands while the year runs, what is refused, what the record covers."""

from datetime import date
from decimal import Decimal as D

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import agreement, evaluating, exporting, files, package, queries, services
from zhijian.apps.plan.monitoring.models import DataPoint
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.quartering import last_day
from zhijian.apps.plan.monitoring.rules import Basis, Light, whole_year, year_so_far
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden
from zhijian.standards import divisions

QUARTERS = {1: D(10), 2: D(12), 3: D(9), 4: D(11)}


@pytest.mark.parametrize(
    ("basis", "whole"), [(Basis.NEW, 42), (Basis.STOCK, 11), (Basis.LEVEL, 11), (Basis.LOWER, 11)]
)
def test_four_quarters_make_the_year_what_is_new_adds_up_of_all_else_the_fourth_stands(basis, whole):
    assert whole_year(basis, QUARTERS) == whole


@pytest.mark.parametrize("basis", list(Basis))
def test_without_the_fourth_quarter_there_is_no_year(basis):
    assert whole_year(basis, {n: QUARTERS[n] for n in (1, 2, 3)}) is None


def test_what_is_new_lacks_the_year_with_any_quarter_a_level_with_the_fourth_alone():
    without_second = {n: QUARTERS[n] for n in (1, 3, 4)}
    assert (whole_year(Basis.NEW, without_second), whole_year(Basis.LEVEL, without_second)) == (None, 11)


def test_a_running_year_is_known_as_far_as_no_quarter_lacks():
    first_and_third = {n: QUARTERS[n] for n in (1, 3)}
    assert year_so_far(Basis.NEW, first_and_third) == (1, 10)
    assert year_so_far(Basis.STOCK, first_and_third) == (3, 9)
    assert year_so_far(Basis.NEW, {3: D(9)}) is None and year_so_far(Basis.LEVEL, {}) is None


@pytest.mark.parametrize(
    ("quarter", "day"),
    [(1, date(2024, 3, 31)), (2, date(2024, 6, 30)), (3, date(2024, 9, 30)), (4, date(2024, 12, 31)), (0, date(2024, 12, 31))],
)  # fmt: skip
def test_a_quarter_ends_on_its_last_day_and_the_year_on_its_own(quarter, day):
    assert last_day(2024, quarter) == day


class ByQuarter(Office):
    def quarter(self, number, year, quarter, value, *, area="440000", by=None, as_of=None, parts=("", "")):
        typed = Typed(value, as_of or last_day(year, quarter), "A", *parts, "季度快报", quarter)
        return services.submit(self.plan, number, year, typed, area=area, by=by or self.first, at=AT)

    def shown(self, *args, **kwargs):
        point = services.verify(self.quarter(*args, **kwargs), by=self.second, at=AT)
        return services.publish(point, by=self.second, at=AT)

    def figure(self, number, on):
        return queries.figure(queries.get_indicator(self.plan, number), on)


@pytest.fixture
def office(db):
    return ByQuarter()


pytestmark = pytest.mark.database


def test_pledges_of_four_quarters_are_the_year_s_and_of_three_count_as_far_as_they_go(office):
    office.published("6", 2021, "500")
    for quarter, value in ((1, "100"), (2, "120"), (3, "140")):
        office.shown("6", 2022, quarter, value)
    running = office.figure("6", date(2022, 9, 30))
    assert (running.judged.value, running.so_far, running.as_of) == (860, 3, date(2022, 9, 30))
    assert (running.judged.elapsed, running.series) == (D(21) / 60, {2021: 500})
    late = office.figure("6", date(2022, 12, 31))
    assert (late.judged.value, late.missing_years) == (860, (2022,))
    assert [(one.year, one.quarter) for one in late.late_quarters] == [(2022, 4)]
    office.shown("6", 2022, 4, "160")
    whole = office.figure("6", date(2022, 12, 31))
    assert (whole.judged.value, whole.series[2022], whole.so_far) == (1020, 520, 0)
    assert (whole.missing_years, whole.late_quarters) == ((), ())


def test_a_stock_stands_at_its_last_quarter_and_a_later_whole_year_takes_its_place(office):
    office.shown("1", 2021, 4, "1450")
    office.shown("1", 2022, 2, "1500")
    found = office.figure("1", date(2022, 6, 30))
    assert (found.judged.value, found.so_far, found.series) == (1500, 2, {2021: 1450})
    office.published("1", 2023, "1600")
    found = office.figure("1", date(2023, 12, 31))
    assert (found.judged.value, found.so_far) == (1600, 0)


def test_after_the_period_three_quarters_of_its_last_year_give_no_status(office):
    for quarter in (1, 2, 3):
        office.shown("1", 2025, quarter, "1790")
    assert office.figure("1", date(2025, 12, 31)).light == Light.NO_DATA
    office.shown("1", 2025, 4, "1791")
    assert office.figure("1", date(2025, 12, 31)).light == Light.ATTAINED


def test_the_province_s_quarter_is_that_of_its_21_cities_and_late_ones_are_named(office):
    cities = [one.code6 for one in divisions.PREFECTURES]
    for area in cities[:-2]:
        office.shown("20", 2022, 1, "98", area=area, parts=("98", "100"))
    (late,) = office.figure("20", date(2022, 3, 31)).late_quarters
    assert (late.quarter, late.lacking) == (1, tuple(cities[-2:]))
    for area in cities[-2:]:
        office.shown("20", 2022, 1, "50", area=area, parts=("200", "400"))
    found = office.figure("20", date(2022, 3, 31))
    (quarter,) = found.quarters
    assert quarter.value == D(19 * 98 + 400) * 100 / (19 * 100 + 800) and not found.late_quarters


@pytest.mark.parametrize(
    ("number", "year", "quarter", "kwargs", "told"),
    [
        ("18", 2024, 1, {}, "按年报，没有季度值"),
        ("C22", 2024, 1, {}, "按年报，没有季度值"),
        ("6", 2024, 5, {"as_of": date(2024, 12, 31)}, "季度只有1至4"),
        ("6", 2024, 2, {"as_of": date(2024, 3, 31)}, "2024年第2季度之内"),
    ],
)
def test_a_quarter_that_cannot_be_is_refused_and_nothing_is_kept(office, number, year, quarter, kwargs, told):
    with pytest.raises(PlanRefused, match=told):
        office.quarter(number, year, quarter, "1", **kwargs)
    assert not DataPoint.objects.exists()


@pytest.mark.parametrize("kind", ["A", "E"])
def test_a_quarter_in_the_future_has_no_value_not_even_an_estimate(office, kind):
    typed = Typed("1", date(2026, 9, 30), kind, evidence="季度快报", quarter=3)
    with pytest.raises(PlanRefused, match="2026年第3季度还没有开始"):
        services.submit(office.plan, "6", 2026, typed, by=office.first, at=AT.replace(month=6, day=30))


def test_a_quarter_that_has_begun_and_is_not_over_takes_an_estimate_alone(office):
    quarter = (AT.month + 2) // 3
    with pytest.raises(PlanRefused, match="只能填预计值"):
        office.quarter("6", AT.year, quarter, "1")
    typed = Typed("1", last_day(AT.year, quarter), "E", evidence="季度快报", quarter=quarter)
    assert services.submit(office.plan, "6", AT.year, typed, by=office.first, at=AT).kind == "E"


def test_a_quarter_is_entered_once_and_the_refusal_names_it(office):
    office.quarter("6", 2024, 2, "100")
    assert office.quarter("6", 2024, 3, "100").quarter == 3
    with pytest.raises(PlanRefused, match="2024年第2季度的6已经有值100"):
        office.quarter("6", 2024, 2, "101", by=office.second)


def test_a_year_has_its_value_or_its_quarters_never_both(office):
    office.quarter("6", 2024, 1, "100")
    with pytest.raises(PlanRefused, match="由季度值得出"):
        office.enter("6", 2024, "500")
    office.enter("6", 2023, "500")
    with pytest.raises(PlanRefused, match="已经填了全年的值500"):
        office.quarter("6", 2023, 1, "100")


def test_a_city_s_officer_enters_the_quarters_of_the_own_city_alone(office):
    mine = office.quarter("6", 2024, 1, "10", area="440100", by=office.of_city)
    assert mine.area_code == "440100"
    with pytest.raises(Forbidden):
        office.quarter("6", 2024, 1, "10", area="440300", by=office.of_city)


def test_a_year_lacks_until_its_quarters_make_it(office):
    for quarter in (1, 2, 3):
        office.quarter("6", 2024, quarter, "100")
    lack = next(one for one in queries.lacking(office.plan, 2024) if one.row.number == "6")
    assert lack.quarters == (1, 2, 3)
    office.quarter("6", 2024, 4, "100")
    assert "6" not in [one.row.number for one in queries.lacking(office.plan, 2024)]


def test_each_quarter_has_a_fact_of_its_own_that_is_corrected_when_it_is_restated(office):
    points = [office.shown("6", 2024, quarter, "100") for quarter in (1, 2)]
    typed = Typed("130", date(2024, 6, 30), evidence="季度修订")
    new = services.restate(points[1], typed, reason="银行补报", by=office.first, at=AT)
    services.publish(services.verify(new, by=office.second, at=AT), by=office.second, at=AT)
    facts = Fact.objects.filter(kind="indicator.published").order_by("source_key", "revision")
    assert [(one.payload["quarter"], one.payload["value"], one.revision) for one in facts] == [
        (1, "100", 0), (2, "100", 0), (2, "130", 1)]  # fmt: skip
    assert list(agreement.findings()) == []


@pytest.mark.parametrize("edit", [{"value": D(999)}, {"quarter": 3}, {"evidence": "另一份快报"}])
def test_a_published_quarter_that_was_changed_in_its_table_is_named(office, edit):
    office.shown("6", 2024, 1, "100")
    DataPoint.objects.update(**edit)
    assert list(agreement.findings())


def test_a_package_has_the_quarters_and_compares_each_with_its_fact(office, tmp_path):
    office.shown("6", 2022, 1, "100")
    office.shown("6", 2022, 2, "120")
    data = queries.data(office.plan, date(2022, 12, 31), is_public=True)
    file = tmp_path / "package.zip"
    file.write_bytes(package.write(data, queries.sealed(office.plan)))
    found = package.recompute(file)
    assert (found.is_same, found.of_facts, found.without_fact) == (True, 2, 0)
    row = next(one for one in data["indicators"] if one["number"] == "6")
    row["points"][1]["value"] = "999"
    file.write_bytes(package.write(data, queries.sealed(office.plan)))
    assert package.recompute(file).different == ("values/6/440000/2022/2",)


def test_the_report_says_which_quarters_are_late(office):
    office.shown("6", 2022, 1, "100")
    office.published("27", 2022, "91")
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    one = evaluating.report_oneself(one, "各项任务按计划推进", by=office.first, at=AT)
    one = evaluating.draft(one, by=office.first, at=AT)
    late = next(part["text"] for part in one.sections if part["key"] == "late")
    assert "按季填报：缺2022年第2季度；缺2022年第3季度；缺2022年第4季度。" in late


def test_a_plan_that_is_written_out_keeps_which_rows_are_reported_by_quarter(office, tmp_path):
    exporting.write(office.plan, tmp_path / "out")
    rows = files.read(tmp_path / "out").indicators
    assert [one["number"] for one in rows if one.optional("frequency") == "quarterly"] == ["1", "6", "20"]

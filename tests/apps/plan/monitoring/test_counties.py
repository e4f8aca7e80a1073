"""Values by county: entered in the own county alone, added up to the city as cities are to the province, late ones named."""

from datetime import date
from decimal import Decimal as D

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import (
    agreement,
    counties,
    evaluating,
    exporting,
    files,
    package,
    queries,
    reminding,
    services,
)
from zhijian.apps.plan.monitoring.models import DataPoint
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.rules import Basis, adds_up
from zhijian.apps.plan.monitoring.services import Typed
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden
from zhijian.standards import divisions

CITY = "441200"  # a city with eight counties


@pytest.mark.parametrize(
    ("basis", "unit", "does"),
    [(Basis.STOCK, "项", True), (Basis.NEW, "亿元", True), (Basis.LEVEL, "%", True), (Basis.LEVEL, "批次/千人", True),
     (Basis.LEVEL, "件", False), (Basis.LOWER, "天", False)],
)  # fmt: skip
def test_rates_stocks_and_what_is_new_add_up_over_areas_and_no_other_level(basis, unit, does):
    assert adds_up(basis, unit) is does


def test_every_city_but_dongguan_and_zhongshan_has_counties():
    without = [one.code6 for one in divisions.PREFECTURES if not counties.of_city(one.code6)]
    assert without == ["441900", "442000"]


class ByCounty(Office):
    def __init__(self):
        super().__init__()
        unit = desk.unit("441202", "示例区局")
        self.of_county, self.colleague = (desk.officer(f"county-{n}", unit, "analyst") for n in (1, 2))
        self.parts = sorted(counties.of_city(CITY))

    def figure(self, number, on):
        return queries.figure(queries.get_indicator(self.plan, number), on)


@pytest.fixture
def office(db):
    return ByCounty()


pytestmark = pytest.mark.database


def test_a_county_s_officer_enters_the_own_county_alone_and_a_colleague_confirms_it(office):
    mine = office.enter("18", 2023, "4", area="441202", by=office.of_county)
    for area in ("441203", CITY, "440000"):
        with pytest.raises(Forbidden):
            office.enter("18", 2023, "4", area=area, by=office.of_county)
    with pytest.raises(PlanRefused, match="不能是同一个人"):
        services.verify(mine, by=office.of_county, at=AT)
    with pytest.raises(Forbidden):
        services.verify(mine, by=office.of_city, at=AT)  # of another city
    assert services.verify(mine, by=office.colleague, at=AT).state == "verified"


@pytest.mark.parametrize(
    ("number", "area", "told"),
    [("20", "441202", "20不按县（区）填报"), ("C22", "441202", "C22不按县（区）填报"), ("18", "441299", "还可以是县"),
     ("18", "441201", "还可以是县"), ("18", "110101", "还可以是县"), ("18", "", "还可以是县")],
)  # fmt: skip
def test_an_area_that_cannot_be_is_refused_and_nothing_is_kept(office, number, area, told):
    with pytest.raises(PlanRefused, match=told):
        office.enter(number, 2023, "4", area=area)
    assert not DataPoint.objects.exists()


def test_a_county_s_value_is_entered_once_and_a_wrong_rate_is_told(office):
    office.enter("18", 2023, "4", area="441202")
    with pytest.raises(PlanRefused, match="不能重复填报"):
        office.enter("18", 2023, "5", area="441202", by=office.second)
    with pytest.raises(PlanRefused, match=r"5\.00%"):
        office.enter("18", 2023, "4", area="441203", parts=("50", "1000"))


def test_counties_make_their_city_by_numerators_and_denominators_once_all_reported(office):
    for area in office.parts[:-1]:
        office.published("18", 2023, "5", area=area, parts=("50", "1000"))
    waiting = office.figure("18", date(2023, 12, 31))
    (late,) = waiting.late_counties
    assert (late.city, late.year, late.lacking) == (CITY, 2023, (office.parts[-1],))
    assert waiting.of_counties == () and waiting.cities is None
    office.published("18", 2023, "1", area=office.parts[-1], parts=("80", "8000"))
    found = office.figure("18", date(2023, 12, 31))
    hits, of = 50 * (len(office.parts) - 1) + 80, 1000 * (len(office.parts) - 1) + 8000
    assert [(one.city, one.value) for one in found.of_counties] == [(CITY, D(hits) * 100 / of)]
    assert ([one.area for one in found.cities.rows], found.missing_areas) == ([CITY], 20)
    assert found.late_counties == () and found.judged.value is None


def test_a_city_s_own_value_stands_before_that_of_its_counties(office):
    for area in office.parts:
        office.published("18", 2023, "5", area=area, parts=("50", "1000"))
    office.published("18", 2023, "6", area=CITY, parts=("60", "1000"))
    found = office.figure("18", date(2023, 12, 31))
    assert found.of_counties == () and found.cities.rows[0].percent == 6


def test_counties_of_one_city_and_twenty_cities_make_the_province(office):
    for one in divisions.PREFECTURES:
        if one.code6 != CITY:
            office.published("18", 2023, "5", area=one.code6, parts=("50", "1000"))
    for area in office.parts:
        office.published("18", 2023, "4", area=area, parts=("40", "1000"))
    of = 20_000 + 1000 * len(office.parts)
    found = office.figure("18", date(2023, 12, 31))
    assert found.judged.value == D(1000 + 40 * len(office.parts)) * 100 / of and found.is_from_cities


def test_counts_by_quarter_of_counties_make_the_quarter_of_their_city(office):
    for place, area in enumerate(office.parts):
        typed = Typed("2", date(2023, 3, 31), evidence="季度快报", quarter=1)
        point = services.submit(office.plan, "1", 2023, typed, area=area, by=office.first, at=AT)
        services.publish(services.verify(point, by=office.second, at=AT), by=office.second, at=AT)
        found = office.figure("1", date(2023, 3, 31))
        if place < len(office.parts) - 1:
            assert [(one.year, one.quarter) for one in found.late_counties] == [(2023, 1)]
    assert [(one.quarter, one.value) for one in found.of_counties] == [(1, 2 * len(office.parts))]


def test_what_lacks_names_the_counties_that_keep_their_city_from_a_value_and_they_are_reminded(office):
    for area in office.parts[1:]:
        office.enter("18", 2025, "5", area=area)
    lack = next(one for one in queries.lacking(office.plan, 2025) if one.row.number == "18")
    assert lack.counties == (office.parts[0],) and CITY in lack.cities
    assert reminding._enters(office.of_county, "441202") and not reminding._enters(office.first, "441202")
    office.enter("18", 2025, "5", area=office.parts[0])
    lack = next(one for one in queries.lacking(office.plan, 2025) if one.row.number == "18")
    assert lack.counties == () and CITY not in lack.cities


def test_a_county_s_value_is_a_sealed_fact_and_a_change_in_its_table_is_named(office, tmp_path):
    office.published("18", 2023, "5", area="441202", parts=("50", "1000"))
    assert Fact.objects.get(kind="indicator.published").payload["area"] == "441202"
    assert list(agreement.findings()) == []
    data = queries.data(office.plan, date(2023, 12, 31), is_public=True)
    file = tmp_path / "package.zip"
    file.write_bytes(package.write(data, queries.sealed(office.plan)))
    found = package.recompute(file)
    assert (found.is_same, found.of_facts) == (True, 1)
    DataPoint.objects.update(area_code="441203")
    assert len(list(agreement.findings())) == 2


def test_the_report_names_the_counties_that_are_late(office):
    office.published("18", 2022, "5", area="441202", parts=("50", "1000"))
    one = evaluating.plan_one(office.plan, "annual", 2022, by=office.first, at=AT)
    one = evaluating.freeze(one, by=office.first, at=AT)
    one = evaluating.report_oneself(one, "各项任务按计划推进", by=office.first, at=AT)
    one = evaluating.draft(one, by=office.first, at=AT)
    late = next(part["text"] for part in one.sections if part["key"] == "late")
    assert "按县（区）填报：肇庆缺" in late and "2022年的值，缺的市不合计，不按零算" in late


def test_a_plan_that_is_written_out_keeps_which_rows_counties_report(office, tmp_path):
    exporting.write(office.plan, tmp_path / "out")
    rows = files.read(tmp_path / "out").indicators
    assert [one["number"] for one in rows if one.optional("by_county") == "yes"] == [
        "1", "18", "21", "24a", "27"]  # fmt: skip


def test_a_row_whose_values_do_not_add_up_cannot_be_by_county(office, tmp_path):
    exporting.write(office.plan, tmp_path / "out")
    file = tmp_path / "out" / "indicators.csv"
    lines = file.read_text("utf-8-sig").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("2,"))
    lines[place] = lines[place].rstrip(",") + ",,,yes"
    file.write_text("\n".join(lines) + "\n", "utf-8-sig")
    with pytest.raises(files.WrongPlan, match="do not add up"):
        files.read(tmp_path / "out")

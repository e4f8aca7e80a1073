"""What the cities make of a rate: who keeps the province from its target, cities of like kind, cities that are late."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import city_rules, evaluating, package, queries, reports
from zhijian.apps.plan.monitoring.rules import Basis, Goal
from zhijian.standards import divisions

RATE = Goal(Basis.LEVEL, Decimal(81), Decimal(90))
FALLS = Goal(Basis.LOWER, Decimal("4.5"), Decimal(2), is_at_most=True)


def _parts(**told):
    return {code[1:]: (Decimal(top), Decimal(bottom)) for code, (top, bottom) in told.items()}


def test_what_the_cities_add_makes_the_gap_of_the_province_and_the_worst_stands_first():
    parts = _parts(c440100=(800, 1000), c440300=(1900, 2000))
    found = city_rules.contributions(RATE, parts)
    assert [one.area for one in found] == ["440100", "440300"]
    assert sum(one.points for one in found) == Fraction(2700 * 100, 3000) - 90 == 0
    assert found[0].points == Fraction(1, 3) * (80 - 90)


def test_of_a_rate_that_should_fall_the_city_above_the_target_is_the_worst():
    found = city_rules.contributions(FALLS, _parts(c440100=(10, 1000), c440300=(40, 1000)))
    assert [one.area for one in found] == ["440300", "440100"] and found[0].points == 1


def test_a_city_of_no_denominator_adds_nothing_and_no_city_makes_no_gap():
    assert city_rules.contributions(RATE, _parts(c440100=(0, 0))) == []
    assert [one.area for one in city_rules.contributions(RATE, _parts(c440100=(0, 0), c440300=(9, 10)))] == [
        "440300"
    ]


def test_cities_are_compared_with_those_of_their_kind_alone():
    found = city_rules.grouped(_parts(c440100=(800, 1000), c440300=(950, 1000), c440200=(500, 1000)))
    assert [(group.kind, len(group.rows)) for group in found] == [("core", 2), ("north", 1)]
    high, low = city_rules.apart(found[0].rows)
    assert (high.areas, low.areas) == (("440300",), ("440100",))
    assert city_rules.apart(found[1].rows) is None
    near = city_rules.grouped(_parts(c440100=(800, 1000), c440300=(805, 1000)))
    assert city_rules.apart(near[0].rows) is None


def test_every_city_of_the_province_has_one_kind():
    codes = [code for _, group in city_rules.KINDS for code in group]
    assert sorted(codes) == sorted(one.code6 for one in divisions.PREFECTURES)


@pytest.fixture
def office(db):
    made = Office()
    codes = [one.code6 for one in divisions.PREFECTURES]
    for year, hits in ((2021, 85), (2022, 88)):
        for code in codes:
            if year == 2022 and code in ("441400", "445300"):
                continue
            made.published(
                "21",
                year,
                str(hits - (code == "440100") * 5),
                area=code,
                parts=(f"{hits - (code == '440100') * 5}", "100"),
            )
    return made


@pytest.mark.database
def test_two_cities_that_are_late_are_named_and_what_they_may_change_is_reckoned(office):
    whole = queries.whole(office.plan, date(2022, 12, 31))
    late = {one.number: one for one in whole.late.rows}["21"]
    hits, before = 18 * 88 + 83, 2 * 85
    assert late.cities.lacking == ("441400", "445300")
    assert late.cities.reported == Fraction(hits * 100, 1900)
    assert late.cities.as_before == Fraction((hits + before) * 100, 2100)
    assert (late.cities.low, late.cities.high) == (
        Fraction(hits * 100, 2100),
        Fraction((hits + 200) * 100, 2100),
    )
    assert late.year == 2022 and whole.figures[
        [one.number for one in whole.figures].index("21")
    ].series.keys() == {2021}


@pytest.mark.database
def test_the_report_says_who_keeps_the_province_back_and_what_late_cities_may_change(office, tmp_path):
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2022, **by), **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    texts = {section["key"]: section["text"] for section in one.sections}
    assert (
        "2022年19个市报数（缺梅州、云浮，不按零算）" in texts["cities"]
        and "差距主要来自广州" in texts["cities"]
    )
    assert "最低广州" in texts["cities"] and "区间" in texts["cities"]
    assert "21 明厨亮灶覆盖率缺2022年的值" in texts["late"] and "缺梅州、云浮" in texts["late"]
    assert "2 lacking" in one.summary_en and "Guangzhou" in one.summary_en
    (table,) = reports.city_tables(one)
    assert table["rows"][0][0] == "广州" and len(table["rows"]) == 19
    assert table["rows"][0][3] == f"{7 * 100 / 1900 * -1:+.2f}"
    file = tmp_path / "package.zip"
    file.write_bytes(package.write(one.frozen["data"], []))
    assert package.recompute(file).is_same


@pytest.mark.database
def test_the_baseline_is_the_first_point_of_a_projection(db):
    office = Office()
    for year, value in ((2021, "4.1"), (2022, "3.7"), (2023, "3.2")):
        office.published("26", year, value, parts=(str(int(Decimal(value) * 10)), "1000"))
    figure = queries.figure(queries.get_indicator(office.plan, "26"), date(2023, 12, 31))
    assert figure.forecast.points == 4 and round(figure.forecast.value, 2) == 2.37
    assert round(figure.forecast.chance, 3) == 0.019

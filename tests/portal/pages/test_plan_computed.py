"""What the platform's tables make of the plan's indicators: counted by formula, kept for the night, never the plan's value by itself."""

from datetime import date
from decimal import Decimal

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.goods_quality.models import SamplingRound
from zhijian.apps.plan.monitoring import computed, queries
from zhijian.apps.plan.monitoring.models import ComputedValue, DataPoint
from zhijian.engines.registers import register_at
from zhijian.portal import plan_computing

DAY = date(2026, 11, 22)


@pytest.fixture
def office(db):
    return Office()


def _round(key, design, stage, division, batches, failed=0):
    return SamplingRound(
        key=key, name="示例抽查", division_code=division, valid_from=date(2026, 5, 1), changed_at=AT, category_code="M05",
        design_code=design, stage_code=stage, batches=batches, failed=failed, authority="示例局", is_synthetic=True,
    )  # fmt: skip


def _compute(home):
    return plan_computing.compute_all(register_at(home.serving), day=DAY, at=AT)


def test_the_stock_is_counted_for_province_city_and_county_and_is_no_value_of_the_plan(
    register, home, office
):
    _compute(home)
    found = {one.area_code: one for one in computed.newest(office.plan, "1")}
    assert {area: one.numerator for area, one in found.items()} == {
        "440000": 3,
        "440100": 2,
        "441800": 1,
        "440106": 3,
    }
    whole = found["440000"]
    assert (whole.value, whole.tables, whole.is_synthetic) == (
        Decimal("0.0003"),
        ["entity_market_entities"],
        True,
    )
    assert whole.as_of == register_at(home.serving).as_of
    assert not DataPoint.objects.exists() and queries.whole(office.plan, DAY).composite.counted == 0


def test_a_night_that_is_computed_again_is_replaced_and_not_doubled(register, home, office):
    assert _compute(home) == _compute(home) == ComputedValue.objects.count() > 0


def test_only_rounds_without_suspicion_make_the_pass_rate_of_goods(home, office):
    SamplingRound.objects.bulk_create(
        [
            _round("A", "monitoring", "shop", "440000", 400, 30),
            _round("B", "supervision", "shop", "440000", 100, 50),
        ]
    )
    _compute(home)
    (found,) = computed.newest(office.plan, "25")
    assert (found.value, found.numerator, found.denominator) == (Decimal("92.5"), 370, 400)
    assert computed.newest(office.plan, "24b") == []  # without a register there is nothing to divide by


def test_every_indicator_says_how_its_value_is_obtained_and_the_pages_show_what_was_computed(
    register, home, office, client
):
    _compute(home)
    rows = queries.indicators(office.plan)
    assert len(rows) == 28 and all(one.obtained_zh and one.obtained_en for one in rows)
    assert all(bool(one.source) != one.obtained_zh.startswith("由人填报") for one in rows)
    assert {one.source for one in rows} - {""} == set(computed.FORMULAS)
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        table = client.get("/plan/indicators/").content.decode()
        assert ("由人填报" in table) == (language == "zh-hans") and ("Entered by hand" in table) == (
            language == "en"
        )
        page = client.get("/plan/indicators/1/").content.decode()
        assert (
            "0.0003" in page
            and ("合成数据" in page or "Synthetic" in page)
            and "entity_market_entities" in page
        )

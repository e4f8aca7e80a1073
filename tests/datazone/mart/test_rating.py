"""Rating reads the delivered facts, but never an invented one about a real firm."""

from datetime import date

import pyarrow as pa
import pytest

from tests.engines.registers.factory import AT, FACT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.rating import TABLE, RatedByRefresh, rate
from zhijian.datazone.models import RAW_ENTITIES


def test_a_fact_whose_synthetic_flag_is_not_its_subjects_rates_nobody(tmp_path):
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "真实有限公司", is_synthetic=False), entity(2, "示例乙有限公司")])
    rows = [
        {
            "fact_id": f"{number}", "uscc": code(number), "kind": "serious_list.listed",
            "occurred_on": date(2026, 3, 10), "recorded_at": AT, "source": "tests", "source_key": f"{number}",
            "payload": "{}", "legal_basis": None, "public_until": None, "is_synthetic": True,
        }
        for number in (1, 2)
    ]  # fmt: skip
    lake.write("standard_supervision__facts", pa.Table.from_pylist(rows, schema=FACT))
    rate(lake, month_end=date(2026, 10, 31))
    rated = lake.read(TABLE).to_pylist()
    assert {row["uscc"]: row["class_code"] == "D" for row in rated} == {code(1): False, code(2): True}


def test_a_delivered_fact_that_was_withdrawn_or_corrected_here_rates_nobody_as_it_was_delivered(tmp_path):
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(number, f"示例{number}号有限公司") for number in (1, 2, 3)])
    listed = {
        "kind": "serious_list.listed", "occurred_on": date(2026, 3, 10), "recorded_at": AT, "source": "tests",
        "payload": "{}", "legal_basis": None, "public_until": None, "is_synthetic": True,
    }  # fmt: skip
    rows = [
        {"fact_id": f"{number}", "uscc": code(number), "source_key": f"{number}", **listed}
        for number in (1, 2, 3)
    ]
    lake.write("standard_supervision__facts", pa.Table.from_pylist(rows, schema=FACT))
    withdrawn = {"uscc": code(1), "source_key": "1", **listed, "is_withdrawal": True}
    corrected = {"uscc": code(2), "source_key": "2", **listed, "kind": "inspection.result"}
    rate(lake, month_end=date(2026, 10, 31), own_facts=[withdrawn, corrected])
    rated = {row["uscc"]: row["class_code"] == "D" for row in lake.read(TABLE).to_pylist()}
    assert rated == {code(1): False, code(2): False, code(3): True}


def test_rating_keeps_the_typed_facts_that_the_thematic_libraries_count(tmp_path):
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "示例甲有限公司")])
    own = [
        {
            "uscc": code(1), "kind": "inspection.result", "occurred_on": date(2026, 9, 1), "recorded_at": AT,
            "payload": {"codes": [1, 4]}, "source": "inspection", "source_key": "1", "is_synthetic": True,
        }
    ]  # fmt: skip
    assert rate(lake, month_end=date(2026, 10, 31), own_facts=own).changed
    kept = lake.read("entity_facts").to_pylist()
    assert [(row["entity_id"], row["kind"], row["codes"]) for row in kept] == [
        (1, "inspection.result", "1,4")
    ]
    assert not rate(lake, month_end=date(2026, 10, 31), own_facts=own).changed
    assert lake.count("entity_facts") == 1


def test_a_home_whose_register_came_in_codes_is_rated_by_refresh(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.write(RAW_ENTITIES, pa.table({"uscc": [code(1)]}))
    with pytest.raises(RatedByRefresh, match="zhijian refresh"):
        rate(lake, month_end=date(2026, 10, 31))

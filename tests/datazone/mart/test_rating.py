"""Rating reads the delivered facts, but never an invented one about a real firm."""

from datetime import date

import pyarrow as pa

from tests.engines.registers.factory import AT, FACT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.rating import TABLE, rate


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

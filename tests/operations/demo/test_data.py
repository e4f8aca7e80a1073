"""Delivered facts go to the sealed log only under the synthetic flag of their subjects."""

from datetime import date

import pyarrow as pa
import pytest

from tests.engines.registers.factory import AT, FACT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.engines.facts.models import Fact
from zhijian.operations.demo.data import WronglyMarked, record_delivered_facts

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAYLOAD = '{"report_year": 2024}'


def deliver(lake, *facts):
    rows = [
        {
            "fact_id": f"{number}", "uscc": code(number), "kind": "annual_report.published",
            "occurred_on": date(2025, 3, 1), "recorded_at": AT, "source": "tests", "source_key": f"K{number}",
            "payload": PAYLOAD, "legal_basis": None, "public_until": None, "is_synthetic": is_synthetic,
        }
        for number, is_synthetic in facts
    ]  # fmt: skip
    write(lake, [entity(1, "真实有限公司", is_synthetic=False), entity(2, "示例乙有限公司")])
    lake.write("standard_supervision__facts", pa.Table.from_pylist(rows, schema=FACT))


@pytest.mark.parametrize("wrong", [(1, True), (2, False), (3, True)])
def test_a_fact_marked_other_than_its_subject_stops_the_recording(wrong, tmp_path):
    lake = Lake(tmp_path / "lake")
    deliver(lake, wrong)
    with pytest.raises(WronglyMarked, match=f"K{wrong[0]}"):
        record_delivered_facts(lake)
    assert Fact.objects.count() == 0


def test_facts_marked_as_their_subjects_are_recorded(tmp_path):
    lake = Lake(tmp_path / "lake")
    deliver(lake, (1, False), (2, True), (3, False))
    record_delivered_facts(lake)
    recorded = dict(Fact.objects.values_list("subject", "is_synthetic"))
    assert recorded == {code(1): False, code(2): True, code(3): False}

"""Delivered facts are read in one stream as they are read one by one, and new ones name their codes."""

import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from tests.engines.registers.factory import AT, FACT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.engines.publicity.delivered import ServedFacts
from zhijian.engines.registers import build
from zhijian.engines.registers.serving import FACTS, TYPED_FACTS

GONE = 4
ROWS = [
    *(entity(number, f"示例第{number}号有限公司") for number in (1, 2, 3)),
    entity(GONE, "示例已注销有限公司", status_code="deregistered"),
]


def plain(number, key):
    return {
        "fact_id": key, "uscc": code(number), "kind": "abnormal_list.listed", "occurred_on": date(2026, 7, 8),
        "recorded_at": datetime(2026, 11, 1, tzinfo=UTC), "source": "tests", "source_key": key,
        "payload": json.dumps({"ground_code": "unreachable"}), "legal_basis": None, "public_until": None,
        "is_synthetic": True,
    }  # fmt: skip


def typed(number, key):
    return {
        "entity_id": number, "kind": "penalty.decided", "occurred_on": date(2026, 7, 8), "amount_yuan": 5000,
        "recorded_on": date(2026, 7, 9), "source": "tests", "source_key": key, "is_synthetic": True,
        "codes": "fine,warning", "ground_code": None, "field_code": "food", "reference": None,
    }  # fmt: skip


@pytest.fixture(params=[FACTS, TYPED_FACTS])
def served(request, tmp_path):
    """Hand facts to the lake and serve them; both forms that a home may have."""
    lake = Lake(tmp_path / "lake")
    write(lake, ROWS)

    def deliver(*pairs, mode="overwrite"):
        if request.param == FACTS:
            table = pa.Table.from_pylist([plain(*pair) for pair in pairs], schema=FACT)
        else:
            table = pa.Table.from_pylist([typed(*pair) for pair in pairs])
        lake.write(request.param, table, mode=mode)
        build(lake, tmp_path / "serving", at=AT)
        return ServedFacts(tmp_path / "serving", lake)

    return deliver


def test_the_stream_gives_what_is_read_code_by_code(served):
    source = served((2, "a"), (1, "b"), (2, "c"))
    streamed = dict(source.everything())
    assert list(streamed) == sorted([code(1), code(2)])
    for one, facts in streamed.items():
        assert sorted(facts, key=repr) == sorted(source.of(one), key=repr)
    assert source.of(code(3)) == []


def test_new_facts_name_their_codes_and_a_table_written_anew_names_nobody(served):
    before = served((1, "a"), (2, "b")).mark()
    source = served((3, "c"), mode="append")
    assert source.changed_since(source.mark()) == set()
    assert source.changed_since(before) == {code(3)}
    assert served((1, "a")).changed_since(before) is None


def test_a_dissolved_entity_stays_in_the_stream_until_its_records_end(served):
    """Leaving the register ends no publicity: each record stays to its own last day."""
    source = served((GONE, "a"))
    assert source.of(code(GONE)) and list(dict(source.everything())) == [code(GONE)]

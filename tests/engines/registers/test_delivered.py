"""No seal covers the serving store: its delivered facts are compared with those of the lake, one by one."""

import json
import sqlite3
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from tests.engines.registers.factory import AT, FACT, code, entity, write
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import build, delivered
from zhijian.engines.registers.delivered import Comparison

TABLE = "standard_supervision__facts"


def fact(number, of, **changed):
    return {
        "fact_id": f"f{number}", "uscc": code(of), "kind": "registration.established",
        "occurred_on": date(2020, 1, number), "recorded_at": datetime(2026, 11, 1, tzinfo=UTC), "source": "示例",
        "source_key": str(number), "payload": json.dumps({"authority": "示例局"}), "legal_basis": None,
        "public_until": None, "is_synthetic": True,
    } | changed  # fmt: skip


def deliver(lake, *facts):
    lake.write(TABLE, pa.Table.from_pylist(list(facts), schema=FACT))


@pytest.fixture
def served(tmp_path):
    """Two invented entities with two facts each; the lake and the folder of the store."""
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "示例甲店"), entity(2, "示例乙店")])
    deliver(lake, fact(1, 1), fact(2, 1), fact(3, 2), fact(4, 2, public_until=date(2029, 1, 1)))
    build(lake, tmp_path / "serving", at=AT)
    return lake, tmp_path / "serving"


def change(served, sql, *values):
    [path] = served[1].glob("entities-*.sqlite")
    store = sqlite3.connect(path)
    with store:
        assert store.execute(sql, values).rowcount
    store.close()


def compared(served):
    comparison = Comparison(*served)
    found = [(one.where, one.message_en) for one in comparison.differences()]
    assert comparison.found >= len(found) > 0 or comparison.found == 0
    return comparison.facts, found


def test_of_an_honest_store_nothing_is_said(served):
    assert compared(served) == (4, [])


def test_before_the_first_store_there_is_nothing_to_compare(tmp_path):
    assert compared((Lake(tmp_path / "lake"), tmp_path / "serving")) == (None, [])


def test_a_store_is_compared_with_the_version_that_it_was_built_from(served):
    deliver(served[0], fact(1, 1), fact(9, 1))
    assert compared(served) == (4, [])


@pytest.mark.parametrize("subject", [code(1), code(77), "", b"\xff"])
def test_an_inserted_row_is_named(served, subject):
    row = fact(9, 1, uscc=subject, occurred_on="2026-01-01", recorded_at="2026-01-01", is_synthetic=1)
    change(served, f"insert into facts values ({', '.join('?' * len(row))})", *row.values())
    facts, [(where, said)] = compared(served)
    assert (facts, where, "was never delivered" in said) == (5, "f9", True)


def test_a_row_written_twice_is_named(served):
    change(served, "insert into facts select * from facts where fact_id = 'f3'")
    assert [where for where, _ in compared(served)[1]] == ["f3"]


@pytest.mark.parametrize(
    "column", ["kind", "occurred_on", "recorded_at", "source", "source_key", "payload", "legal_basis", "public_until"]
)  # fmt: skip
def test_an_edited_row_is_named(served, column):
    change(served, f"update facts set {column} = '2031-01-01' where fact_id = 'f4'")
    named = compared(served)[1]
    assert {where for where, _ in named} == {"f4"}
    assert "was altered" in named[0][1]


def test_the_mark_as_invented_and_the_storage_class_count_too(served):
    change(served, "update facts set is_synthetic = 0 where fact_id = 'f1'")
    change(served, "update facts set uscc = cast(uscc as blob) where fact_id = 'f3'")
    assert {where for where, _ in compared(served)[1]} == {"f1", "f3"}


def test_a_removed_row_is_named(served):
    change(served, "delete from facts where fact_id = 'f2'")
    facts, [(where, said)] = compared(served)
    assert (facts, where, "missing in the store" in said) == (3, "f2", True)


def test_a_fact_that_a_build_leaves_out_is_not_missed(tmp_path):
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "真实店", is_synthetic=False)])
    deliver(lake, fact(1, 1), fact(2, 5))
    build(lake, tmp_path / "serving", at=AT)
    served = lake, tmp_path / "serving"
    [path] = served[1].glob("entities-*.sqlite")
    store = sqlite3.connect(path)
    with store:
        store.execute("delete from facts")
    store.close()
    assert compared(served) == (0, [])


def test_many_differences_are_counted_and_the_first_are_named(served, monkeypatch):
    monkeypatch.setattr(delivered, "NAMED", 2)
    change(served, "update facts set source = 'x'")
    named = compared(served)[1]
    assert len(named) == 3
    assert named[-1][1] == "Another 6 delivered facts of the store differ from the lake."


def test_a_store_that_names_no_published_version_cannot_pass(served):
    change(served, "update meta set value = replace(value, '__facts\": 0', '__facts\": 7')")
    assert compared(served)[0] == 0
    assert "nothing to compare with" in compared(served)[1][0][1]

"""The last change of a class is told from the versions that the lake keeps, with the indicators that moved most."""

from datetime import UTC, datetime

import ibis
import pyarrow as pa
import pytest

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.class_history import CLASSES, SCORES, last_change

AT = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def rate(lake, month, code, score, penalties):
    """Publish one rating of firm 1, and of a firm 2 that never changes."""
    rows = [
        {"entity_id": 1, "class_code": code, "score": score},
        {"entity_id": 2, "class_code": "A", "score": 100},
    ]
    common = {"is_held_back": False, "rule_version": "v2026.12", "snapshot_month": month}
    points = {"points_age_old": -20, "count_age_old": 12, "is_insufficient": False, "is_serious": False}
    scores = [
        {"entity_id": 1, **points, "points_penalty": 60 * penalties, "count_penalty": penalties},
        {"entity_id": 2, **points, "points_penalty": 0, "count_penalty": 0},
    ]  # fmt: skip
    with lake.transaction() as transaction:
        transaction.write(SCORES, pa.Table.from_pylist(scores))
        transaction.write(CLASSES, pa.Table.from_pylist([{**row, **common} for row in rows]))


def test_it_is_the_newest_change_with_its_cause_whatever_came_after_without_one(lake):
    rate(lake, "2026-08", "A", 300, 0)
    rate(lake, "2026-09", "B", 420, 1)
    rate(lake, "2026-10", "C", 660, 3)
    rate(lake, "2026-11", "C", 660, 3)
    change = last_change(lake, 1)
    assert (change.from_class, change.to_class, change.from_month, change.to_month) == (
        "B",
        "C",
        "2026-09",
        "2026-10",
    )
    assert [(cause.points, cause.detail_zh) for cause in change.causes] == [
        (120, "36个月内3次，越近分值越高")
    ]
    assert last_change(lake, 2) is None


def test_of_a_patched_table_the_newest_row_counts(lake):
    con, key = ibis.duckdb.connect(), ("entity_id",)
    for mode, code in (("overwrite", "A"), ("patch", "B"), ("patch", "D")):
        row = {
            "entity_id": 1,
            "class_code": code,
            "score": 1,
            "is_held_back": False,
            "rule_version": "v2026.12",
        }
        made = ibis.memtable(pa.Table.from_pylist([{**row, "snapshot_month": "2026-11"}]))
        with lake.transaction() as transaction:
            transaction.write_query(CLASSES, con, made, at=AT, mode=mode, key=key)
    change = last_change(lake, 1)
    assert (change.from_class, change.to_class, change.causes) == ("B", "D", ())


def test_a_firm_that_was_never_rated_or_never_changed_has_none(lake):
    assert last_change(lake, 1) is None
    rate(lake, "2026-10", "B", 420, 1)
    assert last_change(lake, 1) is None
    assert last_change(lake, 99) is None

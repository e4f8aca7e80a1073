"""Facts and classes of one entity, out of files in which others lie before and after it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhijian.datazone.files import PATCH
from zhijian.engines.registers.linked import Linked

ENTITIES = range(1, 41)
GROUP = 8


def written(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=GROUP)


def fact(entity: int, number: int) -> dict[str, object]:
    return {"entity_id": entity, "source_key": f"{entity}-{number}", "occurred_on": number}


@pytest.fixture
def linked(tmp_path: Path) -> Linked:
    """Facts of forty entities over two files, each entity's twice and far apart; the second file has no entity below 21."""
    written(
        tmp_path / "part-1.parquet",
        [fact(one, 1) for one in ENTITIES] + [fact(one, 2) for one in reversed(ENTITIES)],
    )
    written(tmp_path / "part-2.parquet", [fact(one, 3) for one in ENTITIES if one > 20])
    written(
        tmp_path / "sector" / "part-1.parquet",
        [{"entity_id": one, "food_score": 500, PATCH: None} for one in ENTITIES],
    )
    for patch, score in ((1, 510), (2, 520)):
        written(
            tmp_path / "sector" / f"patch-{patch:06d}-a.parquet",
            [{"entity_id": 7, "food_score": score, PATCH: patch}],
        )
    return Linked(tmp_path)


@pytest.mark.parametrize(("entity", "days"), [(1, [2, 1]), (20, [2, 1]), (21, [3, 2, 1]), (40, [3, 2, 1])])
def test_all_facts_of_an_entity_are_found_newest_first(linked: Linked, entity: int, days: list[int]) -> None:
    found = linked.facts(entity)
    assert [row["occurred_on"] for row in found] == days
    assert {row["entity_id"] for row in found} == {entity}


def test_an_entity_beyond_all_files_has_no_facts(linked: Linked) -> None:
    assert linked.facts(41) == []
    assert linked.sector_class(41) is None


def test_the_newest_patch_of_an_entity_counts_and_others_keep_their_base(linked: Linked) -> None:
    assert (linked.sector_class(7) or {})["food_score"] == 520
    assert (linked.sector_class(8) or {})["food_score"] == 500

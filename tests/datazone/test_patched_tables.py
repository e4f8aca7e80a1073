"""A large table is written whole once, and patched night by night."""

from datetime import UTC, datetime

import ibis
import pytest

from zhijian.datazone.lake import Lake, LakeError

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def scores(**by_id):
    rows = [{"entity_id": int(key[1:]), "score": score} for key, score in by_id.items()]
    return ibis.memtable(rows, schema={"entity_id": "int64", "score": "int64"})


def write(lake, rows, mode="overwrite"):
    with lake.transaction() as transaction:
        return transaction.write_query("mart_score", lake.ibis(), rows, at=AT, mode=mode, key=("entity_id",))


def stored(lake, as_of=None):
    rows = lake.read("mart_score", as_of).to_pylist()
    return {row["entity_id"]: row["score"] for row in rows}


def test_a_patch_takes_the_place_of_the_rows_with_its_keys_and_adds_new_ones(lake):
    write(lake, scores(e1=10, e2=20))
    write(lake, scores(e2=25, e3=30), "patch")
    assert stored(lake) == {1: 10, 2: 25, 3: 30}
    assert lake.count("mart_score") == 3


def test_of_two_patches_the_later_one_counts(lake):
    write(lake, scores(e1=10))
    write(lake, scores(e1=11), "patch")
    write(lake, scores(e1=12), "patch")
    assert stored(lake) == {1: 12}


def test_a_patch_leaves_the_files_of_all_other_rows_alone(lake):
    write(lake, scores(e1=10, e2=20))
    base = set(lake.files("mart_score"))
    write(lake, scores(e2=25), "patch")
    assert base < set(lake.files("mart_score"))


def test_an_earlier_version_shows_the_table_before_the_patch(lake):
    first = write(lake, scores(e1=10))
    write(lake, scores(e1=11), "patch")
    assert stored(lake, as_of=first) == {1: 10}


def test_writing_the_table_whole_again_forgets_the_patches(lake):
    write(lake, scores(e1=10))
    write(lake, scores(e1=11), "patch")
    write(lake, scores(e1=12))
    assert stored(lake) == {1: 12}
    assert len(lake.files("mart_score")) == 1


def test_a_transaction_reads_what_it_wrote_before_others_see_it(lake):
    write(lake, scores(e1=10))
    with lake.transaction() as transaction:
        con = lake.ibis()
        transaction.write_query("mart_score", con, scores(e1=11), at=AT, mode="patch")
        seen = transaction.table(con, "mart_score").to_pyarrow().to_pylist()
        assert seen == [{"entity_id": 1, "score": 11}]
        assert stored(lake) == {1: 10}
    assert stored(lake) == {1: 11}


def test_a_patch_that_fails_leaves_the_table_as_it_was(lake):
    write(lake, scores(e1=10))
    with pytest.raises(ZeroDivisionError), lake.transaction() as transaction:
        transaction.write_query("mart_score", lake.ibis(), scores(e1=11), at=AT, mode="patch")
        raise ZeroDivisionError
    assert stored(lake) == {1: 10}
    write(lake, scores(e1=12), "patch")
    assert stored(lake) == {1: 12}


def test_a_table_without_a_key_cannot_be_patched(lake):
    with lake.transaction() as transaction:
        transaction.write_query("mart_score", lake.ibis(), scores(e1=10), at=AT)
    with pytest.raises(LakeError, match="no key"):
        write(lake, scores(e1=11), "patch")


def test_an_empty_table_keeps_its_columns(lake):
    write(lake, scores())
    assert lake.read("mart_score").column_names == ["entity_id", "score"]


def test_files_added_since_a_version_are_told_and_none_after_the_table_was_replaced(lake):
    first = write(lake, scores(e1=10))
    write(lake, scores(e2=20), "append")
    assert len(lake.added_files("mart_score", first)) == 1
    write(lake, scores(e3=30))
    assert lake.added_files("mart_score", first) is None

"""The lake publishes whole transactions and keeps every published version."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from zhijian.datazone.lake import Lake, LakeError, NoSuchTable, NoSuchVersion

TABLE = "standard_trial__rows"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "湖 100%" / "lake")


def test_a_table_is_read_back_as_it_was_written(lake: Lake) -> None:
    assert lake.write(TABLE, pa.table({"n": [1, 2]}), properties={"delivery": "abc"}) == 0
    assert lake.read(TABLE).to_pydict() == {"n": [1, 2]}
    assert lake.path(TABLE) == lake.root / "standard" / TABLE
    assert lake.versions(TABLE)[0].properties == {"delivery": "abc"}


def test_an_earlier_version_can_be_read_and_a_missing_one_is_refused(lake: Lake) -> None:
    lake.write(TABLE, pa.table({"n": [1]}))
    lake.write(TABLE, pa.table({"n": [2]}), mode="append")
    assert lake.version(TABLE) == 1
    assert lake.read(TABLE, as_of=0).to_pydict() == {"n": [1]}
    assert sorted(lake.read(TABLE)["n"].to_pylist()) == [1, 2]
    with pytest.raises(NoSuchVersion, match="no published version 7; it has 0, 1"):
        lake.read(TABLE, as_of=7)


def test_appending_a_new_column_leaves_it_unknown_in_older_rows(lake: Lake) -> None:
    lake.write(TABLE, pa.table({"n": [1]}))
    lake.write(TABLE, pa.table({"n": [2], "m": ["x"]}), mode="append")
    con = lake.ibis()
    rows = lake.table(con, TABLE).order_by("n").to_pyarrow().to_pydict()
    assert rows == {"n": [1, 2], "m": [None, "x"]}


def test_ibis_reads_the_published_version_even_if_the_table_is_empty(lake: Lake) -> None:
    lake.write(TABLE, pa.table({"n": [1, 2, 3]}))
    lake.write(TABLE, pa.table({"n": pa.array([], pa.int64())}))
    con = lake.ibis()
    assert lake.table(con, TABLE).count().to_pyarrow().as_py() == 0
    assert lake.table(con, TABLE, as_of=0).count().to_pyarrow().as_py() == 3


def test_a_failed_transaction_shows_nothing_and_the_next_write_starts_from_what_was_published(
    lake: Lake,
) -> None:
    lake.write(TABLE, pa.table({"n": [1]}))
    with pytest.raises(ZeroDivisionError), lake.transaction() as transaction:
        transaction.write(TABLE, pa.table({"n": [99]}), mode="append")
        transaction.write("standard_other__rows", pa.table({"n": [99]}))
        raise ZeroDivisionError
    assert lake.read(TABLE).to_pydict() == {"n": [1]}
    assert not lake.exists("standard_other__rows") and not lake.path("standard_other__rows").exists()
    assert len(list(lake.path(TABLE).glob("*.parquet"))) == 1
    lake.write(TABLE, pa.table({"n": [2]}), mode="append")
    lake.write("standard_other__rows", pa.table({"n": [3]}), mode="append")
    assert sorted(lake.read(TABLE)["n"].to_pylist()) == [1, 2]
    assert lake.read("standard_other__rows").to_pydict() == {"n": [3]}


def test_two_tables_of_one_transaction_become_visible_together(lake: Lake) -> None:
    with lake.transaction() as transaction:
        transaction.write(TABLE, pa.table({"n": [1]}))
        transaction.write("mart_trial", pa.table({"n": [2]}))
        assert lake.tables() == []
    assert lake.tables() == ["mart_trial", TABLE]


def test_two_writes_to_one_table_in_a_transaction_both_count(lake: Lake) -> None:
    with lake.transaction() as transaction:
        transaction.write(TABLE, pa.table({"n": [1]}), mode="append")
        transaction.write(TABLE, pa.table({"n": [2]}), mode="append")
    assert sorted(lake.read(TABLE)["n"].to_pylist()) == [1, 2]


def test_names_outside_the_layers_and_unknown_tables_are_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match="must be <layer>_<name>"):
        lake.path("../secret")
    with pytest.raises(NoSuchTable, match="Published tables: none yet"):
        lake.read(TABLE)


def test_two_processes_appending_at_once_lose_no_row(lake: Lake) -> None:
    program = (
        "import sys, pyarrow as pa; from pathlib import Path; from zhijian.datazone.lake import Lake\n"
        "lake = Lake(Path(sys.argv[1]))\n"
        "for n in range(4): lake.write(sys.argv[2], pa.table({'n': [n]}), mode='append')"
    )
    command = [sys.executable, "-c", program, str(lake.root), TABLE]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert sorted(lake.read(TABLE)["n"].to_pylist()) == [0, 0, 1, 1, 2, 2, 3, 3]

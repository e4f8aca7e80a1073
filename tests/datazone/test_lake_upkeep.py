"""Any published version can be asked for, restored and kept; nothing leaves that somebody may still need."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from zhijian.datazone import lake_upkeep
from zhijian.datazone.lake import CorruptFile, Lake, LakeError, NoSuchVersion

TABLE = "mart_trial"
AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    for n in range(3):
        lake.write(TABLE, pa.table({"n": [n]}))
    return lake


def rows(lake: Lake, as_of: int | None = None) -> list[int]:
    return sorted(lake.read(TABLE, as_of)["n"].to_pylist())


def at_day(lake: Lake, version: int, day: datetime) -> None:
    """Let a version be as old as a test needs it."""
    import json

    path = lake.path(TABLE) / "_delta_log" / f"{version:020d}.json"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["timestamp"] = int(day.timestamp() * 1000)
    path.write_text("\n".join(map(json.dumps, lines)))
    os.utime(path, (day.timestamp(), day.timestamp()))


def test_a_version_is_found_by_its_number_its_day_or_its_time(lake: Lake) -> None:
    at_day(lake, 0, datetime(2026, 11, 1, 1, tzinfo=UTC))
    at_day(lake, 1, datetime(2026, 11, 2, 1, tzinfo=UTC))
    at_day(lake, 2, datetime(2026, 11, 2, 10, tzinfo=UTC))
    found = [
        lake_upkeep.resolve_version(lake, TABLE, when)
        for when in ("1", "2026-11-01", "2026-11-02", "2026-11-02T09:30", "2026-11-02T10:00+00:00")
    ]
    assert found == [1, 0, 2, 1, 2]
    with pytest.raises(
        NoSuchVersion, match=r"had no version on 2026-10-31; its first came at 2026-11-01 09:00"
    ):
        lake_upkeep.resolve_version(lake, TABLE, "2026-10-31")
    with pytest.raises(LakeError, match="is no version, day or time"):
        lake_upkeep.resolve_version(lake, TABLE, "yesterday")


def test_a_restore_is_a_new_version_that_says_who_when_and_why(lake: Lake) -> None:
    assert lake_upkeep.restore(lake, TABLE, 0, by="陈某", at=AT, reason="权重填错") == 3
    assert rows(lake) == [0] and rows(lake, as_of=2) == [2]
    noted = lake_upkeep.history(lake, TABLE)[0]["noted"]
    assert noted == {
        "restored_from": "0",
        "by": "陈某",
        "at": "2026-11-24T04:00:00+00:00",
        "reason": "权重填错",
    }
    with pytest.raises(LakeError, match="needs a reason"):
        lake_upkeep.restore(lake, TABLE, 0, by="陈某", at=AT, reason=" ")


def test_vacuum_keeps_the_newest_what_was_replaced_within_the_retention_and_what_is_pinned(
    lake: Lake,
) -> None:
    lake.write(TABLE, pa.table({"n": [3]}))
    for version, days in ((0, 1000), (1, 900), (2, 800), (3, 399)):
        at_day(lake, version, AT - timedelta(days=days))
    lake_upkeep.pin(lake, TABLE, 0, reason="抽签分层依据")
    before = len(list(lake.path(TABLE).glob("*.parquet")))
    planned = lake_upkeep.vacuum(lake, at=AT)
    assert planned.versions == {TABLE: [1]} and planned.is_dry_run
    assert len(list(lake.path(TABLE).glob("*.parquet"))) == before
    done = lake_upkeep.vacuum(lake, at=AT, dry_run=False)
    assert done.files == planned.files and len(done.files) == 1
    assert [rows(lake, as_of=n) for n in (0, 2, 3)] == [[0], [2], [3]]
    with pytest.raises(NoSuchVersion):
        lake.read(TABLE, as_of=1)
    assert lake_upkeep.vacuum(lake, at=AT, dry_run=False).files == []


def test_vacuum_also_takes_what_a_dead_writer_left(lake: Lake) -> None:
    stray = lake.path(TABLE) / "part-of-a-dead-writer.parquet"
    stray.write_bytes(b"PAR1")
    assert lake_upkeep.vacuum(lake, at=AT, dry_run=False).files == [stray]


def test_a_file_cut_off_is_named_with_its_table_its_version_and_the_way_to_mend(lake: Lake) -> None:
    (path,) = map(Path, lake.files(TABLE))
    path.write_bytes(path.read_bytes()[:-20])
    for read in (lambda: lake.read(TABLE), lambda: lake.table(lake.ibis(), TABLE)):
        with pytest.raises(CorruptFile) as told:
            read()
        assert all(
            words in str(told.value) for words in (TABLE, "version 2", path.name, "restore mart_trial --to 1")
        )
    assert rows(lake, as_of=1) == [1]
    lake_upkeep.restore(lake, TABLE, 1, by="陈某", at=AT, reason="文件损坏")
    assert rows(lake) == [1]


def test_damage_that_keeps_the_length_is_found_by_reading_all(lake: Lake) -> None:
    assert lake_upkeep.check(lake, TABLE) == 1
    (path,) = map(Path, lake.files(TABLE))
    content = path.read_bytes()
    path.write_bytes(b"\0" * len(content))
    with pytest.raises(CorruptFile, match="cannot be read"):
        lake_upkeep.check(lake, TABLE)


def test_a_wider_type_widens_the_table_and_an_older_delivery_still_fits(lake: Lake) -> None:
    lake.write(TABLE, pa.table({"n": pa.array([1], pa.int32())}))
    lake.write(TABLE, pa.table({"n": pa.array([2**40], pa.int64())}), mode="append")
    lake.write(TABLE, pa.table({"n": pa.array([2], pa.int32())}), mode="append")
    assert rows(lake) == [1, 2, 2**40]
    assert lake.read(TABLE).schema.field("n").type == pa.int64()


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.2])
def test_a_writer_killed_at_any_moment_leaves_the_table_before_or_after(lake: Lake, seconds: float) -> None:
    program = (
        "import sys, pyarrow as pa; from pathlib import Path; from zhijian.datazone.lake import Lake\n"
        "lake = Lake(Path(sys.argv[1])); print('ready', flush=True)\n"
        "while True: lake.write(sys.argv[2], pa.table({'n': list(range(5))}))"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(lake.root), TABLE], stdout=subprocess.PIPE)
    assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert rows(lake) in ([2], [0, 1, 2, 3, 4])
    lake.write(TABLE, pa.table({"n": [9]}), mode="append")
    assert rows(lake) in ([2, 9], [0, 1, 2, 3, 4, 9])


def test_the_verbs_show_restore_and_refuse_in_words(lake: Lake, home: object) -> None:
    from zhijian.operations.commands.lake import command

    own = Lake(home.lake)  # type: ignore[attr-defined]
    own.write(TABLE, pa.table({"n": [1]}))
    own.write(TABLE, pa.table({"n": [2]}))

    def run(*words: str) -> str:
        return CliRunner().invoke(command, list(words)).output

    assert '{"n": 1}' in run("show", TABLE, "--as-of", "0", "--json")
    assert "恢复为第2版，1行" in run("restore", TABLE, "--to", "0", "--reason", "演练", "--by", "陈某")
    assert "reason=演练" in run("history", TABLE).replace("\n", "").replace("│", "").replace(" ", "")
    assert "可清理（加 --yes 才动手）：0个过期版本" in run("vacuum")
    assert "已固定" in run("pin", TABLE, "0", "--reason", "演练")
    assert "文件完好，读到1行" in run("check", TABLE)
    assert "has no published version 9" in run("show", TABLE, "--as-of", "9")

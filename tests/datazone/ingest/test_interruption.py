"""A run that is killed leaves nothing half visible; the next one is complete. The same file is taken in once."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.datazone.ingest.samples import AT, ENTERPRISES, TABLE, csv_text, line, take_in
from zhijian.datazone import quality
from zhijian.datazone.ingest import DeliveryError
from zhijian.datazone.lake import Lake

KILLED_AT = ["receive", "judge", "write", "refuse", "publish"]  # before, between and after the writes
_PROGRAM = """
import os, signal, sys, time
from datetime import datetime
from pathlib import Path
from zhijian.datazone.ingest import ingest
from zhijian.datazone.lake import Lake

root, path, stage, what = sys.argv[1:]

def at_stage(now, _):
    if now == stage:
        print(now, flush=True)
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(float(what))

ingest(Lake(Path(root)), "registration__enterprises", Path(path), by="甲", source="测试",
       at=datetime.fromisoformat("2026-11-24T12:00:00+08:00"), progress=at_stage)
"""


def start(lake: Lake, path: Path, stage: str, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PROGRAM, str(lake.root), str(path), stage, what]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1), line(2), line(3, name="")))
    return path


@pytest.fixture
def earlier(lake: Lake, tmp_path: Path) -> Lake:
    """A lake that already holds another delivery, so that there is something to spoil."""
    path = tmp_path / "earlier.csv"
    path.write_text(csv_text(line(8), line(9, province="")))
    take_in(lake, path)
    return lake


@pytest.mark.parametrize("stage", KILLED_AT)
def test_after_kill_9_at_any_stage_nothing_is_visible_and_the_next_run_is_complete(
    stage: str, earlier: Lake, delivery: Path
) -> None:
    assert start(earlier, delivery, stage, "die").wait(timeout=60) == -signal.SIGKILL
    assert earlier.count(TABLE) == 1 and earlier.count("standard_quarantine") == 1
    assert len(quality.reports(earlier)) == 1
    report = take_in(earlier, delivery)
    assert not report.already_delivered
    assert sorted(earlier.read(TABLE)["name"].to_pylist()) == [
        "示例1有限公司",
        "示例2有限公司",
        "示例8有限公司",
    ]
    assert earlier.count("standard_quarantine") == 2
    assert len(quality.reports(earlier)) == 2
    assert not (earlier.root / "staging").exists()


def test_after_kill_9_of_the_very_first_delivery_the_next_run_is_complete(lake: Lake, delivery: Path) -> None:
    assert start(lake, delivery, "publish", "die").wait(timeout=60) == -signal.SIGKILL
    assert lake.tables() == []
    take_in(lake, delivery)
    assert (lake.count(TABLE), lake.count("standard_quarantine")) == (2, 1)


def test_a_killed_run_does_not_keep_the_lock(lake: Lake, delivery: Path) -> None:
    start(lake, delivery, "judge", "die").wait(timeout=60)
    assert take_in(lake, delivery, wait=False).rows_clean == 2


def test_a_second_ingest_says_who_holds_the_lock_or_waits(lake: Lake, delivery: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(csv_text(line(5)))
    first = start(lake, delivery, "judge", "2")
    assert first.stdout is not None and first.stdout.readline().strip() == "judge"
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, other, wait=False)
    assert caught.value.code == "busy"
    assert "甲, d.csv, registration__enterprises" in caught.value.message_zh
    waited: list[str] = []
    started = time.monotonic()
    take_in(lake, other, progress=lambda stage, _: waited.append(stage))
    assert waited[0] == "wait" and time.monotonic() - started > 0.5
    assert first.wait(timeout=60) == 0
    assert lake.count(TABLE) == 3


def test_the_same_file_again_changes_nothing_and_says_who_delivered_it(
    lake: Lake, delivery: Path, tmp_path: Path
) -> None:
    first = take_in(lake, delivery)
    versions = {table: lake.version(table) for table in lake.tables()}
    copy = tmp_path / "another name.csv"
    copy.write_bytes(delivery.read_bytes())
    again = take_in(lake, copy, by="别人")
    assert again.already_delivered
    assert (again.delivered_by, again.delivered_at) == ("测试员", AT.isoformat())
    assert {table: lake.version(table) for table in lake.tables()} == versions
    assert first.delivery_sha256 == again.delivery_sha256


def test_who_delivered_what_and_when_stands_beside_the_original(lake: Lake, delivery: Path) -> None:
    report = take_in(lake, delivery)
    folder = lake.deliveries / report.delivery_sha256
    record = json.loads((folder / ENTERPRISES / "delivery.json").read_text())
    assert record["delivered_by"] == "测试员" and record["file_name"] == "d.csv"
    assert record["sha256"] == report.delivery_sha256 and record["file_bytes"] == delivery.stat().st_size

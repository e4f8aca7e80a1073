"""The serving store: built whole or not at all, and without what the public may not see."""

import multiprocessing
import os
import signal
import sqlite3
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.engines.registers.factory import AT, FACT, HISTORY, code, entity, register_of, write, write_class
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import EntityRegister, NothingServed, ServingError, build
from zhijian.engines.registers.serving import BuildRunning, find_current, find_report


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "示例甲有限公司"), entity(2, "示例乙有限公司", version=2)])
    return lake


def test_a_build_without_entities_says_what_to_do_first(tmp_path):
    with pytest.raises(ServingError, match="zhijian ingest"):
        build(Lake(tmp_path / "lake"), tmp_path / "serving", at=AT)


def test_before_the_first_build_reading_says_what_to_run(tmp_path):
    register = EntityRegister(tmp_path)
    assert not register.is_ready
    with pytest.raises(NothingServed, match="zhijian serving build"):
        register.find(code(1))


def test_a_build_reports_what_it_holds_and_the_day_of_the_data(lake, tmp_path):
    report = build(lake, tmp_path / "serving", at=AT)
    register = EntityRegister(tmp_path / "serving")
    assert (report.number, report.entity_count, report.is_unchanged) == (1, 2, False)
    assert register.as_of == date(2026, 11, 19)
    assert register.count() == 2
    assert report.store_bytes == sum(path.stat().st_size for path in (tmp_path / "serving").glob("*.sqlite"))


def test_a_second_build_of_the_same_lake_changes_nothing_and_says_so(lake, tmp_path):
    first = build(lake, tmp_path / "serving", at=AT)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "serving").glob("*.sqlite"))
    second = build(lake, tmp_path / "serving", at=AT)
    after = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "serving").glob("*.sqlite"))
    assert second.is_unchanged and second.number == first.number
    assert before == after


def test_a_new_delivery_or_force_makes_a_new_store_and_one_old_one_stays(lake, tmp_path):
    build(lake, tmp_path / "serving", at=AT)
    write(lake, [entity(1, "示例甲有限公司")])
    assert build(lake, tmp_path / "serving", at=AT).number == 2
    assert build(lake, tmp_path / "serving", at=AT, is_forced=True).number == 3
    kept = sorted(path.name for path in (tmp_path / "serving").glob("*.sqlite"))
    assert kept == ["classes-2.sqlite", "classes-3.sqlite", "entities-2.sqlite", "entities-3.sqlite"]


def test_a_store_whose_file_was_lost_is_built_anew(lake, tmp_path):
    build(lake, tmp_path / "serving", at=AT)
    (tmp_path / "serving" / "classes-1.sqlite").unlink()
    assert not build(lake, tmp_path / "serving", at=AT).is_unchanged


def _build_until_killed(lake_root: Path, serving: Path) -> None:
    def stop(table: str, done: int, total: int) -> None:
        (serving / "reached").touch()
        time.sleep(60)

    build(Lake(lake_root), serving, at=AT, progress=stop)


def test_killing_a_build_leaves_the_old_store_serving_and_the_next_build_clean(lake, tmp_path):
    serving = tmp_path / "serving"
    build(lake, serving, at=AT)
    write(lake, [entity(3, "示例丙有限公司")])
    process = multiprocessing.get_context("spawn").Process(
        target=_build_until_killed, args=(lake.root, serving)
    )
    process.start()
    deadline = time.monotonic() + 20
    while not (serving / "reached").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(BuildRunning):
        build(lake, serving, at=AT)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    register = EntityRegister(serving)
    assert register.find(code(1)) is not None
    assert register.find(code(3)) is None
    assert build(lake, serving, at=AT).number == 2
    assert register.find(code(3)) is not None
    assert not list(serving.glob(".*building*"))


def test_a_reader_finishes_on_the_old_store_while_a_new_one_takes_over(lake, tmp_path):
    build(lake, tmp_path / "serving", at=AT)
    reading = EntityRegister(tmp_path / "serving").iterate()
    first = next(reading)
    for _ in range(3):
        build(lake, tmp_path / "serving", at=AT, is_forced=True)
    assert {first.name, *(record.name for record in reading)} == {"示例甲有限公司", "示例乙有限公司"}


def test_the_store_that_pages_read_does_not_contain_a_class(lake, tmp_path):
    write_class(lake, 1, code(1), "C", 612, rule_version="v-secret-rule", points_penalty=182, count_penalty=2)
    report = build(lake, tmp_path / "serving", at=AT)
    files = find_current(tmp_path / "serving")
    assert files is not None and report.class_count == 1
    assert b"v-secret-rule" not in files.entities.read_bytes()
    assert b"v-secret-rule" in files.classes.read_bytes()
    found = EntityRegister(tmp_path / "serving").credit_class(code(1))
    assert found is not None
    assert (found.class_code, found.score, found.reasons[0].points) == ("C", 612, 182)
    assert found.reasons[0].detail.zh == "36个月内2次，越近分值越高"
    assert EntityRegister(tmp_path / "serving").class_cut() == 720
    assert EntityRegister(tmp_path / "serving").credit_class(code(2)) is None


def test_delivered_facts_come_newest_first(lake, tmp_path):
    def fact(key: str, day: date) -> dict[str, object]:
        return {
            "fact_id": key, "uscc": code(1), "kind": "penalty.decided", "occurred_on": day,
            "recorded_at": datetime(2026, 11, 1, 9, tzinfo=UTC), "source": "tests", "source_key": key,
            "payload": '{"fine_yuan": "20000"}', "legal_basis": None, "public_until": date(2029, 5, 20),
            "is_synthetic": True,
        }  # fmt: skip

    rows = [fact("a", date(2025, 1, 1)), fact("b", date(2026, 5, 20))]
    lake.write("standard_supervision__facts", pa.Table.from_pylist(rows, schema=FACT))
    build(lake, tmp_path / "serving", at=AT)
    found = EntityRegister(tmp_path / "serving").delivered_facts(code(1))
    assert [one.fact_id for one in found] == ["b", "a"]
    assert found[0].payload == {"fine_yuan": "20000"}
    assert found[0].public_until == date(2029, 5, 20)
    assert found[0].recorded_at == datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_versions_come_newest_first_with_what_changed(lake, tmp_path):
    changed_at = datetime(2026, 10, 1, tzinfo=UTC)
    rows = [
        entity(2, "示例旧名有限公司")
        | {"valid_to": changed_at, "changed_fields": "[]", "change_reason": "交付一"},
        entity(2, "示例乙有限公司", version=2, valid_from=changed_at)
        | {"valid_to": None, "changed_fields": '["name"]', "change_reason": "交付二"},
    ]
    lake.write("entity_market_entities__history", pa.Table.from_pylist(rows, schema=HISTORY))
    build(lake, tmp_path / "serving", at=AT)
    register = EntityRegister(tmp_path / "serving")
    newest, oldest = register.versions(code(2))
    assert (newest.record.version, newest.changed_fields, newest.valid_to) == (2, ("name",), None)
    assert (oldest.record.name, oldest.valid_to) == ("示例旧名有限公司", changed_at)
    assert [one.record.version for one in register.versions(code(1))] == [1]
    assert register.versions(code(99)) == []


def test_the_report_of_the_store_in_use_can_be_asked_for(lake, tmp_path):
    assert find_report(tmp_path / "serving") is None
    report = build(lake, tmp_path / "serving", at=AT)
    assert find_report(tmp_path / "serving") == report


def test_progress_is_told_for_every_table(lake, tmp_path):
    told: list[tuple[str, int, int]] = []
    build(lake, tmp_path / "serving", at=AT, progress=lambda *step: told.append(step))
    assert ("entity_market_entities", 2, 2) in told
    assert told[-1] == ("index", 1, 1)


def test_a_served_store_cannot_be_written(tmp_path):
    register = register_of(tmp_path, [entity(1, "示例甲有限公司")])
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        register._store().entities.execute("delete from entities")


def test_a_fact_whose_synthetic_flag_is_not_its_subjects_is_left_out_and_counted(tmp_path):
    lake = Lake(tmp_path / "lake")
    write(lake, [entity(1, "真实有限公司", is_synthetic=False), entity(2, "示例乙有限公司")])
    rows = [
        {
            "fact_id": f"{number}-{flag}", "uscc": code(number), "kind": "penalty.decided",
            "occurred_on": date(2025, 1, 1), "recorded_at": AT, "source": "tests", "source_key": f"{number}-{flag}",
            "payload": "{}", "legal_basis": None, "public_until": None, "is_synthetic": flag,
        }
        for number in (1, 2, 3)  # 3 is not on the register
        for flag in (False, True)
    ]  # fmt: skip
    lake.write("standard_supervision__facts", pa.Table.from_pylist(rows, schema=FACT))
    report = build(lake, tmp_path / "serving", at=AT)
    register = EntityRegister(tmp_path / "serving")
    kept = [one.fact_id for number in (1, 2, 3) for one in register.delivered_facts(code(number))]
    assert kept == ["1-False", "2-True", "3-False"]
    assert (report.fact_count, report.facts_left_out) == (3, 3)

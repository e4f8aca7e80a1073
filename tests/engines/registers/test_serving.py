"""The serving store: built whole or not at all, and without what the public may not see."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import time
from datetime import UTC, date, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from tests.engines.registers.factory import (
    AT,
    ENTITY,
    FACT,
    HISTORY,
    code,
    entity,
    register_of,
    write,
    write_class,
)
from zhijian.datazone.lake import Lake, QueryMode
from zhijian.engines.registers import EntityFilters, EntityRegister, NothingServed, ServingError, build
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
    files = [path for path in (tmp_path / "serving").glob("*-1*/**/*") if path.is_file()]
    store = tmp_path / "serving" / "entities-1.sqlite"
    assert report.store_bytes == sum(path.stat().st_size for path in [*files, store])


def test_a_second_build_of_the_same_lake_changes_nothing_and_says_so(lake, tmp_path):
    first = build(lake, tmp_path / "serving", at=AT)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "serving").glob("*-*"))
    second = build(lake, tmp_path / "serving", at=AT)
    after = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "serving").glob("*-*"))
    assert second.is_unchanged and second.number == first.number
    assert before == after


def test_a_new_delivery_or_force_makes_a_new_store_and_one_old_one_stays(lake, tmp_path):
    build(lake, tmp_path / "serving", at=AT)
    write(lake, [entity(1, "示例甲有限公司")])
    assert build(lake, tmp_path / "serving", at=AT).number == 2
    assert build(lake, tmp_path / "serving", at=AT, is_forced=True).number == 3
    kept = {path.name for path in (tmp_path / "serving").glob("*-*")}
    parts = {f"{part}-{number}" for part in ("classes", "facts", "search") for number in (2, 3)}
    assert kept == parts | {"entities-2.sqlite", "entities-3.sqlite"}


def test_a_store_whose_file_was_lost_is_built_anew(lake, tmp_path):
    build(lake, tmp_path / "serving", at=AT)
    shutil.rmtree(tmp_path / "serving" / "classes-1")
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
    every = [path for path in (tmp_path / "serving").rglob("*") if path.is_file()]
    holding = {path for path in every if b"v-secret-rule" in path.read_bytes()}
    assert holding and all(path.is_relative_to(files.classes) for path in holding)
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
        register._store().entities.execute("delete from facts")


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


FEW = 40
TRADES = ("食品", "银行", "电子ABC", "化工")


def _patch(lake: Lake, rows: list[dict[str, object]], mode: QueryMode) -> None:
    table = pa.Table.from_pylist(rows, schema=ENTITY)
    with lake.transaction() as transaction:
        transaction.write_query(
            "entity_market_entities",
            ibis.duckdb.connect(),
            ibis.memtable(table),
            at=AT,
            mode=mode,
            key=("entity_id",),
        )


def _answers(register: EntityRegister) -> dict[str, object]:
    """What the register answers, page by page, to searches of every kind."""
    typed = (
        "示例",
        "示例甲",
        "银行",
        "slyh",
        "gs",
        "店",
        "44",
        code(3)[9:13],
        "大观",
        "河源",
        "河源 食品",
        "示例新字号",
        "",
    )
    found: dict[str, object] = {}
    for query in typed:
        names, cursor = [], None
        for _ in range(FEW):
            page = register.search(query, cursor=cursor, size=7)
            names += [(record.name, record.uscc) for record in page.records]
            cursor = page.next_cursor
            if cursor is None:
                break
        found[query] = (page.count, names)
    narrow = EntityFilters(prefecture_code="441600", registered_from_year=2020)
    found["filtered"] = [record.uscc for record in register.search("示例", narrow).records]
    found["counts"] = (
        register.counts_by_prefecture(),
        register.counts_by("registered_year"),
        register.count(narrow),
    )
    found["found"] = [register.find(code(number)) for number in range(FEW + 3)]
    return found


def test_a_night_of_changes_is_indexed_alone_and_answers_as_a_full_build_does(tmp_path):
    lake = Lake(tmp_path / "lake")
    _patch(
        lake,
        [entity(n, f"广州市示例{'甲乙丙丁'[n % 4]}{TRADES[n % 4]}店{n}") for n in range(1, FEW + 1)],
        "overwrite",
    )
    assert build(lake, tmp_path / "serving", at=AT).changed_count is None
    moved = {
        "prefecture_code": "441600",
        "county_code": None,
        "address": "河源市源城区1号",
        "registered_on": date(2024, 1, 1),
    }
    _patch(lake, [entity(3, "示例改名丁食品店", **moved), entity(FEW + 1, "示例新字号")], "patch")
    _patch(lake, [entity(3, "示例再改食品店", **moved), entity(5, "示例银行")], "patch")
    night = build(lake, tmp_path / "serving", at=AT)
    build(lake, tmp_path / "full", at=AT)
    assert (night.changed_count, night.base, night.number, night.entity_count) == (3, 1, 2, FEW + 1)
    by_night, by_full = (EntityRegister(tmp_path / folder) for folder in ("serving", "full"))
    assert _answers(by_night) == _answers(by_full)
    again = build(lake, tmp_path / "serving", at=AT)
    assert again.is_unchanged


def test_when_too_much_lies_over_the_full_index_the_next_build_is_full_again(tmp_path):
    lake = Lake(tmp_path / "lake")
    _patch(lake, [entity(n, f"示例第{n}号店") for n in range(1, 9)], "overwrite")
    build(lake, tmp_path / "serving", at=AT)
    _patch(lake, [entity(n, f"示例改第{n}号店") for n in (1, 2)], "patch")
    report = build(lake, tmp_path / "serving", at=AT)
    assert (report.changed_count, report.base, report.number) == (None, 2, 2)

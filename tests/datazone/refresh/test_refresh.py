"""A night's increment makes what a full refresh would make, and a refresh is whole or not there."""

import subprocess
import sys
import textwrap
from datetime import date, timedelta

import pytest

from tests.datazone.refresh.province import AS_OF, AT, code, deliver, entity, fact, first_delivery, next_day
from zhijian.datazone.lake import Lake
from zhijian.datazone.models import MODELS, Kind
from zhijian.datazone.refresh import LOG, NothingToRefresh, RefreshRunning, alone, refresh

STORED = [name for name, model in MODELS.items() if model.kind is not Kind.VIEW]


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def contents(lake):
    """Every table of the lake that a model makes, as sorted rows."""
    return {name: sorted(map(str, lake.read(name).to_pylist())) for name in STORED if lake.exists(name)}


def run(lake, **changes):
    return refresh(lake, **{"as_of": AS_OF, "at": AT, **changes})


@pytest.mark.parametrize("seed", [0, 1])
def test_two_nights_of_increments_equal_one_full_refresh(lake, seed):
    first_delivery(lake, seed)
    run(lake)
    for night in (1, 2):
        next_day(lake, 10 * seed + night, date(2026, 11, night))
        report = run(lake, at=AT + timedelta(days=night))
        assert report.mode == "increment"
        assert 0 < report.touched < 60
    by_increment = contents(lake)
    assert run(lake, full=True, at=AT + timedelta(days=5)).mode == "full"
    for name, rows in contents(lake).items():
        assert by_increment[name] == rows, name


def test_a_second_refresh_changes_nothing_and_says_so(lake):
    first_delivery(lake, 1)
    run(lake)
    before = lake.tables(), {name: lake.version(name) for name in lake.tables()}
    assert run(lake).mode == "unchanged"
    assert (lake.tables(), {name: lake.version(name) for name in lake.tables()}) == before


def test_a_row_that_breaks_a_rule_is_kept_apart_with_its_rule(lake):
    deliver(
        lake,
        [entity(1, _random(), date(2026, 10, 1)), entity(2, _random(), date(2026, 10, 1), name="")],
        [fact(1, "k1", _random(), date(2026, 10, 1), kind="no.such.kind")],
    )
    run(lake)
    assert [row["uscc"] for row in lake.read("entity_market_entities").to_pylist()] == [code(1)]
    assert [row["rule_id"] for row in lake.read("standard_registration__refusals").to_pylist()] == ["R-002"]
    assert [row["rule_id"] for row in lake.read("standard_supervision__refusals").to_pylist()] == ["F-002"]


def test_with_three_bad_rows_in_ten_the_others_come_through(lake):
    day = date(2026, 10, 1)
    good = [entity(number, _random(), day) for number in range(70)]
    bad = [entity(number, _random(), day, capital_yuan=-1) for number in range(100, 130)]
    deliver(lake, good + bad, [])
    run(lake)
    assert lake.count("entity_market_entities") == 70
    assert lake.count("standard_registration__refusals") == 30


def test_of_two_deliveries_of_one_code_the_newest_counts_whatever_their_order(lake):
    old, new = date(2026, 10, 1), date(2026, 10, 2)
    deliver(
        lake,
        [entity(1, _random(), new, address="新址"), entity(1, _random(), old, address="旧址")],
        [],
    )
    run(lake)
    assert lake.read("entity_market_entities")["address"].to_pylist() == ["新址"]


def test_two_sources_with_one_code_are_one_entity(lake):
    day = date(2026, 10, 1)
    deliver(
        lake,
        [entity(1, _random(), day, source="乙系统"), entity(1, _random(), day, source="甲系统")],
        [],
    )
    run(lake)
    assert lake.read("entity_market_entities")["source"].to_pylist() == ["乙系统"]


def test_a_repeated_key_of_a_source_is_one_fact(lake):
    day = date(2026, 10, 1)
    one = fact(1, "k1", _random(), day)
    deliver(lake, [entity(1, _random(), day)], [one, one])
    run(lake)
    assert lake.count("entity_facts") == 1


def test_one_decision_about_two_parties_is_two_facts(lake):
    day = date(2026, 10, 1)
    deliver(
        lake,
        [entity(1, _random(), day), entity(2, _random(), day)],
        [fact(1, "k1", _random(), day), fact(2, "k1", _random(), day)],
    )
    run(lake)
    assert lake.count("entity_facts") == 2


def test_a_fact_waits_until_its_code_is_registered(lake):
    day = date(2026, 10, 1)
    deliver(lake, [entity(1, _random(), day)], [fact(2, "k1", _random(), day)])
    assert run(lake).waiting_facts == 1
    deliver(lake, [entity(2, _random(), day)], [])
    report = run(lake, at=AT + timedelta(days=1))
    assert (report.mode, report.waiting_facts) == ("increment", 0)
    assert lake.count("entity_facts") == 1


def test_an_entity_keeps_its_key_over_every_refresh(lake):
    first_delivery(lake, 4)
    run(lake)
    before = {row["uscc"]: row["entity_id"] for row in lake.read("entity_identifiers").to_pylist()}
    next_day(lake, 7, date(2026, 11, 1))
    run(lake, at=AT + timedelta(days=1))
    run(lake, full=True, at=AT + timedelta(days=2))
    after = {row["uscc"]: row["entity_id"] for row in lake.read("entity_identifiers").to_pylist()}
    assert before.items() < after.items()
    assert len(set(after.values())) == len(after)


def test_another_month_is_built_anew_and_the_reason_is_told(lake):
    first_delivery(lake, 1)
    run(lake)
    report = run(lake, as_of=date(2026, 12, 31))
    assert (report.mode, report.why) == ("full", "the day of the rating moved from 2026-11-30")


def test_without_entities_it_says_what_to_run(lake):
    with pytest.raises(NothingToRefresh, match="zhijian build"):
        run(lake)


def test_of_two_refreshes_at_once_the_second_is_told_to_wait(lake):
    first_delivery(lake, 1)
    with alone(lake), pytest.raises(RefreshRunning, match="already at work"):
        run(lake)


KILLED = """
    import os, signal, sys
    from datetime import date, timedelta
    from pathlib import Path
    from tests.datazone.refresh.province import AS_OF, AT
    from zhijian.datazone.lake import Lake
    from zhijian.datazone.refresh import refresh

    def killed(table, share):
        if table == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)

    refresh(Lake(Path(sys.argv[1])), as_of=AS_OF, at=AT + timedelta(days=1), progress=killed)
"""


@pytest.mark.parametrize("stage", ["entity_facts", "publish"])
def test_killed_at_any_stage_the_tables_are_as_before_and_the_next_run_does_all(lake, stage):
    first_delivery(lake, 2)
    run(lake)
    before = contents(lake)
    next_day(lake, 3, date(2026, 11, 1))
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), lake.root, stage], check=False)
    assert killed.returncode == -9
    assert contents(lake) == before
    assert run(lake, at=AT + timedelta(days=2)).mode == "increment"
    by_increment = contents(lake)
    run(lake, full=True, at=AT + timedelta(days=3))
    assert contents(lake) == by_increment


def test_every_refresh_is_recorded(lake):
    first_delivery(lake, 1)
    run(lake)
    next_day(lake, 2, date(2026, 11, 1))
    run(lake, at=AT + timedelta(days=1))
    assert lake.read(LOG).sort_by("at")["mode"].to_pylist() == ["full", "increment"]


def _random():
    from random import Random

    return Random(0)

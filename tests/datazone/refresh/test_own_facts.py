"""What an officer records on the platform is in class, activity and counts after the next night, as if it had been delivered."""

import json
from datetime import date, timedelta

import pytest

from tests.datazone.refresh.province import AS_OF, AT, code, deliver, entity, fact, feed, own_fact
from zhijian.datazone.lake import Lake
from zhijian.datazone.refresh import refresh

DAY = date(2026, 11, 1)


@pytest.fixture
def lake(tmp_path):
    from random import Random

    lake, random = Lake(tmp_path / "lake"), Random(0)
    firms = [entity(number, random, date(2026, 10, 1), status_code="active") for number in range(1, 8)]
    reports = [
        fact(number, f"k{number}", random, date(2026, 10, 1), kind="annual_report.published", codes=None)
        for number in range(1, 8)
    ]
    check = fact(7, "check", random, date(2026, 10, 1), kind="inspection.result", codes="1")
    deliver(lake, firms, [*reports, {**check, "occurred_on": date(2026, 9, 1)}])
    refresh(lake, as_of=AS_OF, at=AT)
    return lake


def known_of(lake, number):
    """Points, activity and number of checks of one firm."""
    ids = {row["uscc"]: row["entity_id"] for row in lake.read("entity_identifiers").to_pylist()}
    score, activity = (
        next(row for row in lake.read(table).to_pylist() if row["entity_id"] == ids[code(number)])
        for table in ("mart_credit_score", "mart_activity")
    )
    return score, activity, sum(lake.read("theme_supervision__coverage")["check_count"].to_pylist())


def test_a_finding_counts_from_the_next_night_and_no_longer_once_it_is_withdrawn(lake):
    before = known_of(lake, 3)
    feed(lake, [own_fact(1, 3, DAY, payload='{"codes": ["6"]}'), own_fact(2, 99, DAY)])
    report = refresh(lake, as_of=AS_OF, at=AT + timedelta(days=1))
    assert report.mode == "increment"
    assert 0 < report.touched < 7
    score, activity, checks = known_of(lake, 3)
    assert score["score"] > before[0]["score"]
    assert activity["points_found_present"] > before[1]["points_found_present"]
    assert checks == before[2] + 1
    feed(lake, [own_fact(3, 3, DAY, supersedes_id="own-1", is_withdrawal=True)])
    refresh(lake, as_of=AS_OF, at=AT + timedelta(days=2))
    assert known_of(lake, 3) == before


def test_a_repair_and_a_removal_recorded_here_end_what_was_delivered_as_a_full_refresh_would_have_it(lake):
    from random import Random

    day, random = date(2026, 10, 2), Random(1)
    plain = {"occurred_on": date(2026, 3, 1), "recorded_on": day, "codes": None}
    penalty = fact(
        3, "p", random, day, kind="penalty.decided", **plain, amount_yuan=None, reference="示例罚1号"
    )
    listing = fact(
        4, "l", random, day, kind="abnormal_list.listed", **plain, amount_yuan=None, ground_code="unreachable"
    )
    clean = known_of(lake, 3)[0]["score"], known_of(lake, 4)[0]["score"]
    deliver(lake, [], [penalty, listing])
    refresh(lake, as_of=AS_OF, at=AT + timedelta(days=1))
    before = known_of(lake, 3)[0], known_of(lake, 4)[0]
    assert before[0]["score"] > clean[0] and before[1]["score"] > clean[1]
    ours = {"source": "credit_files"}
    feed(lake, [
        own_fact(1, 3, DAY, kind="penalty.repaired", payload='{"decision_no": "示例罚1号", "authority": "示例局"}', **ours),
        own_fact(2, 4, DAY, kind="abnormal_list.removed", payload='{"ground_code": "unreachable", "authority": "示例局"}', **ours),
    ])  # fmt: skip
    assert refresh(lake, as_of=AS_OF, at=AT + timedelta(days=2)).mode == "increment"
    after = known_of(lake, 3)[0], known_of(lake, 4)[0]
    assert after[0]["score"] < before[0]["score"] and after[1]["score"] < before[1]["score"]
    scores = sorted(map(str, lake.read("mart_credit_score").to_pylist()))
    refresh(lake, as_of=AS_OF, at=AT + timedelta(days=3), full=True)
    assert scores == sorted(map(str, lake.read("mart_credit_score").to_pylist()))


def test_a_filed_dormancy_makes_a_firm_dormant_by_filing_until_it_ends_as_a_full_refresh_would_have_it(lake):
    def state_of(number):
        return known_of(lake, number)[1]["state_code"]

    def days(last):
        told = {"filing_no": "Y-1", "dormant_from": "2026-10-01", "dormant_to": last, "cause_code": "nature"}
        return {
            "kind": "dormancy.filed",
            "source": "inclusive",
            "source_key": "Y-1",
            "payload": json.dumps(told),
        }

    def as_a_full_refresh(at):
        kept = sorted(map(str, lake.read("mart_activity").to_pylist()))
        refresh(lake, as_of=AS_OF, at=at, full=True)
        return kept == sorted(map(str, lake.read("mart_activity").to_pylist()))

    before = state_of(3)
    assert before != "filed"
    feed(lake, [own_fact(1, 3, DAY, **days("2027-09-30") | {"occurred_on": date(2026, 10, 1)})])
    report = refresh(lake, as_of=AS_OF, at=AT + timedelta(days=1))
    assert report.mode == "increment" and 0 < report.touched < 7
    assert state_of(3) == "filed"
    assert "filed" in lake.read("mart_activity_summary")["state_code"].to_pylist()
    assert as_a_full_refresh(AT + timedelta(days=2))
    resumed = days("2026-10-15") | {"occurred_on": date(2026, 10, 1), "supersedes_id": "own-1"}
    feed(lake, [own_fact(2, 3, DAY, **resumed)])
    assert refresh(lake, as_of=AS_OF, at=AT + timedelta(days=3)).mode == "increment"
    assert state_of(3) == before
    assert "filed" not in lake.read("mart_activity_summary")["state_code"].to_pylist()
    assert as_a_full_refresh(AT + timedelta(days=4))


def test_a_delivered_fact_that_was_withdrawn_or_corrected_since_counts_no_more_as_a_full_refresh_would_have_it(
    lake,
):
    from random import Random

    day, random = date(2026, 10, 2), Random(1)
    plain = {"occurred_on": date(2026, 3, 1), "recorded_on": day, "codes": None, "kind": "penalty.decided"}
    clean = [known_of(lake, number)[0]["score"] for number in (3, 4, 5)]
    keys = {3: "p", 4: "q", 5: "r"}
    deliver(lake, [], [fact(number, key, random, day, **plain) for number, key in keys.items()])
    refresh(lake, as_of=AS_OF, at=AT + timedelta(days=1))
    before = [known_of(lake, number)[0]["score"] for number in keys]
    assert all(score > first for score, first in zip(before, clean, strict=True))
    given = {"source": "示例业务系统", "kind": "penalty.decided", "payload": '{"fine_yuan": "1000"}'}
    feed(lake, [  # the log holds what was delivered, and what became of it since
        *(own_fact(number, number, DAY, source_key=key, **given) for number, key in keys.items()),
        own_fact(13, 3, DAY, source_key="p", supersedes_id="own-3", is_withdrawal=True, **given),
        own_fact(14, 4, DAY, source_key="q", supersedes_id="own-4", **given | {"kind": "inspection.result", "payload": '{"codes": ["1"]}'}),
    ])  # fmt: skip
    assert refresh(lake, as_of=AS_OF, at=AT + timedelta(days=2)).mode == "increment"
    after = [known_of(lake, number)[0]["score"] for number in keys]
    assert after[0] == clean[0] and after[1] < before[1] and after[2] > clean[2]
    scores = sorted(map(str, lake.read("mart_credit_score").to_pylist()))
    refresh(lake, as_of=AS_OF, at=AT + timedelta(days=3), full=True)
    assert sorted(map(str, lake.read("mart_credit_score").to_pylist())) == scores

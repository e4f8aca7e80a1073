"""The back-test of the credit class: what was known on a day, what came after, and whether the order of classes holds."""

from datetime import date

import ibis
import pyarrow as pa
import pytest

from tests.datazone.mart.engines import FACT
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.credit_judging import (
    as_json,
    facts_on,
    judge_classes,
    register_on,
    verdict_of,
    violations_after,
)
from zhijian.standards import parameters

ORIGIN = date(2024, 12, 31)
REGISTER = pa.schema(
    {
        "entity_id": pa.int64(), "uscc": pa.string(), "registered_on": pa.date32(), "ended_on": pa.date32(),
        "status_code": pa.string(), "industry_code": pa.string(), "entity_kind_code": pa.string(),
        "employees": pa.int32(), "representative_id": pa.string(),
    }
)  # fmt: skip
TRUTH = pa.schema({"uscc": pa.string(), "violations_next_12_months": pa.int32()})


def cell(class_code, entities, violating, **more):
    row = {
        "class_code": class_code,
        "is_insufficient": False,
        "age": "5-10",
        "size": "0-4",
        "kind": "enterprise",
    }
    return {**row, "entities": entities, "violating": violating, **more}


def verdict(*cells):
    return verdict_of(cells, origin=ORIGIN, outcome="truth")


def entity(number, **more):
    row = {
        "entity_id": number,
        "uscc": f"U{number}",
        "registered_on": date(2020, 1, 1),
        "status_code": "active",
    }
    return {**dict.fromkeys(REGISTER.names), **row, "entity_kind_code": "enterprise", "employees": 3, **more}


def fact(of, kind, occurred_on, recorded_on=None, **more):
    row = {
        "entity_id": of,
        "kind": kind,
        "occurred_on": occurred_on,
        "recorded_on": recorded_on or occurred_on,
    }
    return {**dict.fromkeys(FACT.names), **row, "source": "s", **more}


def table(rows, schema):
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def ids(expression):
    return sorted(expression.to_pyarrow()["entity_id"].to_pylist())


# --- the figures ---


def test_b_for_want_of_data_is_shown_apart_and_counts_in_class_b_all_the_same():
    found = verdict(cell("B", 100, 5), cell("B", 50, 10, is_insufficient=True))
    assert (found.groups["B"].violating, found.groups["B_insufficient"].violating) == (5, 10)
    assert (found.classes["B"].entities, found.classes["B"].violating) == (150, 15)


def test_lift_is_the_rate_over_that_of_all():
    found = verdict(cell("A", 900, 27), cell("D", 100, 73))
    assert found.overall.rate == pytest.approx(0.1)
    assert found.groups["D"].lift == pytest.approx(7.3)


def test_within_a_band_lift_is_measured_against_the_band():
    found = verdict(cell("A", 100, 2, size="20+"), cell("C", 100, 6, size="20+"), cell("C", 100, 90))
    assert found.slices["size"]["20+"]["C"].lift == pytest.approx(1.5)


def test_a_worse_class_that_violates_less_breaks_the_order():
    assert verdict(cell("A", 1000, 60), cell("B", 1000, 100), cell("D", 100, 30)).is_rising
    assert not verdict(cell("A", 1000, 60), cell("B", 1000, 100), cell("C", 1000, 90)).is_rising


def test_neighbours_are_apart_only_if_their_intervals_do_not_meet():
    found = verdict(cell("A", 10_000, 500), cell("B", 10_000, 1000), cell("C", 20, 3))
    assert found.apart == ("A<B",)


def test_a_class_that_nobody_has_is_left_out_of_the_order_and_has_no_certainty():
    found = verdict(cell("A", 100, 2), cell("D", 100, 20))
    assert found.is_rising
    assert (found.groups["C"].low, found.groups["C"].high) == (0.0, 1.0)


# --- what was known on the day ---


def test_who_left_later_was_active_and_who_had_left_or_was_not_yet_there_is_not_rated():
    rows = [
        entity(1),
        entity(2, ended_on=date(2025, 3, 1), status_code="revoked"),
        entity(3, ended_on=date(2024, 3, 1), status_code="revoked"),
        entity(4, status_code="deregistered"),
        entity(5, registered_on=date(2025, 1, 1)),
    ]
    found = register_on(table(rows, REGISTER), origin=ORIGIN)
    assert ids(found) == [1, 2]
    assert set(found.to_pyarrow()["status_code"].to_pylist()) == {"active"}


def test_a_fact_that_was_recorded_after_the_day_was_not_known_though_it_had_happened():
    rows = [
        fact(1, "penalty.decided", ORIGIN, recorded_on=date(2025, 1, 2)),
        fact(2, "penalty.decided", ORIGIN),
    ]
    assert ids(facts_on(table(rows, FACT), origin=ORIGIN)) == [2]


def test_a_violation_after_is_a_decision_or_a_finding_within_twelve_months():
    after = date(2025, 6, 1)
    rows = [
        fact(1, "penalty.decided", after),
        fact(2, "inspection.result", after, codes="1,9"),
        fact(3, "inspection.result", after, codes="5"),  # not reachable
        fact(4, "sampling.result", after, codes="pass"),
        fact(5, "penalty.decided", ORIGIN),
        fact(6, "penalty.decided", date(2026, 1, 1)),
        fact(7, "abnormal_list.listed", after),
    ]
    assert ids(violations_after(table(rows, FACT), origin=ORIGIN)) == [1, 2]


# --- a lake ---


@pytest.fixture
def lake(tmp_path):
    """Ten firms with a clean record, one penalised on the day itself, one newcomer without a record."""
    lake = Lake(tmp_path)
    clean = [fact(n, "annual_report.published", date(2024, 3, 1)) for n in range(10)]
    penalised = [fact(10, "penalty.decided", ORIGIN, reference=str(n), source_key=str(n)) for n in range(3)]
    found = [fact(10, "penalty.decided", date(2025, 5, 5), reference="9", source_key="9")]
    with lake.transaction() as transaction:
        rows = [entity(n) for n in range(11)] + [entity(11, registered_on=date(2024, 6, 3))]
        transaction.write("entity_market_entities", pa.Table.from_pylist(rows, schema=REGISTER))
        transaction.write("entity_facts", pa.Table.from_pylist([*clean, *penalised, *found], schema=FACT))
        truth = [{"uscc": "U0", "violations_next_12_months": 2}]
        transaction.write("raw_synthesis__truth", pa.Table.from_pylist(truth, schema=TRUTH))
    return lake


def test_a_lake_is_rated_as_of_the_day_and_judged_by_the_year_after(lake):
    weights = parameters.load("supervision/credit_class").on(date(2026, 12, 1))
    found = judge_classes(lake, origin=ORIGIN, weights=weights)
    assert found.outcome == "recorded"
    assert (found.overall.entities, found.overall.violating) == (12, 1)
    assert found.classes["C"].violating == 1  # the quota of D has no place among twelve
    assert found.groups["B_insufficient"].entities == 1
    told = as_json(found)
    assert told["origin"] == "2024-12-31"
    assert told["slices"]["age"]["0-2"]["B"]["entities"] == 1


def test_the_truth_judges_by_violations_that_nobody_saw(lake):
    weights = parameters.load("supervision/credit_class").on(date(2026, 12, 1))
    found = judge_classes(lake, origin=ORIGIN, weights=weights, with_truth=True)
    assert {code: found.classes[code].violating for code in "ABCD"} == {"A": 0, "B": 1, "C": 0, "D": 0}

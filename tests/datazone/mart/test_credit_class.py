"""The class of 国市监信发〔2022〕6号: an internal aid for allocating inspections, with its reasons."""

import json
import math
from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.datazone.mart.credit_class import DAYS_A_MONTH, mart_credit_class
from zhijian.standards import parameters

MONTH_END = date(2026, 10, 31)
WEIGHTS = parameters.load("supervision/credit_class").on(MONTH_END)
ENTITY = {"entity_id": 1, "uscc": "U1", "registered_on": date(2020, 1, 1), "industry_code": "7020"}
ENTITY_SCHEMA = pa.schema(
    [
        ("entity_id", pa.int64()),
        ("uscc", pa.string()),
        ("registered_on", pa.date32()),
        ("industry_code", pa.string()),
    ]
)
FACT_SCHEMA = pa.schema(
    [("uscc", pa.string()), ("kind", pa.string()), ("occurred_on", pa.date32()), ("payload", pa.string())]
)
DUCKDB = ibis.duckdb.connect()


def classify(entities, facts, weights=WEIGHTS):
    """Rate small tables on DuckDB and return the rows by code, reasons decoded."""
    DUCKDB.con.register("entities", pa.Table.from_pylist(entities, ENTITY_SCHEMA))
    DUCKDB.con.register("facts", pa.Table.from_pylist(facts, FACT_SCHEMA))
    result = mart_credit_class(
        DUCKDB.table("entities"), DUCKDB.table("facts"), month_end=MONTH_END, weights=weights
    )
    return {r["uscc"]: {**r, "reasons": json.loads(r["reasons"])} for r in result.to_pyarrow().to_pylist()}


def fact(kind, occurred_on, uscc="U1", **payload):
    return {
        "uscc": uscc,
        "kind": kind,
        "occurred_on": occurred_on,
        "payload": json.dumps(payload, ensure_ascii=False),
    }


def test_a_new_entity_without_history_is_b_because_data_are_insufficient():
    row = classify([ENTITY], [fact("registration.established", date(2020, 1, 1))])["U1"]
    assert (row["class_code"], row["is_insufficient"]) == ("B", True)
    assert [r["feature"] for r in row["reasons"]] == ["insufficient"]


def test_an_open_serious_listing_is_d_whatever_the_score():
    row = classify([ENTITY], [fact("serious_list.listed", date(2026, 3, 10))])["U1"]
    assert row["class_code"] == "D"
    assert row["reasons"][0]["feature"] == "serious"


def test_a_serious_listing_that_was_removed_no_longer_forces_d():
    facts = [
        fact("serious_list.listed", date(2023, 3, 10), decision_no="1号"),
        fact("serious_list.removed", date(2026, 3, 10), decision_no="1号"),
    ]
    assert classify([ENTITY], facts)["U1"]["class_code"] != "D"


def test_a_clean_record_is_a():
    facts = [
        fact("annual_report.published", date(2026, 3, 2)),
        fact("inspection.result", date(2026, 5, 6), codes=["1"]),
    ]
    row = classify([ENTITY], facts)["U1"]
    assert (row["class_code"], row["score"]) == ("A", 360 - 20 - 60)


def test_an_inspection_with_several_codes_is_a_problem_if_any_code_is():
    row = classify([ENTITY], [fact("inspection.result", MONTH_END, codes=["1", "6"])])["U1"]
    assert row["score"] == 360 + 90


def test_code_eight_and_status_outcomes_are_neither_problem_nor_clean():
    assert classify([ENTITY], [fact("inspection.result", MONTH_END, codes=["8"])])["U1"]["score"] == 360


def test_a_fact_after_the_month_does_not_count():
    row = classify([ENTITY], [fact("penalty.decided", date(2026, 11, 1), fine_yuan="100")])["U1"]
    assert row["is_insufficient"]


def test_an_abnormal_listing_counts_until_its_own_ground_is_removed():
    listed = [
        fact("abnormal_list.listed", date(2024, 7, 12), ground_code="annual_report"),
        fact("abnormal_list.listed", date(2024, 9, 1), ground_code="unreachable"),
    ]
    removed = [fact("abnormal_list.removed", date(2025, 9, 30), ground_code="unreachable")]
    row = classify([ENTITY], listed + removed)["U1"]
    assert row["score"] == 360 + 200
    assert next(r for r in row["reasons"] if r["feature"] == "abnormal_open")["detail_zh"] == "现有1项未移出"


def test_the_removal_of_another_decision_does_not_take_a_firm_out_of_d():
    facts = [
        fact("serious_list.listed", date(2026, 3, 10), decision_no="1号"),
        fact("serious_list.removed", date(2026, 4, 1), decision_no="2号"),
    ]
    assert classify([ENTITY], facts)["U1"]["class_code"] == "D"


def test_a_fact_that_says_nothing_of_conduct_is_no_record():
    row = classify([ENTITY], [fact("inspection.dispatched", date(2026, 10, 1))])["U1"]
    assert row["is_insufficient"]


def test_a_large_fine_weighs_more_than_a_small_one():
    small = classify([ENTITY], [fact("penalty.decided", MONTH_END, fine_yuan="3000")])["U1"]["score"]
    large = classify([ENTITY], [fact("penalty.decided", MONTH_END, fine_yuan="200000")])["U1"]["score"]
    assert (small, large) == (360 + 140, 360 + 140 + 70)


def test_the_share_of_d_is_held_under_its_quota_and_the_overflow_says_so():
    entities = [{**ENTITY, "entity_id": n, "uscc": f"U{n}"} for n in range(40)]
    facts = [fact("penalty.decided", MONTH_END, uscc=f"U{n}", fine_yuan="200000") for n in range(10)] * 3
    rows = classify(entities, facts)
    d = [r for r in rows.values() if r["class_code"] == "D"]
    assert len(d) == 40 * WEIGHTS["highest_d_share_percent"] // 100
    held = [r for r in rows.values() if any(x["feature"] == "quota" for x in r["reasons"])]
    assert {r["class_code"] for r in held} == {"C"}
    assert len(held) == 8


def test_every_reason_is_told_in_both_languages_with_its_points():
    facts = [fact("complaint.upheld", date(2026, 9, 1)), fact("complaint.upheld", date(2026, 9, 2))]
    reasons = classify([{**ENTITY, "industry_code": "5121"}], facts)["U1"]["reasons"]
    told = {r["feature"]: r for r in reasons}
    assert told["complaint"]["points"] == 54
    assert told["complaint"]["detail_zh"] == "12个月内2件"
    assert told["complaint"]["detail_en"] == "2 in 12 months"
    assert told["industry"]["points"] == 60


KINDS = ["penalty.decided", "complaint.upheld", "annual_report.published", "abnormal_list.listed"]
DAYS = st.dates(date(2022, 1, 1), date(2026, 12, 31))
FACTS = st.lists(
    st.tuples(st.sampled_from(KINDS), DAYS, st.sampled_from(["", "100", "50000", "999999.5"])), max_size=8
)


def twin_score(registered_on, industry_code, facts):
    """The same score, slow and obvious."""
    known = [f for f in facts if f[1] <= MONTH_END]
    if not known:
        return WEIGHTS["base_points"]
    start = MONTH_END - timedelta(days=round(36 * DAYS_A_MONTH))
    year = MONTH_END - timedelta(days=365)
    score = WEIGHTS["base_points"]
    decayed = 0.0
    for kind, day, fine in known:
        if kind == "penalty.decided" and day > start:
            points = 140 + (70 if fine and float(fine) >= 50000 else 0)
            decayed += points * 0.5 ** ((MONTH_END - day).days / DAYS_A_MONTH / 12)
    score += min(420, round(decayed))
    score += 200 if any(kind == "abnormal_list.listed" for kind, _, _ in known) else 0
    score += min(162, 27 * sum(kind == "complaint.upheld" and day > year for kind, day, _ in known))
    score += max(-60, -20 * sum(kind == "annual_report.published" and day > start for kind, day, _ in known))
    score += 60 if industry_code[:2] in {"13", "14", "15", "62"} or industry_code[:3] in {"512", "522"} else 0
    years = (MONTH_END - registered_on).days / 365.25
    score += 40 if years < 3 else -20 if years >= 10 else 0
    return max(0, min(1000, score))


@settings(max_examples=25, deadline=None)
@given(
    registered_on=st.dates(date(1990, 1, 1), MONTH_END),
    code=st.sampled_from(["5121", "1310", "7020"]),
    facts=FACTS,
)
def test_the_model_agrees_with_its_slow_twin(registered_on, code, facts):
    rows = [fact(kind, day, fine_yuan=fine) for kind, day, fine in facts]
    entity = {**ENTITY, "registered_on": registered_on, "industry_code": code}
    score = classify([entity], rows)["U1"]["score"]
    assert math.isclose(score, twin_score(registered_on, code, facts), abs_tol=1)


@pytest.mark.parametrize("class_code", ["A", "B", "C", "D"])
def test_the_bands_leave_no_gap(class_code):
    bands = {"A": 0, **WEIGHTS["bands"]}
    assert sorted(bands.values()) == list(bands.values())
    assert class_code in bands

"""The class of 国市监信发〔2022〕6号: an internal aid for allocating inspections, with its reasons."""

import copy
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datazone.mart.engines import ENTITY as ENTITY_SCHEMA
from tests.datazone.mart.engines import FACT as FACT_SCHEMA
from tests.datazone.mart.engines import DuckDB
from zhijian.datazone.mart.credit_class import (
    credit_histogram,
    cut_of,
    mart_credit_class,
    mart_credit_class_cut,
    touched_by_cut,
)
from zhijian.datazone.mart.credit_reasons import reasons_of
from zhijian.datazone.mart.credit_score import mart_credit_related, mart_credit_score, touched_by
from zhijian.datazone.mart.indicator_tree import BadTree, tree_of
from zhijian.datazone.mart.vocabulary import late_feeds
from zhijian.standards import parameters

MONTH_END = date(2026, 10, 31)
WEIGHTS = parameters.load("supervision/credit_class").on(MONTH_END)
TREE = tree_of(WEIGHTS)
BASE = WEIGHTS["base_points"]
ENTITY = {
    "entity_id": 1, "uscc": "U1", "registered_on": date(2020, 1, 1), "industry_code": "7020",
    "status_code": "active",
}  # fmt: skip
ENGINE = DuckDB()


def fact(kind, occurred_on, of=1, **more):
    amount = more.pop("fine", None)
    row = {"entity_id": of, "kind": kind, "occurred_on": occurred_on, "recorded_on": occurred_on, **more}
    return {**dict.fromkeys(FACT_SCHEMA.names), **row, "amount_yuan": amount and Decimal(amount)}


def score_rows(entities, facts, late=None, engine=ENGINE):
    """The rows of `mart_credit_score`, the relations made first, by entity."""
    register = engine.table("register", entities, ENTITY_SCHEMA)
    known = engine.table("facts", facts, FACT_SCHEMA)

    def related():
        return mart_credit_related(register, known, as_of=MONTH_END, weights=WEIGHTS)

    kept = engine.keep("related", related)

    def score():
        return mart_credit_score(register, known, kept, as_of=MONTH_END, weights=WEIGHTS, late_feeds=late)

    return {row["entity_id"]: row for row in engine.rows_again(f"score {late}", score)}


def classes_of(score, engine=ENGINE):
    """The rows of `mart_credit_class` from kept scores, by entity."""
    kept = engine.table("score", list(score.values()), _schema(score))
    cut = mart_credit_class_cut(kept, weights=WEIGHTS)
    classes = mart_credit_class(kept, cut, weights=WEIGHTS)
    return {row["entity_id"]: row for row in engine.rows(classes)}


def _schema(score):
    kinds = {bool: pa.bool_(), str: pa.string(), int: pa.int16()}
    first = next(iter(score.values()))
    return pa.schema({k: pa.int64() if k == "entity_id" else kinds[type(v)] for k, v in first.items()})


def rated(facts, entity=ENTITY, late=None):
    """Score, class and reasons of one entity in one row."""
    score = score_rows([entity], facts, late)
    row = {**score[1], **classes_of(score)[1]}
    return {**row, "reasons": reasons_of(row, WEIGHTS)}


# --- the rules of the class ---


def test_a_new_entity_without_history_is_b_and_not_a_because_data_are_insufficient():
    row = rated([fact("registration.changed", date(2026, 1, 1))])
    assert (row["class_code"], row["is_insufficient"], row["score"]) == ("B", True, BASE)
    assert [reason.indicator_id for reason in row["reasons"]] == ["insufficient"]


def test_an_open_serious_listing_is_d_whatever_the_score_and_the_quota():
    row = rated([fact("serious_list.listed", date(2026, 3, 10), reference="1号")])
    assert (row["class_code"], row["reasons"][0].indicator_id) == ("D", "serious_open")
    assert row["reasons"][0].detail_zh.endswith("直接归入D类")


def test_a_serious_listing_that_was_removed_no_longer_forces_d():
    facts = [
        fact("serious_list.listed", date(2023, 3, 10), reference="1号"),
        fact("serious_list.removed", date(2026, 3, 10), reference="1号"),
    ]
    assert rated(facts)["class_code"] != "D"


def test_the_removal_of_another_decision_does_not_take_a_firm_out_of_d():
    facts = [
        fact("serious_list.listed", date(2026, 3, 10), reference="1号"),
        fact("serious_list.removed", date(2026, 4, 1), reference="2号"),
    ]
    assert rated(facts)["class_code"] == "D"


def test_an_abnormal_listing_counts_until_its_own_ground_is_removed():
    facts = [
        fact("abnormal_list.listed", date(2024, 7, 12), ground_code="annual_report"),
        fact("abnormal_list.listed", date(2024, 9, 1), ground_code="unreachable"),
        fact("abnormal_list.removed", date(2025, 9, 30), ground_code="unreachable"),
    ]
    row = rated(facts)
    assert row["score"] == BASE + 90
    assert row["reasons"][0].detail_zh == "现有1项未移出"


def test_a_clean_record_is_a():
    facts = [
        fact("annual_report.published", date(2026, 3, 2)),
        fact("inspection.result", date(2026, 5, 6), codes="1"),
    ]
    row = rated(facts)
    assert (row["class_code"], row["score"]) == ("A", BASE - 20 - 60)


def test_an_inspection_with_several_codes_is_a_problem_if_any_code_is():
    row = rated([fact("inspection.result", MONTH_END, codes="1,6")])
    assert (row["points_inspection_problem"], row["points_inspection_clean"]) == (90, 0)


def test_code_eight_is_neither_problem_nor_clean_and_eighteen_is_not_eight_nor_one():
    assert rated([fact("inspection.result", MONTH_END, codes="8")])["score"] == BASE
    assert rated([fact("inspection.result", MONTH_END, codes="16")])["score"] == BASE


def test_a_fact_after_the_month_does_not_count():
    assert rated([fact("penalty.decided", date(2026, 11, 1), fine="100")])["is_insufficient"]


def test_a_report_after_the_thirtieth_of_june_is_late():
    last_day, late = date(2026, 6, 30), date(2026, 7, 1)
    assert rated([fact("annual_report.published", last_day)])["score"] == BASE - 20
    assert rated([fact("annual_report.published", late)])["score"] == BASE + 15


def test_a_large_fine_weighs_more_than_a_small_one():
    small = rated([fact("penalty.decided", MONTH_END, fine="3000", reference="1")])
    large = rated([fact("penalty.decided", MONTH_END, fine="50000", reference="1")])
    assert (small["score"], large["score"]) == (BASE + 140, BASE + 140 + 70 + 5)


def test_a_repaired_penalty_is_no_longer_used():
    """《信用修复管理办法》（2026年）第三条: repair ends publication, sharing and use."""
    facts = [
        fact("penalty.decided", date(2026, 1, 5), fine="60000", reference="1"),
        fact("penalty.repaired", date(2026, 9, 5), reference="1"),
    ]
    assert rated(facts)["score"] == BASE


def test_a_penalty_halves_with_each_year_and_is_forgotten_after_three():
    points = [
        rated(
            [fact("penalty.decided", day, reference="1"), fact("annual_report.published", date(2020, 3, 1))]
        )
        for day in (date(2026, 10, 31), date(2025, 10, 30), date(2023, 11, 1), date(2023, 10, 31))
    ]
    assert [row["points_penalty"] for row in points] == [140, 70, 18, 0]


def test_one_decision_that_two_sources_delivered_counts_once():
    facts = [fact("penalty.decided", MONTH_END, reference="1", source=name) for name in ("a", "b")]
    assert rated(facts)["count_penalty"] == 1


# --- edge cases of the domain ---


def test_what_the_firm_itself_lawfully_complains_of_never_counts():
    complaining = [fact("complaint.filed", date(2026, 10, day)) for day in range(1, 20)]
    assert rated(complaining)["is_insufficient"]
    record = [fact("annual_report.published", date(2026, 3, 2))]
    assert rated(record + complaining)["score"] == rated(record)["score"]


@pytest.mark.parametrize(
    "change",
    [
        {"formula": "count", "what": {"kinds": ["complaint.filed"]}, "window_months": 12},
        {"formula": "listed", "column": "representative_sex", "codes": ["f"]},
        {"formula": "guess"},
        {"formula": "count", "what": {"kinds": ["inspection.result"]}, "weight": -10},
    ],
)
def test_a_tree_with_a_forbidden_or_unknown_word_is_refused(change):
    weights = copy.deepcopy(WEIGHTS)
    weights["dimensions"][0]["groups"][0]["indicators"][0] = {
        "id": "x", "zh": "x", "en": "x", "weight": 10, "cap": 10, "missing": "zero", **change,
    }  # fmt: skip
    with pytest.raises(BadTree, match="'x'"):
        tree_of(weights)


def test_a_feed_that_failed_worsens_nobody():
    inspected = [fact("inspection.result", date(2025, 8, 6), codes="1")]
    newest = {"inspection.result": date(2025, 8, 20)}
    late = late_feeds(newest, as_of=MONTH_END, late_after_days=WEIGHTS["late_after_days"])
    assert late == newest
    assert rated(inspected)["score"] == BASE
    assert rated(inspected, late=late)["score"] == BASE - 60


def test_a_feed_within_its_tolerance_or_never_delivered_is_not_late():
    newest = {"inspection.result": date(2026, 7, 31)}
    assert late_feeds(newest, as_of=MONTH_END, late_after_days=WEIGHTS["late_after_days"]) == {}


def test_an_a_class_firm_that_gets_a_complaint_keeps_its_frozen_class_until_the_next_month():
    """E18: the complaint allows an inspection, outside the quota of the draw; the month's class stands."""
    record = [
        fact("annual_report.published", date(2026, 3, 2)),
        fact("inspection.result", date(2026, 5, 6), codes="1"),
    ]
    complaint = fact("complaint.upheld", date(2026, 11, 3))
    assert rated([*record, complaint])["class_code"] == rated(record)["class_code"] == "A"


def test_the_age_of_a_firm_is_in_whole_years():
    young = {**ENTITY, "registered_on": date(2023, 11, 1)}
    three = {**ENTITY, "registered_on": date(2023, 10, 31)}
    record = [fact("sampling.result", MONTH_END, codes="none")]
    assert rated(record, young)["points_age_young"] == 40
    assert rated(record, three)["points_age_young"] == 0


# --- the quota of class D ---


def scores(*values, serious=0):
    rows = [
        {"entity_id": n, "uscc": f"U{n}", "score": value, "is_serious": n < serious, "is_insufficient": False, "snapshot_month": "2026-10"}
        for n, value in enumerate(values)
    ]  # fmt: skip
    return {row["entity_id"]: row for row in rows}


def test_the_share_of_d_is_held_under_its_quota_and_the_overflow_says_so():
    rows = classes_of(scores(*[300] * 95, 900, 880, 860, 840, 820, 800))
    assert [row["score"] for row in rows.values() if row["class_code"] == "D"] == [900, 880, 860, 840, 820]
    [held] = [row for row in rows.values() if row["is_held_back"]]
    assert (held["class_code"], held["score"]) == ("C", 800)
    assert reasons_of({**held, "is_serious": False}, WEIGHTS)[0].indicator_id == "quota"


def test_equal_scores_are_treated_alike_even_if_that_leaves_room_in_the_quota():
    rows = classes_of(scores(*[300] * 94, 900, 880, 860, 840, 800, 800))
    assert [row["score"] for row in rows.values() if row["class_code"] == "D"] == [900, 880, 860, 840]


def test_forced_entries_take_their_places_in_the_quota_first():
    rows = classes_of(scores(*[300] * 97, 900, 880, 860, serious=4))
    assert sorted(row["score"] for row in rows.values() if row["class_code"] == "D") == [300] * 4 + [900]


def test_a_night_that_changes_some_scores_has_the_cut_and_classes_of_a_full_run():
    before = scores(*[300] * 95, 900, 880, 860, 840, 820)
    after = {**before, 0: {**before[0], "score": 910}, 96: {**before[96], "score": 400}}
    kept = ENGINE.table("score", list(before.values()), _schema(before))
    counted = {tuple(list(r.values())[:3]): r["entity_count"] for r in ENGINE.rows(credit_histogram(kept))}
    for number in (0, 96):
        counted[(before[number]["score"], False, False)] -= 1
        key = (after[number]["score"], False, False)
        counted[key] = counted.get(key, 0) + 1
    rows = [
        {"score": s, "is_serious": a, "is_insufficient": b, "entity_count": n}
        for (s, a, b), n in counted.items()
    ]
    schema = pa.schema(
        {
            "score": pa.int16(),
            "is_serious": pa.bool_(),
            "is_insufficient": pa.bool_(),
            "entity_count": pa.int64(),
        }
    )
    patched = ENGINE.rows(cut_of(ENGINE.table("histogram", rows, schema), weights=WEIGHTS))
    full = ENGINE.table("score_after", list(after.values()), _schema(after))
    assert patched == ENGINE.rows(mart_credit_class_cut(full, weights=WEIGHTS))
    old, new = classes_of(before), classes_of(after)
    moved = {n for n in new if new[n] != old[n]} - {0, 96}
    touched = touched_by_cut(full, 820, patched[0]["cut_score"])
    assert moved <= {row["entity_id"] for row in ENGINE.rows(touched)} | {0, 96}


# --- relations ---


def people(*representatives):
    return [
        {**ENTITY, "entity_id": n, "uscc": f"U{n}", "representative_id": name}
        for n, name in enumerate(representatives)
    ]


def test_what_other_entities_of_the_same_representative_did_counts_but_not_what_it_did_itself():
    facts = [fact("serious_list.listed", date(2026, 3, 1), of=0, reference="1")]
    facts += [fact("annual_report.published", date(2026, 3, 1), of=n) for n in (0, 1, 2)]
    rows = score_rows(people("P", "P", "Q"), facts)
    assert [rows[n]["points_related_serious"] for n in (0, 1, 2)] == [0, 80, 0]


def test_entities_without_a_representative_are_related_to_nobody():
    facts = [fact("serious_list.listed", date(2026, 3, 1), of=0, reference="1")]
    assert score_rows(people(None, None), facts)[1]["points_related_serious"] == 0


def test_a_change_touches_all_that_share_a_representative_now_or_before_and_nobody_else():
    now = ENGINE.table("register_now", people("P", "P", "Q", "R", None), ENTITY_SCHEMA)
    before = ENGINE.table("register_before", people("Q", "P", "Q", "R", None), ENTITY_SCHEMA)
    changed = ENGINE.table("changed", [{"entity_id": 0}], pa.schema({"entity_id": pa.int64()}))
    touched = {row["entity_id"] for row in ENGINE.rows(touched_by(changed, now, before))}
    assert touched == {0, 1, 2}


# --- the twin ---

KINDS = [
    "penalty.decided", "penalty.repaired", "complaint.upheld", "annual_report.published", "abnormal_list.listed",
    "abnormal_list.removed", "inspection.result", "sampling.result", "registration.changed", "serious_list.listed",
]  # fmt: skip
FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from(KINDS),
        st.dates(date(2022, 6, 1), date(2026, 12, 31)),
        of=st.integers(0, 3),
        fine=st.sampled_from([None, "100", "50000", "999999.50"]),
        codes=st.sampled_from([None, "1", "1,6", "8", "fail", "pass", "7"]),
        reference=st.sampled_from(["1", "2"]),
        ground_code=st.sampled_from(["annual_report", "unreachable"]),
        field_code=st.sampled_from([None, "food", "price"]),
    ),
    max_size=14,
)
REGISTER = [
    {**ENTITY, "entity_id": 0, "representative_id": "P", "industry_code": "5121"},
    {**ENTITY, "entity_id": 1, "representative_id": "P", "registered_on": date(2025, 5, 1)},
    {**ENTITY, "entity_id": 2, "representative_id": None, "status_code": "revoked"},
    {**ENTITY, "entity_id": 3, "representative_id": "P", "registered_on": None, "status_code": None},
]


@settings(max_examples=25, deadline=None)
@given(facts=FACTS)
def test_the_model_agrees_with_its_slow_twin(facts):
    from tests.datazone.mart.twin import twin_scores

    rows = score_rows(REGISTER, facts)
    assert {n: row["score"] for n, row in rows.items()} == twin_scores(REGISTER, facts, MONTH_END, WEIGHTS)

"""Sector classes: food, special equipment, industrial products and drugs beside the general class; the stricter counts for coverage."""

import copy
import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from tests.datazone.mart.engines import ENTITY as ENTITY_SCHEMA
from tests.datazone.mart.engines import FACT as FACT_SCHEMA
from tests.datazone.mart.engines import DuckDB
from tests.datazone.mart.test_credit_class import MONTH_END, fact
from tests.datazone.mart.twin import twin_scores
from zhijian.datazone.mart.credit_score import mart_credit_related
from zhijian.datazone.mart.indicator_tree import BadTree
from zhijian.datazone.mart.sector_class import (
    coverage,
    coverage_class,
    mart_sector_class,
    sector_trees,
    sector_weights,
)
from zhijian.datazone.mart.what_if import possible_changes, what_if_sectors
from zhijian.standards import parameters

SECTORS = parameters.load("supervision/sector_class").on(MONTH_END)
WEIGHTS = parameters.load("supervision/credit_class").on(MONTH_END)
TRADES = (
    "6210",
    "2720",
    "3432",
    "3311",
    "7020",
    "1411",
)  # catering, medicine, lifts, metal, consulting, pastry
KINDS = ("penalty.decided", "penalty.repaired", "inspection.result", "sampling.result", "product.failed", "equipment.inspected",
         "complaint.upheld", "serious_list.listed", "serious_list.removed", "annual_report.published")  # fmt: skip
ENGINE = DuckDB()
REGISTER = [
    {"entity_id": n, "uscc": f"U{n}", "registered_on": date(2020, 1, 1), "industry_code": TRADES[n % 6],
     "status_code": "active", "representative_id": None}
    for n in range(36)
]  # fmt: skip


def sector_rows(register, facts, engine=None):
    """The rows of `mart_sector_class` by entity."""
    engine = engine or ENGINE
    entities = engine.table("register", register, ENTITY_SCHEMA)
    known = engine.table("facts", facts, FACT_SCHEMA)
    related = engine.keep(
        "related", lambda: mart_credit_related(entities, known, as_of=MONTH_END, weights=WEIGHTS)
    )
    rows = engine.rows_again(
        "sectors", lambda: mart_sector_class(entities, known, related, as_of=MONTH_END, sectors=SECTORS)
    )
    return {row["entity_id"]: row for row in rows}


def invented_facts(seed):
    chance = random.Random(seed)
    return [
        fact(
            chance.choice(KINDS), date(2023, 1, 1) + timedelta(days=chance.randrange(1400)), of=chance.randrange(30),
            codes=chance.choice([None, "1", "6", "fail", "pass", "7"]), reference=chance.choice(["1", "2", "3"]),
            field_code=chance.choice(["food", "drug", "product", "equipment", "price"]), source_key=str(number),
        )
        for number in range(220)
    ]  # fmt: skip


def members_by_hand(code, facts):
    asked = SECTORS["sectors"][code]["members"]
    used = {one["entity_id"] for one in facts if one["kind"] in asked["fact_kinds"]}
    return [one for one in REGISTER if one["industry_code"].startswith(tuple(asked["industries"])) or one["entity_id"] in used]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_each_sector_scores_its_members_alone_as_reckoned_fact_by_fact(seed):
    facts = invented_facts(seed)
    rows = sector_rows(REGISTER, facts)
    assert set(rows) == {one["entity_id"] for one in REGISTER}
    for code, sector in SECTORS["sectors"].items():
        members = members_by_hand(code, facts)
        expected = twin_scores(members, facts, MONTH_END, sector_weights(sector, SECTORS["rule_version"]))
        assert {
            n: row[f"{code}_score"] for n, row in rows.items() if row[f"{code}_score"] is not None
        } == expected


def test_a_nights_increment_is_what_a_full_run_gives():
    facts = invented_facts(3)
    night = [
        fact("sampling.result", MONTH_END, of=0, codes="fail"),
        fact("equipment.inspected", MONTH_END, of=4, codes="fail"),
    ]
    before, full = sector_rows(REGISTER, facts), sector_rows(REGISTER, facts + night)
    touched = [one for one in REGISTER if one["entity_id"] in (0, 4)]
    patch = sector_rows(touched, [one for one in facts + night if one["entity_id"] in (0, 4)])
    assert {**before, **patch} == full and before[4] != full[4]


def test_a_caterer_whose_samples_fail_is_worse_in_food_and_in_no_other_sector():
    failed = [
        fact("sampling.result", date(2026, 9, n), of=0, codes="fail", source_key=str(n)) for n in (1, 8)
    ]
    clean, row = sector_rows(REGISTER[:1], [])[0], sector_rows(REGISTER[:1], failed)[0]
    assert (clean["food_class"], row["food_class"]) == ("B", "D") and row["food_score"] > clean["food_score"]
    assert row["drug_class"] is None and row["equipment_class"] is None and row["product_class"] is None


def test_who_had_equipment_inspected_is_in_the_sector_of_equipment_whatever_the_trade():
    row = sector_rows(REGISTER[4:5], [fact("equipment.inspected", date(2026, 5, 1), of=4, codes="pass")])[4]
    assert row["equipment_class"] == "B" and row["food_class"] is None


def test_a_serious_listing_forces_d_in_every_sector_of_the_firm():
    row = sector_rows(REGISTER[:1], [fact("serious_list.listed", date(2026, 3, 1), of=0, reference="1")])[0]
    assert row["food_class"] == "D"


@pytest.mark.parametrize(
    ("general", "food", "expected"),
    [("A", "C", ("C", "food", 24)), ("C", "A", ("C", "general", 24)), ("B", "B", ("B", "general", 24)), ("A", None, ("A", "general", None))],
)  # fmt: skip
def test_the_stricter_of_general_and_sector_class_governs_coverage(general, food, expected):
    """Edge case 8: sector grades are separate from the general class; the stricter rule on coverage wins."""
    found = coverage(general, {"food": food}, sectors=SECTORS)
    assert (found.class_code, found.decided_by, found.every_months) == expected


def test_coverage_of_all_entities_is_what_the_rule_says_of_each():
    engine, facts = DuckDB(), invented_facts(5)
    rows = sector_rows(REGISTER, facts)
    general = {n: "ABCD"[n % 4] for n in rows}
    sector_table = pa.Table.from_pylist(list(rows.values()))
    engine.connection.con.register("sectors", sector_table)
    engine.connection.con.register("general", pa.table({"entity_id": list(rows), "uscc": [r["uscc"] for r in rows.values()], "class_code": list(general.values())}))  # fmt: skip
    made = coverage_class(
        engine.connection.table("general"), engine.connection.table("sectors"), sectors=SECTORS
    )
    for row in engine.rows(made):
        own = rows[row["entity_id"]]
        expected = coverage(general[row["entity_id"]], {code: own[f"{code}_class"] for code in SECTORS["sectors"]}, sectors=SECTORS)  # fmt: skip
        assert (row["coverage_class"], row["decided_by"], row["every_months"]) == (
            expected.class_code,
            expected.decided_by,
            expected.every_months,
        )


def test_a_sector_that_counts_a_firms_own_complaints_is_refused():
    bad = copy.deepcopy(SECTORS)
    bad["sectors"]["food"]["groups"][0]["indicators"][0]["what"] = {"kinds": ["complaint.filed"]}
    with pytest.raises(BadTree, match="lawful complaint"):
        sector_trees(bad)


def test_two_sectors_may_not_share_an_indicators_id_for_their_facts_are_read_in_one_pass():
    bad = copy.deepcopy(SECTORS)
    shared = bad["sectors"]["food"]["groups"][0]["indicators"][0]["id"]
    bad["sectors"]["drug"]["groups"][0]["indicators"][0]["id"] = shared
    with pytest.raises(BadTree, match=shared):
        sector_trees(bad)


def test_a_forecast_of_one_firm_runs_the_very_sector_that_rates_everybody_and_says_what_a_repair_would_change():
    entity = {name: REGISTER[0][name] for name in ("uscc", "registered_on", "industry_code", "status_code")}
    facts = [
        fact("penalty.decided", date(2026, 6, 1), of=0, reference="9", field_code="food"),
        fact("sampling.result", date(2026, 9, 1), of=0, codes="fail"),
    ]
    row = sector_rows(REGISTER[:1], facts)[0]
    repair = [one for one in possible_changes(facts, as_of=MONTH_END) if one.kind == "penalty_repaired"]
    [food] = what_if_sectors(entity, facts, repair, as_of=MONTH_END, sectors=SECTORS)
    assert (food.code, food.now.class_code, food.now.score) == ("food", row["food_class"], row["food_score"])
    assert food.latest.score < food.now.score
    assert {"food_penalty", "food_sampling_failed"} <= {one.indicator_id for one in food.now.reasons}

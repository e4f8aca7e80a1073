"""What the learned risk knows of an entity; that Spark says the same is tested with the other models."""

from datetime import date
from decimal import Decimal

import pytest

from tests.datazone.mart.engines import ENTITY, FACT, DuckDB
from zhijian.datazone.mart.risk_features import mart_risk_features
from zhijian.standards import registration_authorities

AS_OF = date(2025, 12, 31)
ENTITIES = [
    {"entity_id": 1, "uscc": "U1", "registered_on": date(2020, 12, 31), "industry_code": "6221", "status_code": "active",
     "entity_kind_code": "individual_business", "capital_yuan": Decimal("50000.00"), "prefecture_code": "440100", "is_synthetic": True},
    {"entity_id": 2, "uscc": "U2", "registered_on": date(2025, 12, 31), "industry_code": None, "status_code": "revoked",
     "entity_kind_code": "enterprise", "capital_yuan": None, "prefecture_code": None, "is_synthetic": True},
    {"entity_id": 3, "uscc": "U3", "registered_on": date(2026, 1, 1), "industry_code": "6221", "is_synthetic": True},
]  # fmt: skip


def fact(kind, occurred_on, recorded_on=None, **own):
    return {"entity_id": 1, "kind": kind, "occurred_on": occurred_on, "recorded_on": recorded_on or occurred_on,
            "source": "s", "source_key": f"{kind}{occurred_on}", "is_synthetic": True, **own}  # fmt: skip


FACTS = [
    fact("penalty.decided", date(2025, 6, 1), amount_yuan=Decimal("1000.00")),
    fact("penalty.decided", date(2023, 6, 1), amount_yuan=Decimal("500.00")),
    fact(
        "penalty.decided", date(2022, 12, 31), amount_yuan=Decimal("9.00")
    ),  # the window begins on the day after
    fact("penalty.decided", date(2025, 12, 20), date(2026, 1, 2)),  # happened, but nobody had written it down
    fact("inspection.result", date(2025, 3, 1), codes="6,9"),
    fact("inspection.result", date(2025, 4, 1), codes="1"),
    fact("inspection.result", date(2025, 5, 1), codes="5"),
    fact("sampling.result", date(2025, 5, 2), codes="fail"),
]


def rows_on(engine):
    """The features of the example, by entity, computed on an engine."""
    entities, facts = engine.table("entities", ENTITIES, ENTITY), engine.table("facts", FACTS, FACT)
    rows = engine.rows(mart_risk_features(entities, facts, as_of=AS_OF))
    return {row["entity_id"]: row for row in rows}


@pytest.fixture(scope="module")
def known():
    return rows_on(DuckDB())


def test_facts_count_once_they_are_recorded_and_within_their_months(known):
    wanted = {"penalties_36m": 2, "penalties_12m": 1, "fines_yuan_36m": 1500, "problems_36m": 1, "clean_36m": 1,
              "unreachable_36m": 1, "samples_failed_36m": 1, "complaints_36m": 0}  # fmt: skip
    assert {name: known[1][name] for name in wanted} == wanted
    assert known[1]["age_years"] == pytest.approx(5.0, abs=0.01)
    assert (known[1]["industry_code"], known[1]["prefecture_code"], known[1]["is_individual"]) == (
        6221,
        440100,
        1,
    )


def test_an_individual_business_is_one_by_the_kind_that_its_credit_code_says(known):
    assert registration_authorities.entity_kind("92440101MA59ABCD1D") == ENTITIES[0]["entity_kind_code"]
    assert (known[1]["is_individual"], known[2]["is_individual"]) == (1, 0)


def test_an_entity_without_facts_has_zeros_and_unknown_codes_stay_unknown(known):
    assert known[2]["penalties_36m"] == 0
    assert known[2]["age_years"] == 0
    assert known[2]["industry_code"] is None
    assert known[2]["capital_yuan"] is None


def test_who_is_registered_later_is_not_there_yet(known):
    assert set(known) == {1, 2}

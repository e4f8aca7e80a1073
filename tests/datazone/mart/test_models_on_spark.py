"""The models of class, activity and learned risk on Spark: the same functions, the same rows as on DuckDB."""

import random
from datetime import date, timedelta

import pytest

from tests.datazone.mart import test_activity as activity
from tests.datazone.mart import test_risk_features as risk
from tests.datazone.mart import test_sector_class as sectors
from tests.datazone.mart.engines import DuckDB, Spark, local_session
from tests.datazone.mart.test_credit_class import (
    KINDS,
    REGISTER,
    classes_of,
    fact,
    score_rows,
)


@pytest.fixture(scope="module")
def spark():
    session = local_session()
    yield Spark(session)
    session.stop()


def invented_facts(seed):
    """A few hundred facts of every kind that a class reads, over five years."""
    chance = random.Random(seed)
    for number in range(300):
        yield fact(
            chance.choice(KINDS),
            date(2022, 1, 1) + timedelta(days=chance.randrange(1780)),
            of=chance.randrange(40),
            fine=chance.choice([None, "100", "49999.99", "50000", "999999.50"]),
            codes=chance.choice([None, "1", "1,6", "8", "fail", "pass", "7"]),
            reference=chance.choice(["1", "2"]),
            source_key=str(number),
            ground_code=chance.choice(["annual_report", "unreachable"]),
            field_code=chance.choice([None, "food", "price"]),
        )


def test_spark_gives_the_scores_and_classes_of_duckdb(spark):
    register = [
        {
            **REGISTER[n % 4],
            "entity_id": n,
            "uscc": f"U{n}",
            "representative_id": f"P{n // 3}" if n % 4 else None,
        }
        for n in range(40)
    ]
    facts = list(invented_facts(7))
    here, there = score_rows(register, facts, engine=DuckDB()), score_rows(register, facts, engine=spark)
    assert here == there
    assert len({row["score"] for row in here.values()}) > 20
    assert classes_of(here) == classes_of(here, engine=spark)


def test_spark_gives_the_sector_classes_of_duckdb(spark):
    facts = sectors.invented_facts(11)
    here, there = (
        sectors.sector_rows(sectors.REGISTER, facts),
        sectors.sector_rows(sectors.REGISTER, facts, spark),
    )
    assert here == there


def test_spark_gives_the_activity_of_duckdb(spark):
    entities, facts = activity.town()
    facts += [
        fact("inspection.result", date(2025, 9, 1), of=7, codes="5,6"),
        fact("sampling.result", date(2026, 10, 31), of=8),
        fact("dormancy.filed", date(2026, 5, 1), of=9, reference="2026-05-01/2026-10-31"),
        fact("dormancy.filed", date(2026, 5, 1), of=10, reference="2026-05-01/2026-10-30"),
        fact("dormancy.filed", date(2026, 10, 1), of=11, reference="2026-11-01/2027-04-30"),
    ]
    here = activity.measured(entities, facts, DuckDB())
    assert [here[n]["state_code"] for n in (9, 10, 11)] == ["filed", "active", "active"]
    assert here == activity.measured(entities, facts, spark)


def test_spark_gives_the_risk_features_of_duckdb(spark):
    here, there = risk.rows_on(DuckDB()), risk.rows_on(spark)
    assert set(here) == set(there)
    for entity, row in here.items():  # single precision: the last bit of an age may differ
        assert there[entity].pop("age_years") == pytest.approx(row.pop("age_years"), rel=2e-7)
        assert there[entity] == row

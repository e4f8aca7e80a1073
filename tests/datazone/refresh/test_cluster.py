"""The models are one set of functions: Spark builds the tables that DuckDB builds."""

from datetime import date, timedelta

import ibis
import pytest

from tests.datazone.mart.engines import local_session
from tests.datazone.refresh.province import AS_OF, AT, first_delivery, next_day
from zhijian.datazone.cluster import _OnSpark, refresh_on_spark
from zhijian.datazone.entity.facts import OWN_SCHEMA
from zhijian.datazone.lake import Lake
from zhijian.datazone.models import MODELS, OWN_FACTS
from zhijian.datazone.refresh import refresh

STORED = [name for name, model in MODELS.items() if model.is_stored]


def rows(lake, table):
    """The rows of a table as text, whatever the engine calls its times."""
    return sorted(
        str({name: _plain(value) for name, value in row.items()}) for row in lake.read(table).to_pylist()
    )


def _plain(value):
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


@pytest.fixture(scope="module")
def lakes(tmp_path_factory):
    """Two lakes with the same deliveries: one refreshed by DuckDB, one by Spark."""
    one, two = (Lake(tmp_path_factory.mktemp("lake") / name) for name in ("duckdb", "spark"))
    session = local_session()
    for lake in (one, two):
        first_delivery(lake, 5)
        next_day(lake, 6, date(2026, 10, 31))
    refresh(one, as_of=AS_OF, at=AT)
    refresh_on_spark(two, session, as_of=AS_OF, at=AT)
    yield one, two
    session.stop()


@pytest.mark.parametrize("table", STORED)
def test_a_table_has_the_same_rows_on_duckdb_and_on_spark(lakes, table):
    one, two = lakes
    assert rows(one, table)
    assert rows(one, table) == rows(two, table)


def test_a_night_on_one_machine_follows_a_build_on_a_cluster(lakes):
    for lake in lakes:
        next_day(lake, 9, date(2026, 11, 2))
        assert refresh(lake, as_of=AS_OF, at=AT + timedelta(days=1)).mode == "increment"
    one, two = lakes
    for table in STORED:
        assert rows(one, table) == rows(two, table), table


def test_a_table_without_rows_is_read_on_spark_with_its_columns(lakes, tmp_path):
    """A home in which nothing was recorded on the platform yet has no own facts."""
    session = local_session()
    lake = Lake(tmp_path / "lake")
    with lake.transaction() as transaction:
        work = _OnSpark(lake, transaction, lake.ibis(), AS_OF, AT, lambda table, share: None)
        work.spark, work.backend = session, ibis.pyspark.connect(session)
        found = work.own_facts(anew=True)
        assert found.columns == tuple(OWN_SCHEMA.names)
        assert work.count(OWN_FACTS) == 0

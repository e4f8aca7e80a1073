"""The catalogue: lineage read out of the models, a level for every column, and masks that nothing shines through."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from zhijian.datazone import catalogue, contracts
from zhijian.datazone.catalogue import Level, declared, lineage
from zhijian.datazone.catalogue.known_models import MADE_IN_PYTHON, NOT_TABLES, known_models
from zhijian.datazone.lake import Lake
from zhijian.datazone.synthesis.province import SCHEMAS

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def every_table() -> dict[str, list[str]]:
    """Every table that a model, a contract or the synthesis makes, with its columns."""
    schemas = {name: ibis.schema(one) for name, one in {**SCHEMAS, **NOT_TABLES, **MADE_IN_PYTHON}.items()}
    for model in known_models():
        _, schemas[model.table] = lineage.of_model(model.table, model.build, schemas, model.reads)
    of_contracts = {one.table: lineage.contract_schema(one) for one in map(contracts.load, contracts.names())}
    return {name: list(one) for name, one in {**schemas, **of_contracts}.items() if name not in NOT_TABLES}


def test_every_column_of_every_table_has_a_level(every_table: dict[str, list[str]]) -> None:
    open_ones = [
        (t, c) for t, columns in every_table.items() for c in columns if catalogue.find_level(t, c) is None
    ]
    assert open_ones == []


def test_every_table_says_what_it_is_whose_and_how_often_it_comes(every_table: dict[str, list[str]]) -> None:
    lacking = [
        name for name in every_table
        if not {"zh", "en", "owner", "rhythm"} <= declared.table(name).keys()
    ]  # fmt: skip
    assert lacking == []


def test_every_field_of_a_contract_is_classified_and_every_element_has_words() -> None:
    levels = {"public", "internal", "personal", "sensitive"}
    for name in contracts.names():
        assert {field.level for field in contracts.load(name).fields} <= levels
    assert all(
        {"zh", "en", "level"} <= one.keys() and one["level"] in levels for one in declared.elements().values()
    )


def test_a_column_leads_to_the_columns_its_value_is_made_of_and_rows_to_what_decides_them() -> None:
    a = ibis.table({"k": "int64", "v": "int64", "day": "date"}, name="a")
    b = ibis.table({"k": "int64", "w": "int64"}, name="b")
    joined = a.filter(a.v > 0).left_join(b, "k").drop("k_right")
    made = joined.group_by("k").aggregate(total=joined.w.sum(), n=joined.count(), last=joined.day.max())
    found = lineage.of_expression("t", made)
    assert found.columns == {
        "k": {("a", "k")}, "total": {("b", "w")}, "n": frozenset(), "last": {("a", "day")},
    }  # fmt: skip
    assert found.rows == {("a", "k"), ("a", "v"), ("b", "k")}


def test_the_walk_follows_unions_subqueries_and_windows() -> None:
    a = ibis.table({"k": "int64", "v": "int64"}, name="a")
    b = ibis.table({"k": "int64", "v": "int64"}, name="b")
    both = a.union(b)
    made = both.mutate(hit=both.k.isin(b.k), place=ibis.row_number().over(order_by=both.v))
    found = lineage.of_expression("t", made).columns
    assert found["v"] == {("a", "v"), ("b", "v")}
    assert found["hit"] == {("a", "k"), ("b", "k")} and found["place"] == {("a", "v"), ("b", "v")}


def test_a_column_lights_only_its_own_way_up_and_down() -> None:
    tables = {
        "entity_x": lineage.declared("entity_x", {"raw_x": {"name": ["text"], "code": ["code"]}}),
        "mart_x": lineage.declared("mart_x", {"entity_x": {"n": ["code"]}}),
    }
    graph = lineage.Graph(tables)
    assert graph.upstream("mart_x", "n") == {"entity_x": {"code"}, "raw_x": {"code"}}
    assert graph.downstream("raw_x", "text") == {"entity_x": {"name"}}
    assert graph.downstream("raw_x") == {"entity_x": {"name", "code"}, "mart_x": {"n"}}


def test_a_reader_sees_the_columns_at_or_below_the_own_level_and_masks_for_the_rest() -> None:
    table, columns = "raw_registration__market_entities", ["uscc", "employees", "phone_id"]
    assert catalogue.visible_columns(table, columns, Level.PUBLIC) == ["uscc"]
    assert catalogue.visible_columns(table, columns, Level.PERSONAL) == columns
    (row,) = catalogue.masked(table, [{"uscc": "甲", "phone_id": "P1"}], Level.INTERNAL)
    assert row == {"uscc": "甲", "phone_id": catalogue.MASK}


def test_what_nobody_classified_stays_shut() -> None:
    assert catalogue.level_of("mart_new", "diagnosis") == Level.SENSITIVE
    assert catalogue.masked("mart_new", [{"diagnosis": "x"}], Level.PERSONAL) == [
        {"diagnosis": catalogue.MASK}
    ]


def test_the_class_of_a_firm_is_for_auditors_alone_in_the_catalogue() -> None:
    for column in ("class_code", "score", "reasons"):
        assert catalogue.level_of("mart_credit_class", column) == Level.SENSITIVE


@pytest.mark.parametrize(
    ("hours", "light"), [(30, "green"), (36, "green"), (37, "yellow"), (48, "yellow"), (49, "red")]
)
def test_a_daily_table_is_late_after_a_day_and_a_half_and_red_after_two(hours: int, light: str) -> None:
    assert catalogue.freshness(AT - timedelta(hours=hours), "daily", AT).light == light


def test_an_entry_tells_rows_owner_columns_and_the_sample_is_masked_before_it_is_read(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    rows = pa.table({"uscc": ["甲", "乙"], "phone_id": ["P1", "P2"], "is_synthetic": [True, True]})
    lake.write("raw_registration__market_entities", rows)
    entry = catalogue.Catalogue(lake, at=AT).entry("raw_registration__market_entities")
    assert (entry.rows, entry.owner.zh, entry.level) == (2, "登记注册处", Level.PERSONAL)
    assert entry.public_columns == 2
    shown = catalogue.sample(lake, "raw_registration__market_entities", Level.PUBLIC)
    assert [one["phone_id"] for one in shown] == [catalogue.MASK] * 2 and shown[0]["is_synthetic"] is True

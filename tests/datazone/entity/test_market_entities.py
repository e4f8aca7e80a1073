"""The register of market entities: newest delivery first, every version kept, the same number for ever."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from zhijian.datazone.entity import market_entities as master
from zhijian.datazone.lake import Lake

FIRST = datetime(2026, 3, 2, 1, tzinfo=UTC)
LATER = FIRST + timedelta(days=30)
BUILT = datetime(2026, 11, 24, tzinfo=UTC)
A, B = "91440101190509245D", "914420001980958843"
STANDARD_SCHEMA = pa.schema(
    {
        **dict.fromkeys(("uscc", "name"), pa.string()),
        "registered_on": pa.date32(),
        **dict.fromkeys(
            ("type_text", "capital_text", "scope", "province_text", "city_text", "address"), pa.string()
        ),
        "file_year": pa.int16(),
        "status_text": pa.string(),
        "is_synthetic": pa.bool_(),
        "delivery_sha256": pa.string(),
        "source_line": pa.int64(),
        "source": pa.string(),
    }
)


def row(uscc=A, **changes):
    return {
        "uscc": uscc, "name": "广州示例家具有限公司", "registered_on": date(1998, 5, 4), "type_text": None,
        "capital_text": "200(万元人民币)", "scope": "家具制造", "province_text": "广东", "city_text": "广州",
        "address": "广州市天河区林和街1号", "file_year": 1998, "status_text": None, "is_synthetic": True,
        "source_line": 2, "source": "tests", **changes,
    }  # fmt: skip


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def deliver(lake, sha256, at, *rows):
    """One delivery as ingest leaves it: rows in the standard layer, its time in the table of deliveries."""
    filled = [{**r, "delivery_sha256": sha256 * 64} for r in rows]
    lake.write(master.STANDARD, pa.Table.from_pylist(filled, schema=STANDARD_SCHEMA), mode="append")
    note = {
        "contract": [master.CONTRACT],
        "delivery_sha256": [sha256 * 64],
        "delivered_at": pa.array([at], pa.timestamp("us", "UTC")),
    }
    lake.write(master.DELIVERIES, pa.table(note), mode="append")


def build(lake):
    return master.build_market_entities(lake, at=BUILT)


def entities(lake):
    return {r["uscc"]: r for r in lake.read(master.ENTITIES).to_pylist()}


def test_a_row_of_words_becomes_codes_and_numbers(lake):
    deliver(lake, "a", FIRST, row())
    report = build(lake)
    entity = entities(lake)[A]
    assert (report.entity_count, report.new_entities, report.is_unchanged) == (1, 1, False)
    assert (entity["entity_id"], entity["version"], entity["valid_from"]) == (1, 1, FIRST)
    assert entity["capital_yuan"] == Decimal("2000000.00")
    assert (entity["enterprise_type_code"], entity["entity_kind_code"]) == ("1100", "enterprise")
    assert (entity["prefecture_code"], entity["county_code"]) == ("440100", "440106")
    assert (entity["industry_code"], entity["industry_section"]) == ("2110", "C")
    assert entity["status_code"] is None
    assert entity["delivered_on"] == date(2026, 3, 2)


def test_the_tables_have_the_columns_that_others_rely_on(lake):
    deliver(lake, "a", FIRST, row())
    build(lake)
    assert lake.read(master.ENTITIES).schema.names == master.ENTITY_SCHEMA.names
    assert lake.read(master.HISTORY).schema.names == master.HISTORY_SCHEMA.names


def test_a_second_build_without_news_changes_nothing_and_says_so(lake):
    deliver(lake, "a", FIRST, row())
    build(lake)
    before = (lake.version(master.ENTITIES), lake.version(master.HISTORY))
    report = build(lake)
    assert (report.is_unchanged, report.new_entities, report.new_versions) == (True, 0, 0)
    assert report.entity_count == 1
    assert (lake.version(master.ENTITIES), lake.version(master.HISTORY)) == before


def test_a_change_makes_a_version_with_its_fields_and_its_delivery(lake):
    deliver(lake, "a", FIRST, row())
    build(lake)
    deliver(lake, "b", LATER, row(address="佛山市禅城区东风路5号", capital_text="300(万元人民币)"))
    report = build(lake)
    assert (report.new_versions, report.new_entities) == (1, 0)
    old, new = sorted(lake.read(master.HISTORY).to_pylist(), key=lambda r: r["version"])
    assert (old["valid_to"], new["valid_to"]) == (LATER, None)
    assert json.loads(new["changed_fields"]) == ["capital_text", "address"]
    assert new["change_reason"] == "交付变更 " + "b" * 12
    assert (old["county_code"], new["county_code"]) == ("440106", "440604")
    assert entities(lake)[A]["version"] == 2


def test_the_same_words_delivered_again_make_no_version(lake):
    deliver(lake, "a", FIRST, row())
    deliver(lake, "b", LATER, row(source_line=9))
    assert build(lake).version_count == 1
    assert entities(lake)[A]["valid_from"] == FIRST


def test_an_entity_keeps_its_number_over_all_builds(lake):
    deliver(lake, "a", FIRST, row(B))
    build(lake)
    deliver(lake, "b", LATER, row(A), row(B, name="中山示例有限公司", source_line=3))
    build(lake)
    assert {code: e["entity_id"] for code, e in entities(lake).items()} == {B: 1, A: 2}


def test_deliveries_count_in_the_order_of_their_time_not_of_their_rows(lake):
    deliver(lake, "b", LATER, row(name="广州示例家私有限公司"))
    deliver(lake, "a", FIRST, row())
    build(lake)
    assert entities(lake)[A]["name"] == "广州示例家私有限公司"


def test_better_rules_build_the_register_anew(lake, monkeypatch):
    deliver(lake, "a", FIRST, row())
    build(lake)
    monkeypatch.setattr(master, "rules_fingerprint", lambda: "other")
    assert not build(lake).is_unchanged


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("存续（在营、开业、在册）", "active"),
        ("吊销，未注销", "revoked"),
        ("注销", "deregistered"),
        ("清算", "liquidating"),
        ("歇业", "suspended"),
        ("不详", None),
        ("非正常户", None),
    ],
)
def test_the_status_is_that_of_the_source_or_none(lake, text, code):
    deliver(lake, "a", FIRST, row(status_text=text))
    build(lake)
    assert entities(lake)[A]["status_code"] == code


def test_an_entity_of_dongguan_has_no_county(lake):
    deliver(lake, "a", FIRST, row(city_text="东莞", address="东莞市虎门镇南栅六区"))
    build(lake)
    entity = entities(lake)[A]
    assert (entity["prefecture_code"], entity["county_code"]) == ("441900", None)
    assert entity["street_code"].startswith("4419")
    assert [e["level"] for e in json.loads(entity["division_evidence"])] == ["prefecture", "street"]


def test_a_foreign_currency_is_kept_without_yuan(lake):
    deliver(lake, "a", FIRST, row(capital_text="50(万美元)"))
    build(lake)
    entity = entities(lake)[A]
    assert (entity["capital_yuan"], entity["capital_amount"]) == (None, Decimal("500000.0000"))
    assert entity["capital_currency_code"] == "USD"


def test_without_any_delivery_there_is_nothing_to_build(lake):
    with pytest.raises(master.NothingToBuild, match="zhijian ingest"):
        build(lake)


def test_a_failed_build_leaves_the_register_as_it_was(lake, monkeypatch):
    deliver(lake, "a", FIRST, row())
    build(lake)
    deliver(lake, "b", LATER, row(B))
    monkeypatch.setattr(master, "ENTITY_SCHEMA", pa.schema({"name": pa.int64()}))
    with pytest.raises(pa.ArrowException):
        build(lake)
    assert set(entities(lake)) == {A}
    assert lake.count(master.HISTORY) == 1


def test_a_code_delivered_both_as_real_and_as_invented_stops_the_build(lake):
    deliver(lake, "a", FIRST, row(is_synthetic=False))
    build(lake)
    deliver(lake, "b", LATER, row(name="被冒名有限公司"), row(B, source_line=3))
    with pytest.raises(master.MixedFlags, match=A) as caught:
        build(lake)
    assert "a" * 12 in caught.value.message_zh and "b" * 12 in caught.value.message_en
    assert [(e["name"], e["is_synthetic"]) for e in entities(lake).values()] == [
        ("广州示例家具有限公司", False)
    ]

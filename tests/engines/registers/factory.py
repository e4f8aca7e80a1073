"""A few invented entities in a lake of their own, small enough to be checked by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from zhijian.datazone.lake import Lake
from zhijian.engines.registers import EntityRegister, build
from zhijian.standards.organisation_code import check_character as organisation_check
from zhijian.standards.uscc import check_character

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
_TEXT, _DAY = pa.string(), pa.date32()
_INSTANT = pa.timestamp("us", tz="UTC")
ENTITY = pa.schema(
    {
        "entity_id": pa.int64(), "uscc": _TEXT, "name": _TEXT, "status_code": _TEXT, "registered_on": _DAY,
        "enterprise_type_code": _TEXT, "entity_kind_code": _TEXT, "capital_yuan": pa.decimal128(24, 2),
        "capital_amount": pa.decimal128(24, 4), "capital_currency_code": _TEXT, "capital_text": _TEXT,
        "scope": _TEXT, "prefecture_code": _TEXT, "county_code": _TEXT, "street_code": _TEXT,
        "division_evidence": _TEXT, "division_former_code": _TEXT, "industry_code": _TEXT,
        "industry_section": _TEXT, "industry_confidence": pa.float64(), "industry_words": _TEXT,
        "address": _TEXT, "is_synthetic": pa.bool_(), "source": _TEXT, "delivery_sha256": _TEXT,
        "delivered_on": _DAY, "valid_from": _INSTANT, "version": pa.int32(),
    }
)  # fmt: skip
HISTORY = pa.schema(
    [
        *ENTITY,
        pa.field("valid_to", _INSTANT),
        pa.field("changed_fields", _TEXT),
        pa.field("change_reason", _TEXT),
    ]
)
FACT = pa.schema(
    {
        "fact_id": _TEXT, "uscc": _TEXT, "kind": _TEXT, "occurred_on": _DAY, "recorded_at": _INSTANT,
        "source": _TEXT, "source_key": _TEXT, "payload": _TEXT, "legal_basis": _TEXT, "public_until": _DAY,
        "is_synthetic": pa.bool_(),
    }
)  # fmt: skip
CLASS = pa.schema(
    {
        "entity_id": pa.int64(), "uscc": _TEXT, "class_code": _TEXT, "score": pa.int32(),
        "is_insufficient": pa.bool_(), "is_held_back": pa.bool_(), "rule_version": _TEXT, "snapshot_month": _TEXT,
    }
)  # fmt: skip


def code(number: int, division: str = "440106") -> str:
    """Return the valid credit code of an invented enterprise."""
    body = f"MA9{number:05d}"
    first17 = f"91{division}{body}{organisation_check(body)}"
    return first17 + check_character(first17)


def entity(number: int, name: str, **changes: Any) -> dict[str, Any]:
    """Return a row of `entity_market_entities`: an invented enterprise in Tianhe, Guangzhou."""
    row = {
        "entity_id": number, "uscc": code(number), "name": name, "status_code": None,
        "registered_on": date(2019, 3, 1), "enterprise_type_code": "1130", "entity_kind_code": "enterprise",
        "capital_yuan": Decimal("2000000.00"), "capital_amount": Decimal("2000000.0000"),
        "capital_currency_code": "CNY", "capital_text": "200(万元人民币)", "scope": "食品销售。",
        "prefecture_code": "440100", "county_code": "440106", "street_code": None,
        "division_evidence": '[{"level":"county","code":"440106","from":"address","words":"天河区"}]',
        "division_former_code": None, "industry_code": "5221", "industry_section": "F",
        "industry_confidence": 0.82, "industry_words": "食品销售", "address": "广州市天河区大观中路33号",
        "is_synthetic": True, "source": "tests", "delivery_sha256": "0" * 64,
        "delivered_on": date(2026, 11, 19), "valid_from": AT, "version": 1,
    }  # fmt: skip
    return {**row, **changes}


def write(lake: Lake, rows: list[dict[str, Any]]) -> None:
    lake.write("entity_market_entities", pa.Table.from_pylist(rows, schema=ENTITY))


def register_of(folder: Path, rows: list[dict[str, Any]]) -> EntityRegister:
    """Build a store from the rows in `folder` and return the register served from it."""
    lake = Lake(folder / "lake")
    write(lake, rows)
    build(lake, folder / "serving", at=AT)
    return EntityRegister(folder / "serving")


def write_class(
    lake: Lake,
    entity_id: int,
    uscc: str,
    class_code: str,
    score: int,
    *,
    rule_version: str = "v2026.12",
    **measured: int,
) -> None:
    """Write the class of one entity with the points and counts of its score, and a cut of class D at 720."""
    month = "2026-10"
    row = {
        "entity_id": entity_id, "uscc": uscc, "class_code": class_code, "score": score, "is_insufficient": False,
        "is_held_back": False, "rule_version": rule_version, "snapshot_month": month,
    }  # fmt: skip
    scored = {
        "entity_id": entity_id, "uscc": uscc, "score": score, "is_serious": False, "is_insufficient": False,
        "snapshot_month": month, **measured,
    }  # fmt: skip
    lake.write("mart_credit_class", pa.Table.from_pylist([row], schema=CLASS))
    lake.write("mart_credit_score", pa.Table.from_pylist([scored]))
    lake.write("mart_credit_class_cut", pa.table({"cut_score": pa.array([720], pa.int16())}))

"""A small town for the pages: three firms on the register, one finished draw, one published inspection."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from tests.apps.supervision.inspection import casework
from tests.engines.draws import ceremony
from tests.engines.registers.factory import write_class
from zhijian.apps.supervision.inspection import services as inspections
from zhijian.datazone.lake import Lake
from zhijian.engines.facts import seals
from zhijian.engines.registers import build
from zhijian.security.models import Officer, Organisation

HEMAN = "91440106MA9XH0TW2T"  # invented, with facts
QUIET = "91440101190445077T"  # without any
PASSWORD = "correct horse battery staple"
AT = datetime(2026, 11, 22, 1, tzinfo=UTC)

_ENTITY = {
    "entity_id": pa.int64(), "uscc": pa.string(), "name": pa.string(), "status_code": pa.string(),
    "registered_on": pa.date32(), "enterprise_type_code": pa.string(), "entity_kind_code": pa.string(),
    "capital_yuan": pa.decimal128(24, 2), "capital_amount": pa.decimal128(24, 4),
    "capital_currency_code": pa.string(), "capital_text": pa.string(), "scope": pa.string(),
    "prefecture_code": pa.string(), "county_code": pa.string(), "street_code": pa.string(),
    "division_evidence": pa.string(), "division_former_code": pa.string(), "industry_code": pa.string(),
    "industry_section": pa.string(), "industry_confidence": pa.float64(), "industry_words": pa.string(),
    "address": pa.string(), "is_synthetic": pa.bool_(), "source": pa.string(), "delivery_sha256": pa.string(),
    "delivered_on": pa.date32(), "valid_from": pa.timestamp("us", "UTC"), "version": pa.int32(),
}  # fmt: skip
_FACT = {
    "fact_id": pa.string(), "uscc": pa.string(), "kind": pa.string(), "occurred_on": pa.date32(),
    "recorded_at": pa.timestamp("us", "UTC"), "source": pa.string(), "source_key": pa.string(),
    "payload": pa.string(), "legal_basis": pa.string(), "public_until": pa.date32(), "is_synthetic": pa.bool_(),
}  # fmt: skip


def _table(rows, schema):
    filled = [dict.fromkeys(schema) | row for row in rows]
    return pa.Table.from_pylist(filled, schema=pa.schema(list(schema.items())))


def entity(number, uscc, name, **more):
    row = {
        "entity_id": number, "uscc": uscc, "name": name, "registered_on": date(2021, 4, 19),
        "entity_kind_code": "enterprise", "prefecture_code": "440100", "county_code": "440106",
        "division_evidence": "[]", "address": f"广州市天河区示例路{number}号", "source": "示例来源",
        "delivery_sha256": "ab" * 32, "delivered_on": date(2026, 11, 22), "valid_from": AT, "version": 1,
        "is_synthetic": True,
    }  # fmt: skip
    return row | more


def fact(number, kind, day, payload, until=None):
    return {
        "fact_id": f"00000000-0000-5000-8000-00000000000{number}", "uscc": HEMAN, "kind": kind,
        "occurred_on": day, "recorded_at": AT, "source": "示例来源", "source_key": str(number),
        "payload": json.dumps(payload, ensure_ascii=False), "legal_basis": "《示例规定》第一条",
        "public_until": until, "is_synthetic": True,
    }  # fmt: skip


PENALTY = {
    "decision_no": "示例罚〔2026〕1号", "authority": "示例局", "violation": "标签不实", "types": ["fine"],
    "procedure": "ordinary", "fine_yuan": "20000.00",
}  # fmt: skip


def serve(home):
    """Build the register of the town into a home."""
    lake = Lake(home.lake)
    capital = {
        "capital_yuan": Decimal(5_000_000),
        "capital_amount": Decimal(5_000_000),
        "capital_currency_code": "CNY",
    }
    industry = {
        "industry_code": "5121",
        "industry_section": "F",
        "industry_confidence": 0.9,
        "industry_words": "食品",
    }
    entities = [
        entity(1, HEMAN, "广东示例禾满食品有限公司", status_code="active", **capital, **industry),
        entity(2, QUIET, "广州示例安静影院有限公司", is_synthetic=False),
        entity(
            3, "9144182119772081X5", "佛冈示例<script>alert(1)</script>有限公司", prefecture_code="441800"
        ),
    ]
    lake.write("entity_market_entities", _table(entities, _ENTITY))
    facts = [
        fact(1, "registration.established", date(2021, 4, 19), {"authority": "示例局"}),
        fact(2, "penalty.decided", date(2026, 5, 18), PENALTY, date(2029, 5, 20)),
        fact(3, "penalty.decided", date(2020, 5, 18), PENALTY, date(2023, 5, 20)),
        fact(4, "complaint.upheld", date(2026, 6, 1), {"complaint_no": "示例投诉第4号"}),
    ]
    lake.write("standard_supervision__facts", _table(facts, _FACT))
    write_class(lake, 1, HEMAN, "C", 612, points_penalty=182, count_penalty=1, points_sector_food=60)
    build(lake, home.serving, at=AT)


def officer(username, *roles, division="440106"):
    unit, _ = Organisation.objects.get_or_create(
        code=f"unit-{division}",
        defaults={
            "name": "示例区局",
            "name_en": "Example bureau",
            "level": "county",
            "division_code": division,
        },
    )
    return Officer.objects.create_user(
        username, password=PASSWORD, display_name=f"示例{username}", display_name_en=f"Example {username}",
        organisation=unit, roles=list(roles), certificate_number=f"示例{username}", certificate_valid_until=date(2027, 12, 31),
    )  # fmt: skip


def inspect():
    """Bring one inspection of HEMAN to its publication; return its id."""
    first, second = officer("chen", "inspector"), officer("li", "inspector")
    inspections.publish_item_list(by=None, at=casework.AT)
    visit = inspections.DrawnVisit(
        uscc=HEMAN, name="广东示例禾满食品有限公司", address="示例路1号", division_code="440106", is_synthetic=True,
        inspectors=(first, second), leaf="0" * 64, stratum="S001",
    )  # fmt: skip
    dispatch = inspections.Dispatch(
        plan_id="2026-0312", attempt=1, title="食品销售监督检查", title_en="Food retail inspection",
        item_codes=casework.ITEMS, organisation=first.organisation, drawn_on=date(2026, 9, 1),
        due_on=date(2026, 9, 30), is_rehearsal=False, visits=(visit,), frame_by_prefecture={"440100": 40},
    )  # fmt: skip
    check = inspections.dispatch(dispatch, by=officer("zhao", "drawer"), at=casework.AT).checks.get()
    inspections.begin(check, casework.HERE, certificates_shown=True, by=first, at=casework.AT)
    inspections.record_result(check, casework.PROBLEM_FOUND, by=first, at=casework.AT)
    inspections.confirm_by_second(check, by=second, at=casework.AT)
    inspections.publish(check, by=officer("qian", "publisher"), at=casework.AT)
    return check.pk


def draw():
    """A draw of sixty invented firms, from its announcement to its published file."""
    return ceremony.published()


def seal():
    return seals.seal_day(date(2026, 11, 23), at=datetime(2026, 11, 24, 1, tzinfo=UTC))

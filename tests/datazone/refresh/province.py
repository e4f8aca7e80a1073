"""A tiny province in code: deliveries of registrations and facts, drawn from a seed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pyarrow as pa

from zhijian.datazone.models import RAW_ENTITIES, RAW_FACTS, RAW_OWN
from zhijian.standards.uscc import ALPHABET, check_character

AT = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF = date(2026, 11, 30)
ENTITY_SCHEMA = pa.schema(
    [
        ("uscc", pa.string()),
        ("name", pa.string()),
        ("registered_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("status_code", pa.string()),
        ("enterprise_type_code", pa.string()),
        ("entity_kind_code", pa.string()),
        ("capital_yuan", pa.decimal128(24, 2)),
        ("industry_code", pa.string()),
        ("prefecture_code", pa.string()),
        ("county_code", pa.string()),
        ("street_code", pa.string()),
        ("address", pa.string()),
        ("representative_id", pa.string()),
        ("phone_id", pa.string()),
        ("employees", pa.int32()),
        ("is_synthetic", pa.bool_()),
        ("source", pa.string()),
        ("delivered_on", pa.date32()),
    ]
)
FACT_SCHEMA = pa.schema(
    [
        ("uscc", pa.string()),
        ("kind", pa.string()),
        ("occurred_on", pa.date32()),
        ("recorded_on", pa.date32()),
        ("amount_yuan", pa.decimal128(18, 2)),
        ("codes", pa.string()),
        ("ground_code", pa.string()),
        ("field_code", pa.string()),
        ("reference", pa.string()),
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("is_synthetic", pa.bool_()),
    ]
)
OWN_SCHEMA = pa.schema(
    [
        ("sequence", pa.int64()),
        ("fact_id", pa.string()),
        ("subject", pa.string()),
        ("kind", pa.string()),
        ("occurred_on", pa.date32()),
        ("recorded_at", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("payload", pa.string()),
        ("is_synthetic", pa.bool_()),
        ("supersedes_id", pa.string()),
        ("is_withdrawal", pa.bool_()),
    ]
)
KINDS = {
    "annual_report.published": {},
    "abnormal_list.listed": {"ground_code": "annual_report"},
    "abnormal_list.removed": {"ground_code": "annual_report"},
    "serious_list.listed": {"reference": "示例决定1"},
    "serious_list.removed": {"reference": "示例决定1"},
    "penalty.decided": {"field_code": "食品安全"},
    "penalty.repaired": {"field_code": "食品安全"},
    "complaint.upheld": {"field_code": "食品安全"},
    "inspection.result": {},
    "sampling.result": {},
}
CODES = {"inspection.result": ("1", "6", "1,9", "8", "5"), "sampling.result": ("pass", "fail")}


def code(number: int) -> str:
    """An invented credit code, right by GB 32100."""
    digits, rest = "", number
    for _ in range(5):
        digits = ALPHABET[rest % 31] + digits
        rest //= 31
    first = f"91440106MAYY{digits}"
    return first + check_character(first)


def entity(number: int, random: Random, day: date, **changes) -> dict:
    prefecture = random.choice(("440100", "440300", "441900"))
    county = {"440100": "440106", "440300": "440305", "441900": None}[prefecture]
    founded = date(2010, 1, 1) + timedelta(days=random.randrange(5800))
    is_gone = random.random() < 0.1
    row = {
        "uscc": code(number),
        "name": f"示例第{number}号有限公司",
        "registered_on": founded,
        "ended_on": min(day, founded + timedelta(days=random.randrange(2000))) if is_gone else None,
        "status_code": "deregistered" if is_gone else "active",
        "enterprise_type_code": "1100",
        "entity_kind_code": random.choice(("enterprise", "individual")),
        "capital_yuan": Decimal(random.randrange(1, 500)) * 10000 if random.random() < 0.9 else None,
        "industry_code": random.choice(("5135", "6210", "1353", "7010")),
        "prefecture_code": prefecture,
        "county_code": county,
        "street_code": None,
        "address": f"示例路{random.randrange(400)}号",
        "representative_id": f"P{random.randrange(1 + number // 2)}",
        "phone_id": f"T{number}",
        "employees": random.randrange(1, 200),
        "is_synthetic": True,
        "source": "示例登记系统",
        "delivered_on": day,
    }
    return {**row, **changes}


def fact(number: int, key: str, random: Random, day: date, **changes) -> dict:
    kind = random.choice(list(KINDS))
    row = dict.fromkeys(FACT_SCHEMA.names) | {
        "uscc": code(number),
        "kind": kind,
        "occurred_on": day - timedelta(days=random.randrange(1500)),
        "recorded_on": day,
        "amount_yuan": Decimal(random.randrange(1, 90)) * 1000 if kind == "penalty.decided" else None,
        "codes": random.choice(CODES[kind]) if kind in CODES else None,
        "source": "示例业务系统",
        "source_key": key,
        "is_synthetic": True,
        **KINDS[kind],
    }
    return {**row, **changes}


def deliver(lake, entities: list[dict], facts: list[dict]) -> None:
    with lake.transaction() as transaction:
        transaction.write(RAW_ENTITIES, pa.Table.from_pylist(entities, ENTITY_SCHEMA), mode="append")
        transaction.write(RAW_FACTS, pa.Table.from_pylist(facts, FACT_SCHEMA), mode="append")


def own_fact(sequence: int, number: int, day: date, **changes) -> dict:
    """A fact of the platform's own records, as the feed brings it to the lake."""
    row = {
        "sequence": sequence,
        "fact_id": f"own-{sequence}",
        "subject": code(number),
        "kind": "inspection.result",
        "occurred_on": day,
        "recorded_at": datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
        "source": "inspection",
        "source_key": f"check-{sequence}",
        "payload": '{"codes": ["1"]}',
        "is_synthetic": True,
        "supersedes_id": None,
        "is_withdrawal": False,
    }
    return {**row, **changes}


def feed(lake, own: list[dict]) -> None:
    lake.write(RAW_OWN, pa.Table.from_pylist(own, OWN_SCHEMA), mode="append")


def first_delivery(lake, seed: int, entities: int = 60) -> None:
    random, day = Random(seed), date(2026, 10, 31)
    deliver(
        lake,
        [entity(number, random, day) for number in range(entities)],
        [fact(random.randrange(entities + 5), f"a{key}", random, day) for key in range(entities * 6)],
    )
    feed(lake, [own_fact(number + 1, 3 * number, day) for number in range(4)])


def next_day(lake, seed: int, day: date, entities: int = 60) -> None:
    """Some entities change, some are new (one of them with facts that had waited), some rows are repeats or wrong.

    Of our own facts one is new, one corrects an earlier one, and one takes another back.
    """
    random = Random(seed)
    changed = [entity(random.randrange(entities), random, day) for _ in range(3)]
    changed = list({row["uscc"]: row for row in changed}.values())
    new = [entity(entities + seed % 5, random, day), entity(entities + 1000 + seed, random, day)]
    wrong = [entity(entities + 2000 + seed, random, day, capital_yuan=Decimal(-1))]
    facts = [
        fact(random.randrange(entities + 5), f"d{seed}-{key}", random, day, recorded_on=day)
        for key in range(12)
    ]
    repeated = [facts[0], fact(3, f"bad{seed}", random, day, kind="no.such.kind")]
    deliver(lake, changed + new + wrong, facts + repeated)
    later = {"payload": '{"codes": ["6"]}', "supersedes_id": f"own-{1 + seed % 4}"}
    feed(
        lake,
        [
            own_fact(10 * seed + 5, random.randrange(entities + 5), day, payload='{"codes": ["5"]}'),
            own_fact(10 * seed + 6, 3 * (seed % 4), day, **later),
            own_fact(10 * seed + 7, 0, day, supersedes_id=f"own-{10 * seed + 5}", is_withdrawal=True)
            if seed % 2
            else own_fact(10 * seed + 7, 12, day, kind="inspection.dispatched", payload="{}"),
        ],
    )

"""Tiny draws brought to a status through the services, with every time and every secret fixed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from zhijian.engines.draws import core, services
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.plan import SHANGHAI, Design, Item, Party, Plan, PublicSource, Rate
from zhijian.engines.draws.roster import PoolInspector, RosterObject
from zhijian.security.models import Officer, Organisation

FREEZE_AT = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
ANNOUNCED_AT, COMMITTED_AT = FREEZE_AT - 96 * HOUR, FREEZE_AT + 24 * HOUR
EXISTS_AT = FREEZE_AT + 60 * HOUR
DRAWN_AT = EXISTS_AT + 12 * HOUR
NONCES = {"discipline": "11" * 32, "chamber": "22" * 32}
VALUE = "03 08 14 19 22 31+07"
DIVISIONS = ("440106", "440105", "440305", "440604")


def counting_salt(start: int = 0) -> Callable[[], bytes]:
    """Return salts that differ and repeat from run to run."""
    numbers: Iterator[int] = iter(range(start, 10**9))
    return lambda: hashlib.sha256(str(next(numbers)).encode()).digest()[:16]


def officer(username: str, *roles: str) -> Officer:
    unit, _ = Organisation.objects.get_or_create(
        code="GD",
        defaults={"name": "示例省局", "name_en": "Example", "level": "province", "division_code": "440000"},
    )
    found, _ = Officer.objects.get_or_create(
        username=username, defaults={"roles": list(roles), "organisation": unit}
    )
    return found


def a_plan(**changes: Any) -> Plan:
    plan = Plan(
        plan_id="2026-0312",
        title="食品销售监督检查",
        items=(Item("S01", "食品销售", "《食品生产经营监督检查管理办法》第六条", "food"),),
        design=Design(
            rates=(Rate("R1", 1000), Rate("R2", 2000), Rate("R3", 4000)),
            follows_class=True,
            area_level="prefecture",
            at_least_one=True,
        ),
        parties=(
            Party("discipline", "驻局纪检监察组", "监督", "d"),
            Party("chamber", "示例商会", "企业代表", "c"),
        ),
        source=PublicSource("双色球第2026130期开奖号码", "中国福彩网", "99 99 99 99 99 99+99", EXISTS_AT),
        freeze_at=FREEZE_AT,
        commit_until=EXISTS_AT - 6 * HOUR,
        reveal_until=EXISTS_AT + 48 * HOUR,
        inspection_until=date(2026, 12, 31),
        mode="salted",
        is_synthetic=True,
        rehearsal=True,
    )
    return replace(plan, **changes)


def open_plan(**changes: Any) -> Plan:
    design = Design(rates=(Rate("R1", 2500),), follows_class=False)
    return a_plan(**{"mode": "open", "design": design, **changes})


def objects(count: int = 60, rates: tuple[str, ...] = ("R1", "R2", "R3")) -> list[RosterObject]:
    return [
        RosterObject(
            f"91440101MA{n:08d}",
            f"示例企业{n}",
            DIVISIONS[n % 4],
            rates[n // 4 % len(rates)],
            is_synthetic=True,
        )
        for n in range(count)
    ]


def library_objects(plan: Plan) -> list[RosterObject]:
    """Objects that no register of firms has, under their numbers in the library."""
    found = objects(rates=tuple(rate.key for rate in plan.design.rates))
    return [replace(one, object_id=f"OBJ-440106-{n:03d}") for n, one in enumerate(found)]


def inspectors(count: int = 16, **recused: frozenset[str]) -> list[PoolInspector]:
    return [
        PoolInspector(
            f"E{n:02d}",
            f"检查员{n}",
            "示例县局",
            DIVISIONS[n % 4],
            ("food",),
            date(2027, 6, 30),
            recused.get(f"E{n:02d}", frozenset()),
        )
        for n in range(count)
    ]


def announced(plan: Plan | None = None, at: datetime = ANNOUNCED_AT) -> Draw:
    return services.announce(plan or a_plan(), by=officer("drawer", "drawer"), at=at)


def frozen(plan: Plan | None = None, frame: list[RosterObject] | None = None, **options: Any) -> Draw:
    draw = announced(plan)
    rates = ("R1", "R2", "R3") if draw.plan.design.follows_class else ("R1",)
    people = options.pop("pool", None) or inspectors()
    services.freeze(
        draw,
        frame or objects(rates=rates),
        people,
        by=officer("drawer"),
        at=FREEZE_AT,
        salt=counting_salt(),
        **options,
    )
    return draw


def committed(draw: Draw) -> Draw:
    for party in draw.plan.parties:
        promise = core.commitment(draw.plan_id, draw.attempt, party.key, NONCES[party.key])
        services.commit(draw, party.key, promise, by=officer(party.account, "auditor"), at=COMMITTED_AT)
    return draw


def revealed(draw: Draw, value: str = VALUE) -> Draw:
    services.record_public_value(committed(draw), value, by=officer("drawer"), at=EXISTS_AT + HOUR)
    for party in draw.plan.parties:
        services.reveal(
            draw, party.key, NONCES[party.key], by=officer(party.account), at=EXISTS_AT + 2 * HOUR
        )
    return draw


def published(
    plan: Plan | None = None, frame: list[RosterObject] | None = None, **options: Any
) -> tuple[Draw, Path]:
    draw = revealed(frozen(plan, frame, **options))
    services.run(draw, by=officer("drawer"), at=DRAWN_AT)
    return draw, services.publish(draw, by=officer("drawer"), at=DRAWN_AT)


def voided(draw: Draw, reason: str, at: datetime) -> None:
    services.request_void(draw, reason, by=officer("drawer", "drawer"), at=at)
    services.approve_void(draw, reason, by=officer("d", "auditor"), at=at)


def with_outcomes(draw: Draw, pending: int | None = None) -> Path:
    """Publish results; of an open draw all but one, unless told otherwise."""
    pending = int(draw.plan.mode == "open") if pending is None else pending
    drawn = services.result_of(draw).drawn
    outcomes = [
        services.Outcome(
            one.object_id,
            None if n < pending else {"name": one.name, "codes": ["1"], "checked_on": "2026-12-02"},
        )
        for n, one in enumerate(drawn)
    ]
    return services.publish_outcomes(
        draw,
        outcomes,
        by=officer("publisher", "publisher"),
        at=DRAWN_AT + 240 * HOUR,
        salt=counting_salt(10**6),
    )

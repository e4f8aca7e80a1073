"""Who may be drawn, and who may inspect: the frame of a draw, read from the register and the unit's people."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zhijian.datazone.lake import Lake
from zhijian.engines.draws.plan import Plan
from zhijian.engines.draws.roster import Exclusion, PoolInspector, RosterObject
from zhijian.security.models import Officer, Role

NOT_DRAWN = {"deregistered": "已注销", "revoked": "已吊销"}
COLUMNS = (
    "uscc",
    "name",
    "prefecture_code",
    "county_code",
    "industry_section",
    "status_code",
    "is_synthetic",
)
BY_CAPITAL = "registered_capital_10000_yuan"  # what a draw by weight goes by, as announced
BY_COUNTY = "county_code"  # what a draw in declared order goes by
GROUPS = {"C": "制造", "F": "批发零售", "H": "住宿餐饮"}


class NoRegister(Exception):
    """There is nothing to draw from yet. Says what to do, in both languages."""

    message_zh = "还没有主体库，无法冻结名单。请先接收并构建登记数据。"
    message_en = "There is no register to draw from. Take in and build the registration data first."


@dataclass(frozen=True)
class Frame:
    """The roster, the register's count for each division, and who is left out and why."""

    objects: list[RosterObject]
    register_counts: dict[str, int]
    exclusions: list[Exclusion]


def frame_of(plan: Plan, lake: Lake, *, with_capital: bool = False) -> Frame:
    """Read the frame of a plan: living entities with a division, real or invented as the plan says.

    Where the strata follow the risk class, the plan's first rate is for class A and so on; entities without
    a class count as B, the class of those of whom too little is known. `with_capital` gives every object its registered
    capital as weight, also where the plan does not draw by it.

    Raises:
        NoRegister: the register, or the classes that the plan needs, were not built.
    """
    weighs = with_capital or bool(plan.design.weight_by)
    if not lake.exists("entity_market_entities"):
        raise NoRegister
    columns = [*COLUMNS, *(["capital_yuan"] if weighs else [])]
    rows = lake.read("entity_market_entities").select(columns).to_pylist()
    placed = [
        (row, row["county_code"] or row["prefecture_code"])
        for row in rows
        if row["prefecture_code"] and row["is_synthetic"] == plan.is_synthetic
    ]
    rates = rates_by_class(plan, lake)
    gone = Counter((place, NOT_DRAWN[row["status_code"]]) for row, place in placed if _is_gone(row))
    return Frame(
        objects=[
            _object(row, place, rates, plan, weighs=weighs) for row, place in placed if not _is_gone(row)
        ],
        register_counts=dict(Counter(place for _, place in placed)),
        exclusions=[Exclusion(place, reason, count) for (place, reason), count in sorted(gone.items())],
    )


def sizes_by_rate(plan: Plan, lake: Lake) -> dict[str, int]:
    """Count the frame of a plan by the key of its rate.

    Raises:
        NoRegister: the register, or the classes that the plan needs, were not built.
    """
    counted = Counter(one.rate for one in frame_of(plan, lake).objects)
    return {rate.key: counted[rate.key] for rate in plan.design.rates}


def _is_gone(row: Mapping[str, Any]) -> bool:
    return row["status_code"] in NOT_DRAWN


def rates_by_class(plan: Plan, lake: Lake) -> dict[str, str]:
    """Return the rate key of each entity that has a class; empty where the plan does not follow it."""
    if not plan.design.follows_class:
        return {}
    if not lake.exists("mart_credit_class"):
        raise NoRegister
    key_of = dict(zip("ABCD", (rate.key for rate in plan.design.rates), strict=False))
    table = lake.read("mart_credit_class").select(["uscc", "class_code"]).to_pydict()
    pairs = zip(table["uscc"], table["class_code"], strict=True)
    return {uscc: key_of[code] for uscc, code in pairs if code in key_of}


def unrated_key(plan: Plan) -> str:
    """Return the key of the rate for entities without a class: that of class B, or the only one."""
    keys = [rate.key for rate in plan.design.rates]
    return keys[min(1, len(keys) - 1)] if plan.design.follows_class else keys[0]


def has_capital(lake: Lake) -> bool:
    """Say whether the register has registered capital to weigh by."""
    return (
        lake.exists("entity_market_entities")
        and "capital_yuan" in lake.read("entity_market_entities").column_names
    )


def _object(
    row: Mapping[str, Any], place: str, rates: Mapping[str, str], plan: Plan, *, weighs: bool
) -> RosterObject:
    return RosterObject(
        object_id=row["uscc"],
        name=row["name"],
        division=place,
        rate=rates.get(row["uscc"], unrated_key(plan)),
        group=GROUPS.get(row["industry_section"] or "", "其他"),
        weight=_weight(row) if weighs else 1,
        sort=int(place) if plan.design.sort_by else 0,
        is_synthetic=row["is_synthetic"],
    )


def _weight(row: Mapping[str, Any]) -> int:
    """Return registered capital in units of 10,000 yuan, rounded down, at least 1; 1 where none is on record."""
    return max(1, int(row["capital_yuan"] or 0) // 10_000)


def pool() -> list[PoolInspector]:
    """Return every certified inspector who is in office, by user name."""
    officers = Officer.objects.filter(is_active=True).select_related("organisation").order_by("username")
    return [
        PoolInspector(
            inspector_id=one.username,
            name=str(one),
            organisation=one.organisation.name,
            division=one.organisation.division_code[:6],
            skills=tuple(one.skills),
            valid_until=one.certificate_valid_until,
        )
        for one in officers
        if one.has_role(Role.INSPECTOR) and one.organisation and one.certificate_valid_until
    ]

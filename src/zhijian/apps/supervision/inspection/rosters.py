"""Who may be drawn, and who may inspect: the frame of a draw, read from the register and the unit's people."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from zhijian.apps.supervision.inspection import eligibility, rules
from zhijian.apps.supervision.inspection.eligibility import ENTERPRISE, Scope
from zhijian.datazone.lake import Lake
from zhijian.engines.draws.plan import Plan
from zhijian.engines.draws.roster import Exclusion, PoolInspector, RosterObject
from zhijian.engines.procedures.models import Leave
from zhijian.engines.recusal import services as recusal
from zhijian.engines.registers.declared import queries, registry
from zhijian.security.models import Officer, Role, territory_prefix

_GONE = {"deregistered": "已注销", "revoked": "已吊销"}
NOT_DRAWN = _GONE | {reason: reason for reason in eligibility.BY_RULE}  # every reason that no hand made
COLUMNS = (
    "uscc",
    "name",
    "prefecture_code",
    "county_code",
    "industry_section",
    "status_code",
    "is_synthetic",
)
GENERAL, UNKNOWN, STRICTEST = "general", "B", "D"
BY_CAPITAL = "registered_capital_10000_yuan"  # what a draw by weight goes by, as announced
BY_COUNTY = "county_code"  # what a draw in declared order goes by
_OF_LIBRARY = ("account", "valid_from", "valid_to", "division_code", "skills", "former_employer")
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
    a class count as B, the class of those of whom too little is known. Where the scope has layers, the n-th is drawn at the
    n-th rate. `with_capital` gives every object its registered
    capital as weight, also where the plan does not draw by it.

    Raises:
        NoRegister: the register, or the classes that the plan needs, were not built.
    """
    weighs = with_capital or bool(plan.design.weight_by)
    scope = eligibility.scope_of(plan.plan_id)
    rows = _rows(lake, scope, weighs=weighs)
    placed = [
        (row, row["county_code"] or row["prefecture_code"])
        for row in rows
        if row["prefecture_code"] and row["is_synthetic"] == plan.is_synthetic
    ]
    places = {row["uscc"]: place for row, place in placed if not _is_gone(row)}
    classes = governing_classes(plan, lake)
    left = eligibility.reasons(plan, places, classes, scope, lake)
    rates = _rates_of(classes, plan, lake) if plan.design.follows_class else {}
    if scope.layers:
        rates = {one: f"R{layer}" for one, layer in eligibility.layers_of(places, scope, lake).items()}
    reasons = [_GONE.get(row["status_code"]) or left.get(row["uscc"]) for row, _ in placed]
    gone = Counter((place, why) for (_, place), why in zip(placed, reasons, strict=True) if why)
    return Frame(
        objects=[
            _object(row, place, rates, plan, weighs=weighs)
            for (row, place), why in zip(placed, reasons, strict=True)
            if not why
        ],
        register_counts=dict(Counter(place for _, place in placed)),
        exclusions=[Exclusion(place, reason, count) for (place, reason), count in sorted(gone.items())],
    )


def _rows(lake: Lake, scope: Scope, *, weighs: bool) -> list[dict[str, Any]]:
    """Return the objects of a library in a division, as the register of market entities writes them."""
    prefix = territory_prefix(scope.division)
    if scope.library != ENTERPRISE:
        return [row for row in _kept_by_hand(scope.library) if row["county_code"].startswith(prefix)]
    if not lake.exists("entity_market_entities"):
        raise NoRegister
    columns = [*COLUMNS, *(["capital_yuan"] if weighs else [])]
    table = lake.read("entity_market_entities").select(columns)
    if prefix:
        places = pc.coalesce(table["county_code"], table["prefecture_code"])
        table = table.filter(pc.starts_with(places, prefix))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _kept_by_hand(library: str) -> list[dict[str, Any]]:
    """Return the objects that no register of firms has: premises, equipment, projects, unlicensed operators."""
    register = registry.find("inspection_objects")
    if register is None:
        raise NoRegister
    standing = queries.entries(register).filter(**{"library_code": library}, valid_to=None)
    return [
        {
            "uscc": one.key, "name": one.name, "prefecture_code": f"{one.division_code[:4]}00", "county_code": one.division_code[:6],
            "industry_section": "", "status_code": "active", "is_synthetic": one.is_synthetic, "capital_yuan": 0,
        }
        for one in standing
    ]  # fmt: skip


def address_by_hand(object_id: str) -> str:
    """Return the address of an object that is kept by hand; empty where there is none of that number."""
    register = registry.find("inspection_objects")
    entry = queries.find(register, object_id) if register else None
    return str(entry.snapshot()["address"]) if entry else ""


def sizes_by_rate(plan: Plan, lake: Lake) -> dict[str, int]:
    """Count the frame of a plan by the key of its rate.

    Raises:
        NoRegister: the register, or the classes that the plan needs, were not built.
    """
    counted = Counter(one.rate for one in frame_of(plan, lake).objects)
    return {rate.key: counted[rate.key] for rate in plan.design.rates}


def _is_gone(row: Mapping[str, Any]) -> bool:
    return row["status_code"] in _GONE


def rates_by_class(plan: Plan, lake: Lake) -> dict[str, str]:
    """Return the rate key of each entity that has a class; empty where the plan does not follow it."""
    return _rates_of(governing_classes(plan, lake), plan, lake) if plan.design.follows_class else {}


def _rates_of(classes: Mapping[str, str], plan: Plan, lake: Lake) -> dict[str, str]:
    if not lake.exists("mart_credit_class"):
        raise NoRegister
    key_of = dict(zip("ABCD", (rate.key for rate in plan.design.rates), strict=False))
    return {uscc: key_of[code] for uscc, code in classes.items() if code in key_of}


def classes_of(lake: Lake) -> dict[str, str]:
    """Return the risk class of everybody who has one; none before classes were computed."""
    if not lake.exists("mart_credit_class"):
        return {}
    table = lake.read("mart_credit_class").select(["uscc", "class_code"]).to_pydict()
    return dict(zip(table["uscc"], table["class_code"], strict=True))


def sectors_of(plan: Plan) -> tuple[str, ...]:
    """Return the sectors of a plan's items; none where they have no class of their own."""
    on = plan.freeze_at.date()
    return tuple(sorted({rules.field_of_item(one.code, on=on).sector for one in plan.items} - {""}))


def governing_classes(plan: Plan, lake: Lake) -> dict[str, str]:
    """Return the class that governs each entity in a plan: the stricter of the general one and those of its items' sectors.

    Who has a sector's class alone counts as B in general, the class of those of whom too little is known.
    """
    general = classes_of(lake)
    for uscc, _sector, letter in _sector_classes(sectors_of(plan), lake):
        general[uscc] = max(general.get(uscc, UNKNOWN), letter)
    return general


def governed_by(plan: Plan, lake: Lake, among: Collection[str]) -> Counter[str]:
    """Count whose class governs: general, or the sector whose class is stricter, first named where two are alike."""
    general, found = classes_of(lake), dict.fromkeys(among, GENERAL)
    held = {uscc: general.get(uscc, UNKNOWN) for uscc in found}
    for uscc, sector, letter in _sector_classes(sectors_of(plan), lake):
        if letter > held.get(uscc, STRICTEST):
            found[uscc], held[uscc] = sector, letter
    return Counter(found.values())


def _sector_classes(sectors: Sequence[str], lake: Lake) -> Iterator[tuple[str, str, str]]:
    """Yield the class of each member of the sectors, sector by sector; nothing before they were computed."""
    if not sectors or not lake.exists("mart_sector_class"):
        return
    known = lake.schema("mart_sector_class")
    for sector in sectors:
        if f"{sector}_class" not in known:
            continue
        table = lake.read("mart_sector_class").select(["uscc", f"{sector}_class"])
        members = table.filter(pc.is_valid(table[f"{sector}_class"])).to_pydict()
        for uscc, letter in zip(members["uscc"], members[f"{sector}_class"], strict=True):
            yield uscc, sector, letter


def unrated_key(plan: Plan) -> str:
    """Return the key of the rate for entities without a class: that of class B, or the only one."""
    keys = [rate.key for rate in plan.design.rates]
    return keys[min(1, len(keys) - 1)] if plan.design.follows_class else keys[0]


def has_capital(lake: Lake) -> bool:
    """Say whether the register has registered capital to weigh by."""
    return lake.exists("entity_market_entities") and "capital_yuan" in lake.schema("entity_market_entities")


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


def pool(plan: Plan) -> list[PoolInspector]:
    """Return every certified inspector who may be drawn in a plan, by user name, with those whom each must not inspect.

    Skills, area and the certificate's last day are those of the inspector library. The account's certificate counts only
    in divisions whose officers the library does not hold yet. Nobody whose certificate ended, nobody away while the draw
    goes on, or for half of the days of the checks or more, is in the pool.
    """
    from_day, drawn_by, until = plan.freeze_at.date(), plan.reveal_until.date(), plan.inspection_until
    kept, away = library(), _away(from_day, drawn_by, until)
    governed = {entry["division_code"][:6] for entry in kept.values()}
    recused = recusal.recused_on(from_day)
    officers = Officer.objects.filter(is_active=True).select_related("organisation").order_by("username")
    found = []
    for one in officers:
        entry = kept.get(one.username)
        valid_until = entry["valid_to"] if entry else one.certificate_valid_until
        if not one.has_role(Role.INSPECTOR) or one.organisation is None or one.pk in away:
            continue
        if entry is None and one.organisation.division_code[:6] in governed:
            continue
        if valid_until is None or valid_until < from_day or (entry and entry["valid_from"] > from_day):
            continue
        employer = {entry["former_employer"]} - {""} if entry else set()
        division = entry["division_code"] if entry else one.organisation.division_code
        found.append(
            PoolInspector(
                inspector_id=one.username,
                name=str(one),
                organisation=one.organisation.name,
                division=division[:6],
                skills=tuple(entry["skills"] if entry else one.skills),
                valid_until=valid_until,
                recused=recused.get(one.username, frozenset()) | employer,
            )
        )
    return found


def certificate_end(officer: Officer) -> date | None:
    """Return the last day of an officer's certificate: that of the library, or of the account where it is not there."""
    entry = library().get(officer.username)
    return entry["valid_to"] if entry else officer.certificate_valid_until


def library() -> dict[str, dict[str, Any]]:
    """Return the inspector library by user name; of several certificates the one that ends last."""
    register = registry.find("inspectors")
    if register is None:
        return {}
    rows: list[dict[str, Any]] = [
        {name: getattr(one, name) for name in _OF_LIBRARY}
        for one in queries.entries(register).order_by("valid_to")
    ]
    return {row["account"]: row for row in rows}


def _away(from_day: date, drawn_by: date, until: date) -> set[int]:
    """Return who is on leave while a draw goes on, or for half of the days of its checks or more.

    ASSUMPTION: no text says how long an absence keeps somebody out of a draw; a shorter one is met by the day of the visit.
    """
    days: Counter[int] = Counter()
    found = set()
    for leave in Leave.objects.filter(starts_on__lte=until, ends_on__gte=from_day):
        if leave.starts_on <= drawn_by:
            found.add(leave.officer_id)
        days[leave.officer_id] += (min(leave.ends_on, until) - max(leave.starts_on, from_day)).days + 1
    return found | {one for one, count in days.items() if 2 * count >= (until - from_day).days + 1}

"""From objects and inspectors to the frozen roster: areas, strata, salted leaves and public lines."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from zhijian.engines.draws import core, design, methods
from zhijian.engines.draws.disclosure import Stratum, revealing_cells
from zhijian.engines.draws.errors import DisclosureRisk, DrawRefused, PlanInvalid
from zhijian.engines.draws.plan import Level, Plan, Rate

OTHER_GROUPS = "其他"
CREDIT_CODE = r"[0-9A-HJ-NPQRTUWXY]{18}"  # GB 32100-2015: no I, O, S, V, Z
OBJECT_ID = rf"{CREDIT_CODE}|OBJ-[0-9]{{6}}-[0-9]{{3,8}}"  # or the number of what no register of firms has
Record = dict[str, Any]
Atom = str  # a division at the plan's area level


@dataclass(frozen=True)
class RosterObject:
    """One object that may be drawn, by its credit code or its number in a library. ``rate`` is a key of the plan's rates, ``group`` what anyone may see."""

    object_id: str
    name: str
    division: str  # six digits
    rate: str
    group: str = ""
    weight: int = 1  # whole, 1 or more; other than 1 only where the draw goes by weight
    sort: int = 0  # where a declared order puts it
    is_synthetic: bool = False


@dataclass(frozen=True)
class PoolInspector:
    """One officer of the pool. ``recused`` names object ids that this officer must not inspect."""

    inspector_id: str
    name: str
    organisation: str
    division: str  # six digits: county, prefecture (xxxx00) or province (xx0000)
    skills: tuple[str, ...]
    valid_until: date
    recused: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Exclusion:
    """Objects of a division that are on the register but not in the roster, and why."""

    division: str
    reason: str
    count: int


@dataclass(frozen=True)
class Area:
    """A published territory: one or several divisions. ``register`` is None if no count was given."""

    code: str
    members: tuple[str, ...]
    objects: int
    register: int | None
    excluded: tuple[Record, ...]


@dataclass(frozen=True)
class Roster:
    """Everything that a freeze fixes. ``openings`` stay private; the rest is published."""

    strata: tuple[Stratum, ...]
    areas: tuple[Area, ...]
    objects: tuple[Record, ...]  # public lines, by leaf
    inspectors: tuple[Record, ...]  # public lines, by leaf
    openings: tuple[Record, ...]  # private, by leaf
    inspector_openings: tuple[Record, ...]  # private, by leaf
    is_extended: bool = False  # protocol zhijian-draw/2

    def as_body(self) -> Record:
        """Return the body of the event ``frozen``."""
        return {
            "objects": len(self.objects),
            "roster_root": core.merkle_root(map(core.canonical, self.objects)),
            "inspectors": len(self.inspectors),
            "inspector_root": core.merkle_root(map(core.canonical, self.inspectors)),
            "strata": [_stratum_body(stratum, self.is_extended) for stratum in self.strata],
            "areas": [asdict(area) for area in self.areas],
        }


def _stratum_body(stratum: Stratum, is_extended: bool) -> Record:
    body = asdict(stratum)
    return body if is_extended else {key: body[key] for key in body if key not in _EXTENDED}


_EXTENDED = ("method", "order", "certain", "weight")


def area_atom(division: str, level: Level) -> Atom:
    """Return the division at the level of the areas: '440106' is '440100' by prefecture."""
    return {"county": division, "prefecture": division[:4] + "00", "province": division[:2] + "0000"}[level]


def build(
    plan: Plan,
    objects: Sequence[RosterObject],
    inspectors: Sequence[PoolInspector],
    *,
    salt: Callable[[], bytes],
    register_counts: Mapping[str, int] | None = None,
    exclusions: Iterable[Exclusion] = (),
) -> Roster:
    """Freeze objects and inspectors in memory.

    Raises:
        PlanInvalid: an object has neither credit code nor number, no rate, a weight that its method does not allow, or stands twice.
        DisclosureRisk: even merged areas would reveal classes.
        DrawRefused: the roster and the register's counts do not agree.
    """
    _check_objects(plan, objects)
    strata = strata_of(plan, counts_of(plan, objects))
    table = strata.table
    openings = [_opening(plan, item, strata.label(kind_of(plan, item)), salt) for item in objects]
    openings.sort(key=lambda opening: str(opening["leaf"]))
    if plan.design.is_extended:
        weights: dict[str, list[int]] = {stratum.label: [] for stratum in table}
        for opening in openings:
            weights[opening["stratum"]].append(opening["weight"])
        table = [_weighed(plan, stratum, weights[stratum.label]) for stratum in table]
        by_label = {stratum.label: stratum for stratum in table}
        for opening in openings:
            chance = methods.chance_of(opening["weight"], by_label[opening["stratum"]])
            opening["chance"] = methods.fraction(chance)
    leaf_of = {opening["object"]: opening["leaf"] for opening in openings}
    pool = sorted(
        (_inspector(plan, one, leaf_of, salt) for one in inspectors), key=lambda pair: str(pair[0]["leaf"])
    )
    return Roster(
        strata=tuple(table),
        areas=tuple(_areas(plan, objects, strata, register_counts, exclusions)),
        objects=tuple(public_object(opening, plan.mode) for opening in openings),
        inspectors=tuple(public for public, _ in pool),
        openings=tuple(openings),
        inspector_openings=tuple(private for _, private in pool),
        is_extended=plan.design.is_extended,
    )


def _check_objects(plan: Plan, objects: Sequence[RosterObject]) -> None:
    rates = {rate.key: rate for rate in plan.design.rates}
    twice = [
        object_id for object_id, count in Counter(item.object_id for item in objects).items() if count > 1
    ]
    if not objects:
        raise PlanInvalid(
            "检查对象名录是空的，无法冻结。", "The roster of objects is empty; nothing to freeze."
        )
    if twice:
        raise PlanInvalid(
            f"{twice[0]}在名录中出现多次，请合并。", f"{twice[0]} stands more than once in the roster."
        )
    for item in objects:
        if not re.fullmatch(OBJECT_ID, item.object_id):
            raise PlanInvalid(
                f"“{item.object_id!r}”（{item.name}）不是统一社会信用代码，也不是对象名录库的编号（OBJ-区划6位-序号），请先改正登记数据。",
                f"{item.object_id!r} ({item.name}) is neither a credit code nor a number of an object library "
                "(OBJ-division of six digits-number); mend the registration data first.",
            )
        if item.rate not in rates or item.weight < 1 or (plan.mode == "salted" and item.weight != 1):
            raise PlanInvalid(
                f"{item.object_id}的抽取比例代号“{item.rate}”或权重{item.weight}不合计划（加盐名单权重只能为1）。",
                f"{item.object_id}: rate key '{item.rate}' or weight {item.weight} does not fit the plan "
                "(in a salted roster every weight is 1, as a weight could tell who it is).",
            )
        if plan.design.is_extended:
            _check_method(item, rates[item.rate])


def _check_method(item: RosterObject, rate: Rate) -> None:
    """Refuse a weight or a sort where the method has no use for it: every chance must follow from what is announced."""
    is_whole = type(item.weight) is int and type(item.sort) is int and item.weight <= methods.MOST
    if not is_whole or (rate.method != "pps" and item.weight != 1):
        raise PlanInvalid(
            f"{item.object_id}的权重{item.weight}不合抽样方法{rate.method}：只有按权重抽（pps）才有1以外的整数权重。",
            f"{item.object_id}: weight {item.weight} does not fit method {rate.method}; only a draw by weight (pps) "
            "has whole weights other than 1.",
        )
    if not 0 <= item.sort <= methods.MOST or (rate.order != "declared" and item.sort):
        raise PlanInvalid(
            f"{item.object_id}的排序号{item.sort}不合计划：只有按公布次序抽的才有，且是0以上的整数。",
            f"{item.object_id}: sort {item.sort} does not fit the plan; only a draw in declared order has one, 0 or more.",
        )


def _weighed(plan: Plan, stratum: Stratum, weights: Sequence[int]) -> Stratum:
    """Return a stratum with its method, how many of it are certain, and the sum of all other weights."""
    rate = next(rate for rate in plan.design.rates if rate.key == stratum.rate)
    least = methods.certain_from(weights, stratum.drawn) if rate.method == "pps" else None
    sure = [weight for weight in weights if least is not None and weight >= least]
    rest = sum(weights) - sum(sure)
    if rest > methods.MOST:
        raise PlanInvalid(
            f"层{stratum.label}的权重之和超过2^53。请改用较大的计量单位。",
            f"The weights of stratum {stratum.label} add up to more than 2^53; use a larger unit.",
        )
    return replace(stratum, method=rate.method, order=rate.order, certain=len(sure), weight=rest)


def public_object(opening: Mapping[str, Any], mode: str) -> Record:
    """Return the public line of an object."""
    own = [key for key in ("leaf", "stratum", "weight", "sort", "chance") if key in opening]
    line = {"kind": "object", **{key: opening[key] for key in own}}
    return line | {"object": opening["object"], "name": opening["name"]} if mode == "open" else line


def _opening(plan: Plan, item: RosterObject, stratum: str, salt: Callable[[], bytes]) -> Record:
    hidden = salt().hex() if plan.mode == "salted" else ""
    sort = item.sort if plan.design.is_extended else None
    leaf = core.object_leaf(
        plan.plan_id, plan.attempt, salt=hidden, object_id=item.object_id, stratum=stratum, weight=item.weight, sort=sort
    )  # fmt: skip
    own = {
        "object": item.object_id,
        "name": item.name,
        "salt": hidden,
        "stratum": stratum,
        "weight": item.weight,
    } | ({} if sort is None else {"sort": sort})
    return own | {"leaf": leaf, "division": item.division, "is_synthetic": item.is_synthetic}


def _inspector(
    plan: Plan, one: PoolInspector, leaf_of: Mapping[str, str], salt: Callable[[], bytes]
) -> tuple[Record, Record]:
    hidden, until = salt().hex(), one.valid_until.isoformat()
    leaf = core.inspector_leaf(
        plan.plan_id, plan.attempt, salt=hidden, inspector_id=one.inspector_id, division=one.division,
        skills=one.skills, valid_until=until,
    )  # fmt: skip
    public = {
        "kind": "inspector",
        "leaf": leaf,
        "division": one.division,
        "skills": sorted(one.skills),
        "valid_until": until,
        "recused": sorted(leaf_of[object_id] for object_id in one.recused if object_id in leaf_of),
    }
    return public, public | {
        "inspector": one.inspector_id, "name": one.name, "organisation": one.organisation, "salt": hidden,
    }  # fmt: skip


Kind = tuple[Atom, str, str]  # division at the plan's level, group, key of the rate
Counts = Mapping[Kind, int]


def kind_of(plan: Plan, item: RosterObject) -> Kind:
    return area_atom(item.division, plan.design.area_level), item.group, item.rate


def counts_of(plan: Plan, objects: Iterable[RosterObject]) -> Counts:
    """Count objects by kind."""
    return Counter(kind_of(plan, item) for item in objects)


@dataclass(frozen=True)
class Strata:
    """The strata of a roster, the area of every atom, and the groups that had to be folded together."""

    table: list[Stratum]
    area_of: Mapping[Atom, str]
    group_of: Mapping[str, str]

    @cached_property
    def _labels(self) -> dict[tuple[str, str, str], str]:
        return {(one.area, one.group, one.rate): one.label for one in self.table}

    def label(self, kind: Kind) -> str:
        """Return the stratum in which objects of a kind lie."""
        atom, group, rate = kind
        return self._labels[self.area_of[atom], self.group_of.get(group, group), rate]

    def members(self, area: str) -> tuple[Atom, ...]:
        return tuple(sorted(atom for atom, name in self.area_of.items() if name == area))


def strata_of(plan: Plan, counts: Counts) -> Strata:
    """Return the strata that a freeze of such counts publishes.

    Raises:
        DisclosureRisk: even merged areas would reveal classes.
    """
    parts = [frozenset({atom}) for atom in sorted({atom for atom, _, _ in counts})]
    folded: dict[str, str] = {}
    while True:
        names = _names(parts)
        table = _table(plan, counts, names, folded)
        limit = plan.design.max_share_percent
        bad = revealing_cells(table, max_share_percent=limit) if plan.design.follows_class else []
        if not bad:
            return Strata(table, names, folded)
        if not plan.design.merge_areas:
            raise DisclosureRisk(bad)
        if len(parts) > 1:
            parts = _merge_one(
                parts, {atom for atom, name in names.items() if name in {c.area for c in bad}}, counts
            )
        elif fold := {c.group for c in bad} - {OTHER_GROUPS}:
            folded |= dict.fromkeys(
                (g for g in {key[1] for key in counts} if folded.get(g, g) in fold), OTHER_GROUPS
            )
        elif len({stratum.group for stratum in table}) > 1:
            folded = dict.fromkeys((key[1] for key in counts), OTHER_GROUPS)
        else:
            raise DisclosureRisk(bad)


def _merge_one(parts: list[frozenset[Atom]], bad: set[Atom], counts: Counts) -> list[frozenset[Atom]]:
    """Merge the smallest revealing area with its nearest, then revealing, then smallest neighbour."""
    sizes: Counter[Atom] = Counter()
    for (atom, _, _), count in counts.items():
        sizes[atom] += count

    def size(part: frozenset[Atom]) -> int:
        return sum(sizes[atom] for atom in part)

    weakest = min((part for part in parts if part & bad), key=lambda part: (size(part), sorted(part)))

    def distance(part: frozenset[Atom]) -> tuple[int, bool, int, list[Atom]]:
        shared = len(_common_prefix(weakest | part))
        return (-shared, not part & bad, size(part), sorted(part))

    partner = min((part for part in parts if part != weakest), key=distance)
    return [*(part for part in parts if part not in (weakest, partner)), weakest | partner]


def _common_prefix(atoms: Iterable[Atom]) -> str:
    """Return what codes share, by whole levels: 4 digits within a prefecture, else 2 within a province."""
    codes = list(atoms)
    for length in (4, 2):
        if len({code[:length] for code in codes}) == 1:
            return codes[0][:length]
    return ""


def _names(parts: Sequence[frozenset[Atom]]) -> dict[Atom, str]:
    """Name areas: a single division by its code, a merged one by its parent's code and a number."""
    names: dict[Atom, str] = {}
    used: Counter[str] = Counter()
    for part in sorted(parts, key=sorted):
        name = next(iter(part))
        if len(part) > 1:
            parent = _common_prefix(part).ljust(6, "0")
            used[parent] += 1
            name = f"{parent}-{used[parent]}"
        names |= dict.fromkeys(part, name)
    return names


def _table(plan: Plan, counts: Counts, names: Mapping[Atom, str], folded: Mapping[str, str]) -> list[Stratum]:
    sizes: Counter[tuple[str, str, str]] = Counter()
    for (atom, group, rate), count in counts.items():
        sizes[names[atom], folded.get(group, group), rate] += count
    keys = {f"S{number:03d}": key for number, key in enumerate(sorted(sizes), start=1)}
    per_10000 = {rate.key: rate.per_10000 for rate in plan.design.rates}
    drawn = design.allocate(
        {label: sizes[key] for label, key in keys.items()},
        {label: per_10000[key[2]] for label, key in keys.items()},
        at_least_one=plan.design.at_least_one,
    )
    if plan.design.at_least_per_area:
        drawn = methods.raised_to_area_minimum(
            [(label, key[0], sizes[key]) for label, key in keys.items() if per_10000[key[2]]],
            drawn,
            at_least=plan.design.at_least_per_area,
        )

    def reserve(label: str) -> int:
        wanted = -(-drawn[label] * plan.design.reserve_per_10000 // 10_000)
        return min(sizes[keys[label]] - drawn[label], wanted)

    return [Stratum(label, *key, sizes[key], drawn[label], reserve(label)) for label, key in keys.items()]


def _areas(
    plan: Plan,
    objects: Sequence[RosterObject],
    strata: "Strata",
    register_counts: Mapping[str, int] | None,
    exclusions: Iterable[Exclusion],
) -> list[Area]:
    level, area_of = plan.design.area_level, strata.area_of
    present = Counter(area_of[area_atom(item.division, level)] for item in objects)
    excluded: Counter[tuple[str, str]] = Counter()
    for one in exclusions:
        _check_exclusion(one)
        excluded[area_of.get(area_atom(one.division, level), "?"), one.reason] += one.count
    register: Counter[str] = Counter()
    for division, count in (register_counts or {}).items():
        register[area_of.get(area_atom(division, level), "?")] += count
    if register_counts is not None:
        _check_against_register(present, excluded, register)
    return [
        Area(
            code=code,
            members=strata.members(code),
            objects=present[code],
            register=register[code] if register_counts is not None else None,
            excluded=tuple({"reason": r, "count": n} for (a, r), n in sorted(excluded.items()) if a == code),
        )
        for code in sorted(present)
    ]


def _check_exclusion(one: Exclusion) -> None:
    if one.count < 0 or not one.reason.strip():
        raise DrawRefused(
            f"{one.division}：未参加的户数不能为负，并须写明理由。",
            f"{one.division}: what is left out has a count of 0 or more, and a reason.",
        )


def _check_against_register(
    present: Mapping[str, int], excluded: Mapping[tuple[str, str], int], register: Mapping[str, int]
) -> None:
    for area in sorted(set(register) | set(present)):
        left_out = sum(count for (code, _), count in excluded.items() if code == area)
        known, here = register.get(area, 0), present.get(area, 0)
        if here + left_out != known:
            place = "名录之外的地区" if area == "?" else area
            raise DrawRefused(
                f"{place}：登记簿有{known}户，名录{here}户，说明理由未参加的{left_out}户，相差{known - here - left_out}户。"
                "请补入名录或逐户写明未参加的理由。",
                f"{'areas outside the roster' if area == '?' else area}: the register has {known}, the roster {here}, "
                f"left out with a reason {left_out}: {known - here - left_out} unexplained. Add them or give the reason.",
            )

"""Teams that are near and evenly loaded, and among those a lottery: protocol zhijian-draw/2, section 13.

Every pair of an object and an inspector draws a lot from the seed. The teams are those of least total cost, where a
pair costs its lot, its way and each step out of the area, and a visit beyond an even share costs more. The least is
found by OR-Tools as a flow of least cost; that it is the least, anybody sees from the *prices*: what one more visit
of each inspector is worth. The verifiers compute them anew from the published teams and need no solver.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from zhijian.engines.draws.errors import NotEnoughInspectors
from zhijian.engines.draws.matching import Rules, Team, pool_level, prefix
from zhijian.engines.draws.plan import Balance

LOT = 1 << 24  # lots run from 0 to LOT - 1
OVERLOAD = 100_000 * LOT  # a visit beyond the cap: only where the law's two cannot be had otherwise
FEW = 24  # candidates of each kind that an object is offered first
_NEVER = 1 << 60
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Need:
    """What a team must be: how many, and which skills its members have together, a different member for each."""

    size: int
    skills: tuple[str, ...]

    @classmethod
    def of(cls, rules: Rules, balance: Balance) -> "Need":
        skills = rules.skills if balance.skills_shared else ()
        return cls(max(rules.team_size, len(skills)), skills)


@dataclass(frozen=True)
class _District:
    """Drawn objects (rows) and the inspectors (columns) who may visit some of them, with what each pair costs."""

    leaves: tuple[str, ...]
    inspectors: tuple[str, ...]
    cost: Whole  # _NEVER where the inspector is no candidate
    level: npt.NDArray[np.int8]
    way: Whole  # kilometres
    kind: npt.NDArray[np.intp]  # of each inspector: which of the needed skills it has, as a bit mask
    need: Need
    marginal: tuple[tuple[int, int], ...]  # (visits, cost of each of them), in order


@dataclass(frozen=True)
class Matched:
    """The team of every drawn object; the whole cost in parts of a lot (2^-24), of which none can be less."""

    teams: dict[str, Team]
    cost: int
    kilometres: int
    largest_load: int


def assign(
    seed: bytes,
    drawn: Iterable[tuple[str, Sequence[str]]],
    inspectors: Sequence[Mapping[str, Any]],
    rules: Rules,
    balance: Balance,
) -> Matched:
    """Return the teams of least cost. ``drawn`` gives (leaf, members of its area), in any order.

    Raises:
        NotEnoughInspectors: some object has too few candidates.
    """
    fit = [one for one in inspectors if is_fit(one, rules, balance)]
    by_area: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for leaf, members in drawn:
        by_area[tuple(members)].append(leaf)
    teams: dict[str, Team] = {}
    cost = way = largest = 0
    for areas in districts(by_area, balance.widest):
        district = _district(seed, {area: by_area[area] for area in areas}, fit, rules, balance)
        chosen, prices = _solve(district)
        teams |= _teams(district, chosen, prices, rules.max_load)
        load = np.bincount(chosen.ravel()).tolist()
        cost += int(np.take_along_axis(district.cost, chosen, axis=1).sum())
        cost += sum(marginal(district.marginal, visit) for most in load for visit in range(1, most + 1))
        largest = max(largest, *load)
        way += int(np.take_along_axis(district.way, chosen, axis=1).sum())
    return Matched(teams, cost, way, largest)


def is_fit(inspector: Mapping[str, Any], rules: Rules, balance: Balance) -> bool:
    """Say whether an inspector may be in a team: a certificate that lasts and, unless skills are shared, every skill."""
    has_skills = balance.skills_shared or set(rules.skills) <= set(inspector["skills"])
    return has_skills and bool(inspector["valid_until"] >= rules.inspection_until)


def districts(areas: Iterable[tuple[str, ...]], widest: int) -> list[list[tuple[str, ...]]]:
    """Return the areas, those together that may share inspectors: they are matched in one."""
    groups: list[tuple[set[object], list[tuple[str, ...]]]] = []
    for area in sorted(areas):
        keys: set[object] = set(([area], [prefix(one)[:4] for one in area], [""])[widest])
        touching = [group for group in groups if group[0] & keys]
        groups = [group for group in groups if not group[0] & keys]
        groups.append(
            (keys.union(*(one for one, _ in touching)), [*(a for _, own in touching for a in own), area])
        )
    return [sorted(own) for _, own in groups]


def kilometres(places: Mapping[str, Sequence[int]], members: Sequence[str], division: str) -> int:
    """Return whole kilometres from the middle of an inspector's division to that of an area, as the crow flies.

    ``places`` gives hectometres east and north. A division without a place is taken to be where the area is.
    """
    known = [places[one] for one in members if one in places]
    if not known or division not in places:
        return 0
    east, north = (sum(one[axis] for one in known) // len(known) for axis in (0, 1))
    return math.isqrt((east - places[division][0]) ** 2 + (north - places[division][1]) ** 2) // 10


def lots(seed: bytes, leaf: str, count: int) -> npt.NDArray[np.int64]:
    """Return the lots of the first ``count`` inspectors of a pool (by leaf) for one object."""
    # PBKDF2 of one round is HMAC in counter mode, which both libraries and browsers give in one call
    stream = hashlib.pbkdf2_hmac("sha256", seed, bytes.fromhex(leaf), 1, max(3 * count, 1))
    parts = np.frombuffer(stream[: 3 * count], np.uint8).reshape(-1, 3).astype(np.int64)
    return (parts[:, 0] << 16) | (parts[:, 1] << 8) | parts[:, 2]


def marginal(steps: Sequence[tuple[int, int]], visit: int) -> int:
    """Return what an inspector's visit number ``visit`` costs beyond its pair: 0 within an even share."""
    for count, cost in steps:
        if visit <= count:
            return cost
        visit -= count
    return steps[-1][1]


@cache
def is_team(kinds: tuple[int, ...], skills: int) -> bool:
    """Say whether members of these kinds (bit masks) cover skills 0 ... skills-1, a different member for each."""
    if not skills:
        return True
    wanted = 1 << (skills - 1)
    return any(
        kind & wanted and is_team((*kinds[:i], *kinds[i + 1 :]), skills - 1) for i, kind in enumerate(kinds)
    )


def check_pool(
    areas: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    inspectors: Sequence[Mapping[str, Any]],
    rules: Rules,
    balance: Balance,
) -> None:
    """Make sure before the freeze that every object can get a team. ``areas``: code to (members, leaves).

    Raises:
        NotEnoughInspectors: some object would have too few candidates.
    """
    need = Need.of(rules, balance)
    fit = [one for one in inspectors if is_fit(one, rules, balance)]
    for members, leaves in areas.values():
        near = [one for one in fit if pool_level(members, one["division"]) <= balance.widest]
        recused = {leaf for one in near for leaf in one["recused"]}
        for leaf in [*(recused & set(leaves)), *leaves[:1]]:
            _check_candidates([one for one in near if leaf not in one["recused"]], leaf, need)


def _check_candidates(candidates: Sequence[Mapping[str, Any]], leaf: str, need: Need) -> None:
    kinds = [_kind(one, need) for one in candidates]
    most = tuple(kind for one in sorted(set(kinds)) for kind in [one] * min(kinds.count(one), need.size))
    if len(candidates) < need.size or not is_team(most, len(need.skills)):
        raise NotEnoughInspectors(
            f"对象{leaf[:8]}…在允许的范围内只有{len(candidates)}名合格且无须回避的检查人员，凑不成{need.size}人、专业齐全的一组。请扩充人员库，或放宽跨区范围。",
            f"Object {leaf[:8]}… has {len(candidates)} qualified inspectors without recusal in the allowed territory; no team of "
            f"{need.size} with every skill can be formed. Enlarge the pool or the territory.",
        )


def _kind(inspector: Mapping[str, Any], need: Need) -> int:
    return sum(1 << n for n, skill in enumerate(need.skills) if skill in inspector["skills"])


def _district(
    seed: bytes,
    areas: Mapping[tuple[str, ...], Sequence[str]],
    fit: Sequence[Mapping[str, Any]],
    rules: Rules,
    balance: Balance,
) -> _District:
    near = {
        one["leaf"]: one
        for area in areas
        for one in fit
        if pool_level(area, one["division"]) <= balance.widest
    }
    pool = [near[leaf] for leaf in sorted(near)]
    need, rows, blocks, levels, ways = Need.of(rules, balance), [], [], [], []
    for area, leaves in areas.items():
        level = np.array([pool_level(area, one["division"]) for one in pool], np.int8)
        ways_of = {d: kilometres(balance.places, area, d) for d in {one["division"] for one in pool}}
        way = np.array([ways_of[one["division"]] for one in pool], np.int64)
        fixed = (way * balance.travel + level * np.int64(balance.cross)) * LOT // 100
        fixed[level > balance.widest] = _NEVER
        for leaf in sorted(leaves):
            rows.append(leaf)
            blocks.append(fixed + lots(seed, leaf, len(pool)) * (fixed < _NEVER))
            levels.append(level)
            ways.append(way)
    cost = np.array(blocks, np.int64)
    at = {leaf: row for row, leaf in enumerate(rows)}
    for column, one in enumerate(pool):
        cost[[at[leaf] for leaf in one["recused"] if leaf in at], column] = _NEVER
    share = -(-len(rows) * need.size // len(pool)) if pool else 0
    kinds = np.array([_kind(one, need) for one in pool], np.intp)
    return _District(
        tuple(rows), tuple(sorted(near)), cost, np.array(levels), np.array(ways), kinds, need,
        steps_of(share, rules, balance),
    )  # fmt: skip


def steps_of(share: int, rules: Rules, balance: Balance) -> tuple[tuple[int, int], ...]:
    """Return how many visits of an inspector cost how much: up to an even share, up to the cap, beyond."""
    even = min(share, rules.max_load)
    return ((even, 0), (rules.max_load - even, balance.uneven * LOT // 100), (_NEVER, OVERLOAD))


@dataclass(frozen=True)
class _Arcs:
    """The pairs on offer, by object: as long as no other pair would make it cheaper, the rest need not be looked at."""

    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]

    @classmethod
    def of(cls, offered: npt.NDArray[np.bool_]) -> "_Arcs":
        return cls(*np.nonzero(offered))


def _solve(district: _District) -> tuple[npt.NDArray[np.intp], Whole]:
    """Return the members of each object's team (columns; shape objects × size) and the least prices of inspectors."""
    offered = _cheapest(district)
    while True:
        arcs = _Arcs.of(offered)
        members = _flow(district, arcs)
        prices = _prices(district, members, arcs)
        missed = _cheaper(district, members, prices) & ~offered & (district.cost < _NEVER)
        if not missed.any():
            return members, prices
        offered |= missed


def _cheapest(district: _District) -> npt.NDArray[np.bool_]:
    offered = np.zeros(district.cost.shape, bool)
    for kind in np.unique(district.kind):
        columns = np.flatnonzero(district.kind == kind)
        few = max(FEW, 2 * district.need.size)
        if len(columns) <= few:
            offered[:, columns] = True
            continue
        best = np.argpartition(district.cost[:, columns], few, axis=1)[:, :few]
        np.put_along_axis(offered, columns[best], True, axis=1)
    return offered & (district.cost < _NEVER)


def _flow(district: _District, arcs: _Arcs) -> npt.NDArray[np.intp]:
    """Return the teams of least cost over the pairs on offer: a unit of flow is a member of a team.

    Where skills are shared, a team has a place for each skill and one for the others, and each pair a node of its own,
    so that nobody takes two places of one team.
    """
    objects, inspectors = district.cost.shape
    size, skills = district.need.size, len(district.need.skills)
    places = [(1 << n, 1) for n in range(skills)] + ([(0, size - skills)] if size > skills else [])
    pairs = len(arcs.row) if skills else 0
    first_pair, first_person = objects * len(places), objects * len(places) + pairs
    sink, one = first_person + inspectors, np.ones(len(arcs.row), np.int64)
    flow = min_cost_flow.SimpleMinCostFlow()
    add = flow.add_arcs_with_capacity_and_unit_cost
    tails = first_pair + np.arange(pairs) if skills else arcs.row
    chosen = add(tails, first_person + arcs.column, one, district.cost[arcs.row, arcs.column])
    for n, (wanted, _) in enumerate(places if skills else ()):
        may = (district.kind[arcs.column] & wanted) == wanted
        add(arcs.row[may] * len(places) + n, tails[may], one[may], 0 * one[may])
    everyone = np.arange(inspectors)
    for visits, extra in district.marginal:
        most = np.full(inspectors, min(visits, objects), np.int64)
        add(first_person + everyone, np.full(inspectors, sink), most, np.full(inspectors, extra))
    flow.set_nodes_supplies(np.arange(first_pair), np.tile([count for _, count in places], objects))
    flow.set_node_supply(sink, -objects * size)
    if (status := flow.solve()) != flow.OPTIMAL:
        raise AssertionError(f"the flow of {objects} objects and {inspectors} inspectors ended with {status}")
    used = np.flatnonzero(flow.flows(chosen) > 0)
    return arcs.column[used].reshape(objects, size)


def _tops(district: _District, members: npt.NDArray[np.intp], prices: Whole) -> Whole:
    """Return the dearest member, price included, that an inspector of each kind (column) could replace in each team."""
    dear = prices[members] + np.take_along_axis(district.cost, members, axis=1)
    kinds, skills = np.unique(district.kind), len(district.need.skills)
    if not skills:
        return np.repeat(dear.max(axis=1)[:, None], len(kinds), axis=1)
    tops = np.full((len(members), len(kinds)), -_NEVER)
    sorts, which = np.unique(district.kind[members], axis=0, return_inverse=True)
    for n, team in enumerate(sorts.tolist()):
        for column, kind in enumerate(kinds.tolist()):
            free = [is_team((*team[:i], *team[i + 1 :], kind), skills) for i in range(len(team))]
            if any(free):
                tops[which.ravel() == n, column] = dear[np.ix_(which.ravel() == n, free)].max(axis=1)
    return tops


def _prices(district: _District, members: npt.NDArray[np.intp], arcs: _Arcs) -> Whole:
    """Return the least price of each inspector at which no team has a cheaper member to exchange.

    The price of an inspector is at least what the last of its visits cost beyond its pair. In teams of least cost it is
    never more than the next visit would cost: that is the proof.
    """
    load = np.bincount(members.ravel(), minlength=len(district.inspectors))
    prices = np.array([marginal(district.marginal, n) for n in load.tolist()], np.int64)
    inside = np.zeros(district.cost.shape, bool)
    np.put_along_axis(inside, members, True, axis=1)
    outside = ~inside[arcs.row, arcs.column]
    row, column = arcs.row[outside], arcs.column[outside]
    cost, kind = district.cost[row, column], np.searchsorted(np.unique(district.kind), district.kind[column])
    while True:
        wanted = _tops(district, members, prices)[row, kind] - cost
        if not (more := wanted > prices[column]).any():
            return prices
        np.maximum.at(prices, column[more], wanted[more])


def _cheaper(district: _District, members: npt.NDArray[np.intp], prices: Whole) -> npt.NDArray[np.bool_]:
    """Say which pairs not on offer could replace a dearer member."""
    kind = np.searchsorted(np.unique(district.kind), district.kind)
    return district.cost + prices < _tops(district, members, prices)[:, kind]


def _teams(
    district: _District, members: npt.NDArray[np.intp], prices: Whole, max_load: int
) -> Iterable[tuple[str, Team]]:
    """Yield every object's team, cheapest member first, and the two cheapest who could replace any of its members."""
    load = np.bincount(members.ravel(), minlength=len(district.inspectors))
    skills = len(district.need.skills)
    for row, leaf in enumerate(district.leaves):
        worth = district.cost[row] + prices
        team = sorted(members[row].tolist(), key=lambda one: (worth[one], one))
        kinds = [int(district.kind[one]) for one in team]
        standby: list[int] = []
        for one in np.argsort(worth, kind="stable"):
            if len(standby) == 2 or district.cost[row, one] >= _NEVER:
                break
            kind = int(district.kind[one])
            if one not in team and all(
                is_team((*kinds[:i], *kinds[i + 1 :], kind), skills) for i in range(len(team))
            ):
                standby.append(int(one))
        pool = 3 if (load[team] > max_load).any() else int(district.level[row, team].max())
        named, others = (tuple(district.inspectors[one] for one in group) for group in (team, standby))
        yield leaf, Team(named, others, pool)

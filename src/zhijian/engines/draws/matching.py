"""Which inspectors visit which drawn object: at least two, by rank, qualified, near, and not recused.

Pools widen in steps, each logged in the result: 0 the object's own area, 1 the prefectures of that
area, 2 the whole pool, 3 the whole pool without the cap on visits.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from zhijian.engines.draws import core
from zhijian.engines.draws.errors import NotEnoughInspectors

WIDEST = 3


@dataclass(frozen=True)
class Team:
    """Inspector leaves for one object, in order of rank; ``standby`` follow, first one first."""

    inspectors: tuple[str, ...]
    standby: tuple[str, ...]
    pool: int


@dataclass(frozen=True)
class Rules:
    """What the plan asks of a team."""

    skills: tuple[str, ...]
    inspection_until: str  # ISO date; certificates must reach it
    team_size: int
    max_load: int


@cache
def prefix(division: str) -> str:
    """Return the digits that name a division: '440100' begins with '4401', '440000' with '44'."""
    return re.sub("(00)+$", "", division)


def pool_level(members: Sequence[str], division: str) -> int:
    """Return the narrowest pool of an area that an inspector of this division belongs to."""
    own = [prefix(member) for member in members]
    if division.startswith(tuple(own)):
        return 0
    return 1 if division.startswith(tuple(one[:4] for one in own)) else 2


def is_qualified(inspector: Mapping[str, Any], rules: Rules) -> bool:
    """Say whether an inspector has every skill and a certificate that lasts."""
    return (
        set(rules.skills) <= set(inspector["skills"]) and inspector["valid_until"] >= rules.inspection_until
    )


def assign(
    seed: bytes,
    drawn: Iterable[tuple[str, Sequence[str]]],
    inspectors: Sequence[Mapping[str, Any]],
    rules: Rules,
) -> dict[str, Team]:
    """Return the team of every drawn leaf. ``drawn`` gives (leaf, members of its area), in any order.

    Raises:
        NotEnoughInspectors: fewer than a team remain for some object even in the whole pool.
    """
    ranked = sorted(drawn, key=lambda pair: (core.rank_of(seed, pair[0]), pair[0]))
    pool = [inspector for inspector in inspectors if is_qualified(inspector, rules)]
    recused = {inspector["leaf"]: frozenset(inspector["recused"]) for inspector in pool}
    by_area: dict[tuple[str, ...], list[list[str]]] = {}
    load: Counter[str] = Counter()
    teams = {}
    for leaf, members in ranked:
        key = tuple(members)
        if key not in by_area:
            by_area[key] = _pools(key, pool)
        teams[leaf] = _team(seed, leaf, by_area[key], recused, load, rules)
        load.update(teams[leaf].inspectors)
    return teams


def _pools(area: Sequence[str], pool: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the inspectors' leaves of every pool of an area, from the narrowest to the widest."""
    own = [(pool_level(area, inspector["division"]), inspector["leaf"]) for inspector in pool]
    return [[leaf for level, leaf in own if level <= widest] for widest in range(WIDEST + 1)]


def _team(
    seed: bytes,
    leaf: str,
    pools: Sequence[Sequence[str]],
    recused: Mapping[str, frozenset[str]],
    load: Counter[str],
    rules: Rules,
) -> Team:
    for level, pool in enumerate(pools):
        free = [
            one
            for one in pool
            if leaf not in recused[one] and (level == WIDEST or load[one] < rules.max_load)
        ]
        if len(free) >= rules.team_size:
            free.sort(key=lambda one: (core.rank_of(seed, leaf, one), one))
            size = rules.team_size
            return Team(tuple(free[:size]), tuple(free[size : size + 2]), level)
    raise NotEnoughInspectors(
        f"对象{leaf[:8]}…在全部人员库中也只有{len(free)}名合格且无须回避的检查人员，至少要{rules.team_size}名。请扩充人员库后重新冻结。",
        f"Object {leaf[:8]}… has only {len(free)} qualified inspectors without recusal in the whole pool; "
        f"{rules.team_size} are needed. Enlarge the pool and freeze again.",
    )


def further(
    seed: bytes,
    leaf: str,
    area: Sequence[str],
    inspectors: Sequence[Mapping[str, Any]],
    rules: Rules,
    taken: Iterable[str],
) -> list[str]:
    """Return who follows after the standby of a drawn object: everybody else who qualifies, the nearest pool first.

    The same seed ranks them as it ranked the team, so that nobody chooses who comes third. The cap on visits is not asked:
    it made the first teams even, and somebody has to go.
    """
    gone = frozenset(taken)
    free = [one for one in inspectors if is_qualified(one, rules) and leaf not in one["recused"]]
    ranked = sorted(
        (pool_level(area, one["division"]), core.rank_of(seed, leaf, one["leaf"]), one["leaf"])
        for one in free
        if one["leaf"] not in gone
    )
    return [one for _, _, one in ranked]


def check_pool(leaves: Iterable[str], inspectors: Sequence[Mapping[str, Any]], rules: Rules) -> None:
    """Make sure before the freeze that no object can be left without a team, whatever the draw.

    Raises:
        NotEnoughInspectors: some object would have too few.
    """
    pool = [inspector for inspector in inspectors if is_qualified(inspector, rules)]
    recusals = Counter(leaf for inspector in pool for leaf in inspector["recused"])
    worst, count = max(recusals.items(), key=lambda pair: pair[1], default=(next(iter(leaves)), 0))
    if len(pool) - count < rules.team_size:
        raise NotEnoughInspectors(
            f"人员库中合格的有{len(pool)}名，对象{worst[:8]}…有{count}名须回避，不足{rules.team_size}名。请扩充人员库。",
            f"The pool has {len(pool)} qualified inspectors and {count} recused from object {worst[:8]}…; "
            f"{rules.team_size} must remain. Enlarge the pool.",
        )

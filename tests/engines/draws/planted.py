"""Histories of draws, honest ones and such with a fraud planted, to count how often the audit rings."""

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhijian.engines.draws import auditing, matching

FRAUDS = ("spared", "pair", "order", "again", "district")
FAVOURITES, COLLUDING = range(12), ("i00", "i01")
_OBJECTS, _RATES = 400, (0.05, 0.2)  # two strata of one half each
_DISTRICTS, _PEOPLE = 5, 12
Names = list[int]


@dataclass(frozen=True)
class History:
    """What a level did in a year: the drawn of each stratum in the order of drawing, its teams, and voided attempts."""

    samples: list[tuple[Names, Names]]
    seeds: list[bytes]
    voided: list[set[int]]
    colluding: npt.NDArray[
        np.bool_
    ]  # by draw: whoever is matched with the first of two takes the other along


def a_history(turn: int, *, fraud: str = "", throughout: float = 1.0, draws: int = 6) -> History:
    """Hold a year's draws. `throughout` is the share of draws in which the fraud is done.

    spared: favourites that were drawn are swapped for reserves. district: so is every second firm of the first district.
    order: part of the list is taken in the order of the register. pair: whoever is matched with the first of two takes the second along.
    again: a draw that hits the first favourite is voided and held anew. In honest years one draw in three is voided as well.
    """
    random = np.random.default_rng([20261128, turn])
    samples, seeds, voided, colluding = [], [], [], []
    for number in range(draws):
        is_done = bool(fraud) and random.random() < throughout
        drawn = _draw(random)
        if not fraud and random.random() < 1 / 3:
            voided.append({*drawn[0], *drawn[1]})
            drawn = _draw(random)
        while fraud == "again" and is_done and 200 in drawn[1]:
            voided.append({*drawn[0], *drawn[1]})
            drawn = _draw(random)
        if is_done and fraud in {"spared", "district", "order"}:
            drawn = tuple(_cheated(one, fraud, random) for one in drawn)  # type: ignore[assignment]
        samples.append((drawn[0], drawn[1]))
        seeds.append(hashlib.sha256(b"%d/%d" % (turn, number)).digest())
        colluding.append(is_done and fraud == "pair")
    return History(samples, seeds, voided, np.array(colluding))


def _draw(random: np.random.Generator) -> tuple[Names, Names]:
    half = _OBJECTS // 2
    first, second = (random.permutation(half)[: int(half * rate)] for rate in _RATES)
    return first.tolist(), (second + half).tolist()


def district(name: int) -> str:
    return f"D{name % _DISTRICTS}"


def is_favourite(name: int) -> bool:
    return name % (_OBJECTS // 2) in FAVOURITES


def _cheated(drawn: Names, fraud: str, random: np.random.Generator) -> Names:
    if fraud == "order":
        return [*sorted(drawn[: len(drawn) * 2 // 3]), *drawn[len(drawn) * 2 // 3 :]]
    start = 0 if drawn[0] < _OBJECTS // 2 else _OBJECTS // 2
    others = iter(random.permutation(np.arange(start, start + _OBJECTS // 2)).tolist())

    def is_swapped(name: int) -> bool:
        return is_favourite(name) if fraud == "spared" else district(name) == "D0" and random.random() < 0.5

    kept = [name for name in drawn if not is_swapped(name)]
    reserve = (
        one
        for one in others
        if one not in drawn and not (is_favourite(one) if fraud == "spared" else district(one) == "D0")
    )
    return [*kept, *(next(reserve) for _ in range(len(drawn) - len(kept)))]


def _leaf(name: int) -> str:
    return hashlib.sha256(b"%d" % name).hexdigest()


_INSPECTORS = [
    {"leaf": hashlib.sha256(b"i%d" % n).hexdigest(), "division": "440100", "skills": [], "valid_until": "2030-01-01", "recused": []}
    for n in range(_PEOPLE)
]  # fmt: skip
_NAME_OF = {str(one["leaf"]): f"i{n:02d}" for n, one in enumerate(_INSPECTORS)}
_RULES = matching.Rules((), "2026-12-31", 2, 20)


def _teams(seed: bytes, drawn: Names) -> list[tuple[str, ...]]:
    found = matching.assign(seed, [(_leaf(name), ("440100",)) for name in drawn], _INSPECTORS, _RULES)
    return [tuple(_NAME_OF[one] for one in team.inspectors) for team in found.values()]


def _sent(history: History) -> Counter[auditing.Pair]:
    """Count the pairs that went out."""
    found: Counter[auditing.Pair] = Counter()
    for seed, (first, second), is_done in zip(history.seeds, history.samples, history.colluding, strict=True):
        teams = _teams(seed, [*first, *second])
        found += auditing.pair_counts(
            COLLUDING if is_done and COLLUDING[0] in team else team for team in teams
        )
    return found


def judged(history: History, turn: int, *, throws: int = 99, pair_throws: int = 99) -> dict[str, float]:
    """Return the chance of each test of the audit, by the name of the fraud that it is made for; of pairs only if thrown."""
    half = _OBJECTS // 2
    every = [name for pair in history.samples for part in pair for name in part]
    parts = [part for pair in history.samples for part in pair]
    urns = [auditing.Urn(half, len(FAVOURITES), len(part)) for part in parts]
    sizes = Counter(district(name) for name in range(half))
    spread = auditing.spread(
        [(sizes, len(part)) for part in parts], Counter(map(district, every)), throws=throws, seed=turn
    )
    order = auditing.runs([[name % half < half // 2 for name in part] for part in parts])
    chances = {name: _RATES[name >= half] for name in range(_OBJECTS)}
    again = auditing.always_voided(
        [
            auditing.Attempt({str(k): v for k, v in chances.items()}, frozenset(map(str, one)))
            for one in history.voided
        ]
    )
    found = {
        "spared": auditing.marked_count(urns, sum(map(is_favourite, every)), side="few").chance,
        "district": spread.chance,
        "order": order.chance,
        "again": again.chance if again else 1.0,
    }
    if pair_throws:
        pairs = auditing.pairs(_sent(history), lambda number: _thrown(history, number), throws=pair_throws)
        assert pairs is not None
        found["pair"] = pairs.chance
    return found


def _thrown(history: History, number: int) -> Counter[auditing.Pair]:
    teams = []
    for seed, (first, second) in zip(history.seeds, history.samples, strict=True):
        teams += _teams(hashlib.sha256(b"%d" % number + seed).digest(), [*first, *second])
    return auditing.pair_counts(teams)

"""How strict inspectors are, with the risk of whom they were sent to taken out. Pure.

Where a draw matches inspectors at random, everybody of a pool meets the same mix of firms of a stratum. What an inspector
finds is compared with what all found in the same cells; the rest is chance and strictness. Chance is taken out by shrinking
towards one (gamma-Poisson, by moments): who visited little is told apart from nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import sqrt

import numpy as np
import numpy.typing as npt

TAILS = (0.025, 0.975)  # of the 95% interval


@dataclass(frozen=True)
class Visit:
    """One lottery visit: the cell within which inspectors were matched at random, who went, whether a problem was found."""

    cell: str
    inspectors: tuple[str, ...]
    has_problem: bool


@dataclass(frozen=True)
class Strictness:
    """One inspector: hits, hits expected from the cells, the ratio, and the shrunk ratio with its 95% interval.

    `chance` is that of a count at least as far from what was expected, both sides, if nobody differed.
    """

    inspector: str
    visits: int
    hits: int
    expected: float
    shrunk: float
    low: float
    high: float
    chance: float

    @property
    def ratio(self) -> float:
        return self.hits / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class Office:
    """All inspectors, and how much they differ beyond chance: the standard deviation of the true ratios (0: not at all)."""

    inspectors: tuple[Strictness, ...]
    spread: float


def office(visits: Iterable[Visit], *, fewest: int = 1) -> Office:
    """Return every inspector with at least `fewest` visits in cells where others went too, the strictest first."""
    cells: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        cells[visit.cell].append(visit)
    chances: dict[str, list[float]] = defaultdict(list)
    hits: dict[str, int] = defaultdict(int)
    for members in cells.values():
        rate = sum(one.has_problem for one in members) / len(members)
        if len({name for one in members for name in one.inspectors}) < 3:
            continue  # one team alone is compared with itself
        for one in members:
            for name in one.inspectors:
                chances[name].append(rate)
                hits[name] += one.has_problem
    names = sorted(name for name in chances if len(chances[name]) >= fewest)
    expected = np.array([sum(chances[name]) for name in names])
    seen = np.array([hits[name] for name in names], dtype=float)
    noise = np.array([sum(chance * (1 - chance) for chance in chances[name]) for name in names])
    spread = spread_of(seen, expected, noise)
    told = [
        _one(name, len(chances[name]), int(n), float(e), chances[name], spread)
        for name, n, e in zip(names, seen, expected, strict=True)
    ]
    return Office(tuple(sorted(told, key=lambda one: (-one.shrunk, one.inspector))), sqrt(spread))


def spread_of(seen: npt.ArrayLike, expected: npt.ArrayLike, noise: npt.ArrayLike) -> float:
    """Return the variance of true ratios beyond chance, by moments: sum((n - e)^2 - noise) / sum(e^2), not below zero."""
    n, e, v = (np.asarray(one, float) for one in (seen, expected, noise))
    below = float((e**2).sum())
    return max(0.0, float(((n - e) ** 2 - v).sum()) / below) if below else 0.0


def _one(
    name: str, visits: int, hits: int, expected: float, chances: Sequence[float], spread: float
) -> Strictness:
    chance = _two_sided(hits, chances)
    if not spread:
        return Strictness(name, visits, hits, expected, 1.0, 1.0, 1.0, chance)
    shape = 1 / spread
    from scipy.special import gammaincinv  # a second to read; few pages need it

    low, high = (float(gammaincinv(shape + hits, part)) / (shape + expected) for part in TAILS)
    return Strictness(name, visits, hits, expected, (shape + hits) / (shape + expected), low, high, chance)


def _two_sided(seen: int, chances: Sequence[float]) -> float:
    law = law_of(chances)
    return min(1.0, 2 * min(float(law[: seen + 1].sum()), float(law[seen:].sum())))


def law_of(chances: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return the chance of 0, 1, 2... hits in visits that each hit with their own chance."""
    return reduce(np.convolve, (np.array([1 - chance, chance]) for chance in chances), np.ones(1))


def funnel(expected: float, *, level: float) -> tuple[float, float]:
    """Return between which ratios an inspector of average strictness lies with this chance, Poisson hits of that mean."""
    if expected <= 0:
        return 0.0, float("inf")
    tail = (1 - level) / 2
    counts = np.arange(int(expected + 12 * sqrt(expected) + 20))
    logs = counts * np.log(expected) - expected - np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    below = np.cumsum(np.exp(logs))
    low = int(np.searchsorted(below, tail))
    high = int(np.searchsorted(below, 1 - tail))
    return low / expected, high / expected


__all__ = ["Office", "Strictness", "Visit", "funnel", "office", "spread_of"]

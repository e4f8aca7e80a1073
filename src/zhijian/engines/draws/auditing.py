"""Patterns that honest lotteries do not show, each with the exact chance that an honest one shows it. Pure.

What was drawn is compared with what the announced design makes of chance alone: sums of hypergeometric counts and runs in
random order have laws that can be written down whole; for spread and pairs the design is thrown anew, and the rank of
what happened among the throws is an exact chance too (Besag and Clifford, 1989): honest draws show p <= a in at most a
share a of cases.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pair = tuple[str, str]
_EQUAL = 1 + 1e-9  # chances that differ by less are one chance, written with another rounding


@dataclass(frozen=True)
class Urn:
    """One stratum of one draw: how many objects it held, how many of them bear the mark, how many were drawn."""

    objects: int
    marked: int
    drawn: int

    def __post_init__(self) -> None:
        if not (0 <= self.marked <= self.objects and 0 <= self.drawn <= self.objects):
            raise ValueError(f"{self.marked} marked and {self.drawn} drawn of {self.objects} cannot be")

    @property
    def expected(self) -> float:
        return self.drawn * self.marked / self.objects if self.objects else 0.0


@dataclass(frozen=True)
class Verdict:
    """What was seen, what chance alone gives on average, and the chance of something at least as far from it."""

    seen: float
    expected: float
    chance: float


def law_of_marked(urns: Iterable[Urn]) -> Floats:
    """Return the chance of 0, 1, 2... marked objects among all drawn: the sum of independent hypergeometric counts."""
    return reduce(np.convolve, (_hypergeometric(urn) for urn in urns if urn.marked and urn.drawn), np.ones(1))


def _hypergeometric(urn: Urn) -> Floats:
    """Return the chance of 0, 1, 2... marked among the drawn, from the ratios of neighbours."""
    least = max(0, urn.drawn + urn.marked - urn.objects)
    steps = np.arange(least, min(urn.marked, urn.drawn), dtype=float)
    up = (urn.marked - steps) * (urn.drawn - steps)
    down = (steps + 1) * (urn.objects - urn.marked - urn.drawn + steps + 1)
    logs = np.concatenate([np.zeros(1), np.cumsum(np.log(up) - np.log(down))])
    law = np.exp(logs - logs.max())
    return np.concatenate([np.zeros(least), law / law.sum()])


def marked_count(urns: Sequence[Urn], seen: int, *, side: str = "both") -> Verdict:
    """Judge how many marked objects were drawn. ``side`` is both, few (somebody is spared) or many (somebody is chosen)."""
    law = law_of_marked(urns)
    if not 0 <= seen < len(law):
        raise ValueError(f"{seen} marked objects drawn, where at most {len(law) - 1} can be")
    tails = {"few": law[: seen + 1].sum(), "many": law[seen:].sum()}
    chance = tails[side] if side in tails else law[law <= law[seen] * _EQUAL].sum()
    return Verdict(seen, sum(urn.expected for urn in urns), min(1.0, float(chance)))


def repeats(strata: Sequence[tuple[int, int, int]], seen: int) -> Verdict:
    """Judge how many objects were drawn again. ``strata``: (frame, drawn before and still in the frame, drawn now)."""
    return marked_count([Urn(*one) for one in strata], seen)


def spread(
    strata: Sequence[tuple[Mapping[str, int], int]], seen: Mapping[str, int], *, throws: int, seed: int
) -> Verdict:
    """Judge how the drawn spread over categories. ``strata``: (objects by category, drawn), each a draw with equal chances.

    The measure is Pearson's sum of (seen - expected)²/expected; its law comes from draws thrown anew from the same strata.
    """
    names = sorted({name for sizes, _ in strata for name in sizes})
    counts = [(np.array([sizes.get(name, 0) for name in names]), drawn) for sizes, drawn in strata]
    expected = sum((sizes * drawn / sizes.sum() for sizes, drawn in counts), np.zeros(len(names)))
    random = np.random.default_rng(seed)
    thrown = sum(
        (random.multivariate_hypergeometric(sizes, drawn, size=throws) for sizes, drawn in counts),
        np.zeros((throws, len(names))),
    )
    return _by_rank(
        _pearson(np.array([seen.get(name, 0) for name in names]), expected), _pearson(thrown, expected)
    )


def spread_among(seen: Mapping[str, int], thrown: Sequence[Mapping[str, int]]) -> Verdict:
    """Judge the spread of a draw with unequal chances, among draws thrown anew by its own method."""
    every = [seen, *thrown]
    names = sorted({name for one in every for name in one})
    table = np.array([[one.get(name, 0) for name in names] for one in every], dtype=float)
    measures = _pearson(table, table.mean(0))
    return _by_rank(float(measures[0]), measures[1:])


def _pearson(counts: npt.NDArray[Any], expected: Floats) -> Floats:
    possible = expected > 0
    found: Floats = ((counts[..., possible] - expected[possible]) ** 2 / expected[possible]).sum(-1)
    return found


def _by_rank(seen: npt.ArrayLike, thrown: Floats) -> Verdict:
    value = float(np.asarray(seen))
    chance = (1 + int((thrown >= value * (1 - 1e-9)).sum())) / (1 + len(thrown))
    return Verdict(value, float(thrown.mean()) if len(thrown) else value, chance)


def runs_of(marks: Sequence[bool]) -> int:
    """Count the runs of equal marks."""
    return 1 + sum(one != other for one, other in pairwise(marks)) if marks else 0


def law_of_runs(marked: int, others: int) -> Floats:
    """Return the chance of 0, 1, 2... runs when that many marked and others stand in random order (Wald and Wolfowitz)."""
    if not marked or not others:
        return np.array([1.0]) if not marked + others else np.array([0.0, 1.0])
    whole, law = comb(marked + others, marked), [0.0, 0.0]
    for runs in range(2, 2 * min(marked, others) + 2):
        half = runs // 2
        ways = (
            2 * comb(marked - 1, half - 1) * comb(others - 1, half - 1)
            if runs % 2 == 0
            else comb(marked - 1, half) * comb(others - 1, half - 1)
            + comb(marked - 1, half - 1) * comb(others - 1, half)
        )
        law.append(ways / whole)  # whole numbers of any length: the quotient is exact to the last digit
    return np.array(law)


def runs(sequences: Sequence[Sequence[bool]]) -> Verdict:
    """Judge the order of drawing: runs of marked and others in all sequences together, each in random order."""
    laws = [law_of_runs(sum(marks), len(marks) - sum(marks)) for marks in sequences if marks]
    law = reduce(np.convolve, laws, np.ones(1))
    seen = sum(runs_of(marks) for marks in sequences)
    return Verdict(
        seen,
        float((np.arange(len(law)) * law).sum()),
        min(1.0, float(law[law <= law[seen] * _EQUAL].sum())),
    )


def pair_counts(teams: Iterable[Sequence[str]]) -> Counter[Pair]:
    """Count how often two people were in one team."""
    return Counter(pair for team in teams for pair in combinations(sorted(team), 2))


@dataclass(frozen=True)
class PairVerdict:
    """The pair furthest above what the rules of matching give, how often it went out, and the chance of any such pair."""

    pair: Pair
    seen: int
    expected: float
    chance: float


def pairs(seen: Counter[Pair], throw: Callable[[int], Counter[Pair]], *, throws: int) -> PairVerdict | None:
    """Judge the pairs of inspectors. ``throw`` matches anew under the same rules; None where nobody went out in twos.

    The measure of a history is its greatest (count - mean)/sqrt(mean) over pairs, means taken over what was seen and all throws
    alike, so that the one seen is a throw like the others unless somebody chose.
    """
    histories = [seen, *(throw(number) for number in range(throws))]
    total: Counter[Pair] = Counter()
    for one in histories:
        total.update(one)
    if not total or not seen:
        return None
    mean = {pair: count / len(histories) for pair, count in total.items()}

    def excess(history: Counter[Pair], pair: Pair) -> float:
        return (history[pair] - mean[pair]) / float(np.sqrt(mean[pair]))

    greatest = np.array([max((excess(one, pair) for pair in one), default=0.0) for one in histories])
    worst = max(seen, key=lambda pair: (excess(seen, pair), pair))
    chance = float((greatest >= greatest[0] * (1 - 1e-9)).mean())
    return PairVerdict(worst, seen[worst], mean[worst], chance)


def matched(visits: Sequence[tuple[frozenset[str], Sequence[str]]]) -> PairVerdict | None:
    """Judge the pairs without throwing, where each visit's team was drawn from its whole pool; None where there are no visits.

    A team of k of a pool of n holds any pair with the chance k(k-1)/n(n-1), at each visit anew, so that a pair's count is a Poisson binomial;
    the smallest chance is multiplied by the number of pairs that could have gone out. Not for draws in which somebody's load reached the cap: use `pairs`.
    """
    seen = pair_counts(team for _, team in visits)
    if not seen:
        return None
    pools = Counter((pool, len(team)) for pool, team in visits)
    possible = {pair for pool, _ in pools for pair in combinations(sorted(pool), 2)}
    told = []
    for pair, count in seen.items():
        going = [
            (comb(team, 2) / comb(len(pool), 2), times)
            for (pool, team), times in pools.items()
            if pool.issuperset(pair)
        ]
        chances = [chance for chance, times in going for _ in range(times)]
        told.append((chance_of_at_least(count, chances), pair, sum(chances)))
    chance, pair, expected = min(told)
    return PairVerdict(pair, seen[pair], expected, min(1.0, chance * len(possible)))


@dataclass(frozen=True)
class Attempt:
    """A draw that was held and then voided: the chance of every object of its frame, and who was drawn."""

    chances: Mapping[str, float]
    drawn: frozenset[str]


@dataclass(frozen=True)
class Recurring:
    """The object that stands out among those drawn in voided attempts; the chance that any object does so."""

    object_id: str
    seen: int
    of: int
    chance: float


def always_voided(attempts: Sequence[Attempt]) -> Recurring | None:
    """Judge whether draws were voided whenever one object was drawn, until it was not.

    For each object the chance to be drawn in so many of the voided attempts is a Poisson binomial tail; the smallest is multiplied by the
    number of objects that could have been drawn (Bonferroni), so that looking at all of them costs no false alarm.
    """
    objects = {one for attempt in attempts for one in attempt.chances}
    hits = Counter(one for attempt in attempts for one in attempt.drawn)
    if not hits:
        return None
    tail = {
        one: chance_of_at_least(seen, [attempt.chances.get(one, 0.0) for attempt in attempts])
        for one, seen in hits.items()
    }
    worst = min(tail, key=lambda one: (tail[one], one))
    return Recurring(worst, hits[worst], len(attempts), min(1.0, tail[worst] * len(objects)))


def chance_of_at_least(seen: int, chances: Sequence[float]) -> float:
    """Return the chance that at least so many of independent events happen, each with its own chance."""
    law = reduce(np.convolve, (np.array([1 - chance, chance]) for chance in chances), np.ones(1))
    return min(1.0, float(law[seen:].sum()))


def exclusions(by_area: Mapping[str, tuple[int, int]]) -> dict[str, Verdict]:
    """Judge where hand-made exclusions lie: (register, excluded) by area, against excluding the same number anywhere.

    Each area's chance is that of so many or more, hypergeometric; areas are tests of their own.
    """
    register = sum(objects for objects, _ in by_area.values())
    excluded = sum(count for _, count in by_area.values())
    return {
        area: marked_count([Urn(register, objects, excluded)], count, side="many")
        for area, (objects, count) in by_area.items()
        if objects
    }

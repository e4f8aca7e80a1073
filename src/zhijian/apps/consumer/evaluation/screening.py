"""Signs that evaluations of a firm were made and not earned: published tests with false discovery kept in check. Pure.

Six tests look at evaluations without knowing a person: bursts (a stretch of days with more evaluations than chance allows
*and* another share of highest or lowest scores), sequence (tickets one after the other all used with one extreme score),
excess (more of an extreme score than firms of the trade with the same other scores have), copies (near copies of texts),
repeats (one device, many evaluations of one firm) and rings (devices that evaluate the same several firms). Each gives a
chance; all chances of a day are judged together (`engines.signals.discovery`). What is found is a proposal: an officer
confirms or dismisses it, and every evaluation that is set aside keeps its reason.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.apps.consumer.evaluation.scoring import HIGHEST, LOWEST, SCORES, counted
from zhijian.engines.signals import alike, bursts
from zhijian.engines.signals.discovery import adjusted, hierarchical

Floats = npt.NDArray[np.float64]
BURST, SEQUENCE, EXCESS, COPIES, REPEATS, RING = "burst", "sequence", "excess", "copies", "repeats", "ring"
TESTS = (BURST, SEQUENCE, EXCESS, COPIES, REPEATS, RING)
_FLOOR = 1e-300
_PAIRS_A_COPY = 1000  # before anything is known, one pair of texts in so many is a near copy by chance


@dataclass(frozen=True)
class Seen:
    """One evaluation as the tests see it. `serial` is its ticket's place among the firm's (0: a complaint's receipt);
    `device` is a keyed mark that only tells the same from another."""

    number: str
    firm: str
    day: int
    score: int
    serial: int = 0
    text: str = ""
    device: str = ""


@dataclass(frozen=True)
class Limits:
    """What an officer may change by data: see the parameter `consumer/evaluation_screening`."""

    false_share: float
    least_count: int  # evaluations a firm must have for burst, sequence and excess
    burst_days: int
    throws: int
    run_least: int  # tickets in sequence that are marked
    text_least: int  # letters from which a text is compared
    repeat_least: int  # evaluations of one device for one firm that are marked
    ring_least: int  # devices of a ring
    horizon_days: int

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Limits":
        return cls(**{name: value[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Finding:
    """One test that stood out for one firm. `numbers` are the evaluations that it marks; `excess` how many of `score`
    are too many where no single one can be named. `said` holds the figures for the words."""

    test: str
    firm: str
    chance: float
    false_share: float
    numbers: tuple[str, ...]
    score: int = 0
    excess: float = 0.0
    said: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class _Result:
    chance: float
    numbers: tuple[str, ...] = ()
    score: int = 0
    excess: float = 0.0
    said: tuple[tuple[str, float], ...] = ()


def screen(seen: Sequence[Seen], issued: Mapping[str, int], *, limits: Limits, seed: int) -> list[Finding]:
    """Judge the evaluations of one trade; `issued` counts the tickets of each firm. Returns what stood out, by firm."""
    by_firm: dict[str, list[Seen]] = defaultdict(list)
    for one in sorted(seen, key=lambda one: (one.firm, one.day, one.number)):
        by_firm[one.firm].append(one)
    tables: dict[str, dict[str, _Result]] = {
        BURST: {f: _burst(own, limits, seed + n) for n, (f, own) in enumerate(by_firm.items())},
        SEQUENCE: {f: _sequence(own, issued.get(f, 0), limits) for f, own in by_firm.items()},
        EXCESS: _excess(by_firm, limits),
        COPIES: _copies(by_firm, limits),
        REPEATS: _repeats(by_firm, limits),
        RING: _rings(by_firm, limits),
    }
    chances = {test: np.array([one.chance for one in rows.values()]) for test, rows in tables.items() if rows}
    told = hierarchical(chances, rate=limits.false_share)
    found = []
    for test, rows in tables.items():
        if test not in told:
            continue
        shares = adjusted(chances[test])
        for (firm, row), is_told, share in zip(rows.items(), told[test], shares, strict=True):
            if is_told and (row.numbers or row.excess):
                figures = (row.numbers, row.score, row.excess, row.said)
                found.append(Finding(test, firm, row.chance, float(share), *figures))
    return sorted(found, key=lambda one: (one.firm, TESTS.index(one.test)))


def aside(findings: Sequence[Finding]) -> set[str]:
    """Return the evaluations that these findings mark."""
    return {number for one in findings for number in one.numbers}


def excess_left(
    found: Finding, scores: Mapping[str, int], marked: set[str], own: Sequence[str]
) -> dict[int, float]:
    """Return how many of the score are still too many once the marked ones of that score are set aside already."""
    gone = sum(1 for number in own if number in marked and scores[number] == found.score)
    left = found.excess - gone
    return {found.score: left} if left > 0 else {}


def _burst(own: Sequence[Seen], limits: Limits, seed: int) -> _Result:
    """A stretch with too many evaluations whose share of 5, or of 1, is another than outside: both must hold."""
    from scipy import stats

    if len(own) < limits.least_count:
        return _Result(1.0)
    first_day = min(one.day for one in own)
    days = np.bincount([one.day - first_day for one in own])
    burst = bursts.strongest(days, longest=limits.burst_days, throws=limits.throws, seed=seed)
    if burst is None:
        return _Result(1.0)
    inside = [one for one in own if burst.first <= one.day - first_day <= burst.last]
    best = _Result(1.0)
    for score in (HIGHEST, LOWEST):
        marked = [one for one in inside if one.score == score]
        whole = sum(one.score == score for one in own)
        shift = float(stats.hypergeom.sf(len(marked) - 1, len(own), whole, len(inside)))
        chance = max(burst.chance, min(1.0, 2 * shift))
        if chance < best.chance:
            said = (("days", burst.last - burst.first + 1), ("count", burst.count), ("expected", burst.expected),
                    ("share", len(marked) / len(inside)), ("first_day", burst.first + first_day))  # fmt: skip
            best = _Result(chance, tuple(one.number for one in marked), score, said=said)
    return best


def _sequence(own: Sequence[Seen], issued: int, limits: Limits) -> _Result:
    """Tickets in a row, all used, all with one extreme score: runs among the tickets of that score, exact (Wald, Wolfowitz)."""
    best = _Result(1.0)
    for score in (HIGHEST, LOWEST):
        used = sorted((one for one in own if one.serial and one.score == score), key=lambda one: one.serial)
        size = max(issued, used[-1].serial if used else 0)
        if len(used) < limits.least_count // 2 or len(used) >= size:
            continue
        runs = _runs(used)
        chance = min(1.0, 2 * _few_runs(len(runs), len(used), size))
        if chance < best.chance:
            long = [run for run in runs if len(run) >= limits.run_least]
            said = (("runs", len(runs)), ("used", len(used)), ("issued", size),
                    ("longest", max(len(run) for run in runs)))  # fmt: skip
            best = _Result(chance, tuple(one.number for run in long for one in run), score, said=said)
    return best


def _runs(used: Sequence[Seen]) -> list[list[Seen]]:
    runs: list[list[Seen]] = []
    for one in used:
        if runs and one.serial - runs[-1][-1].serial <= 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _few_runs(runs: int, used: int, size: int) -> float:
    """Return the chance of so few runs or fewer, when `used` of `size` places are taken at random.

    The runs are hypergeometric: `used` draws, of which those from the size - used + 1 outer gaps begin a run.
    """
    from scipy import stats

    return float(stats.hypergeom.cdf(runs, size, size - used + 1, used) if used else 1.0)


def _excess(by_firm: Mapping[str, Sequence[Seen]], limits: Limits) -> dict[str, _Result]:
    """Too many of an extreme score for what the other four scores say, against the shape of the trade.

    A firm's honest distribution is the trade's, tilted to its own mean. The tilt is fitted with and without the extreme
    score; twice the log ratio of both is the statistic. Its signed root is centred and scaled by median and median
    deviation over the trade (at least 1), so that what is common to the trade is not held against a firm.
    """
    from scipy import stats

    counts = {firm: np.array(counted([one.score for one in own])) for firm, own in by_firm.items()}
    large = {firm: one for firm, one in counts.items() if one.sum() >= limits.least_count}
    base = sum((one / one.sum() * min(one.sum(), 50) for one in counts.values()), np.full(len(SCORES), 0.5))
    base = base / base.sum()
    result = {firm: _Result(1.0) for firm in by_firm}
    for score in (HIGHEST, LOWEST):
        fits = {firm: _tilted(one, base, score - LOWEST) for firm, one in large.items()}
        roots = np.array([root for root, _ in fits.values()])
        if len(roots) < 10:
            continue
        centre = float(np.median(roots))
        scale = max(1.0, float(np.median(np.abs(roots - centre))) * 1.4826)
        for firm, (root, too_many) in fits.items():
            chance = min(1.0, 2 * float(stats.norm.sf((root - centre) / scale)))
            if chance < result[firm].chance and too_many >= 1:
                own = large[firm]
                said = (
                    ("seen", float(own[score - LOWEST])),
                    ("expected", float(own[score - LOWEST]) - too_many),
                )
                result[firm] = _Result(chance, (), score, too_many, said)
    return result


def _tilted(counts: Floats, base: Floats, place: int) -> tuple[float, float]:
    """Return the signed root of twice the log ratio, and how many of the score at `place` are too many."""
    others = np.arange(len(SCORES)) != place
    if counts[others].sum() < 5:
        return 0.0, 0.0
    rest = _tilt(counts[others], base[others], SCORES[others])
    shares = base * np.exp(rest * (SCORES - SCORES.mean()))
    shares /= shares.sum()
    total, seen = float(counts.sum()), float(counts[place])
    expected = (total - seen) * shares[place] / max(1 - shares[place], 1e-9)
    free = _likelihood(counts[others], base[others] * np.exp(rest * SCORES[others]))
    free += sum(n * np.log(max(n, 1e-12) / total) for n in (seen, total - seen))
    whole = _tilt(counts, base, SCORES)
    bound = _likelihood(counts, base * np.exp(whole * SCORES))
    return float(np.sign(seen - expected) * np.sqrt(max(0.0, 2 * (free - bound)))), max(0.0, seen - expected)


def _tilt(counts: Floats, base: Floats, scores: Floats) -> float:
    """Return the tilt at which the distribution has the mean of the counts, half a count from each end at most."""
    mean = float((counts * scores).sum() / counts.sum())
    edge = 0.5 / (float(counts.sum()) + 1)
    mean = float(np.clip(mean, scores[0] + edge, scores[-1] - edge))
    low, high = -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        weights = base * np.exp(middle * (scores - scores.mean()))
        if float((weights * scores).sum() / weights.sum()) < mean:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _likelihood(counts: Floats, weights: Floats) -> float:
    return float((counts * np.log(np.maximum(weights / weights.sum(), 1e-300))).sum())


def _copies(by_firm: Mapping[str, Sequence[Seen]], limits: Limits) -> dict[str, _Result]:
    """Near copies of one text within a firm, against how often texts of different firms of the trade are near copies.

    Near copies hang together as groups. A group is judged by its texts beyond the first in the firm (Poisson); pairs of the
    group itself do not count in the rate, so that one text sold to many firms does not excuse itself.
    """
    from scipy import stats

    rows = [one for own in by_firm.values() for one in own if _letters(one.text) >= limits.text_least]
    if len(rows) < 2:
        return {}
    pairs = alike.pairs(alike.signatures([one.text for one in rows]))
    sizes = Counter(one.firm for one in rows)
    possible = len(rows) * (len(rows) - 1) / 2 - sum(n * (n - 1) / 2 for n in sizes.values())
    groups = alike.groups(len(rows), pairs)
    of = {place: number for number, group in enumerate(groups) for place in group}
    between = Counter(of[one] for one, other in pairs if rows[one].firm != rows[other].firm)
    found = {firm: _Result(1.0, said=(("texts", size),)) for firm, size in sizes.items()}
    marked: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        rate = (between.total() - between[number] + 1) / (possible + _PAIRS_A_COPY)
        for firm, inside in Counter(rows[place].firm for place in group).items():
            if inside < limits.repeat_least:
                continue
            expected = rate * sizes[firm] * (sizes[firm] - 1) / 2
            chance = max(min(1.0, float(stats.poisson.sf(inside - 2, expected)) * len(groups)), _FLOOR)
            marked[firm] += [place for place in group if rows[place].firm == firm]
            if chance < found[firm].chance:
                said = (("texts", sizes[firm]), ("copies", inside), ("groups", 1))
                found[firm] = _Result(chance, tuple(rows[place].number for place in marked[firm]), said=said)
    return found


def _letters(text: str) -> int:
    return sum(letter.isalnum() for letter in text)


def _repeats(by_firm: Mapping[str, Sequence[Seen]], limits: Limits) -> dict[str, _Result]:
    """Evaluations of one device for one firm beyond its first, against the trade's share of such (of firms, the median)."""
    from scipy import stats

    devices = {f: Counter(one.device for one in own if one.device) for f, own in by_firm.items()}
    beyond = {f: sum(count - 1 for count in own.values()) for f, own in devices.items()}
    sizes = {f: sum(own.values()) for f, own in devices.items()}
    shares = [beyond[f] / sizes[f] for f in by_firm if sizes[f] >= limits.least_count]
    rate = max(float(np.median(shares)) if shares else 0.0, 0.02)
    found = {}
    for firm, own in by_firm.items():
        if not sizes[firm]:
            continue
        often = {mark for mark, count in devices[firm].items() if count >= limits.repeat_least}
        chance = (
            float(stats.binom.sf(beyond[firm] - 1, sizes[firm], min(2 * rate, 0.5))) if beyond[firm] else 1.0
        )
        marked = tuple(one.number for one in own if one.device in often)
        said = (("devices", len(often)), ("evaluations", len(marked)))
        found[firm] = _Result(max(chance, _FLOOR), marked, said=said)
    return found


def _rings(by_firm: Mapping[str, Sequence[Seen]], limits: Limits) -> dict[str, _Result]:
    """Devices of which any two evaluated the same firms more often than the firms' popularity allows.

    A pair that evaluated a and b firms shares n or more of them with a hypergeometric chance, over as many firms as their
    popularity is worth (one by the sum of squared shares). Pairs that stand out among all pairs hang together as rings; a
    ring of k devices has the chance of a tree of k - 1 pairs, times all sets and trees that could have been (union bound).
    """
    from scipy import stats

    several, worth = _several(by_firm)
    shared: Counter[tuple[str, str]] = Counter()
    for own in by_firm.values():
        shared.update(combinations(sorted({one.device for one in own if one.device in several}), 2))
    candidates = [(pair, n) for pair, n in shared.items() if n > 1]
    if not candidates:
        return {}
    tests = len(several) * (len(several) - 1) / 2
    chances = np.array([
        stats.hypergeom.sf(n - 1, max(worth, len(several[a]), len(several[b])), len(several[a]), len(several[b]))
        for (a, b), n in candidates
    ])  # fmt: skip
    is_told = adjusted(np.minimum(1.0, chances * tests / len(candidates))) <= limits.false_share
    edges = {pair: float(p) for (pair, _), p, told in zip(candidates, chances, is_told, strict=True) if told}
    names = sorted(several)
    place = {mark: number for number, mark in enumerate(names)}
    found: dict[str, _Result] = {}
    for group in alike.groups(len(names), [(place[a], place[b]) for a, b in edges]):
        ring = {names[number] for number in group}
        if len(ring) < limits.ring_least:
            continue
        chance = _ring_chance(ring, edges, len(several))
        for firm, own in by_firm.items():
            inside = len({one.device for one in own if one.device in ring})
            if inside >= limits.ring_least:
                marked = tuple(one.number for one in own if one.device in ring)
                found[firm] = _Result(chance, marked, said=(("devices", inside), ("ring", len(ring))))
    return found


def _several(by_firm: Mapping[str, Sequence[Seen]]) -> tuple[dict[str, set[str]], int]:
    """Return the firms of each device with two or more, and how many equally popular firms the trade is worth."""
    visits: dict[str, set[str]] = defaultdict(set)
    for firm, own in by_firm.items():
        for one in own:
            if one.device:
                visits[one.device].add(firm)
    popular = np.array(
        [len({one.device for one in own if one.device}) for own in by_firm.values()], dtype=float
    )
    squared = float(((popular / max(popular.sum(), 1)) ** 2).sum())
    worth = round(1 / squared) if squared else 1
    return {mark: firms for mark, firms in visits.items() if len(firms) > 1}, worth


def _ring_chance(ring: set[str], edges: Mapping[tuple[str, str], float], devices: int) -> float:
    """Return the union bound over trees: the rarest spanning pairs, all sets of that size, all trees on a set (Cayley)."""
    size = len(ring)
    number = {mark: place for place, mark in enumerate(sorted(ring))}
    tree: list[tuple[int, int]] = []
    total = 0.0
    for (a, b), chance in sorted(edges.items(), key=lambda item: item[1]):
        if a not in ring or b not in ring:
            continue
        before = len(alike.groups(size, tree)) - len({place for pair in tree for place in pair})
        grown = [*tree, (number[a], number[b])]
        if len(alike.groups(size, grown)) - len({place for pair in grown for place in pair}) == before - 1:
            tree = grown
            total += math.log(max(chance, _FLOOR))
    ways = math.lgamma(devices + 1) - math.lgamma(size + 1) - math.lgamma(devices - size + 1)
    return float(max(min(1.0, math.exp(min(0.0, total + ways + (size - 2) * math.log(size)))), _FLOOR))

"""How one stratum is drawn in protocol zhijian-draw/2: simple, systematic, or in proportion to a published weight.

Whole numbers only, so that every chance is an exact fraction and two languages agree bit by bit. The specification is
``docs/explanation/draw-protocol.md``, section 12; the verifiers are written from it, not from here.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.engines.draws import core
from zhijian.engines.draws.design import largest_remainder
from zhijian.engines.draws.disclosure import Stratum

Indices = npt.NDArray[np.int64]
MOST = 2**53 - 1  # the largest whole number that the files may hold


def certain_from(weights: Sequence[int], count: int) -> int | None:
    """Return the least weight that is taken for sure when `count` are drawn in proportion to weight; None where none is.

    From the heaviest down: who has at least the (n-k)-th part of what is left, k being those taken before, is taken. Equal
    weights are treated alike.

    Raises:
        ValueError: a weight below 1, or more to be drawn than there are.
    """
    if count > len(weights) or any(weight < 1 for weight in weights):
        raise ValueError(f"{count} of {len(weights)} cannot be drawn, or a weight is below 1")
    left, rest, least = count, sum(weights), None
    for weight in sorted(weights, reverse=True):
        if left == 0 or left * weight < rest:
            break
        left, rest, least = left - 1, rest - weight, weight
    return least


def fraction(chance: Fraction) -> str:
    """Write a chance as the files do: '3/40', in lowest terms; '1/1' for sure."""
    return f"{chance.numerator}/{chance.denominator}"


def chance_of(weight: int, stratum: Stratum) -> Fraction:
    """Return the exact chance of one object of a stratum, from what the freeze publishes of it.

    What is certain is heavier than everything that is not, so weight alone decides: (drawn - certain)·weight/rest of weights.
    """
    left = stratum.drawn - stratum.certain
    if stratum.weight == 0:
        return Fraction(1)
    return min(Fraction(1), Fraction(left * weight, stratum.weight))


def start(seed: bytes, label: str, modulus: int) -> int:
    """Return the random start in [0, modulus) of a stratum: every value exactly as likely as any other."""
    limit = 2**256 - 2**256 % modulus
    for turn in range(2**16):
        found = int.from_bytes(core.rank_of(seed, core.digest("start", label, turn).hex()))
        if found < limit:
            return found % modulus
    raise AssertionError("unreachable: each turn fails with a chance below 1 in 2^203")


def draw_stratum(
    seed: bytes,
    leaves: core.Digests,
    heads: npt.NDArray[np.uint64],
    members: Indices,
    weights: Indices,
    sorts: Indices,
    stratum: Stratum,
) -> core.Sample:
    """Draw one stratum by its method. `members` are places in the roster, which `leaves`, `weights` and `sorts` follow."""
    if stratum.method == "simple":
        return core.draw_stratum(
            seed, leaves, heads, members, drawn=stratum.drawn, reserve=stratum.reserve, weights=weights
        )
    least = certain_from(weights[members].tolist(), stratum.drawn) if stratum.method == "pps" else None
    is_sure = weights[members] >= least if least is not None else np.zeros(len(members), bool)
    sure, open_ones = members[is_sure], members[~is_sure]
    if stratum.order == "random":
        order = _ordered(seed, leaves, heads, open_ones, np.zeros_like(sorts))
    else:
        order = _ordered(seed, leaves, heads, open_ones, sorts)
    hits = _walk(seed, stratum.label, order, weights, stratum.drawn - len(sure))
    drawn = (*sure.tolist(), *hits)
    rest = np.setdiff1d(members, np.array(drawn, np.int64), assume_unique=True)
    reserve = core.draw_stratum(
        seed, leaves, heads, rest, drawn=stratum.reserve, reserve=0, weights=weights
    ).drawn
    return core.Sample(drawn, reserve)


def _walk(seed: bytes, label: str, order: Indices, weights: Indices, count: int) -> list[int]:
    """Return the places hit by `count` points: each object is count·weight long, the points stand W apart from the start."""
    if count == 0:
        return []
    reached = np.cumsum(weights[order])
    whole = int(reached[-1])
    first = start(seed, label, whole)
    # Whole numbers: count·reached > point is the same as reached > point // count, and stays below 2^53.
    points = np.array([(first + k * whole) // count + 1 for k in range(count)], np.int64)
    hits: list[int] = order[np.searchsorted(reached, points, side="left")].tolist()
    return hits


def _ordered(
    seed: bytes, leaves: core.Digests, heads: npt.NDArray[np.uint64], members: Indices, sorts: Indices
) -> Indices:
    """Return members by sort, then by rank, then by leaf (exact: equal first halves of ranks are told apart by the whole)."""
    order = members[np.lexsort((heads[members], sorts[members]))]
    same = (np.diff(heads[order]) == 0) & (np.diff(sorts[order]) == 0)
    if not same.any():
        return order

    def key(index: int) -> tuple[int, bytes, bytes]:
        leaf = leaves[index].tobytes()
        return int(sorts[index]), core.rank_of(seed, leaf.hex()), leaf

    return np.array(sorted(order.tolist(), key=key), np.int64)


def raised_to_area_minimum(
    strata: Sequence[tuple[str, str, int]], drawn: dict[str, int], *, at_least: int
) -> dict[str, int]:
    """Return how many to draw so that every area gives at least `at_least`, or all that it has.

    `strata` are (label, area, objects) of strata with a rate above zero. What an area lacks is shared among its strata by
    what is left in each, by largest remainder, ties by label.
    """
    counts = dict(drawn)
    for area in sorted({area for _, area, _ in strata}):
        left = {label: objects - drawn[label] for label, own, objects in strata if own == area}
        have = sum(drawn[label] for label in left)
        lacking = min(at_least - have, sum(left.values()))
        if lacking > 0:
            quotas = {label: Fraction(lacking * count, sum(left.values())) for label, count in left.items()}
            more = largest_remainder(quotas, lacking)
            counts |= {label: drawn[label] + more[label] for label in left}
    return counts


def line_chance(line: dict[str, Any], stratum: dict[str, Any]) -> str:
    """Return the chance of an object's public line as text: its own in version 2, else drawn/objects of its stratum.

    Empty for a weighted line of version 1, whose chance is only close to proportional.
    """
    if "chance" in line:
        return str(line["chance"])
    if line["weight"] != 1:
        return ""
    common = gcd(stratum["drawn"], stratum["objects"]) or 1
    return f"{stratum['drawn'] // common}/{stratum['objects'] // common}"

"""What a sample will be able to tell, before it is drawn: the expected half width of the 95% interval, visits and costs.

Expected over the draw and over who has the trait, each object of a stratum with the stratum's supposed rate (the anticipated
variance of Isaki and Fuller 1982). Chances are the exact ones of the design.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from zhijian.engines.draws.estimation import Z, optimal


@dataclass(frozen=True)
class Part:
    """One stratum as it would be drawn. `weights` counts its objects by weight where chances follow it, else it is empty."""

    area: str
    rate: str  # the key of its rate
    objects: int
    drawn: int
    supposed: float  # the share of its objects with the trait
    cost: float  # of one visit
    weights: Mapping[int, int]


@dataclass(frozen=True)
class Expected:
    """What parts together can tell. `half_width` is None where nothing is drawn; `unseen` lie in strata of which none is."""

    objects: int
    visits: int
    cost: float
    half_width: float | None
    unseen: int
    finds: float  # how many with the trait are expected to be met


def expected(parts: Sequence[Part]) -> Expected:
    """Return what some parts of a design will tell of the share of their objects that has the trait."""
    seen = [one for one in parts if one.drawn]
    population = sum(one.objects for one in seen)
    variance = sum(_variance(one) for one in seen) / population**2 if population else None
    return Expected(
        objects=sum(one.objects for one in parts),
        visits=sum(one.drawn for one in parts),
        cost=sum(one.drawn * one.cost for one in parts),
        half_width=None if variance is None else min(1.0, Z * sqrt(variance)),
        unseen=sum(one.objects for one in parts if not one.drawn),
        finds=sum(one.drawn * one.supposed for one in parts),
    )


def _variance(one: Part) -> float:
    """Return the anticipated variance of a stratum's estimated number of objects with the trait."""
    spread = one.supposed * (1 - one.supposed)
    if not one.weights:
        return one.objects**2 * (1 - one.drawn / one.objects) * spread / one.drawn
    chances = _chances(one.weights, one.drawn)
    return spread * sum(one.weights[weight] * (1 / chance - 1) for weight, chance in chances.items())


def _chances(weights: Mapping[int, int], drawn: int) -> dict[int, float]:
    """Return the chance of each weight when `drawn` are drawn in proportion to it; who is certain is left out.

    Objects of one weight are certain together, so the heaviest leave weight by weight.
    """
    left, rest = drawn, sum(weight * count for weight, count in weights.items())
    open_ones = sorted(weights, reverse=True)
    while open_ones and left and left * open_ones[0] >= rest:
        weight = open_ones.pop(0)
        left, rest = left - weights[weight], rest - weight * weights[weight]
    return {weight: left * weight / rest for weight in open_ones} if left else {}


def size_half_width(
    parts: Sequence[Part], sizes: Sequence[Mapping[int, int]], *, by_weight: bool
) -> float | None:
    """Return the expected half width for the share of all weight (say of capital) whose owners have the trait.

    `sizes` counts the objects of each part by weight. `by_weight` supposes a draw in proportion to it, else equal chances.
    """
    whole = variance = 0.0
    for one, weights in zip(parts, sizes, strict=True):
        if one.drawn:
            whole += sum(weight * count for weight, count in weights.items())
            equal = dict.fromkeys(weights, one.drawn / one.objects)
            chances = _chances(weights, one.drawn) if by_weight else equal
            squares = sum(weights[w] * w * w * (1 / chance - 1) for w, chance in chances.items())
            variance += one.supposed * (1 - one.supposed) * squares
    return min(1.0, Z * sqrt(variance) / whole) if whole else None


def rates_of(
    sizes: Mapping[str, int],
    supposed: Mapping[str, float],
    costs: Mapping[str, float],
    *,
    budget: float,
) -> dict[str, int]:
    """Return rates in parts per 10,000 with which `budget` buys the smallest variance (Neyman where costs are equal)."""
    counts = optimal(sizes, supposed, costs, budget=budget)
    return {
        name: min(10_000, round(10_000 * counts[name] / size)) if size else 0 for name, size in sizes.items()
    }

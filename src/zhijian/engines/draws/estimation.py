"""What a random draw tells about everybody: rates with their intervals, each object counted by its chance (D9).

Objects that were drawn with unequal chances may not simply be averaged: the riskier were drawn more. Each stands for as
many as 1/chance. Only a draw knows its chances, so only draws give such rates; what was looked at for a reason does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt

Z = 1.959963984540054  # 95 percent of the standard normal distribution, two-sided


@dataclass(frozen=True)
class Stratum:
    """What a draw shows of one stratum: how many it holds, how many were looked at, how many of those had the trait."""

    objects: int
    looked_at: int
    found: int

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.looked_at <= self.objects:
            raise ValueError(
                f"a stratum of {self.objects} with {self.looked_at} looked at and {self.found} found cannot be"
            )

    @property
    def chance(self) -> float:
        """The probability with which each of its objects was looked at."""
        return self.looked_at / self.objects if self.objects else 0.0


@dataclass(frozen=True)
class Estimate:
    """A share of all objects with its 95% interval. `unseen` objects lie in strata of which none was looked at."""

    rate: float
    low: float
    high: float
    objects: int
    looked_at: int
    unseen: int = 0


def stratified_rate(strata: Sequence[Stratum]) -> Estimate | None:
    """Return the share of all objects that have the trait, by the Horvitz-Thompson estimator; None where none was seen.

    The interval is Wilson's with the effective size of the sample: the size of a simple draw of the same variance. In
    the variance every stratum counts one object more, of the rate of the whole sample, or a stratum without a finding would
    claim to be known for sure. Strata of which nothing was looked at are left out and counted in `unseen`.
    """
    seen = [one for one in strata if one.looked_at]
    population = sum(one.objects for one in seen)
    if not population:
        return None
    rate = sum(one.objects * one.found / one.looked_at for one in seen) / population
    prior = (sum(one.found for one in seen) + 0.5) / (sum(one.looked_at for one in seen) + 1)
    variance = sum((one.objects / population) ** 2 * _variance(one, prior) for one in seen)
    looked_at = sum(one.looked_at for one in seen)
    low, high = wilson(rate, _effective_size(looked_at, variance, rate))
    unseen = sum(one.objects for one in strata if not one.looked_at)
    return Estimate(rate, low, high, population, looked_at, unseen)


@dataclass(frozen=True)
class WeighedStratum:
    """What a draw with unequal chances shows of one stratum: `seen` are (exact chance, had the trait) of those looked at.

    Who was certain to be drawn is a stratum of its own.
    """

    objects: int
    drawn: int
    seen: tuple[tuple[float, bool], ...]

    def __post_init__(self) -> None:
        if not len(self.seen) <= self.drawn <= self.objects or any(
            not 0 < chance <= 1 for chance, _ in self.seen
        ):
            raise ValueError(
                f"{len(self.seen)} looked at of {self.drawn} drawn of {self.objects}, or a chance, cannot be"
            )

    @property
    def looked_at(self) -> int:
        return len(self.seen)

    @property
    def weights(self) -> list[float]:
        """How many objects each of those looked at stands for; who was not met is shared among the others."""
        answered = len(self.seen) / self.drawn
        return [1 / (chance * answered) for chance, _ in self.seen]

    @property
    def rate(self) -> float:
        """Hajek's estimate of the share with the trait."""
        return sum(w for w, (_, found) in zip(self.weights, self.seen, strict=True) if found) / sum(
            self.weights
        )


def weighted_rate(strata: Sequence[WeighedStratum]) -> Estimate | None:
    """Return the share of all objects that have the trait, each seen counted as 1/chance (Hajek); None where none was seen.

    The variance is Deville's, which fits a systematic draw by weight in random order; where chances are equal it is that of
    `stratified_rate`, and so is all else: one object more in every stratum, and Wilson's interval.
    """
    seen = [one for one in strata if one.seen]
    population = sum(one.objects for one in seen)
    if not population:
        return None
    looked_at = sum(one.looked_at for one in seen)
    rate = sum(one.objects * one.rate for one in seen) / population
    prior = (sum(found for one in seen for _, found in one.seen) + 0.5) / (looked_at + 1)
    variance = sum((one.objects / population) ** 2 * _weighed_variance(one, prior) for one in seen)
    low, high = wilson(rate, _effective_size(looked_at, variance, rate))
    return Estimate(
        rate, low, high, population, looked_at, sum(one.objects for one in strata if not one.seen)
    )


def _weighed_variance(one: WeighedStratum, prior: float) -> float:
    """Return Deville's variance of a stratum's Hajek rate, with one object of the prior rate added.

    It stands for as many as whoever stands for most: where those are few, their rate is hardly known.
    """
    count, weights = one.looked_at, one.weights
    if count == one.objects:
        return 0.0
    whole, most = sum(weights), max(weights)
    rate = (one.rate * whole + prior * most) / (whole + most)
    squares = sum(
        (1 - 1 / w) * (w * (found - rate)) ** 2
        for w, (_, found) in zip(weights, one.seen, strict=True)
        if w > 1
    )
    added = max(0.0, 1 - 1 / most) * most**2 * (prior * (1 - rate) ** 2 + (1 - prior) * rate**2)
    return count**2 / ((count + 1) * max(1, count - 1)) * (squares + added) / whole**2


def wilson(rate: float, size: float) -> tuple[float, float]:
    """Return Wilson's 95% interval for a rate seen in a sample of that (effective) size; infinite: all were seen."""
    if size == inf:
        return rate, rate
    middle = (rate + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z / (1 + Z * Z / size) * sqrt(rate * (1 - rate) / size + Z * Z / (4 * size * size))
    return (max(0.0, middle - half) if rate > 0 else 0.0), (min(1.0, middle + half) if rate < 1 else 1.0)


def optimal(
    sizes: Mapping[str, int],
    violation_rates: Mapping[str, float],
    costs: Mapping[str, float],
    *,
    budget: float,
) -> dict[str, int]:
    """Return how many to draw in each stratum so that the budget buys the smallest variance: n_h ~ N_h·S_h/√c_h.

    `costs` is what one visit costs there, in the unit of `budget`. Nobody is drawn twice: a stratum that would be drawn
    more than whole is taken whole and the rest of the budget goes round again. Counts are rounded down, so that the budget holds.
    """
    weight = {
        name: size * sqrt(violation_rates[name] * (1 - violation_rates[name])) / sqrt(costs[name])
        for name, size in sizes.items()
    }
    counts: dict[str, int] = {name: 0 for name, value in weight.items() if not value}
    left = budget
    while open_names := [name for name in sizes if name not in counts]:
        scale = left / sum(weight[name] * costs[name] for name in open_names)
        whole = [name for name in open_names if scale * weight[name] >= sizes[name]]
        if not whole:
            return counts | {name: int(scale * weight[name]) for name in open_names}
        counts |= {name: sizes[name] for name in whole}
        left -= sum(sizes[name] * costs[name] for name in whole)
    return counts


def _variance(one: Stratum, prior: float) -> float:
    """Return the variance of a stratum's own rate, drawn without replacement, with one object of the prior rate added."""
    if one.looked_at == one.objects:
        return 0.0
    rate = (one.found + prior) / (one.looked_at + 1)
    return (1 - one.chance) * rate * (1 - rate) / max(1, one.looked_at - 1)


def _effective_size(looked_at: int, variance: float, rate: float) -> float:
    if not variance:
        return inf
    if not 0 < rate < 1:
        return float(looked_at)
    return rate * (1 - rate) / variance

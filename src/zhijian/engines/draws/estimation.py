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
    rate = sum(one.found / one.chance for one in seen) / population
    prior = (sum(one.found for one in seen) + 0.5) / (sum(one.looked_at for one in seen) + 1)
    variance = sum((one.objects / population) ** 2 * _variance(one, prior) for one in seen)
    low, high = wilson(rate, _effective_size(seen, variance, rate))
    unseen = sum(one.objects for one in strata if not one.looked_at)
    return Estimate(rate, low, high, population, sum(one.looked_at for one in seen), unseen)


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


def _effective_size(seen: Sequence[Stratum], variance: float, rate: float) -> float:
    if not variance:
        return inf
    count = sum(one.looked_at for one in seen)
    if not 0 < rate < 1:
        return float(count)
    return rate * (1 - rate) / variance

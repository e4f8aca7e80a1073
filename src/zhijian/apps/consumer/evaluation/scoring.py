"""The published score of a firm: a mean drawn to its trade as far as there are few evaluations, with its interval. Pure.

Scores are 1 to 5. The prior is the trade's own distribution, in which no firm counts for more than `cap` evaluations, so
that who stuffs its own ballot does not move its trade. How many evaluations the prior is worth follows from how far the
firms of the trade differ (moments); nobody's evaluation weighs more than another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LOWEST, HIGHEST = 1, 5
SCORES: Floats = np.arange(LOWEST, HIGHEST + 1, dtype=float)
_LEVEL = 0.95


@dataclass(frozen=True)
class Prior:
    """What is known of a trade before a firm's own evaluations: shares of the scores, and how many evaluations they weigh."""

    shares: tuple[float, ...]
    weight: float

    @property
    def mean(self) -> float:
        return float(np.dot(self.shares, SCORES))


@dataclass(frozen=True)
class Estimate:
    """A score between 1 and 5 with its 95 percent interval; `count` evaluations stand behind it."""

    score: float
    low: float
    high: float
    count: int


def prior_of(firms: Sequence[Sequence[float]], *, cap: int, least: float, most: float) -> Prior:
    """Return the prior of a trade from each firm's counts of 1 to 5.

    Half an evaluation of each score is added, so that no score is thought impossible. The weight is the variance inside
    firms by the variance between them, kept from `least` to `most`.
    """
    counts = np.array([list(one) for one in firms if sum(one)], dtype=float).reshape(-1, len(SCORES))
    totals = counts.sum(1)
    if not len(counts):
        return Prior(tuple([1 / len(SCORES)] * len(SCORES)), least)
    shares = counts / totals[:, None]
    capped = (shares * np.minimum(totals, cap)[:, None]).sum(0) + 0.5
    means = shares @ SCORES
    inside = float(((shares @ SCORES**2) - means**2).mean())
    known = totals >= 10
    if known.sum() < 3:
        return Prior(tuple(float(one) for one in capped / capped.sum()), least)
    noise = float((inside / totals[known]).mean())
    between = max(float(means[known].var(ddof=1)) - noise, 1e-6)
    weight = float(np.clip(inside / between, least, most))
    return Prior(tuple(float(one) for one in capped / capped.sum()), weight)


def estimate(counts: Sequence[float], prior: Prior) -> Estimate:
    """Return the posterior mean of the score and its interval (Dirichlet; the mean's law matched by a beta)."""
    from scipy import stats

    own = np.asarray(counts, dtype=float)
    alpha = own + prior.weight * np.asarray(prior.shares)
    total = float(alpha.sum())
    mean = float(alpha @ SCORES) / total
    variance = (float(alpha @ SCORES**2) / total - mean**2) / (total + 1)
    span = HIGHEST - LOWEST
    place, spread = (mean - LOWEST) / span, variance / span**2
    size = place * (1 - place) / max(spread, 1e-12) - 1
    law = stats.beta(place * size, (1 - place) * size)
    low, high = (LOWEST + span * float(law.ppf(end)) for end in ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2))
    return Estimate(mean, low, high, round(float(own.sum())))


def counted(scores: Sequence[int], excess: Mapping[int, float] | None = None) -> list[float]:
    """Count scores from 1 to 5; what was confirmed as excess of a score is taken off that score as a number."""
    found = [float(sum(one == int(score) for one in scores)) for score in SCORES]
    for score, number in (excess or {}).items():
        found[score - LOWEST] = max(0.0, found[score - LOWEST] - number)
    return found

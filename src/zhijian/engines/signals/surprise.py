"""How surprising a count is: a seasonal baseline, and the chance of so many under Poisson or negative binomial."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
WEEK = 7
LEAST_EXPECTED = 0.1
PRIOR_DAYS = 7.0  # the weekday's own rate is drawn to the general one as if by this many days


@dataclass(frozen=True)
class Baseline:
    """What is expected on the days judged, and the size of the negative binomial (infinite: Poisson)."""

    expected: Floats
    size: float


def seasonal_baseline(history: npt.ArrayLike, *, ahead: int) -> Baseline:
    """Expect the coming days by level and day of the week; over-dispersion by moments. `history` ends the day before.

    Raises:
        ValueError: less than two weeks.
    """
    days = np.asarray(history, dtype=float)
    if len(days) < 2 * WEEK:
        raise ValueError(f"A seasonal baseline needs {2 * WEEK} days, there are {len(days)}.")
    weekday = np.arange(len(days)) % WEEK
    level = max(float(days.mean()), LEAST_EXPECTED)
    factors = np.array(
        [
            (days[weekday == day].sum() + PRIOR_DAYS * level) / ((weekday == day).sum() + PRIOR_DAYS) / level
            for day in range(WEEK)
        ]
    )
    factors /= factors.mean()
    fitted = level * factors[weekday]
    excess = float(((days - fitted) ** 2 - fitted).sum() / max((fitted**2).sum(), 1e-9))
    size = np.inf if excess <= 1e-3 else 1 / excess
    coming = (len(days) + np.arange(ahead)) % WEEK
    return Baseline(np.maximum(level * factors[coming], LEAST_EXPECTED), float(size))


def chance_of_so_many(counts: npt.ArrayLike, expected: npt.ArrayLike, *, size: float = np.inf) -> Floats:
    """Return the chance of this count or more: Poisson, or negative binomial of that size."""
    from scipy import stats

    seen, mean = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    if np.isinf(size):
        return np.asarray(stats.poisson.sf(seen - 1, mean))
    return np.asarray(stats.nbinom.sf(seen - 1, size, size / (size + mean)))

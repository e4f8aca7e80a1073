"""The stretch of days with most more than chance allows: a scan over every stretch, for one series. Pure.

Unlike `space_time`, which asks about stretches that end today, this looks back over the whole series. The chance of the
best stretch comes from series thrown anew with the same total; below what the throws can tell, from a Gumbel law fitted
to them by moments (Abrams, Kulldorff and Kleinman, 2010).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_EULER = 0.5772156649015329


@dataclass(frozen=True)
class Burst:
    """The strongest stretch: first and last day by place, its count, what was expected, and its chance."""

    first: int
    last: int
    count: int
    expected: float
    chance: float


def strongest(counts: npt.ArrayLike, *, longest: int, throws: int, seed: int) -> Burst | None:
    """Return the strongest stretch of at most `longest` days where days are alike; None where nothing is counted."""
    days = np.asarray(counts, dtype=float)
    total = float(days.sum())
    if total == 0 or len(days) < 2:
        return None
    longest = min(longest, len(days) - 1)
    ratios = _ratios(days[None], longest, total)[0]
    place = int(ratios.argmax())
    width, first = place // len(days) + 1, place % len(days)
    random = np.random.default_rng(seed)
    thrown = random.multinomial(int(total), np.full(len(days), 1 / len(days)), size=throws).astype(float)
    greatest = _ratios(thrown, longest, total).max(1)
    last = first + width - 1
    expected = total * width / len(days)
    chance = _chance(float(ratios[place]), greatest)
    return Burst(first, last, int(days[first : last + 1].sum()), expected, chance)


def _ratios(days: Floats, longest: int, total: float) -> Floats:
    """Return the log likelihood ratios of every stretch of every series: series, then width times first day."""
    size = days.shape[1]
    sums = np.concatenate([np.zeros((len(days), 1)), np.cumsum(days, axis=1)], axis=1)
    found = np.zeros((len(days), longest, size))
    for width in range(1, longest + 1):
        inside = sums[:, width:] - sums[:, :-width]
        mean = total * width / size
        outside, outside_mean = total - inside, total - mean
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(inside > 0, inside * np.log(inside / mean), 0.0)
            ratio += np.where(outside > 0, outside * np.log(outside / outside_mean), 0.0)
        found[:, width - 1, : size - width + 1] = np.where(inside > mean, ratio, 0.0)
    return found.reshape(len(days), -1)


def _chance(ratio: float, greatest: Floats) -> float:
    counted = (1 + int((greatest >= ratio - 1e-9).sum())) / (1 + len(greatest))
    if counted > 2 / (1 + len(greatest)):
        return counted
    scale = float(greatest.std(ddof=1)) * np.sqrt(6) / np.pi
    if scale == 0:
        return counted
    centre = float(greatest.mean()) - _EULER * scale
    return float(min(counted, -np.expm1(-np.exp(-(ratio - centre) / scale))))

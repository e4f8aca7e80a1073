"""Kulldorff's space-time scan: the circle of places and the stretch of days up to today that is least like chance.

Cylinders are places with their nearest neighbours, times the last 1 to `longest_days` days. The statistic is the log
likelihood ratio of a Poisson count inside against outside, given the total; its chance comes from counts thrown anew
over places and days with the same expectation. All cylinders of all throws are sums over one array.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_THROWN_AT_ONCE = 100


@dataclass(frozen=True)
class Cluster:
    """Places and days where there is more than chance allows: the first day by its place, until the last."""

    places: tuple[int, ...]
    first_day: int
    count: int
    expected: float
    ratio: float  # of the log likelihood
    chance: float

    @property
    def relative_risk(self) -> float:
        """Count per expected."""
        return self.count / self.expected if self.expected else float("inf")


def nearest(points: npt.ArrayLike, *, most: int) -> Ints:
    """Return for each place itself and its nearest neighbours, at most `most`, by distance in the plane."""
    xy = np.asarray(points, dtype=float)
    distance = ((xy[:, None, :] - xy[None, :, :]) ** 2).sum(2)
    return np.argsort(distance, axis=1, kind="stable")[:, : min(most, len(xy))]


def scan(
    counts: npt.ArrayLike,
    expected: npt.ArrayLike,
    neighbours: Ints,
    *,
    longest_days: int,
    throws: int,
    seed: int,
    most: int = 3,
) -> list[Cluster]:
    """Return the strongest clusters that share no place, the strongest first, each with its Monte Carlo chance.

    `counts` and `expected` are days by places; only stretches that end on the last day are tried. Expectations are
    scaled to the total of the counts.

    Raises:
        ValueError: the shapes differ.
    """
    seen, mean = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    if seen.shape != mean.shape or seen.shape[1] != len(neighbours):
        raise ValueError(f"counts {seen.shape}, expected {mean.shape} and {len(neighbours)} places differ.")
    total = seen.sum()
    if total == 0:
        return []
    mean = mean * total / mean.sum()
    longest = min(longest_days, len(seen))
    inside_mean = _cylinders(mean[None], neighbours, longest)[0]
    ratios = _ratio(_cylinders(seen[None], neighbours, longest)[0], inside_mean, total)
    null = _null(mean, inside_mean, neighbours, longest, total, throws=throws, seed=seed)
    return _strongest(seen, mean, ratios, neighbours, null, most)


def _cylinders(cube: Floats, neighbours: Ints, longest: int) -> Floats:
    """Return sums of every throw, over the last 1.. days and each place's 1.. nearest: throws, days, centres, sizes."""
    recent = np.cumsum(cube[:, ::-1][:, :longest], axis=1)
    return np.cumsum(recent[:, :, neighbours], axis=3)


def _ratio(inside: Floats, mean: Floats, total: float) -> Floats:
    """Return the log likelihood ratio where there is more inside than expected, else 0."""
    outside, outside_mean = total - inside, np.maximum(total - mean, 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(inside > 0, inside * np.log(inside / np.maximum(mean, 1e-12)), 0.0)
        second = np.where(outside > 0, outside * np.log(outside / outside_mean), 0.0)
    return np.where(inside > mean, first + second, 0.0)


def _null(
    mean: Floats,
    inside_mean: Floats,
    neighbours: Ints,
    longest: int,
    total: float,
    *,
    throws: int,
    seed: int,
) -> Floats:
    """Return the greatest ratio of every throw."""
    random = np.random.default_rng(seed)
    shares = (mean / mean.sum()).ravel()
    greatest = []
    for start in range(0, throws, _THROWN_AT_ONCE):
        number = min(_THROWN_AT_ONCE, throws - start)
        cube = random.multinomial(int(total), shares, size=number).reshape(number, *mean.shape).astype(float)
        ratios = _ratio(_cylinders(cube, neighbours, longest), inside_mean, total)
        greatest.append(ratios.reshape(number, -1).max(1))
    return np.concatenate(greatest)


def _strongest(
    seen: Floats, mean: Floats, ratios: Floats, neighbours: Ints, null: Floats, most: int
) -> list[Cluster]:
    taken: set[int] = set()
    clusters: list[Cluster] = []
    for flat in np.argsort(-ratios, axis=None, kind="stable"):
        days, centre, size = np.unravel_index(flat, ratios.shape)
        ratio = float(ratios[days, centre, size])
        if ratio <= 0 or len(clusters) == most:
            break
        places = neighbours[centre, : size + 1]
        if taken & set(places.tolist()):
            continue
        taken |= set(places.tolist())
        first = len(seen) - int(days) - 1
        chance = (1 + int((null >= ratio - 1e-9).sum())) / (1 + len(null))
        clusters.append(
            Cluster(
                tuple(sorted(places.tolist())),
                first,
                int(seen[first:, places].sum()),
                float(mean[first:, places].sum()),
                ratio,
                chance,
            )
        )
    return clusters

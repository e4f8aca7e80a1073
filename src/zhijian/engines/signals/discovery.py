"""Many tests at once: how many of the alarms may be false. Benjamini-Hochberg, and the same over families of tests."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def adjusted(chances: npt.ArrayLike) -> Floats:
    """Return the Benjamini-Hochberg q of every p: calling all with q <= r makes at most a share r false, on average."""
    p = np.asarray(chances, dtype=float)
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    back = np.empty_like(q)
    back[order] = q
    return back


def discovered(chances: npt.ArrayLike, *, rate: float) -> npt.NDArray[np.bool_]:
    """Return which tests are discoveries at a false discovery rate."""
    return adjusted(chances) <= rate


def hierarchical(families: Mapping[str, Floats], *, rate: float) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the discoveries in each family (places, firms, products, topics), in two steps.

    First the families: each by Simes' p of its tests, at `rate`. Then inside the families found, at `rate` times the
    share of families found, which keeps the average false share over the families found at `rate` (Benjamini and
    Bogomolov, 2014).
    """
    names = sorted(families)
    simes = np.array([_simes(families[name]) for name in names])
    found = discovered(simes, rate=rate)
    inner = rate * found.sum() / max(len(names), 1)
    return {
        name: discovered(families[name], rate=inner)
        if is_found
        else np.zeros(len(families[name]), dtype=bool)
        for name, is_found in zip(names, found, strict=True)
    }


def _simes(p: Floats) -> float:
    """Return the chance of the whole family being quiet."""
    return float((np.sort(p) * len(p) / np.arange(1, len(p) + 1)).min()) if len(p) else 1.0

"""A frame to draw from again and again, to count how often the interval holds the truth."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhijian.engines.draws import core, methods
from zhijian.engines.draws.disclosure import Stratum
from zhijian.engines.draws.estimation import WeighedStratum, weighted_rate


@dataclass(frozen=True)
class Frame:
    """Objects with their weights, sorts and who has the trait."""

    leaves: core.Digests
    weights: npt.NDArray[np.int64]
    sorts: npt.NDArray[np.int64]
    trait: npt.NDArray[np.bool_]
    method: str
    order: str


def a_frame(count: int, *, method: str, order: str = "random", seed: int = 20261128) -> Frame:
    """Invent a frame: ten counties of other rates; weights from one to some hundreds, the heavier with more problems."""
    chance = np.random.default_rng(seed)
    size = chance.normal(0, 1, count)
    weights = np.maximum(1, np.round(np.exp(2 + 0.7 * size))).astype(np.int64)
    counties = np.arange(count) * 10 // count
    rate = np.clip(0.08 + 0.01 * counties + 0.03 * size, 0.01, 0.9)
    plain = np.ones(count, np.int64)
    return Frame(
        leaves=core.leaf_array([hashlib.sha256(b"%d" % n).hexdigest() for n in range(count)]),
        weights=weights if method == "pps" else plain,
        sorts=counties if order == "declared" else plain * 0,
        trait=chance.random(count) < rate,
        method=method,
        order=order,
    )


def holds(frame: Frame, drawn: int, turn: int) -> bool:
    """Draw once, look at all who were drawn, and say whether the interval holds the frame's own rate."""
    least = methods.certain_from(frame.weights.tolist(), drawn) if frame.method == "pps" else None
    sure = frame.weights >= least if least is not None else np.zeros(len(frame.weights), bool)
    stratum = Stratum(
        "S001", "440000", "", "R1", len(sure), drawn, 0, frame.method, frame.order, int(sure.sum()),
        int(frame.weights[~sure].sum()),
    )  # fmt: skip
    seed = hashlib.sha256(b"turn %d" % turn).digest()
    sample = methods.draw_stratum(
        seed, frame.leaves, core.rank(seed, frame.leaves), np.arange(len(sure)), frame.weights, frame.sorts, stratum
    )  # fmt: skip
    seen = [
        (float(methods.chance_of(int(frame.weights[i]), stratum)), bool(frame.trait[i])) for i in sample.drawn
    ]
    certain = tuple(one for one, i in zip(seen, sample.drawn, strict=True) if sure[i])
    others = tuple(one for one, i in zip(seen, sample.drawn, strict=True) if not sure[i])
    count = len(certain)
    found = weighted_rate(
        [WeighedStratum(count, count, certain), WeighedStratum(len(sure) - count, drawn - count, others)]
    )
    assert found is not None
    return bool(found.low <= frame.trait.mean() <= found.high)

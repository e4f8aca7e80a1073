"""How good a classification is: accuracy, F1 by class, calibration, what abstaining buys; intervals by bootstrap."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BINS = 10


def confusion(truth: Ints, told: Ints, classes: int) -> Ints:
    """Return how often each class (row) was told as each class (column)."""
    return np.bincount(truth * classes + told, minlength=classes * classes).reshape(classes, classes)


def f1_by_class(table: Ints) -> Floats:
    """Return the F1 of each class of a confusion table; 0 where a class is neither true nor told."""
    hits = np.diag(table).astype(float)
    return 2 * hits / np.maximum(table.sum(0) + table.sum(1), 1)


def macro_f1(table: Ints) -> float:
    """Return the mean F1 of the classes that occur in truth or answer."""
    occurs = (table.sum(0) + table.sum(1)) > 0
    return float(f1_by_class(table)[occurs].mean()) if occurs.any() else 0.0


def accuracy(table: Ints) -> float:
    """Return the share of right answers, 0 to 1."""
    return float(np.trace(table) / max(table.sum(), 1))


def bootstrap(
    truth: Ints, answers: Sequence[Ints], classes: int, *, repeats: int, seed: int
) -> dict[str, Any]:
    """Return 95 percent intervals of accuracy and macro-F1 of each answer, and of the first minus each other.

    Rows are drawn with replacement, the same draw for every answer, so the differences are paired.
    """
    random = np.random.default_rng(seed)
    scores = np.empty((repeats, len(answers), 2))
    for number in range(repeats):
        rows = random.integers(0, len(truth), len(truth))
        for place, told in enumerate(answers):
            table = confusion(truth[rows], told[rows], classes)
            scores[number, place] = accuracy(table), macro_f1(table)
    return {
        "intervals": [_named(scores[:, place]) for place in range(len(answers))],
        "differences": [_named(scores[:, 0] - scores[:, place]) for place in range(1, len(answers))],
    }


def _named(rows: Floats) -> dict[str, list[float]]:
    low, high = np.percentile(rows, [2.5, 97.5], axis=0)
    return {name: [float(low[i]), float(high[i])] for i, name in enumerate(("accuracy", "macro_f1"))}


def calibration(confidence: Floats, is_right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return the expected calibration error and the bins behind it: mean confidence beside the share of right answers."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            bins.append(
                {
                    "texts": int(inside.sum()),
                    "confidence": float(confidence[inside].mean()),
                    "right": float(is_right[inside].mean()),
                }
            )
    total = max(len(confidence), 1)
    error = sum(b["texts"] * abs(b["confidence"] - b["right"]) for b in bins) / total
    return {"expected_calibration_error": float(error), "bins": bins}


def abstention(
    confidence: Floats, is_right: npt.NDArray[np.bool_], shares: Sequence[float] = (1.0, 0.9, 0.8, 0.7, 0.5)
) -> list[dict[str, float]]:
    """Return, for each share of texts answered (the surest first), how many of the answers are right."""
    order = np.argsort(-confidence, kind="stable")
    rows = []
    for share in shares:
        kept = order[: max(round(share * len(order)), 1)]
        rows.append(
            {
                "answered": share,
                "least_confidence": float(confidence[kept].min()),
                "right": float(is_right[kept].mean()),
            }
        )
    return rows

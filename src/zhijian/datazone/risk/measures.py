"""Measures of an order of work, each a pure function of arrays. Ties are broken by a lottery with a fixed seed."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from zhijian.datazone.risk.learner import logit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CAPTURE_STEPS = tuple(range(0, 101, 5))  # percent of the work
FLAGGED_SHARE = (
    0.2  # of all visits, those of the highest score: what a slice's missed violations are counted against
)


def order(score: Floats) -> Ints:
    """Return positions from the highest score to the lowest."""
    lottery = np.random.default_rng(20_260_101).permutation(len(score))
    ranked: Ints = np.lexsort((lottery, -score))
    return ranked


def auc(label: Ints, score: Floats) -> float:
    """Return the chance that a violation outranks a clean visit; NaN where one kind is missing."""
    return float("nan") if label.min() == label.max() else float(roc_auc_score(label, score))


def from_draw(label: Ints, score: Floats, drawn_chance: Floats) -> dict[str, float]:
    """Estimate for everybody, from visits each drawn with a known chance above 0: rate of violations and AUC of the score.

    Every visit counts 1 / its chance (inverse propensity), so that whom risk steers to does not colour the verdict.
    ``equal_visits`` is how many visits of equal chance would tell as much.

    Raises:
        ValueError: a chance is not above 0 and at most 1.
    """
    if not ((drawn_chance > 0) & (drawn_chance <= 1)).all():
        raise ValueError(
            "Every visit needs the chance with which it was drawn, above 0 and at most 1. Leave out visits that no draw chose."
        )
    weight = 1.0 / drawn_chance
    one_kind = label.min() == label.max()
    return {
        "rate": float((weight * label).sum() / weight.sum()),
        "auc": float("nan") if one_kind else float(roc_auc_score(label, score, sample_weight=weight)),
        "equal_visits": float(weight.sum() ** 2 / (weight**2).sum()),
    }


def auc_within(label: Ints, score: Floats, group: Ints) -> float:
    """Return the AUC over pairs of visits by the same inspector group: what is left of it once all have one inspector."""
    group = np.unique(group, return_inverse=True)[1].reshape(-1)
    ranked = np.lexsort((score, group))
    g, s = group[ranked], score[ranked]
    is_new = np.append(True, (g[1:] != g[:-1]) | (s[1:] != s[:-1]))
    first = np.flatnonzero(is_new)
    size = np.diff(np.append(first, len(g)))
    middle = (first + (size - 1) / 2)[np.cumsum(is_new) - 1]  # ties share their middle place
    visits = np.bincount(g).astype(float)
    place = middle - (np.cumsum(visits) - visits)[g] + 1  # within the group
    positives = np.bincount(g, weights=label[ranked])
    right = np.bincount(g, weights=place * label[ranked]) - positives * (positives + 1) / 2
    pairs = float((positives * (visits - positives)).sum())
    return float(right[positives < visits].sum() / pairs) if pairs else float("nan")


def days_earlier(happened: Ints, label: Ints, score: Floats) -> float:
    """Return days by which violations are found earlier on average, if the same visits are done by score.

    As many visits are made on each day as really were.
    """
    slots = np.sort(happened)
    new_day = np.empty(len(score))
    new_day[order(score)] = slots
    found = label == 1
    return float(happened[found].mean() - new_day[found].mean()) if found.any() else float("nan")


def days_earlier_within(happened: Ints, label: Ints, score: Floats, group: Ints) -> float:
    """Return the same if every inspector group keeps its own visits and days, and only their order changes."""
    ranked = order(score)
    ranked = ranked[np.argsort(group[ranked], kind="stable")]
    new_day = np.empty(len(score))
    new_day[ranked] = happened[np.lexsort((happened, group))]
    found = label == 1
    return float((happened[found] - new_day[found]).mean()) if found.any() else float("nan")


def follows(score: Floats, other: Floats) -> float:
    """Return the rank correlation of two orders: 1 the same, 0 nothing in common; NaN where one of them is all ties."""
    return (
        float("nan")
        if np.ptp(score) == 0 or np.ptp(other) == 0
        else float(np.corrcoef(rankdata(score), rankdata(other))[0, 1])
    )


def share_in_first_half(label: Ints, score: Floats) -> float:
    """Return the share of violations that lie in the first half of the work."""
    return _captured(label, score, len(score) // 2)


def precision_at_tenth(label: Ints, score: Floats) -> float:
    """Return the share of visits with a violation among the first tenth."""
    count = max(len(score) // 10, 1)
    return float(label[order(score)[:count]].mean())


def capture_curve(label: Ints, score: Floats) -> list[float]:
    """Return the share of violations captured after each step of CAPTURE_STEPS percent of the work."""
    return [_captured(label, score, round(len(score) * step / 100)) for step in CAPTURE_STEPS]


def _captured(label: Ints, score: Floats, count: int) -> float:
    return float(label[order(score)[:count]].sum() / label.sum()) if label.any() else float("nan")


def calibration_line(label: Ints, chance: Floats) -> tuple[float, float]:
    """Return slope and intercept of the label's log odds on the forecast's: 1 and 0 are perfect."""
    if label.min() == label.max() or np.ptp(chance) < 1e-9:
        return float("nan"), float("nan")
    line = LogisticRegression(C=1e9, max_iter=1_000).fit(logit(chance).reshape(-1, 1), label)
    return float(line.coef_[0][0]), float(line.intercept_[0])


def calibration_bins(label: Ints, chance: Floats, *, bins: int = 10) -> list[dict[str, float]]:
    """Return, for equal shares of visits from the lowest chance on, count, mean chance and share found."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return [
        {"visits": len(p), "chance": float(chance[p].mean()), "found": float(label[p].mean())}
        for p in parts
        if len(p)
    ]


def population_stability(before: Floats, now: Floats, *, bins: int = 10) -> float:
    """Return the population stability index; under 0.1 little moved, over 0.25 much. Unknown values are a bin of their own."""
    edges = (
        np.unique(np.nanquantile(before, np.arange(1, bins) / bins))
        if np.isfinite(before).any()
        else np.zeros(0)
    )
    p, q = _shares(before, edges), _shares(now, edges)
    return float(((p - q) * np.log(p / q)).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    counts = (
        np.bincount(place, minlength=len(edges) + 2) + 0.5
    )  # half a visit, so that an empty bin has a logarithm
    shares: Floats = counts / counts.sum()
    return shares


def slice_rows(
    names: npt.NDArray[np.str_], label: Ints, chance: Floats, score: Floats
) -> list[dict[str, Any]]:
    """Return one row for each slice: visits, base rate, mean chance, their ratio, and whom the order puts first.

    ``flagged`` is the share of its visits among the first fifth of all, ``missed`` the share of its violations that are
    not among them (the false-negative rate).
    """
    ranked = order(score)
    first_half, flagged = np.zeros(len(score), dtype=bool), np.zeros(len(score), dtype=bool)
    first_half[ranked[: len(score) // 2]] = True
    flagged[ranked[: round(len(score) * FLAGGED_SHARE)]] = True
    rows = []
    for name in np.unique(names):
        chosen = names == name
        rate, mean = float(label[chosen].mean()), float(chance[chosen].mean())
        found = chosen & (label == 1)
        rows.append(
            {
                "name": str(name),
                "visits": int(chosen.sum()),
                "base_rate": rate,
                "mean_chance": mean,
                "calibration_ratio": mean / rate if rate else None,
                "visited_in_first_half": float(first_half[chosen].mean()),
                "captured_in_first_half": float(first_half[found].mean()) if found.any() else None,
                "flagged": float(flagged[chosen].mean()),
                "missed": float(1 - flagged[found].mean()) if found.any() else None,
                "auc": _or_none(auc(label[chosen], score[chosen])),
            }
        )
    return rows


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value

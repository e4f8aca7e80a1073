"""Learn classes: two linear members over the same n-grams, blended, calibrated; every choice made inside the training part.

The members are a linear support-vector machine; one whose n-grams are first weighed by how much more often they occur
in a class than outside it (Wang and Manning, 2012); and such machines of every view apart. All are linear in the same
n-grams, so their blend is one table of weights, and what decided can be told exactly. How they are blended and how strict they are is chosen by
cross-validation on the training texts; the same folds give the calibration.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from zhijian.datazone.classify import measures
from zhijian.datazone.classify.features import Counted, Matrix, Space, count, normalise, views_for
from zhijian.datazone.classify.model import Calibration, Model, digest_of
from zhijian.datazone.classify.reading import Labelled, check_classes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]
FOLDS = 4
PLAIN, RATIO, APART = "plain", "ratio", "apart"
TOGETHER = ((RATIO, PLAIN, APART), (RATIO, PLAIN), (RATIO, APART), (RATIO,), (PLAIN,))
PLAIN_STRICTNESS, APART_STRICTNESS = 0.3, 0.1
RATIO_STRICTNESSES = (0.1, 0.03, 0.3)
PRIOR_POWERS = (0.0, 0.3, 0.6, 0.9)
_SMOOTHING = 1.0
_RIDGE = 0.05
Key = tuple[str, float]  # a member and its strictness (C)


@dataclass(frozen=True)
class Settings:
    """What cross-validation chose."""

    members: tuple[str, ...]
    ratio_strictness: float  # C of the member weighed by log ratios
    prior_power: float  # 0: the likeliest class is told; towards 1: rare classes are told more readily

    @property
    def keys(self) -> tuple[Key, ...]:
        """The members with their strictness."""
        of = {PLAIN: PLAIN_STRICTNESS, RATIO: self.ratio_strictness, APART: APART_STRICTNESS}
        return tuple((name, of[name]) for name in self.members)


@dataclass(frozen=True)
class Member:
    """Weights of one member: features by classes, and its constants."""

    weights: npt.NDArray[np.float64]
    bias: Floats

    def scores(self, matrix: Matrix) -> Floats:
        return np.asarray(matrix @ self.weights) + self.bias


def fit(
    data: Labelled, *, seed: int, progress: Progress = lambda stage, share: None
) -> tuple[Model, dict[str, Any]]:
    """Learn from labelled texts; return the model and what the inner folds showed. The same seed gives the same model.

    Raises:
        BadLabelledFile: fewer than two classes, or a class with a single text.
    """
    check_classes(data)
    classes = tuple(data.counts)
    truth = np.array([classes.index(label) for label in data.labels])
    texts = [normalise(text) for text in data.texts]
    progress("count", 0.0)
    counted = count(texts, views_for(texts))
    folds = _folds(truth, seed)
    outside = _out_of_fold(counted, truth, len(classes), folds, seed, progress)
    settings, scores, calibration, shown = _choose(outside, truth, len(classes))
    progress("learn", 0.9)
    every = np.arange(len(truth))
    space, kept = counted.space(every)
    matrix = counted.matrix(space, kept, every)
    member = _blend(space, matrix, truth, len(classes), settings, _scales(outside, settings), seed)
    model = Model(
        classes=classes,
        space=space,
        weights=member.weights.astype(np.float32),
        bias=member.bias,
        calibration=calibration,
        facts={
            "texts": len(data),
            "counts": data.counts,
            "seed": seed,
            "settings": asdict(settings),
            "inner_folds": shown,
            "training_digest": digest_of(data),
        },
    )
    progress("learn", 1.0)
    return model, {"settings": asdict(settings), "inner_folds": shown, "out_of_fold_scores": scores}


def plain_member(matrix: Matrix, truth: Ints, classes: int, *, strictness: float, seed: int) -> Member:
    """Learn one machine per class against the rest, every class given the same weight."""
    weights, bias = np.zeros((matrix.shape[1], classes)), np.zeros(classes)
    for place in range(classes):
        machine = _machine(strictness, seed).fit(matrix, truth == place)
        weights[:, place], bias[place] = machine.coef_[0], machine.intercept_[0]
    return Member(weights, bias)


def ratio_member(matrix: Matrix, truth: Ints, classes: int, *, strictness: float, seed: int) -> Member:
    """As `plain_member`, over n-grams weighed by the log of their share in the class against their share outside."""
    weights, bias = np.zeros((matrix.shape[1], classes)), np.zeros(classes)
    for place in range(classes):
        ratio = _log_ratio(matrix, truth == place)
        machine = _machine(strictness, seed).fit(matrix @ sparse.diags(ratio), truth == place)
        weights[:, place], bias[place] = machine.coef_[0] * ratio, machine.intercept_[0]
    return Member(weights, bias)


def apart_member(
    space: Space, matrix: Matrix, truth: Ints, classes: int, *, strictness: float, seed: int
) -> Member:
    """The mean of one `ratio_member` per view: a view that has fewer n-grams is not drowned by the others."""
    weights, bias, start = np.zeros((matrix.shape[1], classes)), np.zeros(classes), 0
    for words in space.vocabularies:
        end = start + len(words)
        if words:
            part = ratio_member(matrix[:, start:end], truth, classes, strictness=strictness, seed=seed)
            weights[start:end], bias = part.weights, bias + part.bias
        start = end
    return Member(weights / len(space.views), bias / len(space.views))


def calibrate(scores: Floats, truth: Ints) -> Calibration:
    """Fit one slope and one constant per class, so that scores of unseen texts become chances.

    The constants are drawn a little towards zero: rare classes have few texts to fit them.
    """
    rows, classes = np.arange(len(truth)), scores.shape[1]

    def loss(values: Floats) -> float:
        logits = np.exp(values[0]) * scores + values[1:]
        logits = logits - logits.max(1, keepdims=True)
        told = logits[rows, truth] - np.log(np.exp(logits).sum(1))
        return float(-told.mean() + _RIDGE * (values[1:] ** 2).sum() / len(truth))

    found = minimize(loss, np.zeros(classes + 1), method="L-BFGS-B").x
    prior = np.bincount(truth, minlength=classes) / len(truth)
    return Calibration(float(np.exp(found[0])), tuple(map(float, found[1:])), tuple(map(float, prior)), 0.0)


def _folds(truth: Ints, seed: int) -> list[tuple[Ints, Ints]]:
    folds = min(FOLDS, int(np.bincount(truth).min()))
    return list(
        StratifiedKFold(max(folds, 2), shuffle=True, random_state=seed).split(np.zeros(len(truth)), truth)
    )


def _out_of_fold(
    counted: Counted,
    truth: Ints,
    classes: int,
    folds: Sequence[tuple[Ints, Ints]],
    seed: int,
    progress: Progress,
) -> dict[Key, Floats]:
    """Return scores of every training text by members that did not see it."""
    keys = [(PLAIN, PLAIN_STRICTNESS), (APART, APART_STRICTNESS), *((RATIO, c) for c in RATIO_STRICTNESSES)]
    scores: dict[Key, Floats] = {key: np.zeros((len(truth), classes)) for key in keys}
    for number, (inside, left_out) in enumerate(folds):
        space, kept = counted.space(inside)
        learn, judge = counted.matrix(space, kept, inside), counted.matrix(space, kept, left_out)
        for key in keys:
            member = _member(key, space, learn, truth[inside], classes, seed)
            scores[key][left_out] = member.scores(judge)
        progress("choose", 0.1 + 0.8 * (number + 1) / len(folds))
    return scores


def _member(key: Key, space: Space, matrix: Matrix, truth: Ints, classes: int, seed: int) -> Member:
    name, strictness = key
    if name == PLAIN:
        return plain_member(matrix, truth, classes, strictness=strictness, seed=seed)
    if name == RATIO:
        return ratio_member(matrix, truth, classes, strictness=strictness, seed=seed)
    return apart_member(space, matrix, truth, classes, strictness=strictness, seed=seed)


def _choose(
    outside: dict[Key, Floats], truth: Ints, classes: int
) -> tuple[Settings, Floats, Calibration, dict[str, float]]:
    """Return the blend whose mean of accuracy and macro-F1 on unseen training texts is best; ties go to the first."""
    best: tuple[float, Settings, Floats, Calibration, dict[str, float]] | None = None
    for members in TOGETHER:
        for strictness in RATIO_STRICTNESSES if RATIO in members else RATIO_STRICTNESSES[:1]:
            scores = _blended(outside, Settings(members, strictness, 0.0))
            fitted = calibrate(scores, truth)
            for power in PRIOR_POWERS:
                calibration = replace(fitted, prior_power=power)
                table = measures.confusion(truth, calibration.told(scores), classes)
                shown = {"accuracy": measures.accuracy(table), "macro_f1": measures.macro_f1(table)}
                value = (shown["accuracy"] + shown["macro_f1"]) / 2
                if best is None or value > best[0] + 1e-9:
                    best = value, Settings(members, strictness, power), scores, calibration, shown
    assert best is not None
    return best[1:]


def _scales(outside: dict[Key, Floats], settings: Settings) -> list[float]:
    """Return what each member's scores are multiplied by, so that all speak equally loud."""
    return [1 / (len(settings.members) * max(float(outside[key].std()), 1e-9)) for key in settings.keys]


def _blended(outside: dict[Key, Floats], settings: Settings) -> Floats:
    parts = zip(settings.keys, _scales(outside, settings), strict=True)
    return np.asarray(sum(scale * outside[key] for key, scale in parts))


def _blend(
    space: Space,
    matrix: Matrix,
    truth: Ints,
    classes: int,
    settings: Settings,
    scales: Sequence[float],
    seed: int,
) -> Member:
    weights, bias = np.zeros((matrix.shape[1], classes)), np.zeros(classes)
    for key, scale in zip(settings.keys, scales, strict=True):
        member = _member(key, space, matrix, truth, classes, seed)
        weights += scale * member.weights
        bias += scale * member.bias
    return Member(weights, bias)


def _log_ratio(matrix: Matrix, inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    here, there = (np.asarray(matrix[rows].sum(0)).ravel() for rows in (inside, ~inside))
    here, there = here + _SMOOTHING * here.mean(), there + _SMOOTHING * there.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(here / here.sum()) - np.log(there / there.sum())
    return np.nan_to_num(ratio, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)


def _machine(strictness: float, seed: int) -> LinearSVC:
    return LinearSVC(C=strictness, class_weight="balanced", random_state=seed)


__all__ = ["Settings", "Space", "apart_member", "calibrate", "fit", "plain_member", "ratio_member"]

"""Judge a classification on texts that it did not see, beside plain linear models on character n-grams in the same run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from zhijian.datazone.classify import measures
from zhijian.datazone.classify.learner import fit
from zhijian.datazone.classify.model import Model
from zhijian.datazone.classify.reading import BadLabelledFile, Labelled, check_classes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]
BASELINES = ("logistic", "machine")
_BASELINE_NGRAMS = (1, 4)


def cross_validate(
    data: Labelled,
    *,
    folds: int,
    seed: int,
    repeats: int = 1000,
    baselines: bool = True,
    progress: Progress = lambda stage, share: None,
) -> dict[str, Any]:
    """Judge by folds: every text is told by a model that was fitted, and tuned, without its fold.

    Raises:
        BadLabelledFile: a class has fewer texts than there are folds.
    """
    check_classes(data, least=max(folds, 2))
    classes = tuple(data.counts)
    truth = _places(classes, data)
    answers = {name: np.zeros_like(truth) for name in ("model", *(BASELINES if baselines else ()))}
    confidence = np.zeros(len(truth))
    chosen = []
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(truth)), truth)
    for number, (inside, left_out) in enumerate(splits):
        learn, judge = data.part(inside.tolist()), data.part(left_out.tolist())
        model, report = fit(learn, seed=seed)
        chosen.append(report["settings"])
        answers["model"][left_out], confidence[left_out] = _told(model, classes, judge)
        for name in BASELINES if baselines else ():
            answers[name][left_out] = _baseline(name, learn, judge, classes, seed)
        progress("folds", (number + 1) / folds)
    how = {"method": "cross-validation", "folds": folds, "seed": seed, "settings": chosen}
    return _card(data, classes, truth, answers, confidence, how, repeats=repeats, seed=seed)


def held_out(
    model: Model,
    test: Labelled,
    *,
    train: Labelled | None = None,
    seed: int,
    repeats: int = 1000,
) -> dict[str, Any]:
    """Judge a fitted model on a file of its own; with `train`, baselines fitted on it stand beside.

    Raises:
        BadLabelledFile: the file has a class that the model does not know.
    """
    unknown = sorted(set(test.labels) - set(model.classes))
    if unknown:
        raise BadLabelledFile(
            f"The model does not know the class '{unknown[0]}'. It tells apart {', '.join(model.classes)}."
        )
    truth = _places(model.classes, test)
    told, confidence = _told(model, model.classes, test)
    answers = {"model": told}
    if train is not None:
        answers |= {name: _baseline(name, train, test, model.classes, seed) for name in BASELINES}
    how = {"method": "held-out file", "seed": seed, "settings": [model.facts.get("settings")]}
    if train is not None:
        how["texts_also_in_training"] = len(set(test.texts) & set(train.texts))
    return _card(test, model.classes, truth, answers, confidence, how, repeats=repeats, seed=seed)


def _card(
    data: Labelled,
    classes: tuple[str, ...],
    truth: Ints,
    answers: dict[str, Ints],
    confidence: Floats,
    how: dict[str, Any],
    *,
    repeats: int,
    seed: int,
) -> dict[str, Any]:
    drawn = measures.bootstrap(truth, list(answers.values()), len(classes), repeats=repeats, seed=seed)
    tables = {name: measures.confusion(truth, told, len(classes)) for name, told in answers.items()}
    results = {
        name: {
            "accuracy": measures.accuracy(table),
            "macro_f1": measures.macro_f1(table),
            "interval_95": drawn["intervals"][place],
            "f1": dict(zip(classes, map(float, measures.f1_by_class(table)), strict=True)),
        }
        for place, (name, table) in enumerate(tables.items())
    }
    is_right = answers["model"] == truth
    return {
        "format": 1,
        "texts": len(data),
        "counts": data.counts,
        "how": how,
        "results": results,
        "model_minus": dict(zip([*answers][1:], drawn["differences"], strict=True)),
        "confusion": {"classes": classes, "rows_are_truth": tables["model"].tolist()},
        "calibration": measures.calibration(confidence, is_right),
        "abstention": measures.abstention(confidence, is_right),
    }


def _places(classes: tuple[str, ...], data: Labelled) -> Ints:
    return np.array([classes.index(label) for label in data.labels])


def _told(model: Model, classes: tuple[str, ...], data: Labelled) -> tuple[Ints, Floats]:
    predictions = model.predict(data.texts, reasons=0)
    return (
        np.array([classes.index(p.best) for p in predictions]),
        np.array([p.confidence for p in predictions]),
    )


def _baseline(name: str, learn: Labelled, judge: Labelled, classes: tuple[str, ...], seed: int) -> Ints:
    """Tell by a plain linear model on tf-idf of character n-grams, every class given the same weight."""
    counting = TfidfVectorizer(analyzer="char", ngram_range=_BASELINE_NGRAMS, min_df=2, sublinear_tf=True)
    machine = (
        LogisticRegression(C=10, class_weight="balanced", max_iter=200)
        if name == "logistic"
        else LinearSVC(C=1, class_weight="balanced", random_state=seed)
    )
    told = make_pipeline(counting, machine).fit(learn.texts, learn.labels).predict(judge.texts)
    return np.array([classes.index(label) for label in told])

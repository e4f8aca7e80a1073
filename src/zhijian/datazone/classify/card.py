"""The model card: what a reader needs to judge a classification, as one JSON document."""

from typing import Any

import numpy as np

from zhijian.datazone.classify.model import Model

_SHOWN_NGRAMS = 15


def card_of(model: Model, *, command: str) -> dict[str, Any]:
    """Return the card: data, how it was chosen, how sure it is, the n-grams that speak loudest for each class.

    `command` reproduces the model. The figures of `inner_folds` chose the settings and are a little flattering.
    """
    return {
        "format": 1,
        "command": command,
        "intended_use": {
            "zh": "为工作人员提示文本的类别，附可信度和依据；由人决定，可随时更正。",
            "en": "Suggests a class of a text to an officer, with confidence and reasons; a person decides and may correct.",
        },
        "not_for": {
            "zh": "不得单独作为受理、不予受理或者处罚的依据。",
            "en": "Never a ground of its own to accept, refuse or penalise.",
        },
        "data": {key: model.facts[key] for key in ("texts", "counts", "training_digest")},
        "seed": model.facts["seed"],
        "settings": model.facts["settings"],
        "inner_folds": model.facts["inner_folds"],
        "calibration": {
            "slope": model.calibration.slope,
            "constants": list(model.calibration.constants),
            "prior_power": model.calibration.prior_power,
        },
        "views": [
            {
                "name": view.name,
                "unit": view.unit,
                "ngrams": [view.shortest, view.longest],
                "first_characters": view.first,
                "features": len(words),
            }
            for view, words in zip(model.space.views, model.space.vocabularies, strict=True)
        ],
        "loudest": {name: _loudest(model, place) for place, name in enumerate(model.classes)},
    }


def _loudest(model: Model, place: int) -> list[str]:
    """Return the n-grams with the greatest weight for a class, none inside another, single signs left out."""
    chosen: list[str] = []
    for column in np.argsort(-model.weights[:, place], kind="stable"):
        ngram = model.space.name(int(column))[1].strip()
        if len(ngram) > 1 and not any(ngram in known or known in ngram for known in chosen):
            chosen.append(ngram)
        if len(chosen) == _SHOWN_NGRAMS:
            break
    return chosen

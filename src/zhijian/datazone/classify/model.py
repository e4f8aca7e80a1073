"""A learned classification: predict with reasons, store and load without running anything from the file."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.datazone.classify.features import Matrix, Space, View, normalise
from zhijian.datazone.classify.reading import Labelled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FORMAT = 1
LARGEST_BYTES = 1_500_000_000  # unpacked; a stored model of this house is far smaller
_REASONS = 6
_BATCH = 512


class BadModel(ValueError):
    """The file is no stored classification, or was changed."""


@dataclass(frozen=True)
class Calibration:
    """From scores to chances, and from chances to the class that is told."""

    slope: float
    constants: tuple[float, ...]
    prior: tuple[float, ...]
    prior_power: float

    def chances(self, scores: Floats) -> Floats:
        """Return the chance of every class, summing to 1 per row."""
        logits = self.slope * scores + np.array(self.constants)
        logits = logits - logits.max(1, keepdims=True)
        powers = np.exp(logits)
        return np.asarray(powers / powers.sum(1, keepdims=True))

    def told(self, scores: Floats) -> Ints:
        """Return the class that is told: the likeliest, rare classes favoured as far as `prior_power` says."""
        favour = self.prior_power * np.log(np.maximum(np.array(self.prior), 1e-12))
        return np.asarray((np.log(np.maximum(self.chances(scores), 1e-300)) - favour).argmax(1))


@dataclass(frozen=True)
class Reason:
    """An n-gram that spoke for the class that was told, where it stood, and how much it weighed."""

    ngram: str
    view: str
    weight: float


@dataclass(frozen=True)
class Prediction:
    """What a text is taken for. `label` is None where the model abstains; `ranking` is by chance, the likeliest first."""

    label: str | None
    best: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Model:
    """Weights of every n-gram for every class, with calibration; all of it numbers and words."""

    classes: tuple[str, ...]
    space: Space
    weights: npt.NDArray[np.float32]
    bias: Floats
    calibration: Calibration
    facts: dict[str, Any] = field(default_factory=dict)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return one row of scores per text, before calibration."""
        parts = [
            self._scored(self.space.matrix([normalise(t) for t in texts[i : i + _BATCH]]))
            for i in range(0, len(texts), _BATCH)
        ]
        return np.vstack(parts) if parts else np.zeros((0, len(self.classes)))

    def predict(
        self, texts: Sequence[str], *, least_confidence: float = 0.0, reasons: int = _REASONS
    ) -> list[Prediction]:
        """Return what each text is taken for; below `least_confidence` the model abstains and says what it leaned to."""
        told: list[Prediction] = []
        for start in range(0, len(texts), _BATCH):
            matrix = self.space.matrix([normalise(t) for t in texts[start : start + _BATCH]])
            scores = self._scored(matrix)
            chances, best = self.calibration.chances(scores), self.calibration.told(scores)
            for row in range(matrix.shape[0]):
                why = self._reasons(matrix[row], chances[row], int(best[row]), reasons) if reasons else ()
                told.append(self._prediction(chances[row], int(best[row]), why, least_confidence))
        return told

    def _scored(self, matrix: Matrix) -> Floats:
        return np.asarray(matrix @ self.weights, dtype=np.float64) + self.bias

    def _prediction(
        self, chances: Floats, best: int, why: tuple[Reason, ...], least_confidence: float
    ) -> Prediction:
        order = np.argsort(-chances, kind="stable")
        confidence = float(chances[best])
        return Prediction(
            label=self.classes[best] if confidence >= least_confidence else None,
            best=self.classes[best],
            confidence=confidence,
            ranking=tuple((self.classes[i], float(chances[i])) for i in order),
            reasons=why,
        )

    def _reasons(self, row: Matrix, chances: Floats, best: int, most: int) -> tuple[Reason, ...]:
        """Return the n-grams that most set the told class apart from the next likely one; none inside another."""
        others = [i for i in np.argsort(-chances, kind="stable") if i != best]
        apart = self.weights[row.indices, best] - self.weights[row.indices, others[0]]
        shares = row.data * apart
        chosen: list[Reason] = []
        for place in np.argsort(-shares, kind="stable"):
            if len(chosen) == most or shares[place] <= 0:
                break
            view, ngram = self.space.name(int(row.indices[place]))
            word = ngram.strip()
            if len(word) > 1 and not any(word in r.ngram or r.ngram in word for r in chosen):
                chosen.append(Reason(word, view, float(shares[place])))
        return tuple(chosen)


def digest_of(data: Labelled) -> str:
    """Return the SHA-256 of the training texts and labels in their order: says whether a model is of this file."""
    total = hashlib.sha256()
    for text, label in zip(data.texts, data.labels, strict=True):
        total.update(json.dumps([text, label], ensure_ascii=False).encode())
    return total.hexdigest()


def save(model: Model, path: Path) -> None:
    """Write a model as one .npz file of numbers and UTF-8 text; the same model gives the same bytes."""
    head = {
        "format": FORMAT,
        "classes": model.classes,
        "views": [asdict(view) for view in model.space.views],
        "calibration": asdict(model.calibration),
        "facts": model.facts,
    }
    arrays: dict[str, npt.NDArray[Any]] = {"weights": model.weights, "bias": model.bias}
    for number, (words, rarity) in enumerate(zip(model.space.vocabularies, model.space.rarity, strict=True)):
        arrays[f"words_{number}"] = _bytes("\n".join(words))
        arrays[f"rarity_{number}"] = rarity
    head["digest"] = _digest(head, arrays)
    arrays["head"] = _bytes(json.dumps(head, ensure_ascii=False, sort_keys=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, arrays[name], allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue())
    scratch.replace(path)


def load(path: Path) -> Model:
    """Read a stored model. Nothing in the file is ever run.

    Raises:
        BadModel: no such file, no model, too large, or its contents do not belong together.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_BYTES:
                raise BadModel(f"{path.name} unpacks to more than {LARGEST_BYTES:,} bytes and is not read.")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(_text(arrays.pop("head")))
        return _model(head, arrays, path.name)
    except FileNotFoundError as problem:
        raise BadModel(f"There is no model {path}. Make one with `zhijian classify fit`.") from problem
    except BadModel:
        raise
    except (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as problem:
        raise BadModel(f"{path.name} is no stored classification ({problem}). Fit it again.") from problem


def _model(head: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], name: str) -> Model:
    if head["format"] != FORMAT:
        raise BadModel(f"{name} has format {head['format']}; this version reads {FORMAT}.")
    digest = head.pop("digest")
    if digest != _digest(head, arrays):
        raise BadModel(f"{name} was changed after it was stored. Fit it again.")
    views = tuple(View(**view) for view in head["views"])
    words = tuple(
        tuple(text.split("\n")) if (text := _text(arrays[f"words_{i}"])) else () for i in range(len(views))
    )
    rarity = tuple(arrays[f"rarity_{i}"] for i in range(len(views)))
    weights, classes = arrays["weights"], tuple(head["classes"])
    if weights.shape != (sum(map(len, words)), len(classes)) or [*map(len, words)] != [*map(len, rarity)]:
        raise BadModel(f"{name}: weights and n-grams do not belong together.")
    calibration = head["calibration"]
    return Model(
        classes=classes,
        space=Space(views, words, rarity),
        weights=weights,
        bias=arrays["bias"],
        calibration=Calibration(
            calibration["slope"],
            tuple(calibration["constants"]),
            tuple(calibration["prior"]),
            calibration["prior_power"],
        ),
        facts=head["facts"],
    )


def _bytes(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _text(array: npt.NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode("utf-8")


def _digest(head: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> str:
    total = hashlib.sha256(json.dumps(head, ensure_ascii=False, sort_keys=True).encode())
    for name in sorted(arrays):
        total.update(name.encode())
        total.update(np.ascontiguousarray(arrays[name]).tobytes())
    return total.hexdigest()

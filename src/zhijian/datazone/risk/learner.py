"""Learn a risk: boosted trees that obey the contract's directions, a ridge logistic peer, and calibration by time.

Four ways to treat who is sent:

``with``      assignment features are features like any other;
``without``   they are left out, but places stay in, and places tell who usually works there;
``placeless`` places are left out too, and nothing else is done about the inspector;
``adjusted``  places and assignment are left out, and while learning, every visit is compared with what the inspector
              who made it finds on average (an offset), so that the trees learn the firm and not the inspector.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from zhijian.datazone.risk.contract import ASSIGNMENT, PLACE, Column, Dataset, RiskContract

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
VARIANTS = ("with", "without", "placeless", "adjusted")
GROUPS_OF = {
    "with": ("firm", "history", PLACE, ASSIGNMENT),
    "without": ("firm", "history", PLACE),
    "placeless": ("firm", "history"),
    "adjusted": ("firm", "history"),
}
_FOLDS = 4
_SHRINKAGE_VISITS = 40.0
_MOST_COLUMNS = 50
_ISOTONIC_FROM_POSITIVES = 5_000


@dataclass(frozen=True)
class Settings:
    """How trees are grown. The defaults were chosen on the six earlier windows of the Chicago set, none on the last two."""

    rounds: int = 200
    seeds: int = 2
    learning_rate: float = 0.03
    leaves: int = 8
    least_rows_in_leaf: int = 60
    feature_share: float = 0.4
    row_share: float = 0.7
    l2: float = 20.0
    threads: int = 1

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return LightGBM's own names; the same rows give the same trees on any machine of the same build."""
        return {
            "objective": "binary", "learning_rate": self.learning_rate, "num_leaves": self.leaves,
            "min_data_in_leaf": self.least_rows_in_leaf, "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share, "bagging_freq": 1, "lambda_l2": self.l2, "verbose": -1,
            "num_threads": self.threads, "deterministic": True, "force_row_wise": True, "seed": seed,
            "monotone_constraints_method": "intermediate",
        }  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """From the trees' log odds to a chance: a straight line of log odds, or steps where there is enough to learn steps."""

    kind: str  # platt or isotonic
    x: tuple[float, ...]
    y: tuple[float, ...]

    def chance(self, raw: Floats) -> Floats:
        """Return chances between 0 and 1."""
        if self.kind == "platt":
            return sigmoid(self.x[0] + self.y[0] * raw)
        return np.interp(raw, self.x, self.y)


@dataclass(frozen=True)
class Model:
    """A learned risk that can be stored, and used without its training rows."""

    contract: str
    contract_version: str
    variant: str
    features: tuple[str, ...]
    levels: dict[str, list[str]]
    boosters: tuple[str, ...]
    calibration: Calibration
    trained_rows: int
    trained_positives: int

    def raw(self, matrix: Floats, *, threads: int = 1) -> Floats:
        """Return log odds, the mean of the boosters, before calibration. Orders units as `chance` does."""
        total = np.zeros(len(matrix))
        for booster in self.loaded():
            total += booster.predict(matrix, raw_score=True, num_threads=threads)
        return total / len(self.boosters)

    def chance(self, matrix: Floats, *, threads: int = 1) -> Floats:
        """Return the calibrated chance that a violation is found."""
        return self.calibration.chance(self.raw(matrix, threads=threads))

    def importance(self) -> dict[str, float]:
        """Return each feature's share of the total gain, summing to 1."""
        gains = sum((b.feature_importance("gain") for b in self.loaded()), np.zeros(len(self.features)))
        return {n: float(g) for n, g in zip(self.features, gains / max(gains.sum(), 1e-12), strict=True)}

    def loaded(self) -> list[lgb.Booster]:
        """Return the boosters, ready to predict."""
        return [lgb.Booster(model_str=text) for text in self.boosters]

    def to_json(self) -> str:
        return json.dumps({"format": 1, **asdict(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Return a stored model.

        Raises:
            ValueError: the text is no stored model.
        """
        try:
            data = json.loads(text)
            if data.pop("format") != 1:
                raise ValueError("unknown format")
            calibration = data.pop("calibration")
            return cls(
                **{**data, "features": tuple(data["features"]), "boosters": tuple(data["boosters"])},
                calibration=Calibration(
                    calibration["kind"], tuple(calibration["x"]), tuple(calibration["y"])
                ),
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise ValueError(
                f"This is no stored risk model ({problem}). Make one with `zhijian risk fit`."
            ) from problem


def columns_of(contract: RiskContract, variant: str) -> tuple[Column, ...]:
    """Return the features that a variant reads."""
    return contract.features(*GROUPS_OF[variant])


def assignment_log_odds(train: Dataset, rows: Dataset) -> Floats:
    """Return log odds by who was sent, each group's rate in `train` drawn towards the mean by 40 visits' worth."""
    keys = np.concatenate([_assignment_keys(train), _assignment_keys(rows)])
    codes = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    return shrunken_log_odds(codes[: len(train)], train.label, codes[len(train) :])


def shrunken_log_odds(ours: Ints, label: Ints, theirs: Ints) -> Floats:
    """Return for each code of `theirs` the log odds of `label` among `ours` of that code, drawn towards the mean."""
    size = int(max(ours.max(), theirs.max())) + 1
    found, visits = np.bincount(ours, weights=label, minlength=size), np.bincount(ours, minlength=size)
    mean = float(label.mean())
    return logit((found + mean * _SHRINKAGE_VISITS) / (visits + _SHRINKAGE_VISITS))[theirs]


def _assignment_keys(rows: Dataset) -> Floats:
    columns = rows.contract.features(ASSIGNMENT)
    return np.nan_to_num(rows.matrix(columns), nan=-1.0) if columns else np.zeros((len(rows), 1))


def fit(train: Dataset, *, variant: str, settings: Settings, does_calibrate: bool = True) -> Model:
    """Learn from `train` and calibrate on forecasts that each were made from earlier rows only."""
    columns = columns_of(train.contract, variant)
    matrix = train.matrix(columns)
    offset = assignment_log_odds(train, train) if variant == "adjusted" else None
    calibration = Calibration("platt", (0.0,), (1.0,))
    if does_calibrate:
        calibration = _calibrate(train, matrix, offset, columns, settings)
    boosters = _grow(matrix, train.label, offset, columns, settings)
    return Model(
        contract=train.contract.name,
        contract_version=train.contract.version,
        variant=variant,
        features=tuple(column.name for column in columns),
        levels={c.name: train.levels[c.name] for c in columns if c.name in train.levels},
        boosters=tuple(booster.model_to_string() for booster in boosters),
        calibration=calibration,
        trained_rows=len(train),
        trained_positives=int(train.label.sum()),
    )


def _grow(
    matrix: Floats, label: Ints, offset: Floats | None, columns: tuple[Column, ...], settings: Settings
) -> list[lgb.Booster]:
    """Grow one set of trees for each seed."""
    directions = [column.direction for column in columns]
    words = [number for number, column in enumerate(columns) if column.logical_type == "string"]
    grown = []
    for seed in range(1, settings.seeds + 1):
        rows = lgb.Dataset(
            matrix, label, init_score=offset, categorical_feature=words or "auto", free_raw_data=True
        )
        parameters = settings.parameters(seed) | {"monotone_constraints": directions}
        grown.append(lgb.train(parameters, rows, settings.rounds))
    return grown


def _calibrate(
    train: Dataset, matrix: Floats, offset: Floats | None, columns: tuple[Column, ...], settings: Settings
) -> Calibration:
    """Cut the training rows by time in four; forecast each part but the first from those before it."""
    edges = np.quantile(train.happened, np.arange(1, _FOLDS) / _FOLDS)
    part = np.searchsorted(edges, train.happened, side="left")
    raws, labels = [], []
    for number in range(1, _FOLDS):
        earlier, now = part < number, part == number
        if not now.any() or train.label[earlier].min(initial=1) == train.label[earlier].max(initial=0):
            continue
        start = None if offset is None else offset[earlier]
        boosters = _grow(matrix[earlier], train.label[earlier], start, columns, settings)
        raws.append(
            np.mean([b.predict(matrix[now], raw_score=True, num_threads=1) for b in boosters], axis=0)
        )
        labels.append(train.label[now])
    if not raws:
        return Calibration("platt", (0.0,), (1.0,))
    return calibrated(np.concatenate(raws), np.concatenate(labels))


def calibrated(raw: Floats, label: Ints) -> Calibration:
    """Fit Platt's line; from 5,000 positives on, steps (isotonic), which need no form but much to learn from."""
    if label.sum() >= _ISOTONIC_FROM_POSITIVES:
        steps = IsotonicRegression(out_of_bounds="clip", y_min=1e-5, y_max=1 - 1e-5).fit(raw, label)
        return Calibration(
            "isotonic", tuple(map(float, steps.X_thresholds_)), tuple(map(float, steps.y_thresholds_))
        )
    if label.min() == label.max():
        return Calibration("platt", (0.0,), (1.0,))
    line = LogisticRegression(C=1e6).fit(raw.reshape(-1, 1), label)
    return Calibration("platt", (float(line.intercept_[0]),), (float(line.coef_[0][0]),))


def ridge_scores(train: Dataset, rows: Dataset, *, variant: str) -> Floats:
    """Return log odds of the peer: ridge logistic on standardised features, words as one column for each level.

    Words of more than fifty levels are one column of rates, each drawn towards the mean.
    """
    columns = columns_of(train.contract, variant)
    ours, theirs = _standardised(train, rows, columns)
    if variant != "adjusted":
        return LogisticRegression(C=0.01, max_iter=2_000).fit(ours, train.label).decision_function(theirs)
    nuisance = assignment_log_odds(train, train)[:, None]
    learned = LogisticRegression(C=0.01, max_iter=2_000).fit(np.hstack([ours, nuisance]), train.label)
    return theirs @ learned.coef_[0][: ours.shape[1]]


def _standardised(train: Dataset, rows: Dataset, columns: tuple[Column, ...]) -> tuple[Floats, Floats]:
    ours, theirs = [], []
    for column in columns:
        a, b = train.values[column.name], rows.values[column.name]
        if column.logical_type == "string" and len(train.levels[column.name]) > _MOST_COLUMNS:
            known, now = a.astype(np.int64), b.astype(np.int64)
            a, b = (shrunken_log_odds(known, train.label, codes) for codes in (known, now))
        elif column.logical_type == "string":
            for level in np.unique(a):
                ours.append((a == level).astype(float))
                theirs.append((b == level).astype(float))
            continue
        middle = np.nanmean(a) if np.isfinite(a).any() else 0.0
        spread = np.nanstd(a) + 1e-9 if np.isfinite(a).any() else 1.0
        ours.append(np.clip(np.nan_to_num((a - middle) / spread, nan=0.0), -5, 5))
        theirs.append(np.clip(np.nan_to_num((b - middle) / spread, nan=0.0), -5, 5))
    return np.column_stack(ours), np.column_stack(theirs)


def logit(chance: Floats) -> Floats:
    clipped = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.log(clipped / (1 - clipped))


def sigmoid(raw: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-np.clip(raw, -40, 40)))
    return result

"""The model card: everything that a reader needs to judge a risk model, as one JSON document."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from zhijian.datazone.risk import measures
from zhijian.datazone.risk.contract import ASSIGNMENT, GROUPS, Dataset, RiskContract
from zhijian.datazone.risk.evaluation import (
    MEASURES,
    Progress,
    Window,
    measure,
    orders_of,
    run_windows,
    select,
    summary,
)
from zhijian.datazone.risk.learner import Settings, fit
from zhijian.datazone.risk.stored import CARDS, Card


def evaluate(
    rows: Dataset,
    *,
    windows: int = 8,
    held_out: int = 2,
    repeats: int = 200,
    seed: int = 3,
    settings: Settings | None = None,
    also: Mapping[str, Dataset] | None = None,
    by_decision: bool = False,
    is_synthetic: bool = False,
    command: str = "",
    progress: Progress = lambda stage, share: None,
) -> Card:
    """Evaluate by rolling origin and return the card.

    `also` holds the same visits under other conventions (for example decided on the day of the visit); each is told in
    one line. `by_decision`: the windows are the last days of decision (see `run_windows`). `command` is what reproduces the card.
    """
    settings = settings or Settings()
    done = run_windows(
        rows,
        windows=windows,
        held_out=held_out,
        settings=settings,
        by_decision=by_decision,
        progress=progress,
    )
    shown = "adjusted" if "adjusted" in done[0].scores else "without"
    card: Card = {
        "format": 1,
        **_words(rows.contract),
        "is_synthetic": is_synthetic,
        "command": command,
        "data": _data(rows),
        "split": _split(rows, done, held_out),
        "recommended": shown,
        "orders": orders_of(done),
        "summary": {"all": summary(done, repeats=repeats, seed=seed)},
        "windows": [_window(window) for window in done],
        "curves": {name: _mean_curve(done, name) for name in orders_of(done) if name != "lottery"},
        "calibration": {name: _calibration(done, name) for name in done[0].chances},
        "slices": {name: _slices(rows.contract, done, name) for name in done[0].chances},
        "drift": _drift(rows, done, shown),
        "features": _features(rows, settings),
        "conventions": {},
    }
    if held_out:
        card["summary"]["held_out"] = summary(done[-held_out:], repeats=repeats, seed=seed)
    card["assignment"] = {part: assignment_share(told) for part, told in card["summary"].items()}
    for name, other in (also or {}).items():
        others = run_windows(other, windows=windows, held_out=held_out, settings=settings)
        card["conventions"][name] = summary(others, repeats=0, seed=seed)
    cleaned: Card = json.loads(json.dumps(_rounded(card), ensure_ascii=False))
    return cleaned


def assignment_share(told: dict[str, dict[str, dict[str, float]]]) -> dict[str, float | None]:
    """Say how much of the gain (days earlier) who is sent explains.

    ``by_assignment_alone``: the gain of ordering by inspector group only, as a share of the gain with everything.
    ``lost_without``: the share of the gain that goes when the inspector's column goes; ``lost_placeless``: when places go
    too; ``lost_adjusted``: when besides the learning compares each visit with its inspector. Gains are over business as usual.
    """
    if "with" not in told:
        return {}
    gain = {name: row["days_earlier"]["value"] for name, row in told.items()}
    whole = gain["with"]
    if whole <= 0:
        return dict.fromkeys(("by_assignment_alone", "lost_without", "lost_placeless", "lost_adjusted"))
    return {
        "by_assignment_alone": gain["assignment_only"] / whole,
        "lost_without": 1 - gain["without"] / whole,
        "lost_placeless": 1 - gain["placeless"] / whole,
        "lost_adjusted": 1 - gain["adjusted"] / whole,
    }


def _words(contract: RiskContract) -> Card:
    return {
        "name": contract.name,
        "version": contract.version,
        "is_public": contract.is_public,
        "title_zh": contract.title_zh,
        "title_en": contract.title_en,
        "purpose_zh": contract.purpose_zh,
        "purpose_en": contract.purpose_en,
        "limits": list(contract.limits),
        "attribution": contract.attribution,
    }


def _data(rows: Dataset) -> Card:
    return {
        "visits": len(rows),
        "violations": int(rows.label.sum()),
        "base_rate": float(rows.label.mean()),
        "from": _day(int(rows.happened.min())),
        "to": _day(int(rows.happened.max())),
    }


def _split(rows: Dataset, done: list[Window], held_out: int) -> Card:
    known = [bool((w.rows.decided <= w.start).all()) for w in done]
    return {
        "windows": len(done),
        "held_out": held_out,
        "window_days": rows.contract.window_days,
        "is_known_when_planned": all(known),
    }


def _window(window: Window) -> Card:
    return {
        "number": window.number,
        "from": _day(window.start),
        "to": _day(window.start + window.rows.contract.window_days - 1),
        "is_held_out": window.is_held_out,
        "trained_visits": window.trained_rows,
        "visits": len(window.rows),
        "base_rate": float(window.rows.label.mean()),
        "orders": {name: measure(window, name) for name in orders_of([window])},
    }


def _mean_curve(done: list[Window], name: str) -> list[float]:
    return [
        float(v)
        for v in np.mean([measures.capture_curve(w.rows.label, w.scores[name]) for w in done], axis=0)
    ]


def _calibration(done: list[Window], name: str) -> Card:
    label = np.concatenate([w.rows.label for w in done])
    chance = np.concatenate([w.chances[name] for w in done])
    slope, intercept = measures.calibration_line(label, chance)
    return {
        "slope": slope,
        "intercept": intercept,
        "mean_chance": float(chance.mean()),
        "found": float(label.mean()),
        "bins": measures.calibration_bins(label, chance),
    }


def _slices(contract: RiskContract, done: list[Window], name: str) -> Card:
    """Tell each slice over all windows together; each window's scores are made ranks, so that windows can be joined."""
    label = np.concatenate([w.rows.label for w in done])
    chance = np.concatenate([w.chances[name] for w in done])
    rank = np.concatenate([np.argsort(np.argsort(w.scores[name])) / len(w.rows) for w in done])
    return {
        column.name: {
            "label_zh": column.label_zh,
            "label_en": column.label_en,
            "rows": measures.slice_rows(
                np.concatenate([w.rows.slices[column.name] for w in done]), label, chance, rank
            ),
        }
        for column in contract.slices()
    }


def _drift(rows: Dataset, done: list[Window], shown: str) -> Card:
    """Tell how far features and score of the last window moved from what was learned from, and the score month by month."""
    window = done[-1]
    before = select(rows, (rows.happened < window.start))
    model = fit(before, variant=shown, settings=Settings(seeds=1), does_calibrate=False)
    matrix = before.matrix(tuple(c for c in rows.contract.features() if c.name in model.features))
    score = measures.population_stability(model.raw(matrix), window.scores[shown])
    return {
        "features": dict(sorted(window.drift.items(), key=lambda item: -item[1])),
        "score": score,
        "months": [month for one in done for month in one.months],
    }


def _features(rows: Dataset, settings: Settings) -> list[Card]:
    shares = {
        variant: fit(rows, variant=variant, settings=settings, does_calibrate=False).importance()
        for variant in (("with", "adjusted") if rows.contract.features(ASSIGNMENT) else ("without",))
    }
    told = []
    for column in sorted(rows.contract.features(), key=lambda c: GROUPS.index(c.group)):
        own = {variant: share[column.name] for variant, share in shares.items() if column.name in share}
        told.append(
            {
                "name": column.name,
                "label_zh": column.label_zh,
                "label_en": column.label_en,
                "group": column.group,
                "direction": column.direction,
                "gain_share": own,
            }
        )
    return told


def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _rounded(value: Any) -> Any:
    """Round to five places, so that a card is read by people and compared between machines; NaN becomes null."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else round(float(value), 5)
    return value


__all__ = ["CARDS", "MEASURES", "Card", "assignment_share", "evaluate"]

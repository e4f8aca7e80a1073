"""Judge a risk by rolling origin: learn from all visits before a window, order the window, compare with what really happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zhijian.datazone.risk import measures
from zhijian.datazone.risk.contract import ASSIGNMENT, Dataset
from zhijian.datazone.risk.learner import (
    VARIANTS,
    Settings,
    assignment_log_odds,
    columns_of,
    fit,
    ridge_scores,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ORDERS = (
    "with",
    "without",
    "placeless",
    "adjusted",
    "ridge_with",
    "ridge_without",
    "ridge_adjusted",
    "assignment_only",
    "lottery",
    "as_happened",
)
MEASURES = (
    "auc", "auc_within_assignment", "days_earlier", "days_earlier_own_calendar", "first_half_share", "precision_at_tenth",
    "follows_assignment",
)  # fmt: skip
Progress = Callable[[str, float], None]


class TooShort(ValueError):
    """The data set is too short for the windows that are asked for."""


@dataclass
class Window:
    """One window of work: its rows, and for each order a score (and for the boosted ones a chance)."""

    number: int
    start: int
    is_held_out: bool
    rows: Dataset
    trained_rows: int
    scores: dict[str, Floats] = field(default_factory=dict)
    chances: dict[str, Floats] = field(default_factory=dict)
    drift: dict[str, float] = field(default_factory=dict)
    months: list[dict[str, Any]] = field(default_factory=list)


def select(rows: Dataset, chosen: npt.NDArray[np.bool_]) -> Dataset:
    """Return some rows of a data set."""
    return replace(
        rows,
        unit=rows.unit[chosen],
        decided=rows.decided[chosen],
        happened=rows.happened[chosen],
        label=rows.label[chosen],
        values={name: v[chosen] for name, v in rows.values.items()},
        slices={name: v[chosen] for name, v in rows.slices.items()},
    )


def window_starts(rows: Dataset, count: int) -> list[int]:
    """Return the first days of the last `count` windows, counted back from the last day.

    Raises:
        TooShort: less than one window of days lies before the first of them.
    """
    days, end = rows.contract.window_days, int(rows.happened.max()) + 1
    starts = [end - days * back for back in range(count, 0, -1)]
    if starts[0] - int(rows.happened.min()) < days:
        possible = max((end - int(rows.happened.min())) // days - 1, 0)
        raise TooShort(
            f"{count} windows of {days} days leave too little to learn from before the first; at most {possible} are possible. "
            "Ask for fewer windows or bring more history."
        )
    return starts


def run_windows(
    rows: Dataset,
    *,
    windows: int,
    held_out: int,
    settings: Settings,
    does_learn: bool = True,
    by_decision: bool = False,
    progress: Progress = lambda stage, share: None,
) -> list[Window]:
    """Learn and score every order for each window; the last `held_out` windows are marked as never used for choosing.

    Without `does_learn`, only the orders that need no learning are scored. `by_decision`: a window is what was decided on
    one day (the last days of decision are the origins), and is learned from what happened up to that day.

    Raises:
        TooShort: there are too few days of decision, or too few days, for so many windows.
    """
    starts = _origins(rows, windows) if by_decision else window_starts(rows, windows)
    done = []
    for number, start in enumerate(starts, 1):
        inside = (rows.happened >= start) & (rows.happened < start + rows.contract.window_days)
        if by_decision:
            inside = rows.decided == start - 1
        train = select(rows, rows.happened < start)
        window = Window(number, start, number > windows - held_out, select(rows, inside), len(train))
        _score(window, train, settings, does_learn=does_learn)
        done.append(window)
        progress("windows", number / windows)
    return done


def _origins(rows: Dataset, count: int) -> list[int]:
    """Return the day after each of the last `count` days of decision."""
    days = np.unique(rows.decided)
    if count >= len(days):
        raise TooShort(
            f"{count} windows need {count + 1} days of decision, there are {len(days)}. Ask for fewer windows or more years."
        )
    return [int(day) + 1 for day in days[-count:]]


def _score(window: Window, train: Dataset, settings: Settings, *, does_learn: bool) -> None:
    rows = window.rows
    has_assignment = bool(rows.contract.features(ASSIGNMENT))
    variants = VARIANTS if has_assignment else ("without",)
    for variant in variants if does_learn else ():
        columns = columns_of(rows.contract, variant)
        model = fit(train, variant=variant, settings=settings)
        window.scores[variant] = model.raw(rows.matrix(columns))
        window.chances[variant] = model.calibration.chance(window.scores[variant])
        if variant != "placeless":
            window.scores[f"ridge_{variant}"] = ridge_scores(train, rows, variant=variant)
    if does_learn:
        window.months = _months(window, model.raw(train.matrix(columns)), variant)
    window.scores["assignment_only"] = assignment_log_odds(train, rows)
    window.scores["as_happened"] = -rows.happened.astype(float)
    window.drift = {
        c.name: measures.population_stability(train.values[c.name], rows.values[c.name])
        for c in rows.contract.features()
    }


def measure(window: Window, name: str, chosen: Ints | None = None) -> dict[str, float]:
    """Return the measures of one order in one window; of the lottery, what it gives on average."""
    rows, group = window.rows, window.rows.assignment()
    pick: Any = slice(None) if chosen is None else chosen
    label, happened, group = rows.label[pick], rows.happened[pick], group[pick]
    if name == "lottery":
        return _lottery(happened, label, group)
    score = window.scores[name][pick]
    return {
        "auc": measures.auc(label, score),
        "auc_within_assignment": measures.auc_within(label, score, group),
        "days_earlier": 0.0 if name == "as_happened" else measures.days_earlier(happened, label, score),
        "days_earlier_own_calendar": 0.0
        if name == "as_happened"
        else measures.days_earlier_within(happened, label, score, group),
        "first_half_share": measures.share_in_first_half(label, score),
        "precision_at_tenth": measures.precision_at_tenth(label, score),
        "follows_assignment": measures.follows(score, window.scores["assignment_only"][pick]),
    }


def _months(window: Window, before: Floats, variant: str) -> list[dict[str, Any]]:
    """Tell month by month how far the score moved from what was learned from, and what was found against the forecast."""
    rows = window.rows
    month = rows.happened.astype("datetime64[D]").astype("datetime64[M]")
    return [
        {
            "month": str(one),
            "visits": int(chosen.sum()),
            "score": measures.population_stability(before, window.scores[variant][chosen]),
            "mean_chance": float(window.chances[variant][chosen].mean()),
            "found": float(rows.label[chosen].mean()),
        }
        for one in np.unique(month)
        for chosen in [month == one]
    ]


def _lottery(happened: Ints, label: Ints, group: Ints) -> dict[str, float]:
    """What a pure lottery gives in expectation, exactly: every violation's new day is the mean day."""
    found = label == 1
    own = (np.bincount(group, weights=happened) / np.maximum(np.bincount(group), 1))[group]
    return {
        "auc": 0.5,
        "auc_within_assignment": 0.5,
        "days_earlier": float((happened[found] - happened.mean()).mean()),
        "days_earlier_own_calendar": float((happened - own)[found].mean()),
        "first_half_share": (len(label) // 2) / len(label),
        "precision_at_tenth": float(label.mean()),
        "follows_assignment": 0.0,
    }


def orders_of(windows: list[Window]) -> list[str]:
    """Return the orders that were scored, in the order of ORDERS."""
    return [name for name in ORDERS if name == "lottery" or name in windows[0].scores]


def summary(windows: list[Window], *, repeats: int, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each order and measure the mean over windows with a 95 % bootstrap interval.

    Visits are drawn anew within each window, the same draws for every order.
    """
    draws = list(_draws(windows, repeats, seed))
    return {
        name: {
            key: _interval([measure(w, name)[key] for w in windows], [row[key] for row in resampled])
            for key in MEASURES
        }
        for name in orders_of(windows)
        for resampled in [_resampled(windows, name, draws)]
    }


def _draws(windows: list[Window], repeats: int, seed: int) -> Iterator[list[Ints]]:
    generator = np.random.default_rng(seed)
    for _ in range(repeats):
        yield [np.sort(generator.integers(0, len(w.rows), len(w.rows))) for w in windows]


def _resampled(windows: list[Window], name: str, draws: list[list[Ints]]) -> list[dict[str, float]]:
    means = []
    for draw in draws:
        told = [measure(window, name, chosen) for window, chosen in zip(windows, draw, strict=True)]
        means.append({key: float(np.mean([one[key] for one in told])) for key in MEASURES})
    return means


def _interval(values: list[float], resampled: list[float]) -> dict[str, float]:
    low, high = np.percentile(resampled, (2.5, 97.5)) if resampled else (float("nan"), float("nan"))
    return {"value": float(np.mean(values)), "low": float(low), "high": float(high)}

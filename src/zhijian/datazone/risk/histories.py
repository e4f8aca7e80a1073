"""What the past says about a unit, as known on the day of decision and never later.

A finding depends on who looked. So each past result is first compared with what its inspector found on average
up to that day; what is left over (the residual) is averaged by key, newer visits weighing more, and drawn towards zero
where there were few visits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Key:
    """Something that visits have in common. `prior` is in visits, `half_life_days` says how fast the past fades."""

    name: str
    codes: Ints  # one number for each row; -1: unknown, has no history
    prior: float
    half_life_days: float


def expected_by_inspector(
    days: Ints, inspector: Ints, result: Floats, *, half_life_days: float = 240.0, prior: float = 40.0
) -> Floats:
    """Return what each visit's inspector found on average on the days before it, drawn towards everyone's mean.

    `days` must ascend. The first day expects the prior: the mean is then unknown, so 50 visits at the mean of the
    first 60 days stand in for it, which touches only residuals of those days.
    """
    expected = np.zeros(len(days))
    found, visits = np.zeros(inspector.max() + 1), np.zeros(inspector.max() + 1)
    start = float(result[days < days[0] + 60].mean())
    last = int(days[0])
    for day, first, end in _days(days):
        fade = 0.5 ** ((day - last) / half_life_days)
        found, visits, last = found * fade, visits * fade, day
        mean = (found.sum() + start * 50) / (visits.sum() + 50)
        expected[first:end] = ((found + mean * prior) / (visits + prior))[inspector[first:end]]
        np.add.at(found, inspector[first:end], result[first:end])
        np.add.at(visits, inspector[first:end], 1.0)
    return expected


def histories(
    days: Ints, decided: Ints, residuals: dict[str, Floats], keys: tuple[Key, ...]
) -> dict[str, Floats]:
    """Return ``key_result`` and ``key_visits`` for every row, from visits on days before `decided` only."""
    told = {f"{key.name}_{name}": np.zeros(len(days)) for key in keys for name in residuals}
    told |= {f"{key.name}_visits": np.zeros(len(days)) for key in keys}
    for day in np.unique(decided):
        rows = np.flatnonzero(decided == day)
        past = int(np.searchsorted(days, day, side="left"))
        for key in keys:
            _tell(told, key, rows, day, days[:past], {name: r[:past] for name, r in residuals.items()})
    return told


def _tell(
    told: dict[str, Floats], key: Key, rows: Ints, day: int, days: Ints, past: dict[str, Floats]
) -> None:
    codes = key.codes[: len(days)]
    known = codes >= 0
    weight = 0.5 ** ((day - days[known]) / key.half_life_days)
    size = max(int(key.codes.max()) + 1, 1)
    wanted = key.codes[rows]
    has_key = wanted >= 0
    total = np.bincount(codes[known], weights=weight, minlength=size)[wanted]
    for name, residual in past.items():
        summed = np.bincount(codes[known], weights=weight * residual[known], minlength=size)[wanted]
        told[f"{key.name}_{name}"][rows] = np.where(has_key, summed / (total + key.prior), 0.0)
    plain = np.bincount(codes[known], minlength=size)[wanted]
    told[f"{key.name}_visits"][rows] = np.where(has_key, plain, 0.0)


def days_since_last(days: Ints, decided: Ints, codes: Ints) -> Floats:
    """Return days from the newest visit of the same key before `decided`; NaN where there was none."""
    since = np.full(len(days), np.nan)
    for day in np.unique(decided):
        rows = np.flatnonzero(decided == day)
        past = int(np.searchsorted(days, day, side="left"))
        newest = np.full(int(codes.max()) + 1, np.nan)
        newest[codes[:past]] = days[:past]  # ascending, so that the newest stays
        since[rows] = day - newest[codes[rows]]
    return since


def _days(days: Ints) -> list[tuple[int, int, int]]:
    """Return (day, first row, end) for each day of ascending `days`."""
    values, first = np.unique(days, return_index=True)
    ends = np.append(first[1:], len(days))
    return [(int(v), int(f), int(e)) for v, f, e in zip(values, first, ends, strict=True)]

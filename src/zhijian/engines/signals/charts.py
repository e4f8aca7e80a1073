"""Counts per day on control charts: Shewhart, CUSUM, EWMA, and EARS-C2. Each says where its limit lies and why it alarms."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
C2_BASELINE_DAYS = 7
C2_GAP_DAYS = 2  # the two days before today are left out, so that a slow rise does not lift its own baseline
C2_LIMIT = 3.0
C2_LEAST_COUNT = 5
C2_LEAST_DEVIATION = 0.5


@dataclass(frozen=True)
class Chart:
    """A value, its limit and an alarm for every day. `center` is what was expected; NaN where too little is known."""

    value: Floats
    center: Floats
    limit: Floats
    is_alarm: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Surge:
    """Today's count against the surge rule: the baseline, how many deviations above it, and the verdict."""

    count: float
    mean: float
    deviation: float
    z: float
    is_alarm: bool


def ears_c2(counts: npt.ArrayLike) -> Surge:
    """Judge the last day by the surge rule: baseline of days t-9 to t-3; alarm above 3 deviations with 5 or more.

    The deviation is that of the sample, at least 0.5.

    Raises:
        ValueError: fewer than ten days.
    """
    days = np.asarray(counts, dtype=float)
    need = C2_BASELINE_DAYS + C2_GAP_DAYS + 1
    if len(days) < need:
        raise ValueError(f"The surge rule needs {need} days, there are {len(days)}.")
    return surge_over(days[-need : -need + C2_BASELINE_DAYS], float(days[-1]))


def surge_over(baseline: npt.ArrayLike, count: float) -> Surge:
    """Judge a count against the days of its baseline."""
    before = np.asarray(baseline, dtype=float)
    mean, deviation = float(before.mean()), float(before.std(ddof=1))
    z = (count - mean) / max(deviation, C2_LEAST_DEVIATION)
    return Surge(count, mean, deviation, z, z > C2_LIMIT and count >= C2_LEAST_COUNT)


def ears_c2_chart(counts: npt.ArrayLike) -> Chart:
    """Judge every day by the surge rule; the first nine days have no limit."""
    days = np.asarray(counts, dtype=float)
    center, limit = np.full(len(days), np.nan), np.full(len(days), np.nan)
    start = C2_BASELINE_DAYS + C2_GAP_DAYS
    if len(days) > start:
        windows = np.lib.stride_tricks.sliding_window_view(days, C2_BASELINE_DAYS)[: len(days) - start]
        center[start:] = windows.mean(1)
        limit[start:] = center[start:] + C2_LIMIT * np.maximum(windows.std(1, ddof=1), C2_LEAST_DEVIATION)
    is_alarm = (days > np.nan_to_num(limit, nan=np.inf)) & (days >= C2_LEAST_COUNT)
    return Chart(days, center, limit, is_alarm)


def shewhart(counts: npt.ArrayLike, *, expected: npt.ArrayLike, sigmas: float = 3.0) -> Chart:
    """A c-chart: alarm above the expected count plus `sigmas` times its square root."""
    days = np.asarray(counts, dtype=float)
    center = np.broadcast_to(np.asarray(expected, dtype=float), days.shape).copy()
    limit = center + sigmas * np.sqrt(center)
    return Chart(days, center, limit, days > limit)


def cusum(
    counts: npt.ArrayLike, *, expected: npt.ArrayLike, slack: float = 0.5, decision: float = 5.0
) -> Chart:
    """One-sided CUSUM of standardised counts: small rises that last add up. `slack` and `decision` in deviations.

    The sum begins again after an alarm.
    """
    days = np.asarray(counts, dtype=float)
    center = np.broadcast_to(np.asarray(expected, dtype=float), days.shape).copy()
    steps = (days - center) / np.sqrt(np.maximum(center, 1e-9)) - slack
    value, is_alarm, total = np.zeros(len(days)), np.zeros(len(days), dtype=bool), 0.0
    for day, step in enumerate(steps):
        total = max(0.0, total + float(step))
        value[day], is_alarm[day] = total, total > decision
        if is_alarm[day]:
            total = 0.0
    return Chart(value, center, np.full(len(days), decision), is_alarm)


def ewma(
    counts: npt.ArrayLike, *, expected: npt.ArrayLike, weight: float = 0.25, sigmas: float = 3.0
) -> Chart:
    """Exponentially weighted mean of standardised counts, with the limit that is exact for every day."""
    days = np.asarray(counts, dtype=float)
    center = np.broadcast_to(np.asarray(expected, dtype=float), days.shape).copy()
    z = (days - center) / np.sqrt(np.maximum(center, 1e-9))
    value, last = np.zeros(len(days)), 0.0
    for day, step in enumerate(z):
        last = weight * float(step) + (1 - weight) * last
        value[day] = last
    age = np.arange(1, len(days) + 1)
    limit = sigmas * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * age)))
    return Chart(value, center, limit, value > limit)

"""Bars of shares with their 95 percent intervals, drawn on the server; a table stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class IntervalBar:
    """One row: its name, its value in words, the bar from zero and the interval across its end, in percent of the line."""

    name: str
    text: str
    width: float
    low: float
    high: float


@dataclass(frozen=True)
class IntervalChart:
    """Bars with the finding that names them."""

    title: str
    bars: tuple[IntervalBar, ...]


def draw(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> IntervalChart:
    """Draw (name, share, lower end, upper end, printed value) from zero."""
    most = max((high for _, _, _, high, _ in rows), default=1) or 1
    scale = 100 / most
    return IntervalChart(
        title,
        tuple(
            IntervalBar(name, text, share * scale, low * scale, high * scale)
            for name, share, low, high, text in rows
        ),
    )


__all__ = ["IntervalBar", "IntervalChart", "draw"]

"""Bars with their values printed, and bars of parts that make up a whole; drawn on the server.

Lengths are percent of the line that a bar lies in, and every word is text of the page: nothing shrinks or is cut on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

NARROW = 9  # percent: narrower parts print no share, the table does
GAP = 0.5  # percent between two parts
SHADES = ("q1", "q2", "q3", "q4", "q5")


@dataclass(frozen=True)
class Segment:
    """One rectangle: where it begins, how wide it is, its shade and what is printed in it."""

    x: float
    width: float
    shade: str
    text: str

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Bar:
    """One row: its name, what is printed behind it, and its rectangles."""

    name: str
    text: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class BarChart:
    """Bars with the finding that names them. `legend` names the shades of parts; `mark` is a line across every bar, in percent."""

    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    mark: float | None = None


def bars(
    title: str,
    rows: Sequence[tuple[str, float | None, str]],
    *,
    top: float | None = None,
    mark: float | None = None,
) -> BarChart:
    """Draw (name, value, printed value) from zero; a value of None has no bar, only its words.

    The right end is `top`, else the greatest value. `mark` is a value at which a line crosses every bar.
    """
    most = top or max((value for _, value, _ in rows if value is not None), default=0) or 1
    drawn = [
        Bar(name, text, (Segment(0, 100 * (value or 0) / most, "q4", ""),)) for name, value, text in rows
    ]
    return BarChart(title, tuple(drawn), mark=None if mark is None else 100 * mark / most)


def parts(
    title: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float] | None, str]]
) -> BarChart:
    """Draw (name, percents in the order of `names`, words where there are none): each bar is the whole."""
    drawn = []
    for name, percents, missing in rows:
        x, segments = 0.0, []
        for percent, shade in zip(percents or (), SHADES, strict=False):
            if percent:
                text = f"{percent:.1f}%" if percent >= NARROW + 2 else ""
                segments.append(Segment(x, max(percent - GAP, 0.2), shade, text))
            x += percent
        drawn.append(Bar(name, "" if percents else missing, tuple(segments)))
    return BarChart(title, tuple(drawn), tuple(zip(SHADES, names, strict=False)))

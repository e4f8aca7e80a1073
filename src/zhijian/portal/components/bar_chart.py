"""Bars with their values printed, and bars of parts that make up a whole; drawn on the server, read at 390 px."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, ROW, BAR, TOP = 400, 40, 16, 2
VALUE_ROOM = 96  # beside the longest bar, for its value
NARROW = 9  # percent: narrower parts print no share, the table does
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


class Lines:
    """Where the name, the bar and the printed value of a row stand, below its `y`."""

    y: int

    @property
    def name_y(self) -> int:
        return self.y + 14

    @property
    def bar_y(self) -> int:
        return self.y + 19

    @property
    def text_y(self) -> int:
        return self.y + 32


@dataclass(frozen=True)
class Bar(Lines):
    """One row: its name, what is printed behind it, and its rectangles."""

    name: str
    text: str
    segments: tuple[Segment, ...]
    y: int

    @property
    def text_x(self) -> float:
        return self.segments[-1].x + self.segments[-1].width + 6 if self.segments else 0


@dataclass(frozen=True)
class BarChart:
    """Bars with the finding that names them. `legend` names the shades of parts."""

    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    bar_height: int = BAR

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {TOP + ROW * len(self.bars)}"


def bars(title: str, rows: Sequence[tuple[str, float | None, str]]) -> BarChart:
    """Draw (name, value, printed value) from zero; a value of None has no bar, only its words."""
    most = max((value for _, value, _ in rows if value is not None), default=0) or 1
    drawn = []
    for number, (name, value, text) in enumerate(rows):
        width = (WIDTH - VALUE_ROOM) * (value or 0) / most
        drawn.append(Bar(name, text, (Segment(0, width, "q4", ""),), TOP + ROW * number))
    return BarChart(title, tuple(drawn))


def parts(
    title: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[float] | None, str]]
) -> BarChart:
    """Draw (name, percents in the order of `names`, words where there are none): each bar is the whole."""
    drawn = []
    for number, (name, percents, missing) in enumerate(rows):
        x, segments = 0.0, []
        for percent, shade in zip(percents or (), SHADES, strict=False):
            width = WIDTH * percent / 100
            if width:
                text = f"{percent:.1f}%" if percent >= NARROW + 2 else ""
                segments.append(Segment(x, max(width - 2, 0.5), shade, text))
            x += width
        drawn.append(Bar(name, "" if percents else missing, tuple(segments), TOP + ROW * number))
    return BarChart(title, tuple(drawn), tuple(zip(SHADES, names, strict=False)))

"""Bars of shares with their 95 percent intervals, drawn on the server, read at 390 px; a table stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhijian.portal.components.bar_chart import BAR, TOP, WIDTH, Lines

ROW = 44
VALUE_ROOM = 60  # beyond the highest interval, for the value
CAP = 4  # half the height of an interval's ends


@dataclass(frozen=True)
class IntervalBar(Lines):
    """One row: its name, its value in words, the bar from zero, and the interval across its end."""

    name: str
    text: str
    width: float
    low: float
    high: float
    y: int

    @property
    def text_x(self) -> float:
        return max(self.width, self.high) + 8

    @property
    def whisker(self) -> str:
        """The path of the interval, with a short upright at each end."""
        middle = self.bar_y + BAR // 2
        ends = "".join(f"M{x:.1f} {middle - CAP}V{middle + CAP}" for x in (self.low, self.high))
        return f"M{self.low:.1f} {middle}H{self.high:.1f}{ends}"


@dataclass(frozen=True)
class IntervalChart:
    """Bars with the finding that names them."""

    title: str
    bars: tuple[IntervalBar, ...]
    bar_height: int = BAR

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {TOP + ROW * len(self.bars)}"


def draw(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> IntervalChart:
    """Draw (name, share, lower end, upper end, printed value) from zero."""
    scale = (WIDTH - VALUE_ROOM) / (max((high for _, _, _, high, _ in rows), default=1) or 1)
    return IntervalChart(
        title,
        tuple(
            IntervalBar(name, text, share * scale, low * scale, high * scale, TOP + ROW * number)
            for number, (name, share, low, high, text) in enumerate(rows)
        ),
    )


__all__ = ["IntervalBar", "IntervalChart", "draw"]

"""Scores from 1 to 5 as a point with its 95 percent interval; drawn on the server, read at 390 px, a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, ROW, TOP, VALUE_ROOM, AXIS = 400, 44, 2, 64, 20
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True)
class ScoreRow:
    """One row: its name, the printed score, where point and interval lie."""

    name: str
    text: str
    at: float
    low: float
    high: float
    y: int

    @property
    def name_y(self) -> int:
        return self.y + 14

    @property
    def middle(self) -> int:
        return self.y + 28

    @property
    def text_y(self) -> int:
        return self.y + 33

    @property
    def whisker(self) -> str:
        """The path of the interval, with a short upright at each end."""
        ends = "".join(f"M{x:.1f} {self.middle - 5}V{self.middle + 5}" for x in (self.low, self.high))
        return f"M{self.low:.1f} {self.middle}H{self.high:.1f}{ends}"


@dataclass(frozen=True)
class ScoreChart:
    """Rows over one scale, with the finding that names them."""

    title: str
    rows: tuple[ScoreRow, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def bottom(self) -> int:
        return TOP + ROW * len(self.rows)

    @property
    def tick_y(self) -> int:
        return self.bottom + 14

    @property
    def text_x(self) -> int:
        return WIDTH - VALUE_ROOM + 8

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {self.bottom + AXIS}"


def draw(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> ScoreChart:
    """Draw (name, score, lower end, upper end, what is printed) on a scale from 1 to 5."""

    def across(score: float) -> float:
        return 6 + (WIDTH - VALUE_ROOM - 12) * (score - LOWEST) / (HIGHEST - LOWEST)

    return ScoreChart(
        title,
        tuple(
            ScoreRow(name, text, across(score), across(low), across(high), TOP + ROW * number)
            for number, (name, score, low, high, text) in enumerate(rows)
        ),
        tuple((across(score), str(score)) for score in range(LOWEST, HIGHEST + 1)),
    )

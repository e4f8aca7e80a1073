"""Lines in a square from 0 to 1, drawn on the server; the same numbers stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP, SIDE, FALL = 400, 300, 44, 12, 340, 250
STYLES = ("one", "two", "three", "four")


@dataclass(frozen=True)
class Line:
    """One line: its name, its path, and the style that tells it apart without colour."""

    name: str
    path: str
    style: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class LineChart:
    """Lines with their axes. `top` is the value at the upper edge and, where the chart is square, at the right one."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    diagonal: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    left: int = LEFT
    bottom: int = TOP + FALL
    right: int = LEFT + SIDE
    x_text_y: int = TOP + FALL + 16
    y_text_x: int = LEFT - 6
    break_x: float | None = None
    break_text: str = ""


def draw(
    title: str,
    x_label: str,
    y_label: str,
    lines: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    *,
    top: float = 1.0,
) -> LineChart:
    """Draw up to four lines of (name, x, y), both from 0 to `top`, with the diagonal for comparison."""
    ticks = [top * step / 4 for step in range(5)]
    return LineChart(
        title=title,
        x_label=x_label,
        y_label=y_label,
        lines=tuple(
            Line(name, _path(xs, ys, top), style)
            for (name, xs, ys), style in zip(lines, STYLES, strict=False)
        ),
        diagonal=_path((0, top), (0, top), top),
        x_ticks=tuple(Tick(LEFT + SIDE * t / top, f"{t:.0%}") for t in ticks),
        y_ticks=tuple(Tick(TOP + FALL * (1 - t / top), f"{t:.0%}") for t in ticks),
    )


def _path(xs: Sequence[float], ys: Sequence[float], top: float) -> str:
    points = (
        f"{LEFT + SIDE * x / top:.1f} {TOP + FALL * (1 - y / top):.1f}" for x, y in zip(xs, ys, strict=True)
    )
    return "M" + "L".join(points)

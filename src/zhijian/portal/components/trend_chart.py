"""Lines over years or ages, with a mark where the last period is not complete."""

import math
from collections.abc import Callable, Sequence

from zhijian.portal.components.line_chart import FALL, LEFT, SIDE, STYLES, TOP, Line, LineChart, Tick

Series = tuple[str, Sequence[int], Sequence[float]]
MOST_TICKS = 6
MOST_LINES = len(STYLES)


def draw(
    title: str,
    x_label: str,
    y_label: str,
    series: Sequence[Series],
    *,
    write: Callable[[float], str],
    top: float | None = None,
    from_zero: bool = True,
    break_after: int | None = None,
    break_text: str = "",
    tell: Callable[[int], str] = str,
) -> LineChart:
    """Draw up to four (name, x, y). `break_after` is the last x that is complete: beyond it a mark stands. `tell` writes an x.

    Without `from_zero` the axis spans what the lines span: for values that differ little from one another.
    """
    xs = sorted({x for _, some, _ in series for x in some})
    first, last = (xs[0], xs[-1]) if xs else (0, 1)
    ys_of_all = [y for _, _, some in series for y in some]
    if from_zero or not ys_of_all:
        low, high = 0.0, top or _round_up(max(ys_of_all, default=1))
    else:
        low, high = _span(min(ys_of_all), max(ys_of_all))

    def across(x: float) -> float:
        return LEFT + SIDE * (x - first) / max(last - first, 1)

    def up(y: float) -> float:
        return TOP + FALL * (1 - (y - low) / (high - low))

    is_broken = break_after is not None and first <= break_after < last
    return LineChart(
        title=title,
        x_label=" · ".join(word for word in (x_label, y_label) if word),
        y_label="",  # lines may begin where it would stand
        lines=tuple(
            Line(name, _path([(across(x), up(y)) for x, y in zip(some, ys, strict=True)]), style)
            for (name, some, ys), style in zip(series, STYLES, strict=False)
        ),
        diagonal="",
        x_ticks=tuple(Tick(across(x), tell(x)) for x in _ticks(first, last)),
        y_ticks=tuple(Tick(up(at), write(at)) for at in (low + (high - low) * step / 4 for step in range(5))),
        break_x=across(break_after + 0.5) if is_broken and break_after is not None else None,
        break_text=break_text if is_broken else "",
    )


def _ticks(first: int, last: int) -> range:
    step = max(1, math.ceil((last - first) / (MOST_TICKS - 1)))
    return range(first, last + 1, step)


def _round_up(value: float) -> float:
    """The next 1, 2, 4 or 8 times a power of ten: quarters of it are short to write."""
    if value <= 4:
        return 4
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value)


def _span(low: float, high: float) -> tuple[float, float]:
    """Return the shortest span of four round steps that holds both."""
    power = 10.0 ** (math.floor(math.log10(high - low)) - 1) if high > low else 1.0
    steps = (power * one for one in (1, 2, 5, 10, 20, 50, 100))
    step = next(one for one in steps if math.floor(low / one) * one + 4 * one >= high)
    first = math.floor(low / step) * step
    return first, first + 4 * step


def _path(points: Sequence[tuple[float, float]]) -> str:
    if len(points) == 1:  # one point alone is a short stroke
        points = [(points[0][0] - 4, points[0][1]), (points[0][0] + 4, points[0][1])]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) if points else ""

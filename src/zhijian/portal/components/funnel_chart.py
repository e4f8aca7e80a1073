"""Ratios against what was expected, within the funnel that chance alone draws; drawn on the server, a table stands beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhijian.portal.components.line_chart import FALL, HEIGHT, LEFT, SIDE, TOP, WIDTH, Tick

STEPS = 80


@dataclass(frozen=True)
class FunnelChart:
    """Points, the two funnels, the axes and the finding that names them."""

    title: str
    x_label: str
    points: tuple[tuple[float, float, bool], ...]  # across, up, outside the outer funnel
    inner: str
    outer: str
    middle_y: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    left: int = LEFT
    bottom: int = TOP + FALL
    right: int = LEFT + SIDE
    x_text_y: int = TOP + FALL + 16
    y_text_x: int = LEFT - 6


def draw(
    title: str,
    x_label: str,
    points: Sequence[tuple[float, float]],
    inner: Callable[[float], tuple[float, float]],
    outer: Callable[[float], tuple[float, float]],
) -> FunnelChart:
    """Draw (expected, ratio) points; `inner` and `outer` give the limits of the ratio for what was expected."""
    most = max((x for x, _ in points), default=1.0) * 1.05
    high = max(2.0, *(y * 1.1 for _, y in points), 2.0)

    def across(x: float) -> float:
        return LEFT + SIDE * x / most

    def up(y: float) -> float:
        return TOP + FALL * (1 - min(y, high) / high)

    def band(limits: Callable[[float], tuple[float, float]]) -> str:
        xs = [most * step / STEPS for step in range(2, STEPS + 1)]
        told = [(x, *limits(x)) for x in xs]
        sides = [[(x, low) for x, low, _ in told], [(x, top) for x, _, top in told]]
        return "".join("M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in side) for side in sides)

    def is_outside(x: float, y: float) -> bool:
        low, top = outer(x)
        return not low <= y <= top

    return FunnelChart(
        title,
        x_label,
        tuple((across(x), up(y), is_outside(x, y)) for x, y in points),
        band(inner),
        band(outer),
        up(1.0),
        tuple(Tick(across(most * step / 4), f"{most * step / 4:.1f}") for step in range(5)),
        tuple(Tick(up(high * step / 4), f"{high * step / 4:.1f}") for step in range(5)),
    )

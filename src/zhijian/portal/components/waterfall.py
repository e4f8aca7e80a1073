"""The weight of a pair as a waterfall: each comparison pushes the sum to the right (for) or to the left (against)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, ROW, LABELS, VALUES = 360, 26, 118, 52  # units of the picture


@dataclass(frozen=True)
class Bar:
    """One step drawn: where its bar begins, how wide it is, and whether it speaks for the pair."""

    label_zh: str
    label_en: str
    level_zh: str
    level_en: str
    bits: float
    x: float
    width: float
    y: int
    is_for: bool
    is_silent: bool

    @property
    def middle(self) -> int:
        return self.y + ROW // 2 + 4

    @property
    def value(self) -> str:
        """The bits with their sign; a step that says nothing has a dash."""
        return "—" if self.is_silent else f"{self.bits:+.1f}".replace("-", "−")


@dataclass(frozen=True)
class Waterfall:
    """All that the template draws."""

    bars: tuple[Bar, ...]
    zero: float
    height: int
    width: int = WIDTH
    total: str = ""


def waterfall(steps: Sequence[dict[str, Any]]) -> Waterfall:
    """Lay out the steps (as `scoring.explain` gives them) of one pair."""
    sums = [0.0]
    for step in steps:
        sums.append(sums[-1] + step["bits"])
    low, high = min(sums), max(sums)
    scale = (WIDTH - LABELS - VALUES) / max(high - low, 1.0)
    bars = []
    for number, step in enumerate(steps):
        left, right = sorted(sums[number : number + 2])
        bars.append(
            Bar(step["label_zh"], step["label_en"], step["level_zh"], step["level_en"], step["bits"],
                round(LABELS + (left - low) * scale, 1), round(max((right - left) * scale, 1.0), 1), number * ROW,
                step["bits"] >= 0, bool(step["is_silent"]))
        )  # fmt: skip
    total = f"{sums[-1]:+.1f}".replace("-", "−")
    return Waterfall(tuple(bars), round(LABELS - low * scale, 1), len(steps) * ROW + 4, total=total)

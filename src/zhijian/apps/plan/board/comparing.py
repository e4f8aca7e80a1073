"""What changed against the span before, whether it is more than chance, and where it comes from. Plain sums, no model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

Row = tuple[str, int, int]  # a part, its count now, its count in the span before


@dataclass(frozen=True)
class Source:
    """The part from which most of a change comes. `share` is of the whole change; above 1 others went the other way."""

    part: str
    now: int
    before: int
    share: float

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class Change:
    """Two spans of one length compared. `spread`: the difference in standard deviations of chance."""

    now: int
    before: int
    spread: float
    is_compared: bool  # there is enough to compare
    is_beyond_chance: bool
    place: Source | None = None
    kind: Source | None = None

    @property
    def amount(self) -> int:
        return self.now - self.before

    @property
    def percent(self) -> float | None:
        return 100 * self.amount / self.before if self.before else None


def compare(
    places: Sequence[Row], kinds: Sequence[Row], *, now: int, before: int, least: int, usual: float
) -> Change:
    """Compare two spans.

    ASSUMPTION: what happens in a span scatters like a count of independent events, so the roots of two counts differ by
    chance with a standard deviation of √½. Cases that come in crowds scatter more: the words say "beyond chance", never why.
    """
    spread = sqrt(2) * (sqrt(now) - sqrt(before))
    is_compared = now + before >= least
    return Change(
        now,
        before,
        spread,
        is_compared,
        is_compared and abs(spread) > usual,
        source_of(places, now - before),
        source_of(kinds, now - before),
    )


def source_of(rows: Iterable[Row], whole: int) -> Source | None:
    """Return the part that moved most in the direction of the whole change; None where nothing did, or there is one part."""
    parts = list(rows)
    moved = [row for row in parts if (row[1] - row[2]) * whole > 0]
    if len(parts) < 2 or not moved:
        return None
    part, now, before = max(moved, key=lambda row: (abs(row[1] - row[2]), row[0]))
    return Source(part, now, before, (now - before) / whole)


def hide_small(counts: Mapping[str, int], *, least: int) -> dict[str, int | None]:
    """Return counts by part, with None where few persons could be seen.

    Where one alone would be hidden, its number follows from the sum: then the next smallest above nothing is hidden too.
    """
    small = {part for part, count in counts.items() if 0 < count < least}
    if len(small) == 1:
        others = sorted((count, part) for part, count in counts.items() if count >= least)
        small |= {part for _count, part in others[:1]}
    return {part: None if part in small else count for part, count in counts.items()}

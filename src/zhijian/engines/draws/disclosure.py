"""What an outsider can infer from a published draw, and a refusal where that is too much.

The firms drawn are named later, with their results. Their class is not published, but their area and
group are plain to see. So in every public cell (area, group) the classes among those drawn, and
among those left, must stay mixed. Strata carry their area, hence the counts are fixed at the freeze
and no check after the draw could become a pretext for another draw.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from zhijian.engines.draws.errors import RevealingCell


@dataclass(frozen=True)
class Stratum:
    """One stratum as published at the freeze. ``rate`` is the key of its rate; assume that it tells the class."""

    label: str
    area: str
    group: str
    rate: str
    objects: int
    drawn: int
    reserve: int
    method: str = "simple"  # what follows is published by protocol zhijian-draw/2 alone
    order: str = "random"
    certain: int = 0  # how many are taken for sure, as their weight is so large
    weight: int = 0  # the sum of the weights of all others


Cell = tuple[str, str]


def cells_of(strata: Iterable[Stratum]) -> dict[Cell, list[Stratum]]:
    """Group strata by what anyone can see of a named firm."""
    cells: dict[Cell, list[Stratum]] = defaultdict(list)
    for stratum in strata:
        cells[stratum.area, stratum.group].append(stratum)
    return dict(cells)


def posterior(cell: Iterable[Stratum], *, was_drawn: bool) -> dict[str, Fraction]:
    """Return P(rate key | cell, drawn or not): all that an outsider learns about one firm of the cell."""
    counts: dict[str, int] = defaultdict(int)
    for stratum in cell:
        counts[stratum.rate] += stratum.drawn if was_drawn else stratum.objects - stratum.drawn
    total = sum(counts.values())
    return {key: Fraction(count, total) for key, count in counts.items()} if total else {}


def revealing_cells(strata: Iterable[Stratum], *, max_share_percent: int) -> list[RevealingCell]:
    """Return the cells in which a firm's class could be read or all but read.

    Among the firms drawn no class may exceed ``max_share_percent``; among those not drawn at
    least two classes must remain, so that nobody's class is certain.
    """
    found = []
    for (area, group), cell in sorted(cells_of(strata).items()):
        drawn, left = posterior(cell, was_drawn=True), posterior(cell, was_drawn=False)
        count, share = sum(s.drawn for s in cell), max(drawn.values(), default=Fraction())
        percent = int(share * 100)
        if share * 100 > max_share_percent:
            zh = f"抽中的{count}户中{percent}%属同一分类，上限{max_share_percent}%。"
            en = f"{percent}% of the {count} drawn are of one class, the limit is {max_share_percent}%."
            found.append(RevealingCell(area, group, count, percent, zh, en))
        elif max(left.values(), default=Fraction()) == 1:
            zh, en = "未抽中的企业全属同一分类。", "all firms not drawn are of one class."
            found.append(RevealingCell(area, group, count, 100, zh, en))
    return found


def outsider_table(strata: Iterable[Stratum]) -> list[Mapping[str, object]]:
    """Return one row per cell and rate key with both posteriors in percent, for officers to read."""
    rows: list[Mapping[str, object]] = []
    for (area, group), cell in sorted(cells_of(strata).items()):
        drawn, left = posterior(cell, was_drawn=True), posterior(cell, was_drawn=False)
        rows.extend(
            {
                "area": area,
                "group": group,
                "rate": key,
                "if_drawn_percent": float(drawn.get(key, Fraction()) * 100),
                "if_not_drawn_percent": float(left.get(key, Fraction()) * 100),
            }
            for key in sorted(left.keys() | drawn.keys())
        )
    return rows

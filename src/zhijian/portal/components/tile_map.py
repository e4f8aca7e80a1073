"""The province as 21 tiles: a map that reads on a phone, prints every value and draws no boundary."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext

from zhijian.engines.registers.code_lists import PREFECTURES_EN
from zhijian.portal.components import words
from zhijian.standards import divisions

TILE, GAP = 48, 3
# column, row, code, short name: near enough to where each city lies.
PLACES = (
    (2, 0, "441800", "清远"), (3, 0, "440200", "韶关"), (4, 0, "441600", "河源"), (5, 0, "441400", "梅州"),
    (6, 0, "445100", "潮州"), (1, 1, "441200", "肇庆"), (2, 1, "440600", "佛山"), (3, 1, "440100", "广州"),
    (4, 1, "441300", "惠州"), (5, 1, "445200", "揭阳"), (6, 1, "440500", "汕头"), (1, 2, "445300", "云浮"),
    (2, 2, "440700", "江门"), (3, 2, "441900", "东莞"), (4, 2, "440300", "深圳"), (5, 2, "441500", "汕尾"),
    (0, 3, "440900", "茂名"), (1, 3, "441700", "阳江"), (3, 3, "442000", "中山"), (0, 4, "440800", "湛江"),
    (3, 4, "440400", "珠海"),
)  # fmt: skip
VIEW_BOX = f"0 0 {7 * (TILE + GAP)} {5 * (TILE + GAP)}"


@dataclass(frozen=True)
class Tile:
    """One city: where its tile lies, what is printed in it, and how dark it is (`q1`–`q5`, `none`)."""

    code: str
    name: str
    value: float | None
    text: str
    shade: str
    is_below: bool
    x: int
    y: int
    href: str

    @property
    def middle(self) -> int:
        return self.x + TILE // 2

    @property
    def is_long(self) -> bool:
        """Whether the name needs smaller letters: English names are twice as wide as the tile."""
        return len(self.name) > 5

    @property
    def name_y(self) -> int:
        return self.y + 21

    @property
    def text_y(self) -> int:
        return self.y + 38


@dataclass(frozen=True)
class Step:
    """One shade of the legend."""

    shade: str
    text: str


@dataclass(frozen=True)
class TileMap:
    """Tiles, legend and the finding that names the picture."""

    title: str
    tiles: tuple[Tile, ...]
    legend: tuple[Step, ...]
    view_box: str = VIEW_BOX
    size: int = TILE

    @property
    def rows(self) -> list[Tile]:
        """The same for the table: in the order of the divisions' codes."""
        return sorted(self.tiles, key=lambda tile: tile.code)


def city_name(code: str) -> str:
    """The short name of one of the 21 cities, in the page's language."""
    short = next((name for _, _, known, name in PLACES if known == code), code)
    return PREFECTURES_EN.get(code, short) if words.in_english() else short


def area_name(code: str) -> str:
    """Name a published area in the page's language: a city, a county, the province, or the code itself where it is several merged."""
    if any(known == code for _, _, known, _ in PLACES):
        return city_name(code)
    in_english = divisions.name_in_english(code) if words.in_english() else None
    if in_english:
        return in_english
    found = divisions.find(code)
    return found.name if found else code


def area_words(code: str, members: Sequence[str]) -> str:
    """Name an area by its divisions: the only one, or the first and how many are merged."""
    names = [area_name(one) for one in members] or [area_name(code)]
    merged = gettext("%(first)s等%(count)s地（合并）") % {"first": names[0], "count": len(names)}
    return names[0] if len(names) == 1 else merged


def counts(values: Mapping[str, int], *, title: str, href: Callable[[str], str]) -> TileMap:
    """Draw counts; the shades are the fifths of the cities, so that a few large ones do not hide the rest.

    Where some city has none, the lightest shade is for none, and the others are quarters of those that have some.
    """
    values = {code: values.get(code, 0) for _, _, code, _ in PLACES}
    ordered = sorted(value for value in values.values() if value > 0) or [0]
    has_none = len(ordered) < len(values)
    steps = 4 if has_none else 5
    limits = [ordered[math.ceil(len(ordered) * step / steps) - 1] + 1 for step in range(1, steps)]
    limits = [1, *limits] if has_none else limits
    return _draw(values, limits, None, title, href, lambda value: words.number(int(value)))


def shares(
    values: Mapping[str, float | None], *, target: float, title: str, href: Callable[[str], str]
) -> TileMap:
    """Draw shares in percent; the scale breaks at the target, and what lies below it is marked ▼.

    Where some city has twice the target, the shades go up by whole targets: else all would be one dark field.
    """
    most = max((value for value in values.values() if value is not None), default=0.0)
    times = (1, 2, 3, 4) if most >= 2 * target else (0.8, 0.9, 1, 1.1)
    limits = [target * one for one in times]
    return _draw(values, limits, target, title, href, lambda value: f"{value:.1f}%")


def fifths(values: Mapping[str, float | None], *, title: str, href: Callable[[str], str]) -> TileMap:
    """Draw shares in percent that have no target; the shades are the fifths of the cities that have one.

    A shade that no city would have is left out: where all are alike there is one, the lightest.
    """
    ordered = sorted(value for value in values.values() if value is not None) or [0.0]
    fifths_of_all = {ordered[min(len(ordered) * fifth // 5, len(ordered) - 1)] for fifth in range(1, 5)}
    limits = sorted(limit for limit in fifths_of_all if limit > ordered[0])
    return _draw(values, limits, None, title, href, lambda value: f"{value:.1f}%")


def _draw(
    values: Mapping[str, float | int | None],
    limits: Sequence[float],
    target: float | None,
    title: str,
    href: Callable[[str], str],
    write: Callable[[float], str],
) -> TileMap:
    tiles = []
    for column, row, code, _ in PLACES:
        value = values.get(code)
        is_below = target is not None and value is not None and value < target
        missing = "—" if words.in_english() else gettext("无数据")  # English words do not fit the tile
        text = missing if value is None else ("▼" if is_below else "") + write(value)
        tiles.append(
            Tile(
                code=code,
                name=city_name(code),
                value=value,
                text=text,
                shade="none" if value is None else f"q{1 + sum(value >= limit for limit in limits)}",
                is_below=is_below,
                x=column * (TILE + GAP) + 1,
                y=row * (TILE + GAP) + 1,
                href=href(code),
            )
        )
    return TileMap(title, tuple(tiles), _legend(limits, tiles, write))


def _legend(
    limits: Sequence[float], tiles: Sequence[Tile], write: Callable[[float], str]
) -> tuple[Step, ...]:
    steps = []
    known = [tile for tile in tiles if tile.shade != "none"]
    if known and not limits:
        steps.append(Step("q1", known[0].text))
    elif known:
        steps.append(Step("q1", f"<{write(limits[0])}"))
        pairs = pairwise(limits)
        steps += [
            Step(f"q{n}", f"{write(low)}–{write(high)}")
            for n, (low, high) in enumerate(pairs, 2)
            if low < high
        ]
        steps.append(Step(f"q{len(limits) + 1}", f"≥{write(limits[-1])}"))
    if any(tile.shade == "none" for tile in tiles):
        steps.append(Step("none", gettext("无数据")))
    return tuple(steps)

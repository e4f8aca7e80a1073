"""The round of a day as a drawing (示意图): where the stops lie to each other and in which order, never a road."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path

_FILE = Path(__file__).resolve().parents[1] / "geo" / "guangdong_counties.json"
WIDTH, HEIGHT = 640, 480
_MARGIN, _NEAR = 56, 26
_METRES_PER_DEGREE = 111_195
_LEAST_METRES = 2_000  # a round within one street is not drawn larger than this
_BARS_M = (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)

Place = tuple[float, float]  # latitude and longitude


@dataclass(frozen=True)
class Mark:
    """One circle: the numbers of the stops that lie there, and where."""

    text: str
    x: int
    y: int
    width: int

    @property
    def left(self) -> int:
        return -self.width // 2


@dataclass(frozen=True)
class RoundMap:
    """What the picture needs: the station, the way, the marks, outlines behind, and a bar of so many metres."""

    station: tuple[int, int]
    way: str
    marks: tuple[Mark, ...]
    outlines: tuple[str, ...]
    bar_px: int
    bar_text: str


@cache
def _counties() -> tuple[tuple[tuple[float, float, float, float], tuple[tuple[float, float], ...]], ...]:
    """Return each ring of the counties' outlines with the box around it."""
    found = []
    for one in json.loads(_FILE.read_text("utf-8"))["features"]:
        for polygon in one["geometry"]["coordinates"]:
            ring = tuple((point[0], point[1]) for point in polygon[0])
            easts, norths = [p[0] for p in ring], [p[1] for p in ring]
            found.append(((min(easts), min(norths), max(easts), max(norths)), ring))
    return tuple(found)


def drawn(station: Place, stops: Sequence[Place]) -> RoundMap:
    """Draw the stops, given in the order in which they are visited, around the station."""
    places = [station, *stops]
    norths, easts = [one[0] for one in places], [one[1] for one in places]
    squeeze = cos(radians(sum(norths) / len(norths)))
    middle = (min(norths) + max(norths)) / 2, (min(easts) + max(easts)) / 2
    least = _LEAST_METRES / _METRES_PER_DEGREE
    scale = min(
        (WIDTH - 2 * _MARGIN) / max((max(easts) - min(easts)) * squeeze, least),
        (HEIGHT - 2 * _MARGIN) / max(max(norths) - min(norths), least),
    )

    def point(north: float, east: float) -> tuple[int, int]:
        return round(WIDTH / 2 + (east - middle[1]) * squeeze * scale), round(
            HEIGHT / 2 - (north - middle[0]) * scale
        )

    at = [point(*one) for one in places]
    way = "M" + "L".join(f"{x} {y}" for x, y in [*at, at[0]])
    bar = max((one for one in _BARS_M if one / _METRES_PER_DEGREE * scale <= WIDTH / 4), default=_BARS_M[0])
    half_north, half_east = HEIGHT / 2 / scale, WIDTH / 2 / scale / squeeze
    seen = (middle[1] - half_east, middle[0] - half_north, middle[1] + half_east, middle[0] + half_north)
    outlines = tuple(
        "M" + "L".join(f"{x} {y}" for x, y in (point(north, east) for east, north in ring)) + "z"
        for box, ring in _counties()
        if box[0] < seen[2] and box[2] > seen[0] and box[1] < seen[3] and box[3] > seen[1]
    )
    return RoundMap(
        at[0], way, _marks(at[1:]), outlines, round(bar / _METRES_PER_DEGREE * scale),
        f"{bar // 1000} km" if bar >= 1000 else f"{bar} m",
    )  # fmt: skip


def _marks(at: Sequence[tuple[int, int]]) -> tuple[Mark, ...]:
    """Put the numbers of stops that would cover each other into one mark."""
    groups: list[tuple[tuple[int, int], list[int]]] = []
    for number, (x, y) in enumerate(at, start=1):
        near = next((g for g in groups if abs(g[0][0] - x) < _NEAR and abs(g[0][1] - y) < _NEAR), None)
        if near:
            near[1].append(number)
        else:
            groups.append(((x, y), [number]))
    return tuple(
        Mark("·".join(map(str, numbers)), x, y, 28 + 20 * (len(numbers) - 1)) for (x, y), numbers in groups
    )


__all__ = ["HEIGHT", "WIDTH", "RoundMap", "drawn"]

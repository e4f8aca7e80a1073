"""The province's outline as a drawing (示意图): where a city lies, never where a boundary runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path
from typing import Any

from zhijian.portal.components.tile_map import TileMap, city_name

_FILE = Path(__file__).resolve().parents[1] / "geo" / "guangdong_cities.json"
WIDTH = 640
_MARGIN = 8


@dataclass(frozen=True)
class Shape:
    """One city: its outline as an SVG path, and where its name stands."""

    code: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Place:
    """One city as drawn: the shape with the shade and words of the tile of the same city."""

    shape: Shape
    name: str
    text: str
    shade: str
    href: str


@cache
def shapes() -> tuple[tuple[Shape, ...], int]:
    """Return the outlines, and the drawing's height, in units of which the width has 640."""
    features = json.loads(_FILE.read_text("utf-8"))["features"]
    rings = {one["properties"]["adcode"]: _rings(one["geometry"]) for one in features}
    points = [point for every in rings.values() for ring in every for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = cos(radians((south + north) / 2))
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) * squeeze)

    def place(longitude: float, latitude: float) -> tuple[int, int]:
        return round(_MARGIN + (longitude - west) * squeeze * scale), round(
            _MARGIN + (north - latitude) * scale
        )

    drawn = []
    for one in features:
        properties = one["properties"]
        x, y = place(*properties["centroid"])
        path = "".join(_path([place(*point[:2]) for point in ring]) for ring in rings[properties["adcode"]])
        drawn.append(Shape(properties["adcode"], path, x, y))
    return tuple(drawn), round(2 * _MARGIN + (north - south) * scale)


def _rings(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    """Return the outer rings of a polygon or of several."""
    coordinates = geometry["coordinates"]
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    return [polygon[0] for polygon in polygons]


def _path(points: list[tuple[int, int]]) -> str:
    """Write a ring in steps from point to point, leaving out steps of nothing."""
    (x, y), text = points[0], ""
    for next_x, next_y in points[1:]:
        if (next_x, next_y) != (x, y):
            text += f"l{next_x - x} {next_y - y}"
        x, y = next_x, next_y
    return f"M{points[0][0]} {points[0][1]}{text}z" if text else ""


def places(tiles: TileMap) -> list[Place]:
    """Give each outline the value, shade and link that the city has on the tile map."""
    by_code = {tile.code: tile for tile in tiles.tiles}
    return [
        Place(shape, city_name(shape.code), tile.text, tile.shade, tile.href)
        for shape in shapes()[0]
        if (tile := by_code.get(shape.code))
    ]

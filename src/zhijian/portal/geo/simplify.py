"""Draw the schematic boundaries of this folder from exact ones.

    python simplify.py IN.geojson OUT.json TOLERANCE

Lines shared by two areas are thinned once and used by both, so that neighbours neither gap nor overlap.
The result is a schematic drawing (示意图), not a map: see ORIGIN.md.
"""

import json
import math
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Ring = list[Point]


def distance_to_line(point: Point, start: Point, end: Point) -> float:
    """Degrees from `point` to the segment; longitude is shortened as at 23° north."""
    shrink = math.cos(math.radians(23))
    px, py, ex, ey = (
        (point[0] - start[0]) * shrink,
        point[1] - start[1],
        (end[0] - start[0]) * shrink,
        end[1] - start[1],
    )
    length = ex * ex + ey * ey
    along = 0.0 if length == 0 else max(0.0, min(1.0, (px * ex + py * ey) / length))
    return math.hypot(px - along * ex, py - along * ey)


def thin(line: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's thinning; the ends stay."""
    keep = {0, len(line) - 1}
    stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        inner = range(first + 1, last)
        far = max(inner, key=lambda i: distance_to_line(line[i], line[first], line[last]), default=0)
        if far and distance_to_line(line[far], line[first], line[last]) > tolerance:
            keep.add(far)
            stack += [(first, far), (far, last)]
    return [line[i] for i in sorted(keep)]


def joints(rings: list[Ring]) -> set[Point]:
    """Points where lines begin, end or branch: those whose neighbours differ between rings."""
    neighbours: dict[Point, set[frozenset[Point]]] = defaultdict(set)
    for ring in rings:
        for i, point in enumerate(ring[:-1]):
            neighbours[point].add(frozenset((ring[i - 1 if i else -2], ring[i + 1])))
    return {point for point, pairs in neighbours.items() if len(pairs) > 1}


def thin_ring(ring: Ring, fixed: set[Point], tolerance: float) -> Ring:
    """One closed ring, thinned between the joints and always in the same direction."""
    body = ring[:-1]
    starts = [i for i, point in enumerate(body) if point in fixed]
    if not starts:
        lowest = body.index(min(body))
        far = body.index(max(body, key=lambda p: math.dist(p, min(body))))
        starts = sorted({lowest, far})
    result: Ring = []
    for start, end in zip(starts, [*starts[1:], starts[0] + len(body)], strict=True):
        line = [body[i % len(body)] for i in range(start, end + 1)]
        backwards = line[0] > line[-1]
        thinned = thin(line[::-1] if backwards else line, tolerance)
        result += (thinned[::-1] if backwards else thinned)[:-1]
    return [*result, result[0]]


def area(ring: Ring) -> float:
    """Square degrees."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def simplify(collection: dict[str, Any], tolerance: float, least_area: float) -> dict[str, Any]:
    """The same areas with fewer points; islets below `least_area` square degrees go."""
    shapes = {
        n: [[tuple(p) for p in polygon[0]] for polygon in feature["geometry"]["coordinates"]]
        for n, feature in enumerate(collection["features"])
    }
    fixed = joints([ring for rings in shapes.values() for ring in rings])
    features = []
    for n, feature in enumerate(collection["features"]):
        largest = max(shapes[n], key=area)
        kept = [ring for ring in shapes[n] if ring is largest or area(ring) >= least_area]
        thinned = [thin_ring(ring, fixed, tolerance) for ring in kept]
        rounded = [[[[round(x, 3), round(y, 3)] for x, y in ring]] for ring in thinned if len(ring) > 3]
        properties = {key: feature["properties"][key] for key in ("adcode", "name", "parent", "centroid")}
        properties["centroid"] = [round(c, 3) for c in properties["centroid"]]
        geometry = {"type": "MultiPolygon", "coordinates": rounded}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {
        "type": "FeatureCollection",
        "note": "示意图 schematic drawing, not a map; see ORIGIN.md",
        "features": features,
    }


def main() -> None:
    """Read, thin, write."""
    source, target, tolerance = sys.argv[1:4]
    thinned = simplify(
        json.loads(Path(source).read_text("utf-8")), float(tolerance), float(tolerance) ** 2 * 20
    )
    text = json.dumps(thinned, ensure_ascii=False, separators=(",", ":"))
    Path(target).write_text(text, "utf-8")
    sys.stdout.write(f"{target}: {len(text.encode())} bytes\n")


if __name__ == "__main__":
    main()

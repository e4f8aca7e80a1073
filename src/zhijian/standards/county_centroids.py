"""The middles of Guangdong's counties on a plane, in kilometres: to find neighbours, not to draw a map."""

import csv
import math
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "gd_county_centroids.csv"
_KILOMETRES_PER_DEGREE = 111.2
_MIDDLE_LATITUDE = (
    23.0  # of the province: east and west shrink alike everywhere, which is enough for neighbours
)


@cache
def points() -> dict[str, tuple[float, float]]:
    """Return kilometres east and north by six-digit code."""
    east = _KILOMETRES_PER_DEGREE * math.cos(math.radians(_MIDDLE_LATITUDE))
    with DATA.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: (float(row["longitude"]) * east, float(row["latitude"]) * _KILOMETRES_PER_DEGREE)
            for row in csv.DictReader(file)
        }


def degrees(point: tuple[float, float]) -> tuple[float, float]:
    """Return latitude and longitude of a point of the plane."""
    east = _KILOMETRES_PER_DEGREE * math.cos(math.radians(_MIDDLE_LATITUDE))
    return point[1] / _KILOMETRES_PER_DEGREE, point[0] / east

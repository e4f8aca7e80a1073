"""The schematic drawing: light, complete, without gaps between neighbours, and never called a map."""

import json
from pathlib import Path

import pytest

import zhijian.portal
from zhijian.portal.geo.simplify import simplify, thin
from zhijian.standards import divisions

GEO = Path(zhijian.portal.__file__).parent / "geo"


@pytest.mark.parametrize(
    ("name", "areas", "most_bytes"),
    [("guangdong_cities.json", 21, 60_000), ("guangdong_counties.json", 124, 130_000)],
)
def test_every_area_is_drawn_and_the_file_is_light(name, areas, most_bytes):
    text = (GEO / name).read_text("utf-8")
    drawing = json.loads(text)
    assert len(drawing["features"]) == areas
    assert len(text.encode()) < most_bytes
    assert "示意图" in drawing["note"]
    for feature in drawing["features"]:
        assert divisions.find(feature["properties"]["adcode"])
        for ((first, *_, last),) in feature["geometry"]["coordinates"]:
            assert first == last


def test_a_line_keeps_its_ends_and_what_stands_out():
    assert thin([(0.0, 0.0), (1.0, 0.001), (2.0, 0.0)], 0.01) == [(0.0, 0.0), (2.0, 0.0)]
    assert len(thin([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)], 0.01)) == 3


def area(code, *ring):
    return {
        "properties": {"adcode": code, "name": code, "parent": "", "centroid": [0, 0]},
        "geometry": {"coordinates": [[[*ring, ring[0]]]]},
    }


def test_neighbours_share_their_line_after_thinning():
    wiggle = [(1, 0), (1.004, 0.3), (0.996, 0.6), (1, 1)]
    left = area("a", (0, 0), *wiggle, (0, 1))
    right = area("b", (2, 0), (2, 1), *reversed(wiggle))
    drawn = simplify({"features": [left, right]}, 0.05, 0.0)
    rings = [{tuple(p) for p in f["geometry"]["coordinates"][0][0]} for f in drawn["features"]]
    assert rings[0] & rings[1] == {(1, 0), (1, 1)}
    assert all(len(ring) == 4 for ring in rings)

"""The few entities worth comparing with a record, out of millions, by ladders.

A ladder is a list of parts, coarse to fine (sound of the trade name, city, industry, county, road). The register is sorted
once by the parts packed into one 64-bit number, so every rung, from the first part alone to all of them, is a range of
the same array, found by two binary searches. A record takes, on each ladder, the coarsest rung that holds no more than
`CAP` entities: rare names are sought everywhere, common ones only nearby, and nobody is ever compared with more than
`CAP` times the number of ladders.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhijian.datazone.linkage.rows import Rows, place_county, place_prefecture
from zhijian.datazone.linkage.spans import mixed

CAP = 64
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Part:
    """A value of the row that is 0 where unknown, squeezed into so many bits."""

    name: str
    value: Callable[[Rows], npt.NDArray]
    bits: int


@dataclass(frozen=True)
class Ladder:
    """Parts from coarse to fine; the first rung has the first `first` parts."""

    name: str
    parts: tuple[Part, ...]
    first: int

    @property
    def width(self) -> int:
        return sum(part.bits for part in self.parts)


def _sound(bits: int) -> Part:
    return Part("sound", lambda rows: rows["sound"], bits)


def _industry(bits: int) -> Part:
    return Part("industry", lambda rows: rows["industry"], bits)


def _road(bits: int) -> Part:
    return Part("road", lambda rows: rows["road"], bits)


def _number(bits: int) -> Part:
    return Part("number", lambda rows: rows["number"], bits)


def _character(place: int) -> Part:
    return Part(f"character_{place}", lambda rows: rows["trade"][:, place], 16)


_CITY = Part("prefecture", place_prefecture, 6)
_COUNTY = Part("county", place_county, 8)
_HEAD = Part("sound_head", lambda rows: rows["sound_head"], 16)
_FORM = Part("form", lambda rows: rows["form"], 4)
_ROOM = Part("room", lambda rows: rows["room"], 14)

LADDERS: tuple[Ladder, ...] = (
    Ladder("trade_and_place", (_sound(26), _CITY, _industry(12), _COUNTY, _road(12)), 1),
    Ladder("trade_and_industry", (_sound(26), _industry(14), _FORM, _road(14)), 1),
    Ladder("head_and_place", (_HEAD, _CITY, _COUNTY, _road(16), _number(14)), 2),
    Ladder("first_character", (_character(0), _CITY, _industry(12), _COUNTY, _road(14)), 2),
    Ladder("second_character", (_character(1), _CITY, _industry(12), _COUNTY, _road(14)), 2),
    Ladder("address", (_CITY, _COUNTY, _road(20), _number(14), _ROOM), 3),
    Ladder("door", (_road(22), _number(14), _ROOM, _industry(12)), 2),
    Ladder("phone", (Part("phone", lambda rows: rows["phone"], 64),), 1),
    Ladder("representative", (Part("representative", lambda rows: rows["representative"], 64),), 1),
)


Values = dict[str, tuple[Keys, npt.NDArray[np.bool_]]]  # of each part, spread evenly, and whether it is known


def keys_of(ladder: Ladder, rows: Rows, values: Values | None = None) -> tuple[Keys, npt.NDArray[np.int64]]:
    """The key of every row, and how many of its leading parts are known. `values` is shared between ladders."""
    values = {} if values is None else values
    key = np.zeros(len(rows), np.uint64)
    known = np.zeros(len(rows), np.int64)
    unbroken = np.ones(len(rows), bool)
    for part in ladder.parts:
        if part.name not in values:
            value = np.ascontiguousarray(part.value(rows)).astype(np.uint64)
            values[part.name] = (value if part.bits == 64 else mixed(value), value != 0)
        value, is_known = values[part.name]
        unbroken &= is_known
        known += unbroken
        squeezed = value if part.bits == 64 else value >> np.uint64(64 - part.bits)
        key = squeezed if part.bits == 64 else (key << np.uint64(part.bits)) | squeezed
    return key, known


def find(
    ladder: Ladder, sorted_keys: Keys, rows: Rows, cap: int = CAP, values: Values | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every row the range [start, end) of the ladder's coarsest rung with at most `cap` entities; empty if there is none."""
    keys, known = keys_of(ladder, rows, values)
    start, end = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    open_rows = np.flatnonzero(known >= ladder.first)
    if len(open_rows) > 1:
        open_rows = open_rows[np.argsort(keys[open_rows], kind="stable")]  # neighbours search the same pages
    below = ladder.width
    for rung, part in enumerate(ladder.parts, start=1):
        below -= part.bits
        if rung < ladder.first:
            continue
        open_rows = open_rows[known[open_rows] >= rung]
        if not len(open_rows):
            break
        low = (keys[open_rows] >> np.uint64(below)) << np.uint64(below)
        high = low | np.uint64((1 << below) - 1)
        first = np.searchsorted(sorted_keys, low, "left")
        last = np.searchsorted(sorted_keys, high, "right")
        fits = last - first <= cap
        start[open_rows[fits]], end[open_rows[fits]] = first[fits], last[fits]
        open_rows = open_rows[~fits]
    return start, end

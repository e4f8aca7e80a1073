"""A large segment and a small one over it that holds what changed since: together they answer as one.

A row of the large one whose entity changed is dead. A row of the small one has a place among the rows of the large
one, where a full build would have put it, so both are walked side by side in one order.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path as FilePath

import numpy as np
import numpy.typing as npt

from zhijian.engines.registers.filters import FACETS, EntityFilters
from zhijian.engines.registers.query import Path, Walk
from zhijian.engines.registers.records import EntityRecord
from zhijian.engines.registers.segment import Segment

_ROOM = 1 << 22  # rows of the small segment that fit between two of the large one
_NONE = np.zeros(0, np.uint32)


def write_over(base: Segment, folder: FilePath) -> int:
    """Write, beside a new small segment, which rows of `base` it replaces and where its own stand; return how many it replaces."""
    over = Segment(folder)
    dead = np.flatnonzero(np.isin(base.ids, over.ids)).astype(np.uint32)
    np.save(folder / "dead.npy", dead)
    keys = (
        (len(name), name, code)
        for names in over.columns("name", "uscc")
        for name, code in zip(*names, strict=True)
    )
    places = np.fromiter(base.places_of(keys), np.int64, len(over))
    firsts = np.searchsorted(places, places)  # rows that stand in the same gap are numbered there
    np.save(folder / "places.npy", places * _ROOM + (np.arange(len(over)) - firsts))
    return len(dead)


class Layers:
    """What is on the register, by places: ascending numbers in the order of length of name, name and code."""

    def __init__(self, base: FilePath, over: FilePath | None) -> None:
        self.base = Segment(base)
        self.over = None if over is None else Segment(over)
        self._dead = _NONE if over is None else np.load(over / "dead.npy")
        self._places: npt.NDArray[np.int64] = (
            np.zeros(0, np.int64) if over is None else np.load(over / "places.npy")
        )

    def hits(
        self, paths: Sequence[Path], filters: EntityFilters, first_path: int = 0, after: int = -1
    ) -> Iterator[tuple[int, int]]:
        """Give path and place of what the paths find, each entity once: on the first path that accepts it."""
        for number in range(first_path, len(paths)):
            path, earlier = paths[number], paths[:number]
            start = after if number == first_path else -1
            below = Walk(self.base, path, earlier, filters, (start - _ROOM + 1) // _ROOM, self._dead)
            found = ((number, row * _ROOM + _ROOM - 1) for rows in below for row in rows.tolist())
            if self.over is None:
                yield from found
                continue
            last = int(np.searchsorted(self._places, start, "right")) - 1
            above = Walk(self.over, path, earlier, filters, last)
            over = ((number, int(self._places[row])) for rows in above for row in rows.tolist())
            yield from heapq.merge(found, over)

    def records(self, places: Sequence[int]) -> list[EntityRecord]:
        """Return the entities at some places, in their order."""
        below = [place for place in places if place % _ROOM == _ROOM - 1]
        above = [place for place in places if place % _ROOM != _ROOM - 1]
        found = dict(zip(below, self.base.records([one // _ROOM for one in below]), strict=True))
        if self.over is not None:
            rows = np.searchsorted(self._places, above).tolist()
            found |= dict(zip(above, self.over.records(rows), strict=True))
        return [found[place] for place in places]

    def find(self, code: str) -> EntityRecord | None:
        """Return the entity with this code."""
        if self.over is not None and (row := self.over.find(code)) is not None:
            return self.over.records([row])[0]
        row = self.base.find(code)
        if row is None or (len(self._dead) and row in self._dead_rows):
            return None
        return self.base.records([row])[0]

    @cached_property
    def _dead_rows(self) -> frozenset[int]:
        return frozenset(self._dead.tolist())

    def counts_by(self, field: str, filters: EntityFilters) -> dict[str, int]:
        """Count by a facet, or by `registered_year`, the rows that pass the filters."""
        total: Counter[str] = Counter()
        for segment, counts, sign in self._counted:
            combinations, years, sizes = counts
            passing = segment.passing(filters)
            kept = np.ones(len(sizes), bool) if passing is None else passing[combinations]
            if filters.years:
                kept &= (years >= max(filters.years[0], 0)) & (years <= filters.years[1])
            if field == "registered_year":
                sums = np.bincount(years[kept] + 1, sizes[kept])
                values = ["unknown", *map(str, range(len(sums) - 1))]
            else:
                numbers, of_combination = segment.facet_numbers[FACETS.index(field)]
                sums = np.bincount(of_combination[combinations[kept]], sizes[kept], len(numbers))
                values = list(numbers)
            for place in np.flatnonzero(sums):
                total[values[place]] += sign * int(sums[place])
        return {value: total[value] for value in sorted(total) if total[value]}

    @cached_property
    def _counted(self) -> list[tuple[Segment, npt.NDArray[np.int64], int]]:
        counted = [(self.base, self.base.facet_counts, 1)]
        if self.over is not None:
            combinations = self.base.facet_of_row[self._dead].astype(np.int64)
            years = self.base.year_of_row[self._dead].astype(np.int64)
            gone = np.stack([combinations, years, np.ones(len(years), np.int64)])
            counted += [(self.base, gone, -1), (self.over, self.over.facet_counts, 1)]
        return counted


__all__ = ["Layers", "write_over"]

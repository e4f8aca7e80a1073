"""Which rows hold a run of three or four characters: sorted arrays in files that are mapped into memory.

A run is a number of `bits` per character, so runs with the same beginning are neighbours: a query shorter than a
run asks for a range. Row numbers lie in the order of names, shortest first; a search that has enough stops.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROW_BITS = 25
MAX_ROWS = 2**ROW_BITS
Rows = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Filter:
    """What a search keeps of rows. `share` says about how many of all; `bits` which of all, where it is known so."""

    keep: Callable[[Rows], Rows]
    share: float = 1.0
    bits: Bits | None = None


COMMON = 16  # runs, and beginnings of runs, that more than one row in so many has are kept as bits too
_SORTED_AT_ONCE = 65_536  # so few rows of neighbouring lists are sorted whole
_MOST_AT_ONCE = 131_072
_BYTES_AT_ONCE = 8_192  # of bits: so many that are not empty are made rows in one go
_MOST_FILTERED_AT_ONCE = 4_194_304
_HALVED_AT_ONCE = 48  # for fewer lists one search each is quicker
_WORTH = 32  # a further list is asked only if it is not so many times longer than the first


@dataclass(frozen=True)
class Run:
    """Runs of `length` characters of `bits` bits each."""

    length: int
    bits: int

    def lowest(self, numbers: Sequence[int]) -> int:
        """Return the lowest run that begins with these characters."""
        top = 2**self.bits - 1
        value = 0
        for number in numbers:
            value = value << self.bits | min(number, top)
        return value << self.bits * (self.length - len(numbers))

    def bounds(self, numbers: Sequence[int]) -> tuple[int, int]:
        """Return the range of the runs that begin with these characters, its end left out."""
        low = self.lowest(numbers)
        return low, low + (1 << self.bits * (self.length - len(numbers)))

    def of(self, lanes: Sequence[npt.NDArray[np.integer]]) -> npt.NDArray[np.uint64]:
        """Return the runs whose characters lie in parallel arrays."""
        top = np.uint64(2**self.bits - 1)
        value = np.minimum(lanes[0].astype(np.uint64), top)
        for lane in lanes[1:]:
            value = value << np.uint64(self.bits) | np.minimum(lane.astype(np.uint64), top)
        return value


class PostingsWriter:
    """Takes runs and rows batch by batch, rows ascending from batch to batch, and writes one file of postings."""

    def __init__(self) -> None:
        self._batches: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Rows]] = []

    def add(self, runs: npt.NDArray[np.uint64], rows: npt.NDArray[np.integer]) -> None:
        keys = runs << np.uint64(ROW_BITS) | rows.astype(np.uint64)
        keys.sort()
        if len(keys):
            keys = np.concatenate([keys[:1], keys[1:][keys[1:] != keys[:-1]]])
        found = keys >> np.uint64(ROW_BITS)
        is_first = np.ones(len(found), bool)
        is_first[1:] = found[1:] != found[:-1]
        starts = np.flatnonzero(is_first)
        counts = np.diff(np.append(starts, len(found)))
        self._batches.append((found[starts], counts, (keys & np.uint64(MAX_ROWS - 1)).astype(np.uint32)))

    def write(self, folder: Path, name: str) -> int:
        """Merge the batches run by run; return the number of postings."""
        runs = np.unique(np.concatenate([np.zeros(0, np.uint64), *(batch[0] for batch in self._batches)]))
        totals = np.zeros(len(runs), np.int64)
        for found, counts, _ in self._batches:
            totals[np.searchsorted(runs, found)] += counts
        starts = np.concatenate([[0], np.cumsum(totals)])
        np.save(folder / f"{name}.runs.npy", runs)
        np.save(folder / f"{name}.starts.npy", starts)
        out = np.lib.format.open_memmap(
            folder / f"{name}.rows.npy", mode="w+", dtype=np.uint32, shape=(int(starts[-1]),)
        )
        cursor = starts[:-1].copy()
        while self._batches:
            found, counts, rows = self._batches.pop(0)
            places = np.searchsorted(runs, found)
            before = np.cumsum(counts) - counts
            out[np.repeat(cursor[places] - before, counts) + np.arange(len(rows))] = rows
            cursor[places] += counts
        out.flush()
        return int(starts[-1])


@dataclass(frozen=True)
class Lists:
    """Neighbouring lists of rows in one file: those of the runs of a range."""

    rows: Rows
    starts: npt.NDArray[np.int64]
    bits: Bits | None = None  # all their rows, where they are many

    @property
    def size(self) -> int:
        return int(self.starts[-1] - self.starts[0])

    def take(
        self, after: int, wanted: int, passing: Filter, also: Sequence[Bits] = ()
    ) -> tuple[Rows, int | None]:
        """Return what is kept of about `wanted` rows after row `after`, ascending; and up to which row nothing is left out (None: all).

        What the filters drop is dropped before anything is sorted; the fewer they leave, the longer the lists
        that are filtered in one go, as they lie, without looking for places in them. `also` are bits of further lists
        that a row must be in: they are used where these lists have bits too.
        """
        begins, ends, keep = self.starts[:-1], self.starts[1:], passing.keep
        if self.bits is not None and (passing.bits is not None or len(begins) > 1 or also):
            return self._take_bits([self.bits, *also], after, wanted, passing)
        if len(begins) == 1:
            return self._take_one(int(begins[0]), int(ends[0]), after, wanted, keep)
        if passing.share < 1 and self.size * passing.share <= _SORTED_AT_ONCE * 4:
            kept = keep(self.rows[self.starts[0] : self.starts[-1]])
            return _distinct(kept[kept > after] if after >= 0 else kept), None
        begins = begins if after < 0 else self._places(begins, ends, after)
        total = int((ends - begins).sum())
        if total <= max(wanted, _SORTED_AT_ONCE):
            return _distinct(keep(self._gather(begins, ends - begins))), None
        last = int(self.rows[ends - 1].max())
        bound = after + 1 + (last - after) * wanted // total
        counts = self._places(begins, ends, bound) - begins
        return _distinct(keep(self._gather(begins, counts))), None if bound >= last else bound

    def _take_bits(
        self, every: list[Bits], after: int, wanted: int, passing: Filter
    ) -> tuple[Rows, int | None]:
        """Lay bits over each other; of what is in all, the first few thousand bytes are made rows."""
        length, first = len(every[0]), (after + 1) // 8
        end = min(first + wanted * length // self.size + 1, length)
        laid = every if passing.bits is None else [*every, passing.bits]
        part = reduce(np.bitwise_and, (bits[first:end] for bits in laid))
        places = np.flatnonzero(part)
        if len(places) > _BYTES_AT_ONCE:
            places, end = places[:_BYTES_AT_ONCE], first + int(places[_BYTES_AT_ONCE])
        found = np.flatnonzero(np.unpackbits(part[places]))
        rows = ((places[found >> 3] + first) << 3 | found & 7).astype(np.uint32)
        kept = passing.keep(rows[rows > after] if after >= 0 else rows)
        return kept, None if end == length else end * 8 - 1

    def _take_one(
        self, begin: int, end: int, after: int, wanted: int, keep: Callable[[Rows], Rows]
    ) -> tuple[Rows, int | None]:
        if after >= 0:
            begin += int(np.searchsorted(self.rows[begin:end], np.uint32(after), "right"))
        found = np.array(self.rows[begin : min(begin + wanted, end)])
        return keep(found), int(found[-1]) if begin + wanted < end else None

    def _places(self, begins: Numbers, ends: Numbers, row: int) -> Numbers:
        """Return where in each list the rows after `row` begin; many lists are halved all at once."""
        if len(begins) >= _HALVED_AT_ONCE:
            low, high = begins.copy(), ends.copy()
            while len(open_ := np.flatnonzero(low < high)):
                middle = (low[open_] + high[open_]) // 2
                is_before = self.rows[middle] <= row
                low[open_] = np.where(is_before, middle + 1, low[open_])
                high[open_] = np.where(is_before, high[open_], middle)
            return low
        bounds = zip(begins.tolist(), ends.tolist(), strict=True)
        asked, rows = np.uint32(row), self.rows
        return np.array([b + int(rows[b:e].searchsorted(asked, "right")) for b, e in bounds], np.int64)

    def _gather(self, begins: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> Rows:
        before = np.cumsum(counts) - counts
        places = np.repeat(begins - before, counts) + np.arange(int(counts.sum()))
        return np.array(self.rows[places])

    def holds(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Say of ascending rows which ones a single list has."""
        every = self.rows[self.starts[0] : self.starts[-1]]
        if not len(every) or not len(rows):
            return np.zeros(len(rows), bool)
        low, high = np.searchsorted(every, rows[[0, -1]])
        part = every[low : high + 1]
        if not len(part):
            return np.zeros(len(rows), bool)
        places = np.minimum(np.searchsorted(part, rows), len(part) - 1)
        return np.asarray(part[places] == rows)


def _distinct(rows: Rows) -> Rows:
    """Return rows ascending, each once."""
    rows.sort()
    return np.concatenate([rows[:1], rows[1:][rows[1:] != rows[:-1]]])


class Postings:
    """One file of postings, open for reading."""

    def __init__(self, folder: Path, name: str, run: Run) -> None:
        self.run = run
        self._runs = np.load(folder / f"{name}.runs.npy", mmap_mode="r").view(np.ndarray)
        self._starts = np.load(folder / f"{name}.starts.npy", mmap_mode="r").view(np.ndarray)
        self._rows = np.load(folder / f"{name}.rows.npy", mmap_mode="r").view(np.ndarray)
        self._common: dict[tuple[int, int], Bits] = {}
        if (common := folder / f"{name}.common.npy").exists():
            bounds = np.load(folder / f"{name}.common_bounds.npy").tolist()
            bits = np.load(common, mmap_mode="r").view(np.ndarray)
            self._common = {(low, high): line for (low, high), line in zip(bounds, bits, strict=True)}

    def beginning(self, numbers: Sequence[int]) -> Lists:
        """Return the lists of all runs that begin with these characters."""
        low, high = self.run.bounds(numbers)
        first, last = np.searchsorted(self._runs, np.array([low, high], np.uint64))
        return Lists(self._rows, self._starts[first : last + 1], self._common.get((int(first), int(last))))

    def write_common(self, folder: Path, name: str, row_count: int) -> int:
        """Write the rows of every common run and beginning as a bit per row; return how many there are."""
        bounds: set[tuple[int, int]] = set()
        for shift in range(0, self.run.length * self.run.bits, self.run.bits):
            beginnings = self._runs >> np.uint64(shift)
            firsts = np.flatnonzero(np.concatenate([[True], beginnings[1:] != beginnings[:-1]]))
            lasts = np.append(firsts[1:], len(self._runs))
            common = np.flatnonzero((self._starts[lasts] - self._starts[firsts]) * COMMON > row_count)
            bounds.update(zip(firsts[common].tolist(), lasts[common].tolist(), strict=True))
        ordered = sorted(bounds)
        bits = np.lib.format.open_memmap(
            folder / f"{name}.common.npy",
            mode="w+",
            dtype=np.uint8,
            shape=(len(ordered), (row_count + 7) // 8),
        )
        for line, (first, last) in enumerate(ordered):
            held = np.zeros(row_count, bool)
            held[self._rows[self._starts[first] : self._starts[last]]] = True
            bits[line] = np.packbits(held)
        bits.flush()
        np.save(folder / f"{name}.common_bounds.npy", np.array(ordered, np.int64).reshape(-1, 2))
        return len(ordered)

    def of_text(self, numbers: Sequence[int]) -> list[Lists]:
        """Return the lists that a row with this text is in, the shortest first."""
        length = self.run.length
        if len(numbers) <= length:
            return [self.beginning(numbers)]
        runs = (numbers[start : start + length] for start in range(len(numbers) - length + 1))
        return sorted(map(self.beginning, runs), key=lambda lists: lists.size)


def candidates(
    alternatives: Sequence[Sequence[Lists]], after: int, first_size: int, passing: Filter
) -> Iterator[Rows]:
    """Give, chunk by chunk and ascending, the rows that may match one of the alternatives and are kept.

    Of each alternative the shortest list leads; its other lists are asked where that is worth it. The fewer
    rows the filter leaves, the more are taken at once.
    """
    live = [lists for lists in alternatives if lists and all(one.size for one in lists)]
    share = passing.share
    if not share:
        return
    most = int(min(_MOST_AT_ONCE / share, _MOST_FILTERED_AT_ONCE))
    wanted = int(min(first_size / share, most))
    while live:
        taken = [_taken(lists, after, wanted, passing) for lists in live]
        bound = min((bound for _, bound, _, _ in taken if bound is not None), default=None)
        parts = []
        for rows, _, others, size in taken:
            found = rows if bound is None else rows[: int(np.searchsorted(rows, np.uint32(bound), "right"))]
            for other in others:
                if other.size < _WORTH * size:
                    found = found[other.holds(found)]
            parts.append(found)
        yield parts[0] if len(parts) == 1 else _distinct(np.concatenate(parts))
        if bound is None:
            return
        after, wanted = bound, min(wanted * (4 if share == 1 else 16), most)


def _taken(
    lists: Sequence[Lists], after: int, wanted: int, passing: Filter
) -> tuple[Rows, int | None, list[Lists], int]:
    """Take from the shortest list, laid over those that are kept as bits too; return also the lists still to ask and its size."""
    lead, others = lists[0], lists[1:]
    also = [one.bits for one in others if one.bits is not None] if lead.bits is not None else []
    to_ask = [one for one in others if one.bits is None] if also else list(others)
    return *lead.take(after, wanted, passing, also), to_ask, lead.size

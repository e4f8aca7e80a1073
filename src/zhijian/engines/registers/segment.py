"""A folder of files in which entities are found and read: written once, then only mapped into memory.

`rows.arrow` has the records, shortest name first; beside it lie the folded texts, the postings of their runs of
characters, and what filters ask. A store is one such segment, or a large one and a small one over it (`serving`).
"""

import json
import multiprocessing
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhijian.engines.registers.alphabet import END, PAD, START, Alphabet, Ids, Texts, shortened
from zhijian.engines.registers.filters import FACETS, EntityFilters, stored
from zhijian.engines.registers.postings import MAX_ROWS, Postings, PostingsWriter, Run
from zhijian.engines.registers.records import ENTITY_COLUMNS, EntityRecord

TEXT_RUN, INITIALS_RUN, CODE_RUN = Run(3, 13), Run(4, 5), Run(4, 6)
CODE_WIDTH = 24
NO_YEAR = -1
_KINDS = {"addresses": TEXT_RUN, "names": TEXT_RUN, "initials": INITIALS_RUN, "codes": CODE_RUN}
_BATCH = 500_000
_ALONE_BELOW = 100_000  # rows for which a second process costs more than it saves
_NAMES_APART = 64
_MASKS_KEPT = 8  # of a bit per row each
_PLACES = range(len(ENTITY_COLUMNS))
CODE_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
CODE_START = len(CODE_LETTERS) + 1
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
Rows = npt.NDArray[np.integer]


class TooManyRows(ValueError):
    """A segment numbers its rows in 25 bits."""


# --- writing --------------------------------------------------------------------------------------------


class SegmentWriter:
    """Takes records in their order, batch by batch."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.alphabet, self.count = folder, Alphabet(), 0
        self._rows: pa.RecordBatchFileWriter | None = None
        self._files: dict[str, IO[bytes]] = {}
        self._ends = {"names": 0, "addresses": 0}
        self._facets = _FacetsWriter()

    def add(self, batch: pa.RecordBatch) -> None:
        """Add a batch with the columns of `ENTITY_COLUMNS`."""
        if self._rows is None:
            self._rows = pa.ipc.new_file(self.folder / "rows.arrow", batch.schema)
        if self.count + batch.num_rows >= MAX_ROWS:
            raise TooManyRows(f"A store holds at most {MAX_ROWS - 1:,} entities.")
        self._rows.write_batch(batch)
        for kind, column in (("names", "name"), ("addresses", "address")):
            texts = self.alphabet.fold(batch.column(column))
            self._append(f"{kind}.text", texts.flat)
            self._append(f"{kind}.offsets", (texts.offsets[:-1] + self._ends[kind]).astype(np.int64))
            self._ends[kind] += int(texts.offsets[-1])
        self._append("codes.text", _codes(batch.column("uscc")))
        self._append("ids", batch.column("entity_id").to_numpy(zero_copy_only=False).astype(np.int64))
        combination, years = self._facets.add(batch)
        self._append("facets", combination)
        self._append("years", years)
        self.count += batch.num_rows

    def finish(self, told: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Write what needs all rows: the postings, the table of codes and the counts of the facets."""
        if self._rows is None:
            raise ValueError("A segment needs at least one batch.")
        self._rows.close()
        for kind, end in self._ends.items():
            self._append(f"{kind}.offsets", np.array([end], np.int64))
        for file in self._files.values():
            file.close()
        self.alphabet.save(self.folder / "alphabet.txt")
        self._facets.save(self.folder)
        told(0, len(_KINDS) + 2)
        for done, _ in enumerate(self._indexed(), start=1):
            told(done, len(_KINDS) + 2)

    def _indexed(self) -> Iterator[int]:
        if self.count < _ALONE_BELOW:
            yield from (write_postings(self.folder, kind) for kind in _KINDS)
            yield write_code_table(self.folder)
            return
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            jobs = [pool.submit(write_postings, self.folder, kind) for kind in _KINDS]
            jobs.append(pool.submit(write_code_table, self.folder))
            jobs.append(pool.submit(write_facet_bits, self.folder))
            yield from (job.result() for job in jobs)

    def _append(self, name: str, values: npt.NDArray[Any]) -> None:
        if name not in self._files:
            self._files[name] = (self.folder / f"{name}.bin").open("wb")
        self._files[name].write(np.ascontiguousarray(values).data)


def _codes(column: pa.Array) -> npt.NDArray[np.uint8]:
    """Return codes in small letters, `CODE_WIDTH` bytes each."""
    padded = np.array(column.to_numpy(zero_copy_only=False), dtype=f"S{CODE_WIDTH}")
    bytes_of = padded.view(np.uint8).reshape(len(padded), CODE_WIDTH)
    return np.where((bytes_of >= 65) & (bytes_of <= 90), bytes_of + np.uint8(32), bytes_of)


class _FacetsWriter:
    """Numbers every combination of filter values that occurs."""

    def __init__(self) -> None:
        self._values: list[dict[str, int]] = [{} for _ in FACETS]
        self._combinations: dict[int, int] = {}
        self._counts: dict[int, int] = {}

    def add(self, batch: pa.RecordBatch) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int16]]:
        key = np.zeros(batch.num_rows, np.uint64)
        for known, name in zip(self._values, FACETS, strict=True):
            column = batch.column(name)
            if pa.types.is_boolean(column.type):
                column = pc.if_else(column, "1", "0")
            encoded = pc.fill_null(column.cast(pa.string()), "unknown").dictionary_encode()
            numbers = [known.setdefault(value, len(known)) for value in encoded.dictionary.to_pylist()]
            key = key << np.uint64(10) | np.array(numbers, np.uint64)[encoded.indices.to_numpy()]
        found, places = np.unique(key, return_inverse=True)
        mine = [self._combinations.setdefault(one, len(self._combinations)) for one in found.tolist()]
        combination = np.array(mine, np.uint32)[places]
        registered = pc.year(batch.column("registered_on"))
        years = pc.fill_null(registered, NO_YEAR).to_numpy(zero_copy_only=False).astype(np.int16)
        pairs = combination.astype(np.int64) << 16 | (years.astype(np.int64) + 1)
        for pair, count in zip(*np.unique(pairs, return_counts=True), strict=True):
            self._counts[int(pair)] = self._counts.get(int(pair), 0) + int(count)
        return combination, years

    def save(self, folder: Path) -> None:
        names = [list(known) for known in self._values]
        values = [
            [names[place][key >> 10 * (len(FACETS) - 1 - place) & 1023] for place in range(len(FACETS))]
            for key in self._combinations
        ]
        (folder / "facets.json").write_text(json.dumps(values), "utf-8")
        pairs = np.array(list(self._counts), np.int64)
        counts = np.array(list(self._counts.values()), np.int64)
        np.save(folder / "facet_counts.npy", np.stack([pairs >> 16, (pairs & 0xFFFF) - 1, counts]))


def write_postings(folder: Path, kind: str) -> int:
    """Write the postings of one kind of text from the texts of the segment; return how many there are.

    In a large segment the rows of common runs are written a second time, as bits.
    """
    segment, writer = Segment(folder), PostingsWriter()
    for first in range(0, len(segment), _BATCH):
        last = min(first + _BATCH, len(segment))
        for runs, rows in _RUNS_OF[kind](segment, first, last):
            writer.add(runs, rows)
    count = writer.write(folder, kind)
    if len(segment) >= _ALONE_BELOW:
        write_common(folder, kind)
    return count


def write_common(folder: Path, kind: str) -> int:
    """Write which rows have the common runs of one kind of text, as bits; return how many such runs there are."""
    return Postings(folder, kind, _KINDS[kind]).write_common(folder, kind, len(Segment(folder)))


Found = Iterable[tuple[npt.NDArray[np.uint64], Rows]]


def _names_and_short_forms(segment: "Segment", first: int, last: int) -> Iterator[tuple[Texts, Rows]]:
    texts = _part(segment.names, first, last)
    short, touched = shortened(texts, segment.alphabet.short_suffixes())
    flat = np.concatenate([texts.flat, short.flat])
    offsets = np.concatenate([texts.offsets, short.offsets[1:] + texts.offsets[-1]])
    yield Texts(flat, offsets), first + np.concatenate([np.arange(len(texts)), touched])


def _part(texts: Texts, first: int, last: int) -> Texts:
    offsets = np.asarray(texts.offsets[first : last + 1])
    return Texts(np.asarray(texts.flat[offsets[0] : offsets[-1]]), offsets - offsets[0])


def _padded(texts: Texts, rows: Rows, *, has_start: bool, ends: int) -> tuple[Ids, Rows, Rows]:
    """Return texts with what stands beside them, where each run may begin, and of which row it is."""
    lengths = np.diff(texts.offsets)
    wide = lengths + has_start + ends
    begins = np.cumsum(wide) - wide
    flat = np.full(int(wide.sum()), END, np.uint16)
    step = np.arange(len(texts.flat)) - np.repeat(texts.offsets[:-1], lengths)
    flat[np.repeat(begins + has_start, lengths) + step] = texts.flat
    if has_start:
        flat[begins] = START
    counts = np.where(lengths > 0, lengths + has_start, 0)
    places = np.repeat(begins - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
    return flat, places, np.repeat(rows, counts)


def _runs_of_names(segment: "Segment", first: int, last: int) -> Found:
    for texts, rows in _names_and_short_forms(segment, first, last):
        flat, places, of_row = _padded(texts, rows, has_start=True, ends=2)
        yield TEXT_RUN.of([flat[places + step] for step in range(3)]), of_row


def _runs_of_addresses(segment: "Segment", first: int, last: int) -> Found:
    texts = _part(segment.addresses, first, last)
    flat, places, of_row = _padded(texts, np.arange(first, last), has_start=False, ends=2)
    yield TEXT_RUN.of([flat[places + step] for step in range(3)]), of_row


def _runs_of_initials(segment: "Segment", first: int, last: int) -> Found:
    """Runs of pinyin initials: of every character its first reading, and each mixture with the other ones."""
    one, other, _ = segment.initials
    one, other = one.copy(), other.copy()
    one[END] = other[END] = END
    for texts, rows in _names_and_short_forms(segment, first, last):
        flat, places, of_row = _padded(texts, rows, has_start=True, ends=3)
        usual, differs = one[flat], one[flat] != other[flat]
        lanes = [usual[places + step] for step in range(4)]
        runs, of_rows = [INITIALS_RUN.of(lanes)], [of_row]
        also = [differs[places + step] for step in range(4)]
        for mixture in range(1, 16):
            steps = [step for step in range(4) if mixture >> step & 1]
            some = np.flatnonzero(np.logical_and.reduce([also[step] for step in steps]))
            mixed = [(other[flat[places[some] + s]] if s in steps else lanes[s][some]) for s in range(4)]
            runs.append(INITIALS_RUN.of(mixed))
            of_rows.append(of_row[some])
        yield np.concatenate(runs), np.concatenate(of_rows)


def code_numbers() -> npt.NDArray[np.uint8]:
    """The number of each byte of a code in a run; 0 for what no code has and for its end."""
    numbers = np.zeros(256, np.uint8)
    numbers[np.frombuffer(CODE_LETTERS.encode(), np.uint8)] = np.arange(1, len(CODE_LETTERS) + 1)
    return numbers


def _runs_of_codes(segment: "Segment", first: int, last: int) -> Found:
    codes = code_numbers()[np.asarray(segment.codes[first:last])]
    begins, ends = np.full((len(codes), 1), CODE_START, np.uint8), np.zeros((len(codes), 3), np.uint8)
    wide = np.concatenate([begins, codes, ends], axis=1)
    present = wide[:, : CODE_WIDTH + 1] > 0
    rows = np.nonzero(present)[0]
    lanes = [wide[:, step : step + CODE_WIDTH + 1][present] for step in range(4)]
    yield CODE_RUN.of(lanes), rows + first


_RUNS_OF: dict[str, Callable[["Segment", int, int], Found]] = {
    "names": _runs_of_names,
    "addresses": _runs_of_addresses,
    "initials": _runs_of_initials,
    "codes": _runs_of_codes,
}


def _hashes(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    words = np.ascontiguousarray(codes).view(np.uint64).reshape(len(codes), 3)
    mixed = words * _MIX
    return np.asarray(mixed[:, 0] ^ (mixed[:, 1] >> np.uint64(7)) ^ (mixed[:, 2] << np.uint64(9)))


def write_code_table(folder: Path) -> int:
    """Write hashes of all codes, sorted, and their rows."""
    hashes = _hashes(np.asarray(Segment(folder).codes))
    order = np.argsort(hashes, kind="stable")
    np.save(folder / "code_hashes.npy", hashes[order])
    np.save(folder / "code_rows.npy", order.astype(np.uint32))
    return len(order)


def write_facet_bits(folder: Path) -> int:
    """Write of every filter value a bit per row; return how many values there are.

    Only worth it for a large segment: a small one asks each row (`Segment.mask`).
    """
    segment = Segment(folder)
    total = sum(len(numbers) for numbers, _ in segment.facet_numbers)
    bits = np.lib.format.open_memmap(
        folder / "facet_bits.npy", mode="w+", dtype=np.uint8, shape=(total, (len(segment) + 7) // 8)
    )
    for first in range(0, len(segment), _BATCH):  # a multiple of eight
        combinations, line = segment.facet_of_row[first : first + _BATCH], 0
        for numbers, of_combination in segment.facet_numbers:
            of_rows = of_combination.astype(np.uint16)[combinations]
            for number in range(len(numbers)):
                packed = np.packbits(of_rows == number)
                bits[line, first // 8 : first // 8 + len(packed)] = packed
                line += 1
    bits.flush()
    return total


# --- reading --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mask:
    """Which rows of a segment some filters pass, a bit per row, and their share of all."""

    bits: npt.NDArray[np.uint8]
    share: float

    def keep(self, rows: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Return those of some rows that pass."""
        is_kept = self.bits[rows >> 3] >> (7 - (rows & 7)).astype(np.uint8) & 1
        return rows[is_kept.view(bool)]


class Segment:
    """A written segment, open for reading; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ids: npt.NDArray[np.int64] = self._mapped("ids", np.int64)
        self._masks: OrderedDict[EntityFilters, Mask] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.ids)

    def _mapped(self, name: str, kind: Any) -> npt.NDArray[Any]:
        path = self.folder / f"{name}.bin"
        if not path.stat().st_size:
            return np.zeros(0, kind)
        return np.memmap(path, kind, "r").view(np.ndarray)

    @cached_property
    def alphabet(self) -> Alphabet:
        return Alphabet.load(self.folder / "alphabet.txt")

    @cached_property
    def suffixes(self) -> list[int]:
        return self.alphabet.short_suffixes()

    @cached_property
    def initials(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
        return self.alphabet.initials()

    @cached_property
    def names(self) -> Texts:
        return Texts(self._mapped("names.text", np.uint16), self._mapped("names.offsets", np.int64))

    @cached_property
    def addresses(self) -> Texts:
        return Texts(self._mapped("addresses.text", np.uint16), self._mapped("addresses.offsets", np.int64))

    @cached_property
    def codes(self) -> npt.NDArray[np.uint8]:
        return self._mapped("codes.text", np.uint8).reshape(-1, CODE_WIDTH)

    @cached_property
    def postings(self) -> dict[str, Postings]:
        return {kind: Postings(self.folder, kind, run) for kind, run in _KINDS.items()}

    # --- records ---

    @cached_property
    def _batches(self) -> list[pa.RecordBatch]:
        reader = pa.ipc.open_file(pa.memory_map(str(self.folder / "rows.arrow")))
        return [reader.get_batch(number) for number in range(reader.num_record_batches)]

    @cached_property
    def _batch_starts(self) -> npt.NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum([batch.num_rows for batch in self._batches])])

    def _slice(self, row: int, count: int, columns: Sequence[str]) -> pa.RecordBatch:
        place = int(np.searchsorted(self._batch_starts, row, "right")) - 1
        batch = self._batches[place]
        batch = batch if columns is ENTITY_COLUMNS else batch.select(list(columns))
        return batch.slice(row - int(self._batch_starts[place]), count)

    def columns(self, *names: str) -> Iterator[list[list[Any]]]:
        """Give some columns of all rows, batch by batch."""
        for batch in self._batches:
            yield [column.to_pylist() for column in batch.select(list(names)).columns]

    def records(self, rows: Sequence[int]) -> list[EntityRecord]:
        """Return the records of some rows, in their order."""
        if not rows:
            return []
        slices = [self._slice(row, 1, ENTITY_COLUMNS) for row in rows]
        columns = [pa.concat_arrays([one.column(place) for one in slices]) for place in _PLACES]
        lines = zip(*map(plain_column, columns), strict=True)
        return [EntityRecord.from_stored(dict(zip(ENTITY_COLUMNS, line, strict=True))) for line in lines]

    @cached_property
    def _code_table(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
        hashes = np.load(self.folder / "code_hashes.npy", mmap_mode="r").view(np.ndarray)
        return hashes, np.load(self.folder / "code_rows.npy", mmap_mode="r").view(np.ndarray)

    def find(self, code: str) -> int | None:
        """Return the row of a code; None if it is not here."""
        wanted = code.lower().encode("ascii", "replace")
        if len(wanted) > CODE_WIDTH:
            return None
        hashes, rows = self._code_table
        padded = np.frombuffer(wanted.ljust(CODE_WIDTH, b"\0"), np.uint8).reshape(1, CODE_WIDTH)
        asked = _hashes(padded)[0]
        low = int(np.searchsorted(hashes, asked))
        while low < len(hashes) and hashes[low] == asked:
            if bool((self.codes[rows[low]] == padded[0]).all()):
                return int(rows[low])
            low += 1
        return None

    # --- filters ---

    @cached_property
    def facets(self) -> list[list[str]]:
        """The combinations of filter values that occur, each in the order of `FACETS`."""
        found: list[list[str]] = json.loads((self.folder / "facets.json").read_text("utf-8"))
        return found

    @cached_property
    def facet_numbers(self) -> list[tuple[dict[str, int], npt.NDArray[np.int64]]]:
        """Of each facet: its values numbered, and which number every combination has."""
        found = []
        for column in zip(*self.facets, strict=True):
            numbers = {value: number for number, value in enumerate(dict.fromkeys(column))}
            found.append((numbers, np.array([numbers[value] for value in column], np.int64)))
        return found or [({}, np.zeros(0, np.int64)) for _ in FACETS]

    @cached_property
    def facet_counts(self) -> npt.NDArray[np.int64]:
        """Combination, year of registration and number of rows, side by side."""
        counts: npt.NDArray[np.int64] = np.load(self.folder / "facet_counts.npy")
        return counts

    @cached_property
    def facet_of_row(self) -> npt.NDArray[np.uint32]:
        return self._mapped("facets", np.uint32)

    @cached_property
    def year_of_row(self) -> npt.NDArray[np.int16]:
        return self._mapped("years", np.int16)

    def passing(self, filters: EntityFilters) -> npt.NDArray[np.bool_] | None:
        """Say of each combination whether the filters pass it; None where they pass all."""
        asked = [(place, getattr(filters, name)) for place, name in enumerate(FACETS)]
        given = [(place, stored(value)) for place, value in asked if value is not None]
        if not given:
            return None
        passing = np.ones(len(self.facets), bool)
        for place, value in given:
            numbers, of_combination = self.facet_numbers[place]
            passing &= of_combination == numbers.get(value, -1)
        return passing

    def mask(self, filters: EntityFilters) -> "Mask | None":
        """Say of each row whether the filters pass it; None where they pass all.

        The last few are kept: pages and suggestions ask the same one again and again.
        """
        if filters.is_empty or not len(self):
            return None
        with self._lock:
            if (known := self._masks.get(filters)) is not None:
                self._masks.move_to_end(filters)
                return known
        found = self._masked(filters)
        with self._lock:
            self._masks[filters] = found
            while len(self._masks) > _MASKS_KEPT:
                self._masks.popitem(last=False)
        return found

    def _masked(self, filters: EntityFilters) -> "Mask":
        bits = self._bits(filters)
        if bits is None and (passing := self.passing(filters)) is not None:
            bits = np.packbits(passing[self.facet_of_row])
        if filters.years:
            first, last = max(filters.years[0], 0), filters.years[1]
            in_years = np.packbits((self.year_of_row >= first) & (self.year_of_row <= last))
            bits = in_years if bits is None else bits & in_years
        assert bits is not None  # a filter is given
        return Mask(bits, int(np.bitwise_count(bits).sum()) / len(self))

    def _bits(self, filters: EntityFilters) -> npt.NDArray[np.uint8] | None:
        """Return the rows that pass all given facets as bits; None where no facet is given or no bits were written."""
        if self._facet_bits is None:
            return None
        bits, line = None, 0
        for name, (numbers, _) in zip(FACETS, self.facet_numbers, strict=True):
            if (value := getattr(filters, name)) is not None:
                number = numbers.get(stored(value))
                if number is None:
                    return np.zeros(self._facet_bits.shape[1], np.uint8)
                one = self._facet_bits[line + number]
                bits = one if bits is None else bits & one
            line += len(numbers)
        return bits

    @cached_property
    def _facet_bits(self) -> npt.NDArray[np.uint8] | None:
        path = self.folder / "facet_bits.npy"
        return np.load(path, mmap_mode="r").view(np.ndarray) if path.exists() else None

    # --- order ---

    @cached_property
    def _signposts(self) -> list[tuple[int, str, str]]:
        keys: list[tuple[int, str, str]] = []
        for batch in self._batches:
            some = batch.select(["name", "uscc"]).take(pa.array(range(0, batch.num_rows, _NAMES_APART)))
            keys += [(len(name), name, code) for name, code in zip(*map(pa.Array.to_pylist, some.columns))]  # noqa: B905
        return keys

    def places_of(self, keys: Iterable[tuple[int, str, str]]) -> Iterator[int]:
        """Give for each key (length of name, name, code) before how many rows it would stand: their number."""
        from bisect import bisect_left

        firsts = [
            int(start) + step
            for start, batch in zip(self._batch_starts, self._batches, strict=False)
            for step in range(0, batch.num_rows, _NAMES_APART)
        ]
        for key in keys:
            block = bisect_left(self._signposts, key) - 1
            if block < 0:
                yield 0
                continue
            part = self._slice(firsts[block], _NAMES_APART, ("name", "uscc"))
            near = [(len(name), name, code) for name, code in zip(*map(pa.Array.to_pylist, part.columns))]  # noqa: B905
            yield firsts[block] + bisect_left(near, key)


def plain_column(column: pa.Array) -> list[Any]:
    """Turn dates, times and exact numbers into text, the rest into Python values."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz))
        return [None if moment is None else moment.isoformat() for moment in column.to_pylist()]
    if pa.types.is_date(kind) or pa.types.is_decimal(kind):
        column = pc.cast(column, pa.string())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    values: list[Any] = column.to_pylist()
    return values


__all__ = ["PAD", "Segment", "SegmentWriter", "TooManyRows", "plain_column"]

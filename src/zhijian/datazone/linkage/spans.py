"""Columns of text as matrices of code units, and pieces of them as (start, length), with hashes of any piece at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.linkage import characters

Codes: TypeAlias = npt.NDArray[np.uint16]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Places: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
WIDEST = 64


def _powers(base: np.uint64) -> Hashes:
    with np.errstate(over="ignore"):
        return np.concatenate(([np.uint64(1)], np.cumprod(np.full(WIDEST, base, np.uint64))))


_UP, _DOWN = _powers(_BASE), _powers(_INVERSE)


def mixed(numbers: Hashes) -> Hashes:
    """Spread 64-bit numbers evenly (SplitMix64's finaliser), so that a few bits of one are as good as all."""
    z = numbers.copy()
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def hash_of_text(text: str) -> int:
    """The hash of one text, as `Texts.hashes` gives for a piece that reads the same."""
    units = np.frombuffer(text.encode("utf-16-le"), np.uint16).astype(np.uint64)
    with np.errstate(over="ignore"):
        return int(np.sum(units * _UP[: len(units)], dtype=np.uint64))


@dataclass(frozen=True)
class Texts:
    """A column of folded text: its code units, a row each, and how many count."""

    units: Codes
    lengths: Places
    sums: Hashes  # running hash: column k is of the first k units

    @classmethod
    def of(cls, column: pa.Array, width: int) -> "Texts":
        units = characters.matrix(column, width)
        return cls.from_units(units, (units != 0).sum(axis=1).astype(np.int64))

    @classmethod
    def from_units(cls, units: Codes, lengths: Places) -> "Texts":
        width = units.shape[1]
        sums = np.zeros((len(units), width + 1), np.uint64)
        with np.errstate(over="ignore"):
            np.cumsum(units * _UP[:width], axis=1, dtype=np.uint64, out=sums[:, 1:])
        return cls(units, lengths, sums)

    def __len__(self) -> int:
        return len(self.units)

    @property
    def width(self) -> int:
        return self.units.shape[1]

    def hashes(self, start: Places, length: Places | int) -> Hashes:
        """The hash of a piece of each row, or of several (a column each); cut at the end. 0 for an empty one."""
        width = self.width
        begin = np.minimum(np.maximum(start, 0), width)
        end = np.minimum(np.maximum(start + length, 0), width)
        rows = np.arange(len(self)) * (width + 1)
        if begin.ndim == 2:
            rows = rows[:, None]
        flat = self.sums.ravel()
        with np.errstate(over="ignore"):
            found: Hashes = (flat[rows + end] - flat[rows + begin]) * _DOWN[begin]
        return found

    def unit(self, place: Places) -> Codes:
        """The code unit at a place of each row; 0 outside."""
        width = self.width
        inside = (place >= 0) & (place < width)
        taken = self.units.ravel()[np.arange(len(self)) * width + np.where(inside, place, 0)]
        return np.where(inside, taken, np.uint16(0))

    def piece(self, start: Places, length: Places, width: int) -> Codes:
        """A matrix of the first `width` code units of a piece of each row, padded with 0."""
        found = np.zeros((len(self), width), np.uint16)
        for place in range(width):
            found[:, place] = np.where(length > place, self.unit(start + place), 0)
        return found

    def text(self, start: Places, length: Places) -> pa.Array:
        """A piece of each row as text."""
        widest = int(length.max(initial=0))
        taken = self.piece(start, length, max(widest, 1))
        kept = np.arange(taken.shape[1]) < length[:, None]
        return characters.text_of(taken[kept], np.asarray(length, np.int64))

    def without(self, dropped: Flags) -> "Texts":
        """The same rows without the marked code units, closed up."""
        units = self.units.copy()
        touched = np.flatnonzero(dropped.any(axis=1))
        some = np.where(dropped[touched], np.uint16(0), units[touched])
        order = np.argsort(some == 0, axis=1, kind="stable")
        units[touched] = np.take_along_axis(some, order, axis=1)
        return Texts.from_units(units, (units != 0).sum(axis=1).astype(np.int64))


class Words:
    """A closed list of words with a number each, looked up by the hash of a piece: all lengths at once."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        found = {(hash_of_text(word), len(word)): number for word, number in words}
        order = sorted(found)
        self._keys = np.array([key for key, _ in order], np.uint64)
        self._sizes = np.array([size for _, size in order], np.int64)
        self._numbers = np.array([found[key] for key in order], np.int64)
        self._lengths = np.array(sorted({size for _, size in order}, reverse=True), np.int64)

    def at(self, texts: Texts, start: Places) -> tuple[Places, Places]:
        """Number and length of the longest word that begins at `start`; -1 and 0 where none does."""
        return self._longest(texts, np.repeat(start[:, None], len(self._lengths), axis=1), start)

    def before(self, texts: Texts, end: Places, first: Places) -> tuple[Places, Places]:
        """Number and length of the longest word that ends before `end` and begins at or after `first`."""
        return self._longest(texts, end[:, None] - self._lengths, first)

    def _longest(self, texts: Texts, begin: Places, first: Places) -> tuple[Places, Places]:
        hashes = texts.hashes(begin, self._lengths)
        place = np.minimum(np.searchsorted(self._keys, hashes), len(self._keys) - 1)
        hit = (self._keys[place] == hashes) & (self._sizes[place] == self._lengths)
        hit &= (begin >= first[:, None]) & (begin + self._lengths <= texts.lengths[:, None])
        best = hit.argmax(axis=1)  # the longest: lengths descend
        rows = np.arange(len(best))
        any_hit = hit[rows, best]
        number = np.where(any_hit, self._numbers[place[rows, best]], -1)
        return number, np.where(any_hit, self._lengths[best], 0)

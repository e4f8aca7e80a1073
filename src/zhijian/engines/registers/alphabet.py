"""Texts as numbers: columns of names and addresses are folded whole, without a loop over rows.

Every folded character has a number in the order in which it was first met. Numbers from `FIRST` on stand for
characters; `PAD`, `START` and `END` for what is beside a text.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhijian.engines.registers.folding import SHORT_FORM_HEAD, fold, initials_of

PAD, START, END, FIRST = 0, 1, 2, 3
Ids = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int64]
_HIGHEST = 65_535  # characters met after so many others are all one: no query finds them
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Texts:
    """Folded texts one after another: text `n` is `flat[offsets[n]:offsets[n + 1]]`."""

    def __init__(self, flat: Ids, offsets: npt.NDArray[np.integer]) -> None:
        self.flat, self.offsets = flat, offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def matrix(self, rows: npt.NDArray[np.integer]) -> Ids:
        """Return the texts of some rows, one per line, filled up with `PAD`."""
        starts = self.offsets[rows].astype(np.int64)
        lengths = self.offsets[rows.astype(np.int64) + 1].astype(np.int64) - starts
        width = int(lengths.max(initial=0))
        steps = np.arange(width)
        places = np.minimum(starts[:, None] + steps, max(len(self.flat) - 1, 0))
        if not width:
            return np.zeros((len(rows), 0), np.uint16)
        found: Ids = np.where(steps < lengths[:, None], self.flat[places], np.uint16(PAD))
        return found


class Alphabet:
    """The characters of a store and their numbers."""

    def __init__(self, characters: Iterable[str] = ()) -> None:
        self.characters = list(characters)
        self.number_of = {one: number for number, one in enumerate(self.characters, start=FIRST)}
        self._count = np.full(0x110000, 255, np.uint8)  # 255: not met yet
        self._first = np.zeros(0x110000, np.uint16)
        self._longer: dict[int, list[int]] = {}

    def save(self, path: Path) -> None:
        path.write_text("".join(self.characters), "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Alphabet":
        return cls(path.read_text("utf-8"))

    def read(self, text: str) -> list[int] | None:
        """Return the numbers of a folded text; None if no text of the store has one of its characters."""
        numbers = [min(self.number_of.get(one, _HIGHEST), _HIGHEST) for one in text]
        return None if _HIGHEST in numbers else numbers

    def fold(self, column: pa.Array) -> Texts:
        """Fold a column of texts; a null is an empty text."""
        filled = pc.fill_null(column, "").cast(pa.large_string())
        bounds = np.frombuffer(filled.buffers()[1], np.int64)[filled.offset : filled.offset + len(filled) + 1]
        data = bytes(memoryview(filled.buffers()[2] or b"")[bounds[0] : bounds[-1]])
        codes = np.frombuffer(data.decode("utf-8").encode("utf-32-le"), np.uint32)
        lengths = pc.utf8_length(filled).to_numpy()
        self._learn(codes)
        counts = self._count[codes]
        ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        offsets = ends[np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])]
        flat = self._first[codes] if (counts == 1).all() else np.repeat(self._first[codes], counts)
        for place in np.flatnonzero(counts > 1):
            flat[ends[place] : ends[place + 1]] = self._longer[int(codes[place])]
        return Texts(flat, offsets)

    def _learn(self, codes: npt.NDArray[np.uint32]) -> None:
        """Fold the characters that were never met."""
        for code in np.unique(codes[self._count[codes] == 255]).tolist():
            numbers = [self._number(one) for one in fold(chr(code))]
            self._count[code] = len(numbers)
            self._first[code] = numbers[0] if numbers else 0
            if len(numbers) > 1:
                self._longer[code] = numbers

    def _number(self, character: str) -> int:
        if character not in self.number_of:
            self.characters.append(character)
            self.number_of[character] = FIRST + len(self.characters) - 1
        return min(self.number_of[character], _HIGHEST)

    def initials(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
        """Return by character number: first and last possible pinyin initial (1-26 after `FIRST`), and all as bits."""
        size = _HIGHEST + 1
        first, other, bits = np.zeros(size, np.uint8), np.zeros(size, np.uint8), np.zeros(size, np.uint32)
        first[START] = other[START] = START
        for number, character in enumerate(self.characters[: size - FIRST - 1], start=FIRST):
            letters = [_LETTERS.index(one) for one in initials_of(character) if one in _LETTERS]
            if letters:
                first[number], other[number] = FIRST + letters[0], FIRST + letters[-1]
                bits[number] = np.bitwise_or.reduce(np.left_shift(1, np.array(letters)))
        return first, other, bits

    def short_suffixes(self) -> list[int]:
        """The numbers of 省 and 市, as far as the store has them."""
        return [self.number_of[one] for one in "省市" if one in self.number_of]


def shortened(texts: Texts, suffixes: list[int]) -> tuple[Texts, npt.NDArray[np.int64]]:
    """Return the short forms of those texts that have one (`folding.short_form`), and which texts they are."""
    lengths = np.diff(texts.offsets)
    rows = np.repeat(np.arange(len(texts)), lengths)
    step = np.arange(len(texts.flat)) - np.repeat(texts.offsets[:-1], lengths)
    dropped = np.isin(texts.flat, suffixes) & (step >= 2) & (step < SHORT_FORM_HEAD)
    touched = np.unique(rows[dropped])
    is_kept = np.zeros(len(texts), bool)
    is_kept[touched] = True
    kept = is_kept[rows] & ~dropped
    counts = np.bincount(rows[kept], minlength=len(texts))[touched]
    return Texts(texts.flat[kept], np.concatenate([[0], np.cumsum(counts)])), touched


def shortened_matrix(names: Ids, suffixes: list[int]) -> Ids:
    """Return the short forms of names that lie one per line."""
    head = names[:, :SHORT_FORM_HEAD]
    dropped = np.zeros(head.shape, bool)
    for suffix in suffixes:
        dropped[:, 2:] |= head[:, 2:] == suffix
    counts = dropped.sum(axis=1)
    short = names
    for count in range(1, int(counts.max(initial=0)) + 1):
        rows = np.flatnonzero(counts == count)
        if len(rows):
            short = names.copy() if short is names else short
            kept = head[rows][~dropped[rows]].reshape(len(rows), -1)
            end = np.full((len(rows), count), PAD, np.uint16)
            short[rows] = np.concatenate([kept, names[rows, SHORT_FORM_HEAD:], end], axis=1)
    return short

"""From what a person typed to the paths by which a segment is searched.

A search walks its paths in turn: names that are exactly so, names that begin so, names that contain it,
pinyin initials, codes, addresses. Each path has lists of rows that may match and a check that decides, both for
thousands of rows at once; an entity belongs to the first path whose check it passes, so walking on never shows it
twice.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zhijian.engines.registers.alphabet import END, FIRST, START, Ids, shortened_matrix
from zhijian.engines.registers.filters import EntityFilters
from zhijian.engines.registers.folding import fold, short_form
from zhijian.engines.registers.postings import Filter, Lists, candidates
from zhijian.engines.registers.postings import Rows as RowNumbers
from zhijian.engines.registers.segment import CODE_LETTERS, CODE_START, Segment

CODE_LENGTH = 18
MIN_CODE_LENGTH = 2
MAX_QUERY_LENGTH = 100
_FIRST_CHUNK = 2048
_CHECKED_AT_ONCE = 1_200  # rows: a little more than are counted, as nearly all candidates pass
_CHUNK = 32_768
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Query:
    """A typed text, folded: `text` without spaces, `parts` as they were spaced."""

    text: str
    parts: tuple[str, ...]

    @classmethod
    def read(cls, typed: str) -> "Query":
        """Read what was typed; anything beyond a hundred characters is left out."""
        spaced = unicodedata.normalize("NFKC", typed)[:MAX_QUERY_LENGTH].split()
        parts = tuple(filter(None, map(fold, spaced)))
        return cls("".join(parts), parts)

    @property
    def is_letters(self) -> bool:
        return self.text.isascii() and self.text.isalpha()

    @property
    def could_be_code(self) -> bool:
        """Whether it may be a fragment of a credit code: two to eighteen Latin letters and digits."""
        return (
            self.text.isascii() and self.text.isalnum() and MIN_CODE_LENGTH <= len(self.text) <= CODE_LENGTH
        )


@dataclass
class Chunk:
    """Some rows of a segment and what checks look at, read when first asked for."""

    segment: Segment
    rows: Rows

    @cached_property
    def names(self) -> Ids:
        return self.segment.names.matrix(self.rows)

    @cached_property
    def short_names(self) -> Ids:
        return shortened_matrix(self.names, self.segment.suffixes)

    @cached_property
    def addresses(self) -> Ids:
        return self.segment.addresses.matrix(self.rows)

    @cached_property
    def codes(self) -> npt.NDArray[np.uint8]:
        return np.asarray(self.segment.codes[self.rows])

    def numbers(self, text: str) -> list[int] | None:
        return self.segment.alphabet.read(text)

    def none(self) -> Mask:
        return np.zeros(len(self.rows), bool)


Check = Callable[[Chunk], Mask]


@dataclass(frozen=True)
class Path:
    """`lists` gives the alternatives by which rows may match (None: all rows); `accepts` decides of each row."""

    kind: str
    lists: Callable[[Segment], list[list[Lists]]] | None
    accepts: Check


@dataclass
class Walk:
    """The rows of one segment that a path finds and no earlier path does, ascending, chunk by chunk."""

    segment: Segment
    path: Path
    earlier: Sequence[Path]
    filters: EntityFilters
    after: int = -1
    dead: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))

    def __iter__(self) -> Iterator[Rows]:
        size = _CHECKED_AT_ONCE
        for rows in self._candidates():
            while len(rows):
                accepted = self._accepted(rows[:size])
                yield accepted
                is_poor = len(rows) >= size and len(accepted) * 4 < size  # most fail: check more at once
                rows, size = rows[size:], min(size * 4, _CHUNK) if is_poor else size

    def _candidates(self) -> Iterator[Rows]:
        passing = self._filter()
        if self.path.lists is not None:
            yield from candidates(self.path.lists(self.segment), self.after, _FIRST_CHUNK, passing)
            return
        first, size = self.after + 1, _FIRST_CHUNK
        while first < len(self.segment):
            yield passing.keep(np.arange(first, min(first + size, len(self.segment)), dtype=np.uint32))
            first, size = first + size, min(size * 4, 262_144)

    def _filter(self) -> Filter:
        """Return what leaves of some rows those that stand and that the filters pass."""
        mask, dead = self.segment.mask(self.filters), self.dead

        def keep(rows: RowNumbers) -> RowNumbers:
            if mask is not None:
                rows = mask.keep(rows)
            return rows[~_is_in(rows, dead)] if len(dead) else rows

        return Filter(keep) if mask is None else Filter(keep, mask.share, mask.bits)

    def _accepted(self, rows: Rows) -> Rows:
        if not len(rows):
            return rows
        rows = rows[self.path.accepts(Chunk(self.segment, rows))]
        if len(rows) and self.earlier:
            chunk = Chunk(self.segment, rows)
            rows = rows[~np.logical_or.reduce([path.accepts(chunk) for path in self.earlier])]
        return rows


def _is_in(rows: Rows, others: npt.NDArray[np.uint32]) -> Mask:
    places = np.minimum(np.searchsorted(others, rows), len(others) - 1)
    return np.asarray(others[places] == rows)


def paths_of(typed: str) -> list[Path]:
    """Return the paths to search in turn."""
    query = Query.read(typed)
    if not query.text:
        no_words_typed = bool(typed.strip())  # only signs, such as "。。": finds nothing
        return [] if no_words_typed else [Path("all", None, lambda chunk: ~chunk.none())]
    return [*_code_exactly(query), *_by_name(query), *_by_code(query), *_by_address(query)]


# --- checks ---------------------------------------------------------------------------------------------


def _holds(texts: npt.NDArray[np.integer], asked: Sequence[int]) -> Mask:
    """Say which lines hold the characters asked for, one after another."""
    windows = texts.shape[1] - len(asked) + 1
    if windows <= 0:
        return np.zeros(len(texts), bool)
    same = texts[:, :windows] == asked[0]
    for step in range(1, len(asked)):
        same &= texts[:, step : step + windows] == asked[step]
    return np.asarray(same.any(axis=1))


def _begins(texts: npt.NDArray[np.integer], asked: Sequence[int]) -> Mask:
    if texts.shape[1] < len(asked):
        return np.zeros(len(texts), bool)
    return np.asarray((texts[:, : len(asked)] == np.asarray(asked)).all(axis=1))


def _equals(texts: npt.NDArray[np.integer], asked: Sequence[int]) -> Mask:
    longer = texts[:, len(asked)] > 0 if texts.shape[1] > len(asked) else np.zeros(len(texts), bool)
    return _begins(texts, asked) & ~longer


def _in_name(text: str, test: Callable[[Ids, Sequence[int]], Mask] = _holds) -> Check:
    """Check names for a text and their short forms for its short form."""
    short = short_form(text)

    def accepts(chunk: Chunk) -> Mask:
        whole, brief = chunk.numbers(text), chunk.numbers(short)
        found = chunk.none()
        if whole:
            found |= test(chunk.names, whole)
        if brief:
            found |= test(chunk.short_names, brief)
        return found

    return accepts


def _in_address(text: str) -> Check:
    def accepts(chunk: Chunk) -> Mask:
        asked = chunk.numbers(text)
        return _holds(chunk.addresses, asked) if asked else chunk.none()

    return accepts


def _in_code(text: str, test: Callable[..., Mask] = _holds) -> Check:
    asked = list(text.encode("ascii"))
    return lambda chunk: test(chunk.codes, asked)


# --- paths ----------------------------------------------------------------------------------------------


def _of_name(*forms: tuple[str, bool, bool]) -> Callable[[Segment], list[list[Lists]]]:
    """Each form is a text, whether names begin and whether they end with it."""

    def lists(segment: Segment) -> list[list[Lists]]:
        found = []
        for text, from_start, to_end in dict.fromkeys(forms):
            if numbers := segment.alphabet.read(text):
                whole = [START] * from_start + numbers + [END] * to_end
                found.append(segment.postings["names"].of_text(whole))
        return found

    return lists


def _of_address(text: str) -> Callable[[Segment], list[list[Lists]]]:
    def lists(segment: Segment) -> list[list[Lists]]:
        numbers = segment.alphabet.read(text)
        return [segment.postings["addresses"].of_text(numbers)] if numbers else []

    return lists


def _of_code(text: str, *, from_start: bool = False) -> Callable[[Segment], list[list[Lists]]]:
    numbers = [CODE_START] * from_start + [CODE_LETTERS.index(letter) + 1 for letter in text]
    return lambda segment: [segment.postings["codes"].of_text(numbers)]


def _code_exactly(query: Query) -> list[Path]:
    if not query.could_be_code or len(query.text) != CODE_LENGTH:
        return []
    return [Path("code_exact", _of_code(query.text), _in_code(query.text, _equals))]


def _by_name(query: Query) -> list[Path]:
    text, short = query.text, short_form(query.text)

    def exactly(chunk: Chunk) -> Mask:
        asked = chunk.numbers(short)
        return _equals(chunk.short_names, asked) if asked else chunk.none()

    exact = Path("name_exact", _of_name((text, True, True), (short, True, True)), exactly)
    prefix = Path("name_prefix", _of_name((text, True, False), (short, True, False)), _in_name(text, _begins))
    fragment = Path("name_fragment", _of_name((text, False, False), (short, False, False)), _in_name(text))
    if not query.is_letters:
        return [exact, prefix, fragment]
    inside = [_initials(text, from_start=False)] if len(text) > 1 else []
    return [exact, prefix, _initials(text, from_start=True), fragment, *inside]


def _initials(letters: str, *, from_start: bool) -> Path:
    shifts = [np.uint32(ord(letter) - ord("a")) for letter in letters]
    numbers = [START] * from_start + [FIRST + int(shift) for shift in shifts]

    def fits(bits: npt.NDArray[np.uint32]) -> Mask:
        windows = min(bits.shape[1] - len(shifts) + 1, 1 if from_start else bits.shape[1])
        if windows <= 0:
            return np.zeros(len(bits), bool)
        same = np.ones((len(bits), windows), np.uint32)
        for step, shift in enumerate(shifts):
            same &= bits[:, step : step + windows] >> shift
        return np.asarray(same.astype(bool).any(axis=1))

    def accepts(chunk: Chunk) -> Mask:
        bits = chunk.segment.initials[2]
        return fits(bits[chunk.names]) | fits(bits[chunk.short_names])

    kind = "initials_prefix" if from_start else "initials_fragment"
    return Path(kind, lambda segment: [segment.postings["initials"].of_text(numbers)], accepts)


def _by_code(query: Query) -> list[Path]:
    if not query.could_be_code or len(query.text) == CODE_LENGTH:
        return []
    return [
        Path("code_prefix", _of_code(query.text, from_start=True), _in_code(query.text, _begins)),
        Path("code_fragment", _of_code(query.text), _in_code(query.text)),
    ]


def _by_address(query: Query) -> list[Path]:
    """Addresses, and for several words typed apart: each in the name or in the address."""
    paths = []
    if len(query.text) > 1:
        paths.append(Path("address", _of_address(query.text), _in_address(query.text)))
    parts = [part for part in query.parts if len(part) > 1]
    if len(parts) > 1 and len(parts) == len(query.parts):
        paths.append(_every_word(parts))
    return paths


def _every_word(parts: Sequence[str]) -> Path:
    def lists(segment: Segment) -> list[list[Lists]]:
        """The part that is in the fewest names and addresses leads."""
        found = []
        for part in parts:
            numbers = segment.alphabet.read(part)
            if numbers is None:
                return []
            found.append([segment.postings[kind].of_text(numbers)[:1] for kind in ("names", "addresses")])
        return min(found, key=lambda either: sum(lists[0].size for lists in either))

    def accepts(chunk: Chunk) -> Mask:
        every = ~chunk.none()
        for part in parts:
            asked = chunk.numbers(part)
            if asked is None:
                return chunk.none()
            every &= _holds(chunk.names, asked) | _holds(chunk.addresses, asked)
        return every

    return Path("every_word", lists, accepts)

"""From what a person typed to the paths by which the index is searched.

A search walks its paths in turn: names that are exactly so, names that begin so, names that contain it,
pinyin initials, codes, addresses. Each path has words that narrow the index and a check that decides; an
entity belongs to the first path whose check it passes, so walking on never shows it twice.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from zhijian.engines.registers.filters import EntityFilters
from zhijian.engines.registers.folding import find_initials, fold, short_form
from zhijian.engines.registers.words import (
    CODE_WORD_LENGTH,
    words_of_address,
    words_of_code,
    words_of_fragment,
    words_of_initials,
)

CODE_LENGTH = 18
MAX_QUERY_LENGTH = 100


class Candidate(NamedTuple):
    """What a check may look at."""

    id: int
    uscc: str
    folded: str
    address: str | None


@dataclass(frozen=True)
class Path:
    """`match` is an expression of SQLite's FTS5, None for all entities; `accepts` decides each candidate."""

    kind: str
    match: str | None
    accepts: Callable[[Candidate], bool]


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
        """Whether it may be a fragment of a credit code: four to eighteen Latin letters and digits."""
        return (
            self.text.isascii() and self.text.isalnum() and CODE_WORD_LENGTH <= len(self.text) <= CODE_LENGTH
        )


def _every(words: Iterable[str]) -> str:
    return " AND ".join(f'"{word}"' for word in sorted(words))


def _either(*expressions: str) -> str:
    different = list(dict.fromkeys(expressions))
    return " OR ".join(f"({one})" for one in different) if len(different) > 1 else different[0]


def paths_of(typed: str, filters: EntityFilters) -> list[Path]:
    """Return the paths to search in turn, narrowed by the filters that are words of the index."""
    query = Query.read(typed)
    narrowing = _every(filters.words)
    if not query.text:
        no_words_typed = bool(typed.strip())  # only signs, such as "。。": finds nothing
        return [] if no_words_typed else [Path("all", narrowing or None, lambda _: True)]
    paths = [*_code_exactly(query), *_by_name(query), *_by_code(query), *_by_address(query)]
    if not narrowing:
        return paths
    return [Path(path.kind, f"({path.match}) AND {narrowing}", path.accepts) for path in paths]


def _code_exactly(query: Query) -> list[Path]:
    if not query.could_be_code or len(query.text) != CODE_LENGTH:
        return []
    words = _every(words_of_code(query.text))
    return [Path("code_exact", words, lambda one: one.uscc.lower() == query.text)]


def _by_name(query: Query) -> list[Path]:
    text, short = query.text, short_form(query.text)

    def match(*, from_start: bool = False, to_end: bool = False) -> str:
        forms = (words_of_fragment(form, from_start=from_start, to_end=to_end) for form in (text, short))
        return _either(*map(_every, forms))

    def begins(one: Candidate) -> bool:
        return one.folded.startswith(text) or short_form(one.folded).startswith(short)

    def contains(one: Candidate) -> bool:
        return text in one.folded or short in short_form(one.folded)

    exact = Path(
        "name_exact", match(from_start=True, to_end=True), lambda one: short_form(one.folded) == short
    )
    prefix = Path("name_prefix", match(from_start=True), begins)
    fragment = Path("name_fragment", match(), contains)
    if not query.is_letters:
        return [exact, prefix, fragment]
    return [exact, prefix, _initials(text, from_start=True), fragment, *_initials_inside(text)]


def _initials(letters: str, *, from_start: bool) -> Path:
    def accepts(one: Candidate) -> bool:
        places = (find_initials(letters, form) for form in {one.folded, short_form(one.folded)})
        return any(place == 0 if from_start else place >= 0 for place in places)

    kind = "initials_prefix" if from_start else "initials_fragment"
    return Path(kind, _every(words_of_initials(letters, from_start=from_start)), accepts)


def _initials_inside(letters: str) -> list[Path]:
    return [_initials(letters, from_start=False)] if len(letters) > 1 else []


def _by_code(query: Query) -> list[Path]:
    if not query.could_be_code or len(query.text) == CODE_LENGTH:
        return []
    words = _every(words_of_code(query.text))
    return [
        Path("code_prefix", words, lambda one: one.uscc.lower().startswith(query.text)),
        Path("code_fragment", words, lambda one: query.text in one.uscc.lower()),
    ]


def _by_address(query: Query) -> list[Path]:
    """Addresses, and for several words typed apart: each in the name or in the address."""
    paths = []
    if len(query.text) > 1:
        words = _every(words_of_address(query.text))
        paths.append(Path("address", words, lambda one: query.text in fold(one.address or "")))
    parts = [part for part in query.parts if len(part) > 1]
    if len(parts) > 1 and len(parts) == len(query.parts):
        each = (_either(_every(words_of_fragment(part)), _every(words_of_address(part))) for part in parts)
        match = " AND ".join(f"({one})" for one in each)
        paths.append(Path("every_word", match, lambda one: _has_all(parts, one)))
    return paths


def _has_all(parts: Iterable[str], one: Candidate) -> bool:
    address = fold(one.address or "")
    return all(part in one.folded or part in address for part in parts)

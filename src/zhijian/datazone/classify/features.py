"""Texts as counts of n-grams, seen several ways at once: the opening, the lead and the whole count apart.

What a text is about stands in its first words more often than further down, so the same n-gram is another feature in
the opening than in the whole. All views are weighed by tf-idf (1 + log count, unit length per view) and set side by side.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts are read when first used: no page needs them

Matrix = Any  # scipy.sparse.csr_matrix
_ADDRESS = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+")
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_WORD = r"(?u)[^\W_]+"
HAN_FROM = 0.2  # share of Han characters from which texts are read as Chinese
MOST_NGRAMS = 300_000  # per view


@dataclass(frozen=True)
class View:
    """One way of looking at a text: n-grams of characters or words, in its first `first` characters or in all."""

    name: str
    unit: str  # char or word
    shortest: int
    longest: int
    first: int | None
    weight: float

    def cut(self, texts: Sequence[str]) -> list[str]:
        """Return the part of each text that this view sees."""
        return [text[: self.first] for text in texts]


CHINESE_VIEWS = (
    View("opening", "char", 1, 4, 30, 0.7),
    View("lead", "char", 1, 4, 100, 1.0),
    View("front", "char", 1, 4, 400, 1.0),
    View("whole", "char", 1, 2, None, 1.0),
)
LATIN_VIEWS = (
    View("opening", "word", 1, 2, 80, 0.7),
    View("lead", "word", 1, 2, 300, 1.0),
    View("words", "word", 1, 2, None, 1.0),
    View("whole", "char", 2, 5, None, 1.0),
)


def normalise(text: str) -> str:
    """Return a text as it is counted: one width, lower case, no web address, every number as 0, single spaces."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _SPACE.sub(" ", _DIGITS.sub("0", _ADDRESS.sub(" ", plain))).strip()


def views_for(texts: Sequence[str]) -> tuple[View, ...]:
    """Return the views that suit the writing of these texts."""
    letters = sum(map(len, texts)) or 1
    han = sum(len(_HAN.findall(text)) for text in texts)
    return CHINESE_VIEWS if han / letters >= HAN_FROM else LATIN_VIEWS


@dataclass(frozen=True)
class Space:
    """The n-grams of every view, known from training texts, with their weights of rarity."""

    views: tuple[View, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    rarity: tuple[npt.NDArray[np.float32], ...]

    @property
    def width(self) -> int:
        return sum(map(len, self.vocabularies))

    def matrix(self, texts: Sequence[str]) -> Matrix:
        """Return one row per text. `texts` are normalised."""
        parts = [
            _weighed(counted, rarity, view.weight)
            for view, counted, rarity in zip(self.views, self.counts(texts), self.rarity, strict=True)
        ]
        return scipy.sparse.hstack(parts).tocsr()

    def counts(self, texts: Sequence[str]) -> list[Matrix]:
        """Return the counts of every view."""
        return [
            _counter(view, vocabulary=words).transform(view.cut(texts))
            if words
            else scipy.sparse.csr_matrix((len(texts), 0), dtype=np.float32)
            for view, words in zip(self.views, self.vocabularies, strict=True)
        ]

    def name(self, column: int) -> tuple[str, str]:
        """Return the view and the n-gram of a column."""
        for view, words in zip(self.views, self.vocabularies, strict=True):
            if column < len(words):
                return view.name, words[column]
            column -= len(words)
        raise IndexError(column)


@dataclass(frozen=True)
class Counted:
    """Training texts counted once, so that folds need not count again."""

    views: tuple[View, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    counts: tuple[Matrix, ...]

    def space(self, rows: npt.NDArray[np.int64], *, least_texts: int = 2) -> tuple[Space, list[Matrix]]:
        """Return the space that these rows alone would give, and the columns of each view that it keeps."""
        vocabularies, rarity, kept = [], [], []
        for words, counts in zip(self.vocabularies, self.counts, strict=True):
            found = np.bincount(counts[rows].indices, minlength=len(words))
            columns = np.flatnonzero(found >= least_texts)
            if len(columns) > MOST_NGRAMS:
                columns = np.sort(columns[np.argsort(-found[columns], kind="stable")[:MOST_NGRAMS]])
            vocabularies.append(tuple(words[i] for i in columns))
            rarity.append((np.log((1 + len(rows)) / (1 + found[columns])) + 1).astype(np.float32))
            kept.append(columns)
        return Space(self.views, tuple(vocabularies), tuple(rarity)), kept

    def matrix(self, space: Space, kept: list[Matrix], rows: npt.NDArray[np.int64]) -> Matrix:
        """Return rows of the counted texts in a space of theirs."""
        parts = [
            _weighed(counts[rows][:, columns], rarity, view.weight)
            for view, counts, columns, rarity in zip(self.views, self.counts, kept, space.rarity, strict=True)
        ]
        return scipy.sparse.hstack(parts).tocsr()


def count(texts: Sequence[str], views: Sequence[View], *, least_texts: int = 2) -> Counted:
    """Count the n-grams of normalised training texts; those found in fewer than `least_texts` texts are left out."""
    vocabularies, counts = [], []
    for view in views:
        parts = view.cut(texts)
        counter = _counter(view, least_texts=min(least_texts, len(texts)))
        try:
            counted = counter.fit_transform(parts).tocsr()
            words = tuple(str(word) for word in counter.get_feature_names_out())
        except ValueError:  # no n-gram occurs twice, or none at all: this view sees nothing
            counted, words = scipy.sparse.csr_matrix((len(texts), 0), dtype=np.float32), ()
        vocabularies.append(words)
        counts.append(counted)
    return Counted(tuple(views), tuple(vocabularies), tuple(counts))


def _counter(view: View, *, vocabulary: Sequence[str] | None = None, least_texts: int = 1) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer  # seconds to read; no page needs it

    return CountVectorizer(
        analyzer=view.unit,
        ngram_range=(view.shortest, view.longest),
        lowercase=False,
        token_pattern=_WORD if view.unit == "word" else None,
        min_df=least_texts,
        vocabulary=list(vocabulary) if vocabulary else None,
        dtype=np.float32,
    )


def _weighed(counts: Matrix, rarity: npt.NDArray[np.float32], weight: float) -> Matrix:
    from sklearn.preprocessing import normalize

    rows = counts.astype(np.float32).copy()
    rows.data = 1 + np.log(rows.data)
    return normalize(rows @ scipy.sparse.diags(rarity)).tocsr().astype(np.float32) * np.float32(weight)

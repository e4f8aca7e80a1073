"""Texts that say the same: MinHash of character n-grams, candidates by bands, groups that do not depend on the order.

The estimated share of common n-grams (Jaccard) has a standard error of at most 0.5 / sqrt(128) = 0.044; pairs are
checked exactly before they are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from zhijian.datazone.classify.features import normalise

HASHES = 128
NGRAM = 3
_SEED = 20261128
_EMPTY = np.iinfo(np.uint64).max
_ROWS_FOR = ((0.75, 8), (0.45, 4), (0.0, 2))  # hashes per band by the least similarity that must be found


@dataclass(frozen=True)
class Pair:
    """Two texts by their places, the lower first, and the share of n-grams that both have."""

    first: int
    second: int
    similarity: float


def shingles(text: str) -> frozenset[str]:
    """Return the n-grams of a text, without signs between words; a shorter text is one shingle."""
    plain = "".join(sign for sign in normalise(text) if sign.isalnum())
    if len(plain) <= NGRAM:
        return frozenset({plain} if plain else ())
    return frozenset(plain[i : i + NGRAM] for i in range(len(plain) - NGRAM + 1))


def jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the share of n-grams that both have, 0 to 1; two empty texts have nothing in common."""
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def signatures(sets: Sequence[frozenset[str]]) -> npt.NDArray[np.uint64]:
    """Return the MinHash of each set, one row of 128 numbers; an empty set gives no number that another has."""
    salts = np.random.default_rng(_SEED).integers(0, _EMPTY, HASHES, dtype=np.uint64)
    rows = np.full((len(sets), HASHES), _EMPTY, dtype=np.uint64)
    for place, grams in enumerate(sets):
        if grams:
            codes = np.array([_code(gram) for gram in sorted(grams)], dtype=np.uint64)
            rows[place] = _mixed(codes[:, None] + salts).min(0)
        else:
            rows[place] = _EMPTY - np.uint64(place)
    return rows


def similar_pairs(texts: Sequence[str], *, least: float) -> list[Pair]:
    """Return every found pair whose similarity is at least `least`, by place."""
    sets = [shingles(text) for text in texts]
    found = set()
    rows_per_band = next(rows for floor, rows in _ROWS_FOR if least >= floor)
    marks = signatures(sets)
    for start in range(0, HASHES, rows_per_band):
        band = np.ascontiguousarray(marks[:, start : start + rows_per_band])
        groups: dict[bytes, list[int]] = {}
        for place in range(len(texts)):
            groups.setdefault(band[place].tobytes(), []).append(place)
        for members in groups.values():
            found.update(_links(members))
    pairs = (Pair(a, b, jaccard(sets[a], sets[b])) for a, b in sorted(found))
    return [pair for pair in pairs if pair.similarity >= least]


def groups_of(names: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Return for each text the name of its group: the least name in it, so that the order of texts changes nothing."""
    root = list(range(len(names)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for a, b in pairs:
        one, other = find(a), find(b)
        if one != other:
            keep, join = sorted((one, other), key=lambda place: names[place])
            root[join] = keep
    return [names[find(place)] for place in range(len(names))]


_MOST_IN_A_BUCKET = 60


def _links(members: list[int]) -> list[tuple[int, int]]:
    """Return the pairs of a bucket; of a very large one a chain and a star, which hold the group together."""
    if len(members) <= _MOST_IN_A_BUCKET:
        return [(a, b) for i, a in enumerate(members) for b in members[i + 1 :]]
    return [*pairwise(members), *((members[0], other) for other in members[1:])]


def _mixed(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread numbers over 64 bits (splitmix64), so that each salt gives an order of its own."""
    codes = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return codes ^ (codes >> np.uint64(31))


def _code(gram: str) -> int:
    """Return a number of an n-gram, the same on every machine (FNV-1a, 64 bits)."""
    code = 0xCBF29CE484222325
    for byte in gram.encode("utf-8"):
        code = ((code ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return code

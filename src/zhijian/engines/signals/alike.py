"""Texts that are near copies of each other: 64 minimum hashes of three-character pieces, compared where a band agrees. Pure."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

ALIKE = 0.8  # share of equal minimum hashes from which one text counts as a near copy of the other
_HASHES, _ROWS = 64, 4
Signatures = npt.NDArray[np.uint64]


def signatures(texts: Sequence[str]) -> Signatures:
    """Return the minimum hashes of every text; letters and digits count, width of writing and signs do not."""
    odd = np.arange(1, 2 * _HASHES, 2, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    shift = np.arange(_HASHES, dtype=np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    found = np.zeros((len(texts), _HASHES), dtype=np.uint64)
    for place, text in enumerate(texts):
        pieces = _pieces(text)
        if pieces:
            hashed = np.array([_hash(piece) for piece in pieces], dtype=np.uint64)
            with np.errstate(over="ignore"):
                found[place] = (_mixed(hashed)[:, None] * odd + shift).min(0)
    return found


def pairs(found: Signatures, *, alike: float = ALIKE) -> list[tuple[int, int]]:
    """Return the pairs of places whose texts are near copies, each once."""
    buckets: dict[tuple[int, bytes], list[int]] = {}
    for place in range(len(found)):
        for band in range(0, _HASHES, _ROWS):
            buckets.setdefault((band, found[place, band : band + _ROWS].tobytes()), []).append(place)
    seen: set[tuple[int, int]] = set()
    for places in buckets.values():
        seen.update(_neighbours(places))
    return sorted(one for one in seen if (found[one[0]] == found[one[1]]).mean() >= alike)


def groups(size: int, linked: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return places that hang together by pairs, the largest group first; who has no pair is in none."""
    root = list(range(size))

    def top(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for one, other in linked:
        root[top(one)] = top(other)
    members: dict[int, list[int]] = {}
    for place in sorted({place for pair in linked for place in pair}):
        members.setdefault(top(place), []).append(place)
    return sorted(members.values(), key=lambda places: (-len(places), places[0]))


def _neighbours(places: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of one bucket; a very large bucket is chained, so that it costs no square."""
    if len(places) > 200:
        yield from pairwise(places)
        return
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            yield one, other


def _pieces(text: str) -> list[str]:
    plain = "".join(letter for letter in text.casefold() if letter.isalnum())
    return sorted({plain[place : place + 3] for place in range(max(len(plain) - 2, 1))}) if plain else []


def _hash(piece: str) -> int:
    return int.from_bytes(blake2b(piece.encode(), digest_size=8).digest(), "big")


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return values ^ (values >> np.uint64(29))

"""The Merkle tree of RFC 9162, section 2: roots, proofs, and those who check them.

Pure functions over SHA-256 hashes of 32 bytes. A leaf is hashed with the prefix 0x00, a node with 0x01, so that
neither can pass for the other. Nothing here knows what a leaf says.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Protocol

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162, 2.1.1)."""

STORED_LEVEL_STEP = 8
"""Stores keep leaves (level 0) and every eighth level above; what lies between is hashed again when needed."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that says `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node over its two children."""
    return sha256(b"\x01" + left + right).digest()


class Hashes(Protocol):
    """Where a tree's hashes lie: in memory, in a database, in files."""

    def nodes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        """Return the roots number `start` to `stop` (exclusive) of complete subtrees of 2**level leaves.

        `level` is a multiple of STORED_LEVEL_STEP; level 0 is the leaf hashes themselves.
        """
        ...


class HashList:
    """A tree whose leaf hashes lie in memory."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def nodes(self, level: int, start: int, stop: int) -> Sequence[bytes]:
        row = self._leaves[start << level : stop << level]
        for _ in range(level):
            row = _pair_up(row)
        return row


def _pair_up(row: Sequence[bytes]) -> list[bytes]:
    hasher = sha256
    return [hasher(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]


def _left_size(size: int) -> int:
    """Return the largest power of two smaller than `size`: RFC 9162 splits there."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(hashes: Hashes, start: int, stop: int) -> bytes:
    """Return the root over the leaves from `start` to `stop`, a range that RFC 9162's splitting can reach."""
    size = stop - start
    if size & (size - 1):
        middle = start + _left_size(size)
        return node_hash(_subtree(hashes, start, middle), _subtree(hashes, middle, stop))
    height = size.bit_length() - 1
    level = height - height % STORED_LEVEL_STEP
    row = hashes.nodes(level, start >> level, stop >> level)
    while len(row) > 1:
        row = _pair_up(row)
    return row[0]


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in their order."""
    return root_of(HashList(leaves), len(leaves))


def root_of(hashes: Hashes, size: int) -> bytes:
    """Return the root over the first `size` leaves of a store."""
    return _subtree(hashes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(hashes: Hashes, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves (RFC 9162, 2.1.3.1).

    Raises:
        IndexError: no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"Leaf {index} does not lie in a tree of {size} leaves.")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _left_size(stop - start)
        if index < middle:
            path.append(_subtree(hashes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(hashes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(hashes: Hashes, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves begin the tree of `new_size` (RFC 9162, 2.1.4.1).

    Empty where the sizes are equal or the older tree is empty.

    Raises:
        IndexError: the older tree is larger than the newer.
    """
    if not 0 <= old_size <= new_size:
        raise IndexError(f"A tree of {old_size} leaves cannot be the beginning of one of {new_size}.")
    if old_size in (0, new_size):
        return []
    path: list[bytes] = []
    start, stop, is_whole = 0, new_size, True
    while stop != old_size:
        middle = start + _left_size(stop - start)
        if old_size <= middle:
            path.append(_subtree(hashes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(hashes, start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(_subtree(hashes, start, stop))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Say whether `proof` shows that `leaf` is number `index` of the tree with root `expected` (2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([leaf, expected, *proof]):
        return False
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == expected


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether `proof` shows that the tree of `old_root` is the beginning of that of `new_root` (2.1.4.2).

    An empty older tree is the beginning of every tree, if its root is the empty tree's and the proof is empty.
    """
    if old_size == new_size:
        is_possible = old_size > 0 or old_root == EMPTY_ROOT
        return is_possible and not proof and old_root == new_root
    if not 0 <= old_size < new_size or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    return bool(path) and _climb(old_size, new_size, path) == (old_root, new_root)


def _climb(old_size: int, new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    older = newer = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        position, last = position >> 1, last >> 1
    return (older, newer) if last == 0 else None


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == 32 for value in values)


class GrowingTree:
    """A root over leaves that come one after another, in memory of a few hashes however many come.

    `extend` yields, as they come to be, the complete subtrees of the stored levels above the leaves, as
    `(level, position, hash)`: what a store keeps so that a proof in a large tree reads little.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[
            bytes
        ] = []  # roots of the complete subtrees, from left to right, as in the bits of size

    @classmethod
    def resume(cls, hashes: Hashes, size: int) -> "GrowingTree":
        """Return the tree of the first `size` leaves of a store, ready to grow."""
        tree, start = cls(), 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                tree._peaks.append(_subtree(hashes, start, start + (1 << height)))
                start += 1 << height
        tree.size = size
        return tree

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash and return the stored subtrees that it completed."""
        peaks, position, level, found = self._peaks, self.size, 0, leaf
        completed: list[tuple[int, int, bytes]] = []
        while position & 1:
            found = sha256(b"\x01" + peaks.pop() + found).digest()
            position, level = position >> 1, level + 1
            if level % STORED_LEVEL_STEP == 0:
                completed.append((level, position, found))
        peaks.append(found)
        self.size += 1
        return completed

    def extend(self, leaves: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
        """Add leaf hashes in their order. The stream must be read to its end."""
        for leaf in leaves:
            yield from self.append(leaf)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found

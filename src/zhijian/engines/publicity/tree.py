"""A map of codes as one hash: a sparse Merkle tree whose lonely leaves stand as high as they can.

Pure functions over SHA-256. A key is the hash of a code, so a key's bits lead from the root to one place only: to a
leaf of that key, to a leaf of another, or to nothing. Whoever holds the root can therefore be shown what stands under
a code, or that nothing does, and cannot be shown two things. The same codes give the same root, however they came.
"""

import base64
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

EMPTY = bytes(32)
"""The hash of a subtree without leaves. Nothing is known that SHA-256 turns into it."""

FORM = "zhijian-publicity-proof/1"
LONGEST = 256
Entry = tuple[bytes, bytes]
"""A key and the hash of what stands under it."""


class BrokenProof(ValueError):
    """A proof cannot be read; the message says what is wrong with it."""


def key_of(code: str) -> bytes:
    """Return the place of a code in the map."""
    return sha256(code.encode("utf-8")).digest()


def leaf_hash(key: bytes, value: bytes) -> bytes:
    """Return the hash of a leaf: the value that stands under a key."""
    return sha256(b"\x00" + key + value).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two subtrees of which at least two leaves hang."""
    return sha256(b"\x01" + left + right).digest()


def bit(key: bytes, depth: int) -> int:
    """Return which way a key goes at a depth: 0 left, 1 right."""
    return key[depth >> 3] >> (7 - (depth & 7)) & 1


@dataclass(frozen=True)
class Subtree:
    """The hash of a subtree, and whether one leaf is all that it holds."""

    hash: bytes = EMPTY
    is_leaf: bool = False


def joined(left: Subtree, right: Subtree) -> Subtree:
    """Return the subtree over two: a lonely leaf moves up, nothing stays nothing."""
    if right.hash == EMPTY and (left.is_leaf or left.hash == EMPTY):
        return left
    if left.hash == EMPTY and right.is_leaf:
        return right
    return Subtree(node_hash(left.hash, right.hash))


def subtree(entries: Sequence[Entry], depth: int = 0) -> Subtree:
    """Return the subtree over entries sorted by key that agree in their first `depth` bits."""
    if not entries:
        return Subtree()
    if len(entries) == 1:
        return Subtree(leaf_hash(*entries[0]), is_leaf=True)
    middle = split(entries, depth)
    left, right = subtree(entries[:middle], depth + 1), subtree(entries[middle:], depth + 1)
    return Subtree(node_hash(left.hash, right.hash))


def split(entries: Sequence[Entry], depth: int) -> int:
    """Return where the entries that go right at `depth` begin."""
    return bisect_left(entries, 1, key=lambda entry: bit(entry[0], depth))


@dataclass(frozen=True)
class Proof:
    """The way from the root towards a key: the sibling at each depth, and the leaf at the end, if there is one."""

    siblings: tuple[bytes, ...]
    end: Entry | None

    def value(self, key: bytes) -> bytes | None:
        """Return the hash that stands under the key, or None: nothing does."""
        return self.end[1] if self.end is not None and self.end[0] == key else None

    def root(self, key: bytes) -> bytes:
        """Return the root that this proof of `key` belongs to."""
        found = EMPTY if self.end is None else leaf_hash(*self.end)
        for depth in reversed(range(len(self.siblings))):
            beside = self.siblings[depth]
            found = node_hash(beside, found) if bit(key, depth) else node_hash(found, beside)
        return found

    def members(self) -> dict[str, Any]:
        """Return the proof as it is published: a sibling that is nothing is a 0 of the path and not written."""
        given = b"".join(one for one in self.siblings if one != EMPTY)
        return {
            "form": FORM,
            "path": "".join("0" if one == EMPTY else "1" for one in self.siblings),
            "siblings": base64.b64encode(given).decode("ascii"),
            "end": None if self.end is None else [self.end[0].hex(), self.end[1].hex()],
        }


def prove(entries: Sequence[Entry], key: bytes, depth: int = 0) -> Proof:
    """Return the proof of a key within entries sorted by key that agree in their first `depth` bits."""
    siblings: list[bytes] = []
    while len(entries) > 1:
        middle = split(entries, depth)
        left, right = entries[:middle], entries[middle:]
        here, beside = (right, left) if bit(key, depth) else (left, right)
        siblings.append(subtree(beside, depth + 1).hash)
        entries, depth = here, depth + 1
    return Proof(tuple(siblings), entries[0] if entries else None)


def read_proof(members: Mapping[str, Any], key: bytes) -> Proof:
    """Read a published proof of a key.

    Raises:
        BrokenProof: it is not in its form, or ends at a leaf that does not lie on the way of the key.
    """
    if members.get("form") != FORM:
        raise BrokenProof(f"the form is {members.get('form')!r}, not {FORM!r}")
    path, end = members.get("path"), members.get("end")
    if not isinstance(path, str) or path.strip("01") or len(path) > LONGEST:
        raise BrokenProof("the path is not of 0 and 1")
    given = _hashes(members.get("siblings"), path.count("1"))
    leaf = None if end is None else _leaf(end)
    if leaf is not None and any(bit(leaf[0], depth) != bit(key, depth) for depth in range(len(path))):
        raise BrokenProof("the leaf at the end does not lie on the way of the code")
    waiting = iter(given)
    return Proof(tuple(next(waiting) if step == "1" else EMPTY for step in path), leaf)


def _hashes(text: object, count: int) -> list[bytes]:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError as problem:
        raise BrokenProof(f"the siblings are not Base64: {problem}") from problem
    if len(data) != 32 * count:
        raise BrokenProof(f"the siblings are {len(data)} bytes, the path asks for {32 * count}")
    return [data[start : start + 32] for start in range(0, len(data), 32)]


def _leaf(end: object) -> Entry:
    try:
        key, value = (bytes.fromhex(text) for text in end)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as problem:
        raise BrokenProof("the leaf at the end is not two hashes") from problem
    if len(key) != 32 or len(value) != 32:
        raise BrokenProof("the leaf at the end is not two hashes")
    return key, value

"""The arithmetic of protocol zhijian-draw/1: fingerprints, seed, ranks and samples. Pure; integers only.

``docs/explanation/draw-protocol.md`` is the specification; the verifiers are written from it, not from here.
"""

import hashlib
import hmac
import itertools
import json
import mmap
import multiprocessing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

PROTOCOL = "zhijian-draw/1"  # the files and all fingerprints, in both versions
METHODS_PROTOCOL = "zhijian-draw/2"  # an announcement that names sampling methods or a minimum per area
PARALLEL_FROM = 200_000  # fewer leaves are ranked in this process
Digests = npt.NDArray[np.uint8]


def canonical(value: Any) -> str:
    """Return the RFC 8785 text of a value made of objects, lists, strings, booleans, null and integers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(purpose: str, *fields: object) -> bytes:
    """Return SHA-256 over ``zhijian-draw/1 <purpose>`` and the fields, each closed by a line feed.

    Raises:
        ValueError: a field holds a line feed, so that two different inputs could look alike.
    """
    lines = [f"{PROTOCOL} {purpose}", *(str(field) for field in fields)]
    if any("\n" in line for line in lines):
        raise ValueError(f"a field of '{purpose}' holds a line feed; remove it")
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).digest()


def object_leaf(
    plan: str, attempt: int, *, salt: str, object_id: str, stratum: str, weight: int, sort: int | None = None
) -> str:
    """Return the leaf (hex) of one object; ``salt`` is hex, empty in an open draw; ``sort`` stands in version 2 alone."""
    more = () if sort is None else (sort,)
    return digest("object", plan, attempt, salt, object_id, stratum, weight, *more).hex()


def inspector_leaf(
    plan: str,
    attempt: int,
    *,
    salt: str,
    inspector_id: str,
    division: str,
    skills: Sequence[str],
    valid_until: str,
) -> str:
    """Return the leaf (hex) of one inspector of the pool."""
    return digest(
        "inspector", plan, attempt, salt, inspector_id, division, ",".join(sorted(skills)), valid_until
    ).hex()


def commitment(plan: str, attempt: int, party: str, nonce: str) -> str:
    """Return what a party publishes before the public value exists; ``nonce`` is hex, 16 bytes or more."""
    return digest("commitment", plan, attempt, party, nonce).hex()


def result_commitment(plan: str, attempt: int, leaf: str, salt: str, result: Mapping[str, Any]) -> str:
    """Return the commitment (hex) of one drawn leaf to its published result."""
    return digest("result", plan, attempt, leaf, salt, sha256(canonical(result))).hex()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def merkle_root(entries: Iterable[str]) -> str:
    """Return the RFC 9162 tree head (hex) over UTF-8 entries; the empty tree is SHA-256 of nothing."""
    stack: list[tuple[int, bytes]] = []
    for entry in entries:
        height, node = 0, hashlib.sha256(b"\x00" + entry.encode()).digest()
        while stack and stack[-1][0] == height:
            node = hashlib.sha256(b"\x01" + stack.pop()[1] + node).digest()
            height += 1
        stack.append((height, node))
    if not stack:
        return hashlib.sha256().hexdigest()
    node = stack.pop()[1]
    while stack:
        node = hashlib.sha256(b"\x01" + stack.pop()[1] + node).digest()
    return node.hex()


def draw_seed(
    plan: str,
    attempt: int,
    *,
    announcement_sha256: str,
    roster_root: str,
    inspector_root: str,
    nonces: Sequence[str],
    value: str,
) -> bytes:
    """Return the 32-byte seed; ``nonces`` stand in the order in which the parties were announced."""
    return digest("seed", plan, attempt, announcement_sha256, roster_root, inspector_root, *nonces, value)


def rank_of(seed: bytes, *leaves: str) -> bytes:
    """Return HMAC-SHA-256(seed, leaves one after the other): small ranks are drawn first."""
    return hmac.digest(seed, b"".join(bytes.fromhex(leaf) for leaf in leaves), "sha256")


def _key_states(seed: bytes) -> tuple[Any, Any]:
    block = seed.ljust(64, b"\0")
    return hashlib.sha256(bytes(b ^ 0x36 for b in block)), hashlib.sha256(bytes(b ^ 0x5C for b in block))


def _rank_range(seed: bytes, leaves: Digests, first: int, last: int, out: npt.NDArray[np.uint64]) -> None:
    inner_state, outer_state = _key_states(seed)
    inner, outer = inner_state.copy, outer_state.copy
    for start in range(first, last, 100_000):
        stop = min(start + 100_000, last)
        block, heads = leaves[start:stop].tobytes(), []
        for k in range(0, len(block), 32):
            message, result = inner(), outer()
            message.update(block[k : k + 32])
            result.update(message.digest())
            heads.append(result.digest()[:8])
        out[start:stop] = np.frombuffer(b"".join(heads), ">u8")


def rank(seed: bytes, leaves: Digests, *, processes: int = 2) -> npt.NDArray[np.uint64]:
    """Return the first 64 bits of every leaf's rank; ``leaves`` is an array of shape (N, 32).

    Ties in these 64 bits are broken by the whole rank in `smallest`.
    """
    count = len(leaves)
    if count < PARALLEL_FROM or processes < 2:
        heads = np.empty(count, np.uint64)
        _rank_range(seed, leaves, 0, count, heads)
        return heads
    shared = np.frombuffer(mmap.mmap(-1, count * 8), np.uint64)
    bounds = [count * part // processes for part in range(processes + 1)]
    fork = multiprocessing.get_context("fork")
    workers = [
        fork.Process(target=_rank_range, args=(seed, leaves, first, last, shared))
        for first, last in itertools.pairwise(bounds)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a ranking process ended early (memory or a signal); nothing was drawn, run again")
    return shared


def smallest(
    seed: bytes, leaves: Digests, heads: npt.NDArray[np.uint64], members: npt.NDArray[np.int64], count: int
) -> list[int]:
    """Return the ``count`` members of smallest rank, in order of rank (exact: whole ranks, then leaves)."""
    count = min(count, len(members))
    if count == 0:
        return []
    own = heads[members]
    candidates = members[own <= np.partition(own, count - 1)[count - 1]]
    ordered = candidates[np.argsort(heads[candidates], kind="stable")]
    result: list[int] = ordered.tolist()

    def whole(index: int) -> tuple[bytes, bytes]:
        leaf = leaves[index].tobytes()
        return hmac.digest(seed, leaf, "sha256"), leaf

    for start, stop in _equal_runs(heads[ordered]):
        result[start:stop] = sorted(result[start:stop], key=whole)
    return result[:count]


def _equal_runs(values: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Return (start, stop) of every run of two or more equal neighbours."""
    edges = np.flatnonzero(np.diff(values, prepend=values[:1] + 1, append=values[-1:] + 1))
    return [(int(start), int(stop)) for start, stop in itertools.pairwise(edges) if stop - start > 1]


@dataclass(frozen=True)
class Sample:
    """Indices into the roster, in the order in which they were drawn."""

    drawn: tuple[int, ...]
    reserve: tuple[int, ...]


def draw_stratum(
    seed: bytes,
    leaves: Digests,
    heads: npt.NDArray[np.uint64],
    members: npt.NDArray[np.int64],
    *,
    drawn: int,
    reserve: int,
    weights: npt.NDArray[np.int64] | None = None,
) -> Sample:
    """Draw one stratum: the smallest ranks or, where weights differ from 1, the smallest rank/weight.

    The latter is sequential Poisson sampling (Ohlsson 1998): fixed size, chances close to
    proportional to weight, whole numbers only.
    """
    if weights is None or bool((weights[members] == 1).all()):
        order = smallest(seed, leaves, heads, members, drawn + reserve)
    else:
        order = _smallest_by_weight(seed, leaves, heads, members, weights, drawn + reserve)
    return Sample(tuple(order[:drawn]), tuple(order[drawn:]))


def _smallest_by_weight(
    seed: bytes,
    leaves: Digests,
    heads: npt.NDArray[np.uint64],
    members: npt.NDArray[np.int64],
    weights: npt.NDArray[np.int64],
    count: int,
) -> list[int]:
    """Return the ``count`` members of smallest rank/weight, in that order, exactly.

    The first 64 bits bound each fraction from both sides (1e-12 is far more than a double loses); only members that may
    lie among the smallest are compared as whole numbers.
    """
    count = min(count, len(members))
    if count == 0:
        return []
    own, heavy = heads[members].astype(np.float64), weights[members].astype(np.float64)
    least, most = own / heavy * (1 - 1e-12), (own + 1) / heavy * (1 + 1e-12)
    candidates = members[least <= np.partition(most, count - 1)[count - 1]]

    def key(index: int) -> tuple[Fraction, bytes]:
        leaf = leaves[index].tobytes()
        return Fraction(int.from_bytes(hmac.digest(seed, leaf, "sha256")), int(weights[index])), leaf

    return sorted((int(index) for index in candidates), key=key)[:count]


def leaf_array(leaves: Sequence[str]) -> Digests:
    """Return hex leaves as an array of shape (N, 32)."""
    return np.frombuffer(bytes.fromhex("".join(leaves)), np.uint8).reshape(-1, 32)

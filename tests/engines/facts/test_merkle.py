"""The tree of RFC 9162, section 2, against its published vectors and against a slow twin."""

import base64
import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.engines.facts import merkle

VECTORS = Path(__file__).parents[2] / "data" / "merkle"
ROOTS = json.loads((VECTORS / "merkle_roots.json").read_text())
INCLUSION = json.loads((VECTORS / "merkle_inclusion.json").read_text())
CONSISTENCY = json.loads((VECTORS / "merkle_consistency.json").read_text())
SUBTREES = [
    case
    for case in CONSISTENCY
    if case["case"].startswith("subtreeconsistency") and case["start"] == 0 < case["end"]
]
CONSISTENCY = [case for case in CONSISTENCY if case["case"].startswith("consistency")]


def decoded(text):
    return base64.b64decode(text) if text else b""


def proof_of(case):
    return [decoded(step) for step in case["proof"] or []]


def numbered(count):
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def slow_root(leaves):
    """RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + slow_root(leaves[:k]) + slow_root(leaves[k:])).digest()


@pytest.mark.parametrize(("size", "expected"), ROOTS["roots_hex_by_tree_size"].items())
def test_the_root_is_the_published_one(size, expected):
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in ROOTS["leaves_hex"][: int(size)]]
    assert merkle.root(leaves).hex() == expected


@pytest.mark.parametrize("case", INCLUSION, ids=lambda case: case["case"])
def test_an_inclusion_proof_is_accepted_or_refused_as_published(case):
    said = merkle.verify_inclusion(
        decoded(case["leafHash"]), case["leafIdx"], case["treeSize"], proof_of(case), decoded(case["root"])
    )
    assert said is not case["wantErr"]


@pytest.mark.parametrize("case", CONSISTENCY, ids=lambda case: case["case"])
def test_a_consistency_proof_is_accepted_or_refused_as_published(case):
    said = merkle.verify_consistency(
        case["size1"], case["size2"], decoded(case["root1"]), decoded(case["root2"]), proof_of(case)
    )
    assert said is not case["wantErr"]


@pytest.mark.parametrize("case", SUBTREES, ids=lambda case: case["case"])
def test_a_subtree_from_the_first_leaf_is_an_older_tree(case):
    said = merkle.verify_consistency(
        case["end"], case["size"], decoded(case["root1"]), decoded(case["root2"]), proof_of(case)
    )
    assert said is not case["wantErr"]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 1200), st.data())
def test_every_leaf_proves_itself_and_no_other(size, data):
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    root = slow_root(leaves)
    proof = merkle.inclusion_proof(merkle.HashList(leaves), index, size)
    assert merkle.root(leaves) == root
    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], (index + 1) % size, size, proof, root) or size == 1


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1200), st.data())
def test_every_older_tree_proves_itself_the_beginning_of_the_newer(new_size, data):
    leaves = numbered(new_size)
    old_size = data.draw(st.integers(0, new_size))
    old, new = slow_root(leaves[:old_size]), slow_root(leaves)
    proof = merkle.consistency_proof(merkle.HashList(leaves), old_size, new_size)
    assert merkle.verify_consistency(old_size, new_size, old, new, proof)
    if 0 < old_size < new_size:
        rewritten = slow_root([merkle.leaf_hash(b"another"), *leaves[1:old_size]])
        assert not merkle.verify_consistency(old_size, new_size, rewritten, new, proof)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 1000, 65537])
def test_a_growing_tree_has_the_root_of_the_whole_and_hands_out_every_stored_subtree(size):
    leaves, tree = numbered(size), merkle.GrowingTree()
    stored = list(tree.extend(leaves))
    assert (tree.size, tree.root()) == (size, merkle.root(leaves))
    assert len(stored) == size // 256 + size // 65536
    in_memory = merkle.HashList(leaves)
    resumed = merkle.GrowingTree.resume(in_memory, size)
    assert resumed.append(leaves[0] if leaves else b"0" * 32) == tree.append(
        leaves[0] if leaves else b"0" * 32
    )
    assert (resumed.size, resumed.root()) == (tree.size, tree.root())
    assert all(in_memory.nodes(level, at, at + 1) == [found] for level, at, found in stored)


def test_a_proof_of_another_length_is_refused():
    leaves = numbered(7)
    proof = merkle.inclusion_proof(merkle.HashList(leaves), 3, 7)
    for wrong in (proof[:-1], [*proof, proof[0]], [], [proof[0][:31], *proof[1:]]):
        assert not merkle.verify_inclusion(leaves[3], 3, 7, wrong, merkle.root(leaves))


def test_a_leaf_outside_the_tree_has_no_proof():
    with pytest.raises(IndexError, match="Leaf 7 does not lie in a tree of 7 leaves"):
        merkle.inclusion_proof(merkle.HashList(numbered(7)), 7, 7)
    with pytest.raises(IndexError, match="cannot be the beginning"):
        merkle.consistency_proof(merkle.HashList(numbered(7)), 8, 7)


def test_twelve_thousand_leaves_take_less_than_a_tenth_of_a_second():
    leaves = numbered(12_000)
    merkle.root(leaves[:100])
    best = min(_seconds(leaves) for _ in range(5))
    assert best < 0.1


def _seconds(leaves):
    started = time.perf_counter()
    merkle.root(leaves)
    return time.perf_counter() - started

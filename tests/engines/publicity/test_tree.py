"""The map of codes: one root however it came to be, and a proof of what stands under a code or that nothing does."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhijian.engines.publicity.lists import value_of
from zhijian.engines.publicity.tree import (
    EMPTY,
    BrokenProof,
    Proof,
    Subtree,
    joined,
    key_of,
    leaf_hash,
    node_hash,
    prove,
    read_proof,
    subtree,
)

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "publicity" / "vectors.json").read_text("utf-8"))
CODES = st.sets(st.integers(0, 5000), max_size=60)


def entries_of(numbers):
    return sorted((key_of(str(number)), sha256(f"list {number}".encode()).digest()) for number in numbers)


@given(CODES, st.integers(0, 5000))
@settings(max_examples=60, deadline=None)
def test_every_code_is_proved_present_with_its_list_or_absent(numbers, asked):
    entries, key = entries_of(numbers), key_of(str(asked))
    proof = read_proof(prove(entries, key).members(), key)
    assert proof.root(key) == subtree(entries).hash
    assert proof.value(key) == dict(entries).get(key)


@given(CODES, st.integers(0, 5000))
@settings(max_examples=40, deadline=None)
def test_no_other_list_and_no_absence_is_proved_by_the_same_proof(numbers, asked):
    entries, key = entries_of({*numbers, asked}), key_of(str(asked))
    proof, root = prove(entries, key), subtree(entries).hash
    assert replace(proof, end=(key, bytes(31) + b"x")).root(key) != root
    assert replace(proof, end=None).root(key) != root
    if proof.siblings:
        assert Proof(proof.siblings[:-1], proof.end).root(key) != root
        assert Proof(proof.siblings[:-1], None).root(key) != root


@given(CODES)
@settings(max_examples=40, deadline=None)
def test_a_subtree_is_what_its_halves_give(numbers):
    entries = entries_of(numbers)
    left = [one for one in entries if one[0][0] < 128]
    halves = subtree(left, 1), subtree(entries[len(left) :], 1)
    assert joined(*halves) == subtree(entries)


def test_the_roots_of_none_one_and_two_are_as_the_guide_says():
    one, two = entries_of([1]), entries_of([1, 2])
    assert subtree([]) == Subtree(EMPTY)
    assert subtree(one).hash == leaf_hash(*one[0])
    assert subtree(two).hash == node_hash(leaf_hash(*two[0]), leaf_hash(*two[1]))


BROKEN = [
    {"form": "x"},
    {"path": "12"},
    {"path": "1" * 257},
    {"siblings": "AAAA"},
    {"siblings": "§"},
    {"end": ["00", "11"]},
    {"end": ["zz"]},
    {"end": 5},
]


@pytest.mark.parametrize("change", BROKEN, ids=[next(iter(one)) + str(n) for n, one in enumerate(BROKEN)])
def test_a_proof_that_is_not_in_its_form_is_refused_with_words(change):
    entries = entries_of(range(8))
    members = prove(entries, entries[3][0]).members() | change
    with pytest.raises(BrokenProof, match=r"form|path|siblings|leaf"):
        read_proof(members, entries[3][0])


def test_a_leaf_of_another_place_does_not_pass_for_an_absence():
    entries = entries_of(range(64))
    here, far = entries[0], entries[-1]
    members = prove(entries, here[0]).members() | {"end": [far[0].hex(), far[1].hex()]}
    with pytest.raises(BrokenProof, match="way of the code"):
        read_proof(members, here[0])


@pytest.mark.parametrize("case", VECTORS["proofs"], ids=range(len(VECTORS["proofs"])))
def test_the_published_vectors_hold(case):
    key = key_of(case["uscc"])
    proof = read_proof(case["proof"], key)
    value = proof.value(key)
    assert (key.hex(), value and value.hex(), proof.root(key).hex()) == (
        case["key"],
        case["value"],
        case["root"],
    )
    texts = {json.loads(text)["uscc"]: text for text in VECTORS["texts"]}
    assert case["value"] is None or value_of(texts[case["uscc"]]).hex() == case["value"]

"""Checking an answer as a stranger does: from files alone, without database, server or clock."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from zhijian.engines.facts import merkle
from zhijian.engines.facts.canonical import NotCanonical, canonical_bytes
from zhijian.engines.publicity import statements
from zhijian.engines.publicity.statements import Signed
from zhijian.engines.publicity.tree import BrokenProof, key_of, read_proof, subtree

ANSWER_FORM = "zhijian-publicity-answer/1"


@dataclass(frozen=True)
class Check:
    """One thing that was held against another. `ok` None: there was nothing to hold it against."""

    id: str
    ok: bool | None
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class Given:
    """What a stranger may bring beside an answer: a key that they trust, chains, and the proof that the log has the root."""

    key: str | None = None
    roots: Sequence[Signed] | None = None  # the chain as it is published now
    kept: Sequence[Signed] | None = None  # roots that somebody kept before, or got elsewhere
    logged: Mapping[str, Any] | None = None  # a root's fact with its inclusion proof
    seals: Mapping[str, Any] | None = None  # a log.json or seal that somebody kept


def check(answer: Mapping[str, Any], given: Given) -> list[Check]:
    """Return every check of an answer, in an order that reads as a story."""
    try:
        return list(_all(answer, given))
    except (KeyError, TypeError, AttributeError, ValueError, NotCanonical) as problem:
        return [Check("form", False, f"文件读不懂：{problem!r}。", f"The file cannot be read: {problem!r}.")]


def _all(answer: Mapping[str, Any], given: Given) -> Iterator[Check]:
    if answer.get("form") != ANSWER_FORM:
        yield Check("form", False, "这不是公示证明文件。", "This is no answer about publicity.")
        return
    signed = answer["signed"]
    statement = signed["statement"]
    yield _signature(signed, given.key)
    yield _day(answer, statement)
    yield from _proof(answer, statement)
    yield _ends(answer, statement)
    yield from _chain(signed, given)
    yield from _log(given)


def _signature(signed: Signed, key: str | None) -> Check:
    day = signed["statement"]["day"]
    if not statements.is_genuine(signed, key):
        return Check(
            "signature", False, f"{day} 的公示日根签名不对。", f"The root of {day} is not rightly signed."
        )
    known = "您给的公钥" if key else f"公钥 {signed['key'][:16]}…"
    known_en = "the key that you gave" if key else f"the key {signed['key'][:16]}…"
    return Check(
        "signature", True, f"{day} 的公示日根由{known}签名。", f"The root of {day} is signed by {known_en}."
    )


def _day(answer: Mapping[str, Any], statement: Mapping[str, Any]) -> Check:
    ok = answer["day"] == statement["day"]
    return Check(
        "day", ok,
        f"证明与日根同为 {answer['day']}。" if ok else f"证明是 {answer['day']} 的，日根却是 {statement['day']} 的。",
        f"Proof and root are of {answer['day']}." if ok else f"The proof says {answer['day']}, the root {statement['day']}.",
    )  # fmt: skip


def _proof(answer: Mapping[str, Any], statement: Mapping[str, Any]) -> Iterator[Check]:
    uscc = answer["uscc"]
    key = key_of(uscc)
    try:
        proof = read_proof(answer["proof"], key)
    except BrokenProof as problem:
        yield Check("proof", False, f"证明读不懂：{problem}。", f"The proof cannot be read: {problem}.")
        return
    if proof.root(key).hex() != statement["root"]:
        yield Check(
            "proof", False, f"{uscc} 的证明算不出日根：有记录被藏起、添加或改动。",
            f"The proof of {uscc} does not give the root: something was hidden, added or changed.",
        )  # fmt: skip
        return
    value, leaf = proof.value(key), answer["leaf"]
    if value is None:
        yield Check(
            "proof", leaf is None, f"这一天 {uscc} 名下没有任何公示信息。" if leaf is None else "证明说没有公示信息，文件里却有。",
            f"On this day nothing is public about {uscc}." if leaf is None else "The proof says nothing is public, the file has items.",
        )  # fmt: skip
        return
    yield Check(
        "proof", True, f"{uscc} 名下的公示信息在日根之内。", f"The list of {uscc} stands under the root."
    )
    yield _list(uscc, value, leaf)


def _list(uscc: str, value: bytes, leaf: Mapping[str, Any] | None) -> Check:
    if leaf is None:
        return Check(
            "list", None, "清单此后有变，内容不再提供；其指纹在日根之内。",
            "The list has changed since, so its text is not handed out any more; its hash stands under the root.",
        )  # fmt: skip
    same = sha256(canonical_bytes(leaf)).digest() == value and leaf["uscc"] == uscc
    count = len(leaf["items"])
    return Check(
        "list", same,
        f"列出的 {count} 条就是全部，一条不少、一条不多。" if same else "列出的清单不是日根所承诺的那一份：有记录被藏起、添加或改动。",
        f"The {count} items listed are all there are, no more and no less." if same
        else "The list is not the one that the root commits to: an item was hidden, added or changed.",
    )  # fmt: skip


def _ends(answer: Mapping[str, Any], statement: Mapping[str, Any]) -> Check:
    items = (answer["leaf"] or {}).get("items", [])
    over = [
        item["fact_id"] for item in items if item["public_until"] and item["public_until"] < statement["day"]
    ]
    return Check(
        "ends", not over, "没有一条已过公示期。" if not over else f"有 {len(over)} 条在这一天已过公示期，仍在公示。",
        "No item is past its last day." if not over else f"{len(over)} items were past their last day and still shown.",
    )  # fmt: skip


def _chain(signed: Signed, given: Given) -> Iterator[Check]:
    if given.roots is not None:
        yield from chain_checks([*given.roots], given.key)
        split = statements.split_days([signed], given.roots)
        there = signed["statement"]["day"] in {one["statement"]["day"] for one in given.roots}
        ok = there and not split
        yield Check(
            "published", ok, "这个日根在公布的日根链中。" if ok else "公布的日根链中没有这个日根：有人看到的是另一份。",
            "The published chain has this root." if ok else "The published chain does not have this root: somebody else is shown another.",
        )  # fmt: skip
    if given.kept is not None:
        yield from kept_checks(given.kept, [*(given.roots or []), signed])


def chain_checks(roots: Sequence[Signed], key: str | None = None) -> Iterator[Check]:
    """Yield whether each root of a chain is signed by one key and names the one before it."""
    keys = {one["key"] for one in roots}
    bad = [str(one["statement"]["day"]) for one in roots if not statements.is_genuine(one, key)]
    bad += statements.unlinked(roots)
    ok = not bad and len(keys) <= 1
    yield Check(
        "chain", ok,
        f"{len(roots)} 天的日根各有签名，逐日相连。" if ok else f"日根链断在 {'、'.join(bad) or '换了公钥之处'}。",
        f"The roots of {len(roots)} days are signed and each names the one before." if ok
        else f"The chain of roots is broken at {', '.join(bad) or 'a change of its key'}.",
    )  # fmt: skip


def kept_checks(kept: Sequence[Signed], shown: Sequence[Signed]) -> Iterator[Check]:
    """Yield whether roots that somebody kept are still those of the chain: no split view, no rollback."""
    split = statements.split_days(kept, shown)
    yield Check(
        "split", not split, "同一天没有两个根。" if not split else f"{'、'.join(split)} 签过两个不同的根：不同的人看到了不同的公示。",
        "No day has two roots." if not split else f"Two roots were signed for {', '.join(split)}: different people were shown different things.",
    )  # fmt: skip
    ordered = sorted(
        {one["statement"]["day"]: one for one in shown}.values(), key=lambda one: str(one["statement"]["day"])
    )
    lost = statements.forgotten_days(kept, ordered)
    yield Check(
        "rollback", not lost, "留存的日根都还在链中。" if not lost else f"链中不再有留存的 {'、'.join(lost)} 的日根：历史被退回重写。",
        "Every root that was kept is still in the chain." if not lost
        else f"The chain forgot the kept root of {', '.join(lost)}: history was rolled back.",
    )  # fmt: skip


def _log(given: Given) -> Iterator[Check]:
    if given.logged is None:
        return
    fact, proof = given.logged["fact"], given.logged["inclusion"]
    day = fact["payload"]["statement"]["day"]
    if proof is None:
        yield Check(
            "log",
            None,
            f"{day} 的日根尚未封存，下一次封存后可核。",
            f"The root of {day} is not sealed yet; the next seal covers it.",
        )
        return
    leaf = merkle.leaf_hash(canonical_bytes(fact))
    steps = [bytes.fromhex(step) for step in proof["proof"]]
    stands = merkle.verify_inclusion(
        leaf, proof["index"], proof["tree_size"], steps, bytes.fromhex(proof["root"])
    )
    if stands and given.seals is not None:
        sealed = {(one["tree_size"], one["root"]) for one in given.seals.get("seals", [given.seals])}
        stands = (proof["tree_size"], proof["root"]) in sealed
    yield Check(
        "log", stands, f"{day} 的日根已进入逐日封存的日志。" if stands else f"{day} 的日根不在封存日志中。",
        f"The root of {day} stands in the log of sealed facts." if stands else f"The root of {day} is not in the log of sealed facts.",
    )  # fmt: skip


def recomputed(texts: Sequence[str]) -> str:
    """Return the root, in hexadecimal, over the texts of leaves: what a mirror works out from its own copy."""
    entries = sorted(
        (key_of(json.loads(text)["uscc"]), sha256(text.encode("utf-8")).digest()) for text in texts
    )
    return subtree(entries).hash.hex()


__all__ = ["ANSWER_FORM", "Check", "Given", "chain_checks", "check", "kept_checks", "recomputed"]

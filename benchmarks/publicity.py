"""The map of publicity at the size of the province: build, a night, proofs; prints JSON.

    .venv/bin/python benchmarks/publicity.py [--codes 17800000] [--changed 178000] [--folder /tmp/publicity-map]

Every code has a list, which is more than any register has. The base is the map alone, leaves and nodes, from drawn
hashes; the night goes the whole way of a night once the lists are known: texts of four items, packed, hashed, stored,
and the nodes above them hashed anew. Then present and absent codes are proved, and each proof is checked.
"""

import argparse
import json
import random
import shutil
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from zhijian.engines.publicity.lists import Leaf
from zhijian.engines.publicity.store import Day, PublicityMap
from zhijian.engines.publicity.tree import key_of, read_proof

FIRST, NEXT = date(2026, 11, 28), date(2026, 11, 29)
ASKED = 4000


def code(number: int) -> str:
    return f"9144{number:014d}"


def base(store: PublicityMap, codes: int) -> dict[str, Any]:
    """Fill the first day without texts: only keys and hashes."""
    inner = store._store  # the benchmark leaves out the texts, which `apply` would keep
    began = time.perf_counter()
    with store.transaction():
        inner.execute("create temp table incoming (key blob, value blob)")
        rows = ((key_of(code(n)), sha256(b"%d" % n).digest()) for n in range(codes))
        inner.executemany("insert into incoming values (?, ?)", rows)
        drawn = time.perf_counter()
        inner.execute("insert into leaf select key, ?, value from incoming order by key", [FIRST.toordinal()])
        root = store._hash_again(FIRST.toordinal())
        store.add_day(Day(FIRST, codes, codes, root, "", "", "", "{}"))
    return {"draw_s": round(drawn - began, 1), "build_s": round(time.perf_counter() - drawn, 1)}


def night(store: PublicityMap, codes: int, changed: int) -> dict[str, Any]:
    """Give one in a hundred another list, through the same function as a night."""
    chosen = random.Random(1).sample(range(codes), changed)
    began = time.perf_counter()
    with store.transaction():
        root, _, _ = store.apply(NEXT, leaves(chosen))
        store.add_day(Day(NEXT, codes, codes, root, "", "", "", "{}"))
    return {"changed": changed, "seconds": round(time.perf_counter() - began, 1)}


def leaves(numbers: list[int]) -> Iterator[tuple[Leaf, tuple[int, ...]]]:
    item = {
        "basis": "《企业信息公示暂行条例》第六条",
        "kind": "penalty.decided",
        "public_until": "2029-11-02",
    }
    for number in numbers:
        items = [
            {**item, "fact_id": sha256(b"%d %d" % (number, n)).hexdigest()[:32], "n": n} for n in range(4)
        ]
        text = json.dumps({"form": "x", "items": items, "uscc": code(number)}, ensure_ascii=False)
        yield Leaf(code(number), text, 4, None), ()


def proofs(store: PublicityMap, codes: int) -> dict[str, Any]:
    """Prove and check codes that are there and codes that are not."""
    drawn, found = random.Random(2), {}
    root = store.newest()
    assert root is not None
    for what, start in (("present", 0), ("absent", codes)):
        times, checks, sizes, depths = [], [], [], []
        for _ in range(ASKED):
            asked = code(start + drawn.randrange(codes))
            began = time.perf_counter()
            text = json.dumps(store.prove(asked, NEXT).members(), separators=(",", ":"))
            middle = time.perf_counter()
            key = key_of(asked)
            proof = read_proof(json.loads(text), key)
            assert proof.root(key) == root.root
            assert (proof.value(key) is not None) == (what == "present")
            checks.append(1000 * (time.perf_counter() - middle))
            times.append(1000 * (middle - began))
            sizes.append(len(text))
            depths.append(len(proof.siblings))
        found[what] = {
            "bytes_median": median(sizes),
            "bytes_max": max(sizes),
            "depth_max": max(depths),
            "prove_ms_p50": round(median(times), 3),
            "prove_ms_p99": round(quantiles(times, n=100)[98], 3),
            "check_ms_p50": round(median(checks), 3),
        }
    return found


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--codes", type=int, default=17_800_000)
    options.add_argument("--changed", type=int, default=178_000)
    options.add_argument("--folder", type=Path, default=Path("/tmp/publicity-map"))
    chosen = options.parse_args()
    shutil.rmtree(chosen.folder, ignore_errors=True)
    try:
        with PublicityMap(chosen.folder / "map.sqlite3", is_writer=True) as store:
            found: dict[str, Any] = {"codes": chosen.codes, "base": base(store, chosen.codes)}
            found["base"]["bytes"] = store.path.stat().st_size
            found["night"] = night(store, chosen.codes, chosen.changed)
            found["proofs"] = proofs(store, chosen.codes)
        found["bytes_after"] = store.path.stat().st_size
    finally:
        shutil.rmtree(chosen.folder, ignore_errors=True)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

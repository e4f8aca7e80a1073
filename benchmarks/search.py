"""How fast market entities are found: prints JSON.

    .venv/bin/python benchmarks/search.py --serving var/serving     a store that was built from a lake
    .venv/bin/python benchmarks/search.py --home H --out FOLDER     a home, its store built full into FOLDER first
    .venv/bin/python benchmarks/search.py --rows 2000000            invented entities, in a temporary folder

Every search below is the whole call that a page makes: paths, check of each candidate, twenty records, and
the count up to a thousand. Queries are drawn from the names of the store with a fixed seed.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from zhijian.datazone.lake import Lake
from zhijian.engines.registers import EntityFilters, EntityRegister, build
from zhijian.engines.registers.code_lists import PREFECTURES_EN
from zhijian.engines.registers.folding import fold, initials_of
from zhijian.standards.uscc import ALPHABET

SEED = 20261124
QUERIES = 300
BATCH = 250_000
PLACES = [
    "广州市", "韶关市", "深圳市", "珠海市", "汕头市", "佛山市", "江门市", "湛江市", "茂名市", "肇庆市", "惠州市",
    "梅州市", "汕尾市", "河源市", "阳江市", "清远市", "东莞市", "中山市", "潮州市", "揭阳市", "云浮市",
]  # fmt: skip
TRADES = "贸易 科技 电子 餐饮管理 食品 服装 建筑工程 物流 五金制品 化妆品 信息咨询 文化传播 医疗器械 家具 塑料制品".split()
FORMS = "有限公司 有限公司 有限公司 有限责任公司 股份有限公司 商行 经营部 厂".split()
WORDS = [chr(code) for code in range(0x4E00, 0x9FA5, 9)]


def invented(first: int, count: int, random_numbers: np.random.Generator) -> pa.Table:
    """Return `count` invented entities; their codes have the right form but are not checked ones."""
    places = random_numbers.integers(0, len(PLACES), count)
    codes = list(PREFECTURES_EN)
    words = random_numbers.integers(0, len(WORDS), (count, 3))
    trades, forms = (
        random_numbers.integers(0, len(TRADES), count),
        random_numbers.integers(0, len(FORMS), count),
    )
    letters = np.array(list(ALPHABET))[random_numbers.integers(0, len(ALPHABET), (count, 4))]
    years = random_numbers.integers(1980, 2026, count)
    name = [
        f"{PLACES[p]}示例{WORDS[a]}{WORDS[b]}{WORDS[c] if c % 2 else ''}{TRADES[t]}{FORMS[f]}"
        for p, (a, b, c), t, f in zip(places, words, trades, forms, strict=True)
    ]
    prefecture = [codes[p] for p in places]
    uscc = [
        f"91{division}M{first + n:07d}{a}{b}"[:18]
        for n, (division, (a, b, *_)) in enumerate(zip(prefecture, letters, strict=True))
    ]
    address = [
        f"{PLACES[p]}{WORDS[a]}{WORDS[c]}路{b % 900}号" for p, (a, b, c) in zip(places, words, strict=True)
    ]
    none, at = pa.nulls(count, pa.string()), datetime(2026, 11, 20, tzinfo=UTC)
    same: Callable[[Any, Any], pa.Array] = lambda value, kind: pa.array([value] * count, kind)  # noqa: E731
    columns = {
        "entity_id": pa.array(range(first, first + count), pa.int64()), "uscc": uscc, "name": name,
        "status_code": none, "registered_on": pa.array([date(int(y), 6, 1) for y in years], pa.date32()),
        "enterprise_type_code": none, "entity_kind_code": same("enterprise", pa.string()),
        "capital_yuan": pa.nulls(count, pa.decimal128(24, 2)),
        "capital_amount": pa.nulls(count, pa.decimal128(24, 4)), "capital_currency_code": none,
        "capital_text": none, "scope": same("食品销售；技术服务；货物进出口。" * 6, pa.string()),
        "prefecture_code": prefecture, "county_code": none, "street_code": none,
        "division_evidence": same("[]", pa.string()), "division_former_code": none, "industry_code": none,
        "industry_section": [chr(65 + int(t)) for t in trades],
        "industry_confidence": pa.nulls(count, pa.float64()), "industry_words": none, "address": address,
        "is_synthetic": same(True, pa.bool_()), "source": same("benchmark", pa.string()),
        "delivery_sha256": same("0" * 64, pa.string()), "delivered_on": same(at.date(), pa.date32()),
        "valid_from": same(at, pa.timestamp("us", tz="UTC")), "version": same(1, pa.int32()),
    }  # fmt: skip
    return pa.table(columns)


def make_store(folder: Path, rows: int) -> Path:
    lake, random_numbers = Lake(folder / "lake"), np.random.default_rng(SEED)
    for first in range(0, rows, BATCH):
        part = invented(first + 1, min(BATCH, rows - first), random_numbers)
        lake.write("entity_market_entities", part, mode="append" if first else "overwrite")
    build(lake, folder / "serving", at=datetime.now(UTC))
    return folder / "serving"


def times(calls: list[Callable[[], Any]]) -> dict[str, float]:
    """Return median and 99th percentile of the calls' times in milliseconds, after one unmeasured round of ten."""
    for call in calls[:10]:
        call()
    taken = []
    for call in calls:
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2), "max_ms": round(max(taken), 2)}


def fragments(names: list[str], length: int, chance: random.Random) -> list[str]:
    long_enough = [folded for folded in map(fold, names) if len(folded) >= length]
    chosen = [chance.choice(long_enough) for _ in range(QUERIES)]
    starts = [chance.randint(0, len(name) - length) for name in chosen]
    return [name[start : start + length] for name, start in zip(chosen, starts, strict=True)]


def measure(register: EntityRegister) -> dict[str, Any]:
    chance = random.Random(SEED)
    segment = register._store().layers.base
    rows = sorted(chance.sample(range(len(segment)), min(5000, len(segment))))
    records = segment.records(rows)
    codes, names = [one.uscc for one in records], [one.name for one in records]
    addresses = [one.address for one in records if one.address]
    chance.shuffle(codes)
    result: dict[str, Any] = {"find_by_code": times([lambda c=c: register.find(c) for c in codes[:2000]])}  # type: ignore[misc]
    missed = 0
    for length in (1, 2, 3, 4, 5, 6):
        queries = fragments(names, length, chance)
        missed += sum(register.count_found(query, limit=1) == 0 for query in queries)
        result[f"search_{length}_characters"] = times([lambda q=q: register.search(q) for q in queries])  # type: ignore[misc]
        result[f"suggest_{length}_characters"] = times([lambda q=q: register.suggest(q) for q in queries])  # type: ignore[misc]
    result["fragments_not_found"] = missed
    for length in (2, 3, 4, 5, 6):
        for kind, texts in (("an_address", addresses), ("a_code", codes)):
            queries = fragments(texts, length, chance)
            result[f"search_{length}_characters_of_{kind}"] = times(
                [lambda q=q: register.search(q) for q in queries]
            )  # type: ignore[misc]
        letters = ["".join(initials_of(c)[:1] for c in one) for one in fragments(names, length, chance)]
        result[f"search_{length}_initials"] = times([lambda q=q: register.search(q) for q in letters])  # type: ignore[misc]
    facts = [lambda c=c: register.delivered_facts(c) for c in codes[:200]]  # type: ignore[misc]
    result["delivered_facts_of_an_entity"] = times(facts)
    narrow = EntityFilters(prefecture_code="440300", industry_section="C")
    pairs = fragments(names, 2, chance)
    result["search_2_characters_filtered"] = times([lambda q=q: register.search(q, narrow) for q in pairs])  # type: ignore[misc]
    absent = ["".join(chance.sample(WORDS, 2)) for _ in range(QUERIES)]
    result["search_2_characters_drawn_at_random"] = times([lambda q=q: register.search(q) for q in absent])  # type: ignore[misc]
    result["list_filtered"] = times([lambda: register.search("", narrow)] * 100)
    result["counts_by_prefecture"] = times([lambda: register.counts_by_prefecture(narrow)] * 100)
    return result


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb(who: int) -> int:
    return round(resource.getrusage(who).ru_maxrss / 1024)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--serving", type=Path)
    arguments.add_argument("--home", type=Path, help="a home whose lake is read")
    arguments.add_argument("--out", type=Path, help="where the store of --home is built")
    arguments.add_argument("--rows", type=int, default=200_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.home:
            serving = given.out or Path(folder) / "serving"
            build(Lake(given.home / "lake"), serving, at=datetime.now(UTC), is_forced=True)
        else:
            serving = given.serving or make_store(Path(folder), given.rows)
        register = EntityRegister(serving)
        report = register.report
        figures = {
            "entities": report.entity_count,
            "build_seconds": report.seconds,
            "build_rows_per_second": round(report.entity_count / max(report.seconds, 0.01)),
            "store_mb": round(report.store_bytes / 1e6, 1),
            "build_cpu_seconds": round(cpu_seconds(), 1),
            "peak_memory_mb": peak_mb(resource.RUSAGE_SELF),
            "peak_memory_of_a_process_beside_mb": peak_mb(resource.RUSAGE_CHILDREN),
            **measure(register),
        }
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

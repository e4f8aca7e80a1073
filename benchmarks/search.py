"""How fast market entities are found, and how fast they are made ready for it: prints JSON.

    .venv/bin/python benchmarks/search.py --serving var/serving            a store that was built from a lake
    .venv/bin/python benchmarks/search.py --build [--home H | --rows N]    a full build, then a night's 1%
    .venv/bin/python benchmarks/search.py --peers N [--home H]             beside SQLite FTS5 and tantivy
    .venv/bin/python benchmarks/search.py --peers 1 --serving FOLDER       the same over all of a store

Without --home the entities are invented. A search is the whole call that a page makes: paths, check of each
candidate, twenty records and the count up to a thousand; `page` is the whole page through Django's test client.
Queries are fragments of what the store holds, drawn with a fixed seed; they are asked one after another in one
process, the index having been read once. Beside the time by the clock stands the processor time, for machines
that do other work.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import search_peers

from zhijian.datazone.lake import Lake
from zhijian.engines.registers import EntityFilters, EntityRegister, ServingReport, build
from zhijian.engines.registers.code_lists import PREFECTURES_EN
from zhijian.engines.registers.folding import fold, initials_of
from zhijian.engines.registers.serving import ENTITIES
from zhijian.standards.uscc import ALPHABET

SEED = 20261124
LENGTHS = (2, 3, 4, 5, 6)
FILTERS = {
    "no filter": EntityFilters(),
    "Shenzhen": EntityFilters(prefecture_code="440300"),
    "Shenzhen, section C, active": EntityFilters(
        prefecture_code="440300", industry_section="C", status_code="active"
    ),
    "of 2015 and 2016": EntityFilters(registered_from_year=2015, registered_to_year=2016),
}
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


def make_lake(folder: Path, rows: int) -> Lake:
    """Return a lake with invented entities."""
    lake, random_numbers = Lake(folder / "lake"), np.random.default_rng(SEED)
    for first in range(0, rows, BATCH):
        part = invented(first + 1, min(BATCH, rows - first), random_numbers)
        with lake.transaction() as transaction:
            transaction.write_query(
                ENTITIES, ibis.duckdb.connect(), ibis.memtable(part), at=datetime.now(UTC),
                mode="append" if first else "overwrite", key=("entity_id",),
            )  # fmt: skip
    return lake


def times(calls: list[Callable[[], Any]]) -> dict[str, float]:
    """Return percentiles of the calls' times in milliseconds, after one unmeasured round of ten."""
    for call in calls[:10]:
        call()
    taken, worked = [], []
    for call in calls:
        started, began = time.perf_counter(), time.thread_time()
        call()
        taken.append((time.perf_counter() - started) * 1000)
        worked.append((time.thread_time() - began) * 1000)
    (p50, p99), (cpu_p50, cpu_p99) = np.percentile(taken, [50, 99]), np.percentile(worked, [50, 99])
    figures = {
        "p50_ms": p50,
        "p99_ms": p99,
        "max_ms": max(taken),
        "cpu_p50_ms": cpu_p50,
        "cpu_p99_ms": cpu_p99,
    }
    return {name: round(float(value), 2) for name, value in figures.items()}


def fragments(texts: list[str], length: int, chance: random.Random, count: int) -> list[str]:
    long_enough = [folded for folded in map(fold, texts) if len(folded) >= length]
    chosen = [chance.choice(long_enough) for _ in range(count)]
    starts = [chance.randint(0, len(text) - length) for text in chosen]
    return [text[start : start + length] for text, start in zip(chosen, starts, strict=True)]


def drawn(register: EntityRegister, count: int) -> dict[str, dict[int, list[str]]]:
    """Return queries by kind and length: fragments of names, addresses and codes, and initials of names."""
    chance = random.Random(SEED)
    segment = register._store().layers.base
    records = segment.records(sorted(chance.sample(range(len(segment)), min(5000, len(segment)))))
    texts = {
        "name": [one.name for one in records],
        "address": [one.address for one in records if one.address],
        "code": [one.uscc for one in records],
    }
    found = {
        kind: {length: fragments(some, length, chance, count) for length in LENGTHS}
        for kind, some in texts.items()
    }
    found["initials"] = {
        length: ["".join(initials_of(c)[:1] for c in one) for one in asked]
        for length, asked in found["name"].items()
    }
    return found


def measure(register: EntityRegister, queries: dict[str, dict[int, list[str]]]) -> dict[str, Any]:
    """Measure the search by kind and length, without and with each set of filters."""
    result: dict[str, Any] = {}
    for filtered, filters in FILTERS.items():
        for kind, by_length in queries.items():
            for length, asked in by_length.items():
                calls = [lambda q=q, f=filters: register.search(q, f) for q in asked]  # type: ignore[misc]
                result[f"{kind}, {length} characters, {filtered}"] = times(calls)
    for text in ("东莞市", "东莞", "广州市"):
        calls = [lambda t=text: register.search(t, FILTERS["Shenzhen"])] * 50  # type: ignore[misc]
        result[f"{text}, Shenzhen"] = times(calls)
    result["suggest, name, 2 characters"] = times(
        [lambda q=q: register.suggest(q) for q in queries["name"][2]]  # type: ignore[misc]
    )
    result["new filters each time, 贸易"] = times(
        [
            lambda p=p, y=y: register.search("贸易", EntityFilters(p, registered_from_year=y))  # type: ignore[misc]
            for p in PREFECTURES_EN
            for y in (2001, 2012)
        ]
    )
    return result


def measure_pages(serving: Path, folder: Path, queries: dict[str, dict[int, list[str]]]) -> dict[str, Any]:
    """Measure the whole page of hits, made by Django without a server, on a home that has only this store."""
    home = folder / "home"
    home.mkdir()
    (home / "serving").symlink_to(serving.absolute())
    os.environ |= {"ZHIJIAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings"}
    import django
    from django.core.management import call_command
    from django.test import Client

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client, shenzhen = Client(), {"prefecture_code": "440300", "industry_section": "C"}

    def ask(asked: dict[str, str]) -> None:
        response = client.get("/entities/", asked, headers={"host": "localhost"})
        if response.status_code not in (200, 302):
            raise SystemExit(f"answer {response.status_code}")

    result = {}
    for length in LENGTHS:
        for filtered, chosen in (("no filter", {}), ("Shenzhen and section C", shenzhen)):
            calls = [lambda q=q, c=chosen: ask({"q": q, **c}) for q in queries["name"][length]]  # type: ignore[misc]
            result[f"page, name, {length} characters, {filtered}"] = times(calls)
    return result


def measure_build(lake: Lake, serving: Path) -> dict[str, Any]:
    """Build in full, patch one entity in a hundred, and build again."""
    full = build(lake, serving, at=datetime.now(UTC), is_forced=True)
    found = {"full": figures_of(full)}
    connection = lake.ibis()
    table = lake.table(connection, ENTITIES)
    changed = table.filter(table.entity_id % 100 == 0).mutate(name=table.name + "（改）").to_pyarrow()
    with lake.transaction() as transaction:
        rows = ibis.memtable(changed)
        transaction.write_query(
            ENTITIES, ibis.duckdb.connect(), rows, at=datetime.now(UTC), mode="patch", key=("entity_id",)
        )
    connection.disconnect()
    found["night"] = figures_of(build(lake, serving, at=datetime.now(UTC)))
    return found


def figures_of(report: ServingReport) -> dict[str, Any]:
    return {
        "entities": report.entity_count,
        "changed": report.changed_count,
        "seconds": report.seconds,
        "store_mb": round(report.store_bytes / 1e6, 1),
        "cpu_seconds_so_far": round(cpu_seconds(), 1),
        "peak_memory_mb": peak_mb(resource.RUSAGE_SELF),
        "peak_memory_of_a_process_beside_mb": peak_mb(resource.RUSAGE_CHILDREN),
    }


def measure_peers(serving: Path, folder: Path, count: int) -> dict[str, Any]:
    """Race the index of a store against the peers over the same rows."""
    register = EntityRegister(serving)
    segment, queries = register._store().layers.base, drawn(register, count)
    asked = {kind: queries[kind] for kind in ("name", "address")}
    result = search_peers.run(segment, asked, FILTERS, folder, times, register.search, told)
    return {**figures_of(register.report), **result}


def told(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb(who: int) -> int:
    return round(resource.getrusage(who).ru_maxrss / 1024)


def copied(home: Path, folder: Path, rows: int) -> Lake:
    """Return a lake with the first so many entities of a home (all where `rows` is 0), so that the home stays as it is."""
    source, lake = Lake(home / "lake"), Lake(folder / "lake")
    connection = source.ibis()
    table = source.table(connection, ENTITIES)
    table = (
        table.filter(table.entity_id % max(table.count().to_pyarrow().as_py() // rows, 1) == 0)
        if rows
        else table
    )
    with lake.transaction() as transaction:
        at = datetime.now(UTC)
        transaction.write_query(ENTITIES, connection, table, at=at, mode="overwrite", key=("entity_id",))
    connection.disconnect()
    return lake


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--serving", type=Path, help="measure searches in this store")
    arguments.add_argument("--home", type=Path, help="a home whose entities are copied first")
    arguments.add_argument("--rows", type=int, default=200_000, help="how many entities are invented")
    arguments.add_argument("--queries", type=int, default=200, help="queries for each cell")
    arguments.add_argument("--build", action="store_true")
    arguments.add_argument(
        "--peers", type=int, metavar="N", help="beside FTS5 and tantivy over about N entities"
    )
    arguments.add_argument("--folder", type=Path, help="where to work; a temporary folder otherwise")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        print(json.dumps(asked_for(given, Path(name)), ensure_ascii=False, indent=1))


def asked_for(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    if given.build or given.peers:
        count = given.peers or 0
        if given.peers and given.serving:
            return measure_peers(given.serving, folder, given.queries)
        lake = copied(given.home, folder, count) if given.home else make_lake(folder, count or given.rows)
        if given.peers:
            build(lake, folder / "serving", at=datetime.now(UTC))
            return measure_peers(folder / "serving", folder, given.queries)
        return measure_build(lake, folder / "serving")
    serving = given.serving
    if serving is None:
        serving = folder / "serving"
        build(make_lake(folder, given.rows), serving, at=datetime.now(UTC))
    register = EntityRegister(serving)
    queries = drawn(register, given.queries)
    codes = [one for length in LENGTHS for one in queries["code"][length]]
    return {
        **figures_of(register.report),
        "load_before": os.getloadavg()[0],
        "find_by_code": times([lambda c=c: register.find(c) for c in codes]),  # type: ignore[misc]
        **measure(register, queries),
        **measure_pages(serving, folder, queries),
        "load_after": os.getloadavg()[0],
    }


if __name__ == "__main__":
    main()

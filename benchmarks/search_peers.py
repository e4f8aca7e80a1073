"""The register's own index beside SQLite FTS5 and tantivy, over the same names and addresses (`search.py --peers`).

All three get the same folded texts. The peers index every pair of neighbouring characters of a name and of an
address, and the words of the filters: place, section, status, year of registration. A query of several characters
asks for all its pairs. Row numbers are in the register's order, so a peer orders by number. What `pairs` alone find by mistake
is sorted out as ours does it, by the folded texts of the store (`checked`), until a thousand and one are right; tantivy
orders and counts what it finds, so its twenty are checked and its count is that of the pairs.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zhijian.engines.registers.filters import EntityFilters
from zhijian.engines.registers.folding import fold
from zhijian.engines.registers.query import Chunk, _holds
from zhijian.engines.registers.segment import Segment

Row = tuple[int, str, str, str]  # number, pairs of the name, pairs of the address, words of the filters
Ask = Callable[[str, EntityFilters], Any]
LIMIT = 1001
_CHECKED_AT_ONCE = 1024


def pairs(text: str) -> list[str]:
    return [text[step : step + 2] for step in range(len(text) - 1)]


def split(segment: Segment) -> Iterator[Row]:
    """Fold and split names and addresses of a store into pairs, row by row."""
    number = 0
    for batch in segment._batches:
        columns = [batch.column(name).to_pylist() for name in _COLUMNS]
        for name, address, place, section, status, day in zip(*columns, strict=True):
            words = f"p{place} s{section} t{status} y{day.year if day else 0}"
            yield number, " ".join(pairs(fold(name))), " ".join(pairs(fold(address or ""))), words
            number += 1


_COLUMNS = ("name", "address", "prefecture_code", "industry_section", "status_code", "registered_on")


def asked_words(filters: EntityFilters) -> list[list[str]]:
    """Return the words of the filters: of each list one must be there."""
    found = []
    for letter, value in (
        ("p", filters.prefecture_code),
        ("s", filters.industry_section),
        ("t", filters.status_code),
    ):
        if value:
            found.append([f"{letter}{value}".lower()])
    if filters.years:
        found.append([f"y{year}" for year in range(filters.years[0], filters.years[1] + 1)])
    return found


def checked(segment: Segment, text: str, rows: Sequence[int]) -> int:
    """Say how many of these rows hold the text in their name or address."""
    numbers = segment.alphabet.read(text)
    if not rows or not numbers:
        return 0
    chunk = Chunk(segment, np.array(rows, np.uint32))
    return int((_holds(chunk.names, numbers) | _holds(chunk.addresses, numbers)).sum())


def fts5(folder: Path, segment: Segment) -> Ask:
    path = folder / "fts5.sqlite"
    store = sqlite3.connect(path)
    store.executescript("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -524288")
    store.execute(
        "create virtual table texts using fts5(name, address, words, content='', detail=column, columnsize=0)"
    )
    store.execute("insert into texts(texts, rank) values ('hashsize', 268435456)")
    store.executemany("insert into texts(rowid, name, address, words) values (?, ?, ?, ?)", split(segment))
    store.execute("insert into texts(texts) values ('optimize')")
    store.commit()
    store.execute("pragma mmap_size = 2147418112")
    return fts5_ask(store, segment)


def fts5_ask(store: sqlite3.Connection, segment: Segment) -> Ask:
    sql = "select rowid from texts where texts match ? order by rowid"

    def ask(text: str, filters: EntityFilters) -> Any:
        words = " AND ".join(f'"{pair}"' for pair in pairs(text))
        match = f"((name : ({words})) OR (address : ({words})))"
        for either in asked_words(filters):
            match += f" AND (words : ({' OR '.join(either)}))"
        found, cursor = 0, store.execute(sql, [match])
        while found < LIMIT and (rows := cursor.fetchmany(_CHECKED_AT_ONCE)):
            found += checked(segment, text, [row for (row,) in rows])
        cursor.close()
        return min(found, LIMIT)

    return ask


def tantivy_index(folder: Path, segment: Segment) -> Ask:
    import tantivy  # no dependency of the project: `run` says so where it is missing

    builder = tantivy.SchemaBuilder()
    for name in ("name", "address", "words"):
        builder.add_text_field(name, stored=False, index_option="basic")
    builder.add_integer_field("number", stored=False, fast=True)
    schema = builder.build()
    (folder / "tantivy").mkdir()
    index = tantivy.Index(schema, path=str(folder / "tantivy"))
    writer = index.writer(heap_size=1_000_000_000, num_threads=2)
    for number, name, address, words in split(segment):
        writer.add_document(tantivy.Document(number=number, name=name, address=address, words=words))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return tantivy_ask(index, schema, segment)


def tantivy_ask(index: Any, schema: Any, segment: Segment) -> Ask:
    import tantivy

    searcher = index.searcher()
    query, must, should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should

    def any_of(field: str, words: list[str]) -> Any:
        return query.boolean_query([(should, query.term_query(schema, field, one)) for one in words])

    def ask(text: str, filters: EntityFilters) -> Any:
        either = [
            (should, query.boolean_query([(must, query.term_query(schema, f, one)) for one in pairs(text)]))
            for f in ("name", "address")
        ]
        asked = [(must, query.boolean_query(either))]
        asked += [(must, any_of("words", words)) for words in asked_words(filters)]
        found = searcher.search(
            query.boolean_query(asked), limit=20, order_by_field="number", order=tantivy.Order.Asc
        )
        checked(segment, text, [number for number, _ in found.hits])
        return found.count

    return ask


def size_mb(path: Path) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return round(sum(one.stat().st_size for one in files) / 1e6, 1)


def run(
    segment: Segment,
    queries: dict[str, dict[int, list[str]]],
    filters: dict[str, EntityFilters],
    folder: Path,
    times: Callable[[list[Callable[[], Any]]], dict[str, float]],
    ours: Ask,
    told: Callable[[str], None],
) -> dict[str, Any]:
    """Build the peers one after the other (splitting included) and ask all three the same, once before it counts."""
    result: dict[str, Any] = {"rows": len(segment)}
    built: dict[str, Ask] = {"own": ours}
    for name, make, place in (("fts5", fts5, "fts5.sqlite"), ("tantivy", tantivy_index, "tantivy")):
        with contextlib.suppress(ModuleNotFoundError):
            started = time.perf_counter(), time.process_time()
            built[name] = make(folder, segment)
            result[name] = {"index": spent(*started), "size_mb": size_mb(folder / place)}
            told(f"{name}: {result[name]}")
        if name not in built:
            result[name] = "not installed: pip install tantivy, beside the project, to compare with it"
    for name, ask in built.items():
        found = result[name] = result.get(name, {})
        for filtered, chosen in filters.items():
            for kind, by_length in queries.items():
                for length, asked in by_length.items():
                    cell = f"{kind}, {length} characters, {filtered}"
                    calls = [lambda q=q, a=ask, f=chosen: a(q, f) for q in asked]  # type: ignore[misc]
                    for call in calls:  # what they read is then in memory
                        call()
                    found[cell] = times(calls)
    return result


def spent(wall: float, processor: float) -> dict[str, float]:
    return {
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - processor, 1),
    }

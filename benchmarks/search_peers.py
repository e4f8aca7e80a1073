"""The register's own index beside SQLite FTS5 and tantivy, over the same names and addresses (`search.py --peers`).

All three get the same folded texts. The peers index every pair of neighbouring characters of a name and of an
address, split beforehand and timed apart, and the place; a query of several characters asks for all its pairs, and
what pairs alone find by mistake is not sorted out. Row numbers are in the register's order, so a peer orders
by number. Each returns twenty rows and a count (FTS5 and ours up to a thousand and one, tantivy the whole).
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from zhijian.engines.registers.folding import fold

Row = tuple[int, str, str, str]  # number, pairs of the name, pairs of the address, place
Ask = Callable[[str, str | None], Any]
PLACE = "440300"


def pairs(text: str) -> list[str]:
    return [text[step : step + 2] for step in range(len(text) - 1)]


def split(rows: Iterable[tuple[str, str | None, str | None]]) -> list[Row]:
    """Fold and split names and addresses into pairs."""
    return [
        (number, " ".join(pairs(fold(name))), " ".join(pairs(fold(address or ""))), place or "unknown")
        for number, (name, address, place) in enumerate(rows)
    ]


def fts5(folder: Path, rows: list[Row]) -> Ask:
    path = folder / "fts5.sqlite"
    store = sqlite3.connect(path)
    store.executescript("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144")
    store.execute(
        "create virtual table texts using fts5(name, address, place, content='', detail=column, columnsize=0)"
    )
    store.executemany("insert into texts(rowid, name, address, place) values (?, ?, ?, ?)", rows)
    store.execute("insert into texts(texts) values ('optimize')")
    store.commit()
    store.execute("pragma mmap_size = 2147418112")

    def ask(text: str, place: str | None) -> Any:
        words = " AND ".join(f'"{pair}"' for pair in pairs(text))
        match = f"((name : ({words})) OR (address : ({words})))"
        match += f" AND (place : {place})" if place else ""
        sql = "select rowid from texts where texts match ? order by rowid limit 1001"
        return store.execute(sql, [match]).fetchall()

    return ask


def tantivy_index(folder: Path, rows: list[Row]) -> Ask:
    import tantivy  # no dependency of the project: `main` says so where it is missing

    builder = tantivy.SchemaBuilder()
    for name in ("name", "address", "place"):
        builder.add_text_field(name, stored=False, index_option="basic")
    builder.add_integer_field("number", stored=False, fast=True)
    schema = builder.build()
    (folder / "tantivy").mkdir()
    index = tantivy.Index(schema, path=str(folder / "tantivy"))
    writer = index.writer(heap_size=512_000_000, num_threads=2)
    for number, name, address, place in rows:
        writer.add_document(tantivy.Document(number=number, name=name, address=address, place=place))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    query, must, should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should

    def ask(text: str, place: str | None) -> Any:
        either = [
            (should, query.boolean_query([(must, query.term_query(schema, f, one)) for one in pairs(text)]))
            for f in ("name", "address")
        ]
        asked = query.boolean_query(either)
        if place:
            asked = query.boolean_query([(must, asked), (must, query.term_query(schema, "place", place))])
        return searcher.search(asked, limit=20, order_by_field="number", order=tantivy.Order.Asc)

    return ask


def size_mb(path: Path) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return round(sum(one.stat().st_size for one in files) / 1e6, 1)


def run(
    rows: list[tuple[str, str | None, str | None]],
    queries: dict[int, list[str]],
    folder: Path,
    times: Callable[[list[Callable[[], Any]]], dict[str, float]],
    ours: Ask,
    told: Callable[[str], None],
) -> dict[str, Any]:
    """Build the peers one after the other and ask all three the same; return seconds, megabytes and times."""
    started = time.perf_counter(), time.process_time()
    words = split(rows)
    result: dict[str, Any] = {"rows": len(rows), "splitting": spent(*started)}
    built: dict[str, Ask] = {"own": ours}
    for name, make, place in (("fts5", fts5, "fts5.sqlite"), ("tantivy", tantivy_index, "tantivy")):
        with contextlib.suppress(ModuleNotFoundError):
            started = time.perf_counter(), time.process_time()
            built[name] = make(folder, words)
            result[name] = {"index": spent(*started), "size_mb": size_mb(folder / place)}
            told(f"{name}: {result[name]}")
        if name not in built:
            result[name] = "not installed: pip install tantivy, beside the project, to compare with it"
    for name, ask in built.items():
        found = result.setdefault(name, {})
        for length, asked in queries.items():
            found[f"{length}_characters"] = times([lambda q=q, a=ask: a(q, None) for q in asked])  # type: ignore[misc]
            found[f"{length}_characters_filtered"] = times([lambda q=q, a=ask: a(q, PLACE) for q in asked])  # type: ignore[misc]
        found["东莞市_in_shenzhen"] = times([lambda a=ask: a("东莞市", PLACE)] * 50)  # type: ignore[misc]
    return result


def spent(wall: float, processor: float) -> dict[str, float]:
    return {
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - processor, 1),
    }

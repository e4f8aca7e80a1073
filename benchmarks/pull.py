"""How fast a million rows come out of PostgreSQL into the lake: prints JSON.

    .venv/bin/python benchmarks/pull.py --rows 1000000

Starts a PostgreSQL server of its own from the machine's binaries. Ours is the whole `pull`: rows hashed, checked for
double keys and published as a Delta table with the watermark. The peer is what people write by hand: psycopg's
`COPY (SELECT …) TO STDOUT (FORMAT csv)` into a file, which DuckDB then reads and writes as Parquet, with nothing kept
of where it got to. Each is run three times into an empty place, in turn; the median counts. The last figure is a
second pull after one row in a hundred changed.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.postgresql import start_server, stop_server

from zhijian.datazone.lake import Lake
from zhijian.datazone.sources import load, pull

RUNS = 3
AT = datetime(2026, 11, 1, tzinfo=UTC)
MAKE = """
create table entities as select
  n as id, '9144' || lpad(n::text, 14, '0') as uscc, '示例' || n || '商贸有限公司' as name,
  (n % 100000)::numeric(24,2) * 1000 as capital_yuan, date '2000-01-01' + (n % 9000)::int as registered_on,
  '4401' || lpad((n % 20)::text, 2, '0') as county_code, '示例路' || (n % 3000) || '号' as address, (n % 300)::int as employees,
  n % 2 = 0 as is_active, timestamp '2026-01-01' + n * interval '1 second' as changed_at
from generate_series(1, {rows}) n;
alter table entities add primary key (id); create index on entities (changed_at); analyze entities
"""
DECLARATION = (
    "source: bench\nname: entities\ntable: entities\nwatermark: changed_at\nkey: id\nsynthetic: true\n"
)


def ours(folder: Path, url: str) -> float:
    """Seconds of a first pull into an empty lake."""
    path = folder / "entities.yaml"
    path.write_text(DECLARATION)
    shutil.rmtree(folder / "lake", ignore_errors=True)
    started = time.perf_counter()
    pull(Lake(folder / "lake"), load(path), url, by="bench", at=AT)
    return time.perf_counter() - started


def by_hand(folder: Path, url: str) -> float:
    """Seconds of COPY to CSV, read by DuckDB and written as Parquet."""
    path, started = folder / "entities.csv", time.perf_counter()
    query = "copy (select * from entities) to stdout (format csv, header)"
    with psycopg.connect(url) as connection, path.open("wb") as file, connection.cursor().copy(query) as copy:
        for data in copy:
            file.write(data)
    with duckdb.connect() as con:
        con.execute("set threads = 2; set enable_progress_bar = false")
        con.execute(
            f"copy (from read_csv('{path}')) to '{folder / 'hand.parquet'}' (format parquet, compression zstd)"
        )
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


def increment(folder: Path, url: str, rows: int) -> dict[str, Any]:
    """A second pull after one row in a hundred changed."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "update entities set name = name || '（新）', changed_at = '2026-11-01' where id % 100 = 0"
        )
    started = time.perf_counter()
    report = pull(Lake(folder / "lake"), load(folder / "entities.yaml"), url, by="bench", at=AT)
    assert report.rows_new == rows // 100, report
    return {"rows_new": report.rows_new, "seconds": round(time.perf_counter() - started, 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="bench-pull-"))
    folder.chmod(0o755)
    url = start_server(folder / "server" / "postgresql")
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(MAKE.format(rows=rows))
        pairs = [(ours(folder, url), by_hand(folder, url)) for _ in range(RUNS)]
        mine, peer = (statistics.median(each) for each in zip(*pairs, strict=True))
        result = {
            "rows": rows,
            "pull_seconds": round(mine, 2),
            "pull_rows_per_second": int(rows / mine),
            "copy_csv_duckdb_seconds": round(peer, 2),
            "copy_csv_duckdb_rows_per_second": int(rows / peer),
            "one_in_a_hundred_changed": increment(folder, url, rows),
        }
        print(json.dumps(result, indent=1))
    finally:
        stop_server(folder / "server" / "postgresql")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

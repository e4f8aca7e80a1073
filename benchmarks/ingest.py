"""How many rows of a register come in each second, against plain DuckDB reading the same file.

Usage: python benchmarks/ingest.py [FILE] [--rounds N]. Prints JSON. Plain DuckDB only reads the columns into a table;
ingest hashes and keeps the file, finds its encoding, cleans, checks every rule, types, reports and writes Delta tables.
CPU seconds are given beside wall-clock seconds, because other work on the machine moves only the latter.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from zhijian.datazone.ingest import IngestReport, ingest
from zhijian.datazone.lake import Lake

SAMPLE = Path(__file__).parents[1] / "data/samples/registration/gd_limited_companies.csv.gz"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path, default=SAMPLE)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    rows, plain = best(chosen.rounds, lambda: read_plainly(chosen.file))
    report, taken_in = best(chosen.rounds, lambda: take_in(chosen.file))
    print(
        json.dumps(
            {
                "benchmark": "ingest",
                "rows": rows,
                "file_bytes": chosen.file.stat().st_size,
                "plain_duckdb": {**plain, "rows_per_second": int(rows / plain["wall_seconds"])},
                "ingest": {**taken_in, "rows_per_second": int(rows / taken_in["wall_seconds"])},
                "wall_ratio": round(taken_in["wall_seconds"] / plain["wall_seconds"], 2),
                "cpu_ratio": round(taken_in["cpu_seconds"] / plain["cpu_seconds"], 2),
                "rows_clean": report.rows_clean,
                "rows_quarantined": report.rows_quarantined,
                "by_rule": {rule["rule_id"]: rule["count"] for rule in report.rules},
                "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            ensure_ascii=False,
            indent=1,
        )
    )


def best(rounds: int, work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return the result and the shortest times of several rounds."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return result, {
        "wall_seconds": round(min(wall for wall, _ in times), 3),
        "cpu_seconds": round(min(cpu for _, cpu in times), 3),
    }


def read_plainly(path: Path) -> int:
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        con.execute("create table plain as select * from read_csv(?, all_varchar = true)", [str(path)])
        return int(con.execute("select count(*) from plain").fetchall()[0][0])


def take_in(path: Path) -> IngestReport:
    with tempfile.TemporaryDirectory(prefix="zhijian-bench-") as folder:
        lake, at = Lake(Path(folder)), datetime.now(UTC)
        return ingest(lake, "registration__enterprises", path, by="bench", at=at, source="bench")


if __name__ == "__main__":
    main()

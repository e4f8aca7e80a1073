"""Check 17.8 million credit codes in DuckDB through the Ibis expressions; print rows/s and peak memory as JSON.

    .venv/bin/python benchmarks/uscc_check.py [--rows 17800000] [--threads 2]

The codes are invented: generated column by column from a fixed rule, nine in ten thousand of them wrong. The
times are those of the check alone, reading the codes from Parquet: by the clock, and of the processors for a
machine that does other work besides. python-stdnum runs on a sample of the same codes for comparison.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from stdnum.cn import uscc as stdnum_uscc

from zhijian.datazone.expressions.uscc import uscc_organisation_check_fails, uscc_problem
from zhijian.standards import organisation_code, uscc

CHUNK = 1_000_000
SAMPLE = 20_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=17_800_000)
    options.add_argument("--threads", type=int, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes.parquet"
        began = time.perf_counter()
        wrong = write_codes(path, chosen.rows)
        generated_in = time.perf_counter() - began
        print(json.dumps(measured(path, chosen.rows, chosen.threads, wrong) | {
            "generated_in_s": round(generated_in, 1),
            "python_stdnum_rows_per_s": stdnum_speed(path),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }, ensure_ascii=False, indent=1))  # fmt: skip


def write_codes(path: Path, rows: int) -> int:
    """Write `rows` codes as one Parquet column; return how many were made wrong."""
    wrong = 0
    with pq.ParquetWriter(path, pa.schema([("code", pa.string())])) as writer:
        for start in range(0, rows, CHUNK):
            codes, made_wrong = make_codes(start, min(CHUNK, rows - start))
            writer.write_table(pa.table({"code": pa.array(codes.astype(str), pa.string())}))
            wrong += made_wrong
    return wrong


def make_codes(start: int, count: int) -> tuple[np.ndarray, int]:
    """Return `count` codes as 18-byte strings: division and serial vary, both checks computed."""
    random = np.random.default_rng(start)
    letters = np.frombuffer(uscc.ALPHABET.encode(), np.uint8)
    values = np.empty((count, 18), np.int64)  # values in the credit code's alphabet
    values[:, :8] = [uscc.ALPHABET.index(letter) for letter in "91440100"]
    values[:, 6:8] = random.integers(0, 10, (count, 2))
    values[:, 8:16] = random.integers(0, 31, (count, 8))
    values[:, 16] = organisation_checks(values[:, 8:16])
    values[:, 17] = -(values[:, :17] @ np.array(uscc.WEIGHTS)) % 31
    is_wrong = random.random(count) < 0.0009
    values[is_wrong, 17] = (values[is_wrong, 17] + 1) % 31
    return letters[values].astype(np.uint8).view("S18").ravel(), int(is_wrong.sum())


def organisation_checks(values: np.ndarray) -> np.ndarray:
    """Return the ninth characters (as values of the credit code's alphabet) of organisation codes."""
    other = np.array([organisation_code.ALPHABET.index(letter) for letter in uscc.ALPHABET])
    remainder = (11 - other[values] @ np.array(organisation_code.WEIGHTS) % 11) % 11
    as_uscc = np.array([uscc.ALPHABET.index(letter) for letter in organisation_code.CHECK_CHARACTERS])
    return as_uscc[remainder]


def measured(path: Path, rows: int, threads: int, wrong: int) -> dict[str, object]:
    con = ibis.duckdb.connect(threads=threads)
    con.raw_sql("set enable_progress_bar=false")
    codes = con.read_parquet(str(path))
    cpu_began = time.process_time()
    refused, refused_in = timed(con, codes.aggregate(refused=uscc_problem(codes.code).count()))
    check_cpu = time.process_time() - cpu_began
    flagged, flagged_in = timed(con, codes.aggregate(flagged=uscc_organisation_check_fails(codes.code).sum()))
    assert refused == wrong, (refused, wrong)
    assert flagged == 0, flagged
    return {
        "rows": rows,
        "threads": threads,
        "refused": refused,
        "check_s": round(refused_in, 2),
        "check_cpu_s": round(check_cpu, 2),
        "rows_per_s": int(rows / refused_in),
        "organisation_check_s": round(flagged_in, 2),
        "both_rows_per_s": int(rows / (refused_in + flagged_in)),
    }


def timed(con: ibis.BaseBackend, table: ibis.Table) -> tuple[int, float]:
    began = time.perf_counter()
    (row,) = con.to_pyarrow(table).to_pylist()
    return next(iter(row.values())), time.perf_counter() - began


def stdnum_speed(path: Path) -> int:
    sample = pq.ParquetFile(path).read_row_group(0).column("code").slice(0, SAMPLE).to_pylist()
    began = time.perf_counter()
    for code in sample:
        stdnum_uscc.is_valid(code)
    return int(len(sample) / (time.perf_counter() - began))


if __name__ == "__main__":
    main()

"""Refresh a synthetic province: full, a night with one entity in a hundred changed, and the same build on a Spark cluster.

Each step runs in a process of its own, so that its peak memory is its own. The floor is a bare scan of the same Parquet bytes.

    python benchmarks/refresh.py --entities 17800000
    python benchmarks/refresh.py --entities 1000000 --spark
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyspark

MONTH = "2025-12"
PORT = 17077


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entities", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--home", type=Path, help="a home to use and keep; default: a new one, removed")
    arguments.add_argument(
        "--spark", action="store_true", help="also build on a local cluster of two workers"
    )
    wanted = arguments.parse_args()
    home = wanted.home or Path(tempfile.mkdtemp(prefix="zhijian-refresh-"))
    try:
        print(json.dumps(measure(home, wanted), ensure_ascii=False, indent=1))
    finally:
        if wanted.home is None:
            shutil.rmtree(home, ignore_errors=True)


def measure(home: Path, wanted: argparse.Namespace) -> dict[str, object]:
    found: dict[str, object] = {"entities": wanted.entities, "load_before": os.getloadavg()[0]}
    found["synthesize"] = verb(
        home, "synthesize", "--entities", str(wanted.entities), "--seed", str(wanted.seed)
    )
    found["bare_scan"] = bare_scan(home)
    found["full"] = verb(home, "refresh", "--month", MONTH, "--full")
    found["next_day"] = verb(home, "synthesize", "--next-day")
    found["night"] = verb(home, "refresh", "--month", MONTH)
    found["full_to_scan_ratio"] = round(found["full"]["wall_seconds"] / found["bare_scan"]["wall_seconds"], 1)  # type: ignore[index]
    if wanted.spark:
        found["full_beside_spark"] = verb(home, "refresh", "--month", MONTH, "--full")
        found["spark"] = on_cluster(home)
    found["load_after"] = os.getloadavg()[0]
    return found


def verb(home: Path, *words: str) -> dict[str, object]:
    """Run a verb; return its own report with wall and processor seconds and peak memory."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "zhijian"), *words, "--json"],
        env={**os.environ, "ZHIJIAN_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"zhijian {' '.join(words)} ended with {status}")
    return {
        "wall_seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_gib": round(usage.ru_maxrss / 2**20, 2),
        "report": json.loads(text.strip().splitlines()[-1]),
    }


def bare_scan(home: Path) -> dict[str, float]:
    """The floor: DuckDB reads every column of the two delivered tables and keeps nothing but a number."""
    import duckdb

    con = duckdb.connect()
    con.execute("set threads = 2; set enable_progress_bar = false")
    started = time.perf_counter()
    for table in ("raw_registration__market_entities", "raw_supervision__facts"):
        folder = home / "lake" / "raw" / table
        columns = [row[0] for row in con.execute(f"describe select * from '{folder}/*.parquet'").fetchall()]
        sums = ", ".join(f'max("{column}")' for column in columns)
        con.execute(f"select {sums} from '{folder}/*.parquet'").fetchall()
    return {"wall_seconds": round(time.perf_counter() - started, 1)}


def on_cluster(home: Path) -> dict[str, object]:
    """Start a master and two workers with Spark's own scripts, build everything on them, and stop them."""
    spark_class = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    here = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    logs = home / "spark.log"
    with logs.open("w") as log, tempfile.TemporaryDirectory() as work:
        master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(PORT)]
        worker = [
            "org.apache.spark.deploy.worker.Worker",
            "--cores",
            "1",
            "--memory",
            "3g",
            "--work-dir",
            work,
        ]
        started = [subprocess.Popen([spark_class, *master], env=here, stdout=log, stderr=log)]
        time.sleep(8)
        started += [
            subprocess.Popen(
                [spark_class, *worker, f"spark://127.0.0.1:{PORT}"], env=here, stdout=log, stderr=log
            )
            for _ in range(2)
        ]
        time.sleep(8)
        try:
            os.environ.update(here)
            os.environ["PYSPARK_SUBMIT_ARGS"] = (
                "--executor-memory 2g --driver-memory 2g --conf spark.sql.shuffle.partitions=8 pyspark-shell"
            )
            found = verb(home, "refresh", "--month", MONTH, "--spark", f"spark://127.0.0.1:{PORT}")
        finally:
            of_cluster = sum(stopped(process) for process in reversed(started))
    return {**found, "processor_seconds_of_master_and_workers": round(of_cluster, 1)}


def stopped(process: subprocess.Popen[bytes]) -> float:
    """Stop a process; return the processor seconds of it and of the children that it waited for."""
    process.terminate()
    _, process.returncode, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()

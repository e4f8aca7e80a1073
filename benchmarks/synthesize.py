"""How long a synthetic province takes, how much memory, and how fast its rows come, next to the limits of the issue.

Usage: python benchmarks/synthesize.py [--entities N] [--home FOLDER]. Prints JSON. Memory is the peak of the process,
read by its own counter. A next day is drawn too. Without --home the lake is made in a temporary folder and removed.
"""

import argparse
import json
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from zhijian.datazone.lake import Lake
from zhijian.datazone.synthesis.increment import next_day, synthesize_increment
from zhijian.datazone.synthesis.province import FACTS, REGISTER, TRUTH, synthesize

LIMIT_SECONDS, LIMIT_GIB, PROVINCE = 15 * 60, 8.0, 17_800_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entities", type=int, default=PROVINCE)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--home", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhijian-bench-") as folder:
        lake = Lake((chosen.home or Path(folder)) / "lake")
        print(json.dumps(measure(lake, chosen.entities, chosen.threads), ensure_ascii=False, indent=1))


def measure(lake: Lake, entities: int, threads: int) -> dict[str, object]:
    """Draw the province and a next day, and count."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = synthesize(lake, entities, seed=1, at=datetime.now(UTC), workers=threads)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = {
        table: sum(Path(f).stat().st_size for f in lake.files(table)) for table in (REGISTER, FACTS, TRUTH)
    }
    day = synthesize_increment(lake, next_day(lake), at=datetime.now(UTC))
    return {
        "benchmark": "synthesize",
        "entities": entities,
        "facts": report.facts,
        "is_unchanged": report.is_unchanged,
        "threads": threads,
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "rows_per_second": int((2 * entities + report.facts) / wall),
        "peak_memory_gib": round(peak_gib, 2),
        "bytes": size,
        "limit_seconds_at_17_8_million": LIMIT_SECONDS,
        "limit_gib": LIMIT_GIB,
        "next_day": {"entities": day.entities, "facts": day.facts, "seconds": day.seconds},
    }


if __name__ == "__main__":
    main()

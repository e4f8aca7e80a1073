"""Rank the objects of a whole province and take the sample: `python benchmarks/draw.py [COUNT]` prints JSON.

Leaves are random bytes, as salted leaves look. Four strata in the proportions of classes A to D, 5% drawn.
"""

import json
import os
import resource
import sys
import time

import numpy as np

from zhijian.engines.draws import core, design

PER_10000 = {"A": 150, "B": 500, "C": 3000, "D": 5000}
SHARES = {"A": 0.65, "B": 0.25, "C": 0.08, "D": 0.02}


def _peak_megabytes() -> float:
    """Return the largest memory of this process plus that of its largest child."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(one).ru_maxrss for one in whose) / 1024


def _processor_seconds() -> float:
    """Return processor time of this process and its children, for a machine that does other work besides."""
    used = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(count: int) -> None:
    chance = np.random.default_rng(20261116)
    leaves = chance.integers(0, 256, (count, 32), dtype=np.uint8)
    stratum = chance.choice(len(SHARES), count, p=list(SHARES.values())).astype(np.uint8)
    seed = bytes(range(32))
    started, used = time.perf_counter(), _processor_seconds()
    heads = core.rank(seed, leaves)
    ranked = time.perf_counter()
    members = {label: np.flatnonzero(stratum == n) for n, label in enumerate(SHARES)}
    drawn = design.allocate({label: len(rows) for label, rows in members.items()}, PER_10000)
    samples = {
        label: core.draw_stratum(seed, leaves, heads, rows, drawn=drawn[label], reserve=drawn[label] // 5)
        for label, rows in members.items()
    }
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "objects": count,
                "drawn": sum(len(sample.drawn) for sample in samples.values()),
                "reserve": sum(len(sample.reserve) for sample in samples.values()),
                "rank_seconds": round(ranked - started, 2),
                "sample_seconds": round(ended - ranked, 2),
                "total_seconds": round(ended - started, 2),
                "processor_seconds": round(_processor_seconds() - used, 2),
                "peak_megabytes": round(_peak_megabytes()),
                "processes": 2,
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 17_800_000)

"""Real draws by method, a thousand each: do the intervals hold the truth? And a weighted draw beside samplics.

`python benchmarks/draw_methods.py [--draws N] [--units N] [--samplics PYTHON]` prints JSON. samplics is no part of this
project's environment: `--samplics` names a Python that has it (`python -m venv v && v/bin/pip install samplics`); without it only
ours is timed. Both draw one in twenty of the same units, systematically in proportion to size; ours hashes every unit's rank besides.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engines.draws import coverage

from zhijian.engines.draws import core, methods
from zhijian.engines.draws.disclosure import Stratum

DESIGNS = (
    ("systematic", "random", 600, 90),
    ("systematic", "declared", 600, 90),
    ("pps", "random", 600, 90),
    ("pps", "random", 1_500, 150),
    ("pps", "declared", 600, 90),
)
THEIRS = """
import json, sys, time
import numpy as np
from samplics.sampling import SampleSelection
from samplics.utils.types import SelectMethod
units, drawn = int(sys.argv[1]), int(sys.argv[2])
weights = np.maximum(1, np.round(np.random.default_rng(20261128).lognormal(2, 0.7, units)))
names = np.arange(units)
answer = {}
for method in ("pps_sys", "pps_rs"):
    started = time.perf_counter()
    try:
        hits, *_ = SampleSelection(method=SelectMethod[method], strat=False, wr=False).select(
            samp_unit=names, samp_size=drawn, mos=weights, shuffle=True)
        answer[method] = {"seconds": round(time.perf_counter() - started, 2), "drawn": int(np.sum(hits))}
    except Exception as problem:
        answer[method] = {"seconds": round(time.perf_counter() - started, 2), "error": f"{type(problem).__name__}: {problem}"[:300]}
    print(json.dumps(answer), flush=True)
"""


def covered(draws: int) -> list[dict[str, object]]:
    """Return for every design how many of its draws gave an interval that holds the frame's own rate, in percent."""
    rows: list[dict[str, object]] = []
    for method, order, count, drawn in DESIGNS:
        frame = coverage.a_frame(count, method=method, order=order)
        held = sum(coverage.holds(frame, drawn, turn) for turn in range(draws))
        rows.append({"method": method, "order": order, "objects": count, "drawn": drawn, "draws": draws,
                     "truth_percent": round(100 * float(frame.trait.mean()), 2), "covered_percent": round(100 * held / draws, 1)})  # fmt: skip
    return rows


def ours(units: int, drawn: int) -> dict[str, object]:
    """Draw once in proportion to weight: exact certainty, ranks by HMAC, the walk, the reserve, every chance as a fraction."""
    weights = np.maximum(1, np.round(np.random.default_rng(20261128).lognormal(2, 0.7, units))).astype(
        np.int64
    )
    leaves = np.random.default_rng(1).integers(0, 256, (units, 32), dtype=np.uint8)
    seed, plain = bytes(range(32)), np.zeros(units, np.int64)
    started = time.perf_counter()
    least = methods.certain_from(weights.tolist(), drawn)
    sure = weights >= least if least is not None else plain.astype(bool)
    stratum = Stratum("S001", "440000", "", "R1", units, drawn, drawn // 5, "pps", "random", int(sure.sum()),
                      int(weights[~sure].sum()))  # fmt: skip
    ranked = core.rank(seed, leaves)
    sample = methods.draw_stratum(seed, leaves, ranked, np.arange(units), weights, plain, stratum)
    sampled = time.perf_counter()
    chances = {
        weight: methods.fraction(methods.chance_of(weight, stratum)) for weight in set(weights.tolist())
    }
    ended = time.perf_counter()
    return {"units": units, "drawn": len(sample.drawn), "reserve": len(sample.reserve), "certain": int(sure.sum()),
            "different_chances": len(chances), "draw_seconds": round(sampled - started, 2), "with_chances_seconds": round(ended - started, 2)}  # fmt: skip


def theirs(python: str, units: int, drawn: int, limit: int) -> dict[str, object]:
    """Let samplics draw the same; what does not end within `limit` seconds is said to have taken longer."""
    command = [python, "-c", THEIRS, str(units), str(drawn)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        lines, ended = done.stdout, True
    except subprocess.TimeoutExpired as late:
        lines, ended = (late.stdout or b"").decode(), False
    answers = [line for line in lines.splitlines() if line.startswith("{")]
    return {"ended": ended, "limit_seconds": limit} | (json.loads(answers[-1]) if answers else {})


def main() -> None:
    reader = argparse.ArgumentParser()
    reader.add_argument("--draws", type=int, default=1_000)
    reader.add_argument("--units", type=int, default=100_000)
    reader.add_argument("--samplics", default=os.environ.get("SAMPLICS_PYTHON", ""))
    reader.add_argument("--limit", type=int, default=300, help="seconds for samplics")
    given = reader.parse_args()
    found: dict[str, object] = {"cores": os.cpu_count(), "coverage": covered(given.draws)}
    found["weighted_draw"] = ours(given.units, given.units // 20)
    if given.samplics:
        found["samplics"] = theirs(given.samplics, given.units, given.units // 20, given.limit)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

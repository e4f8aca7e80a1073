"""Learn the chance of a violation on a province, score everyone, judge by the truth; print time, memory and quality as JSON.

    .venv/bin/python benchmarks/risk.py [--home var] [--as-of 2025-12-31] [--memory 4GB]

Needs a refreshed synthetic province (`zhijian synthesize`, `zhijian refresh`). Nothing is written into it: scores go to a scratch
folder. Times are by the clock, and of the processors for a machine that does other work besides. The real proof (Chicago) is `zhijian risk evaluate --chicago`.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from zhijian.datazone.lake import Lake
from zhijian.datazone.risk.judge import judge
from zhijian.datazone.risk.province import ENTITIES, FACTS, fit_province, score_province


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, default=Path(os.environ.get("ZHIJIAN_HOME", "var")))
    options.add_argument("--as-of", type=date.fromisoformat, default=date(2025, 12, 31))
    options.add_argument("--memory", default="4GB")
    chosen = options.parse_args()
    lake = Lake(chosen.home / "lake")
    began = time.perf_counter()
    model, learned_from = fit_province(lake, as_of=chosen.as_of)
    fitted_in = time.perf_counter() - began
    with tempfile.TemporaryDirectory(dir=chosen.home) as folder:
        scratch = Lake(Path(folder))
        processors = time.process_time()
        scored = score_province(lake, model, as_of=chosen.as_of, memory=chosen.memory, into=scratch)
        processors = time.process_time() - processors
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        verdict = judge(lake, scores=scratch)
    print(
        json.dumps(
            {
                "entities": lake.count(ENTITIES),
                "facts": lake.count(FACTS),
                "fit_s": round(fitted_in, 1),
                "score_s": scored["seconds"],
                "score_processor_s": round(processors, 1),
                "entities_per_s": round(scored["scored"] / scored["seconds"]),
                "peak_memory_mb": peak,
                "learned_from": learned_from,
                "calibration": model.calibration.kind,
                "judged": verdict,
            },
            ensure_ascii=False,
            indent=1,
        )
    )


if __name__ == "__main__":
    main()

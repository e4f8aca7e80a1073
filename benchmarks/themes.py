"""How fast the ready questions of the thematic libraries are answered: prints JSON.

    .venv/bin/python benchmarks/themes.py                  the lake of the home in ZHIJIAN_HOME, after zhijian refresh
    .venv/bin/python benchmarks/themes.py --rounds 50      more rounds

Each answer is the whole call of a page: open the tables, count, close. The first of each question is told apart.
"""

import argparse
import json
import resource
import time

import numpy as np

from zhijian.datazone.lake import Lake
from zhijian.datazone.theme.questions import QUESTIONS, Filters, answer
from zhijian.infrastructure.home import current_home


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    lake = Lake(current_home().lake)
    first, seconds, slowest = [], [], {}
    for question in QUESTIONS:
        times = []
        for _ in range(rounds + 1):
            start = time.perf_counter()
            answer(lake, question, Filters())
            times.append(time.perf_counter() - start)
        first.append(times[0])
        seconds += times[1:]
        slowest[question.id] = round(max(times[1:]), 3)
    result = {
        "entities": lake.count("entity_market_entities"),
        "facts": lake.count("entity_facts"),
        "questions": len(QUESTIONS),
        "answers": len(seconds),
        "p50_s": round(float(np.percentile(seconds, 50)), 3),
        "p99_s": round(float(np.percentile(seconds, 99)), 3),
        "slowest_s": round(max(seconds), 3),
        "slowest_first_s": round(max(first), 3),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "slowest_by_question_s": slowest,
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

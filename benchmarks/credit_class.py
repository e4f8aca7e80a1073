"""Back-test the credit-risk class on synthetic provinces: violations in the year after, by class; print JSON.

    .venv/bin/python benchmarks/credit_class.py [--entities 200000] [--seeds 34 35] [--rules-on 2025-12-31 2026-12-01] [--keep FILE]

Makes each province in a scratch folder (`zhijian synthesize`, `zhijian refresh`), or judges the refreshed one at --home. Origins with
recorded outcomes are 2023-12-31 and 2024-12-31; the truth is that of 2025-12-31. --rules-on names the days whose rules
rate: those before and after the change are compared. --keep writes what the method page shows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.credit_judging import as_json, judge_classes
from zhijian.standards import parameters

RULES = "supervision/credit_class"
ORIGINS = (date(2023, 12, 31), date(2024, 12, 31))
TRUTH_FROM = date(2025, 12, 31)


def judged(home: Path, *, rules_on: date, memory: str) -> dict[str, Any]:
    """Every origin of one home under the rules of one day."""
    lake, weights = Lake(home / "lake"), parameters.load(RULES).on(rules_on)
    origins = [as_json(judge_classes(lake, origin=day, weights=weights, memory=memory)) for day in ORIGINS]
    truth = judge_classes(lake, origin=TRUTH_FROM, weights=weights, with_truth=True, memory=memory)
    return {"rule_version": weights["rule_version"], "verdicts": [*origins, as_json(truth)]}


def make(home: Path, *, entities: int, seed: int) -> None:
    """A refreshed province of its own."""
    zhijian = str(Path(sys.executable).with_name("zhijian"))
    for verb in (
        ["synthesize", "--entities", str(entities), "--seed", str(seed)],
        ["refresh", "--month", f"{TRUTH_FROM:%Y-%m}", "--memory", "4GB"],
    ):
        subprocess.run(
            [zhijian, *verb],
            check=True, stdout=sys.stderr, env={**os.environ, "ZHIJIAN_HOME": str(home)},
        )  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--home", type=Path, help="a refreshed synthetic home, instead of making some")
    options.add_argument("--entities", type=int, default=200_000)
    options.add_argument("--seeds", type=int, nargs="+", default=[34, 35])
    options.add_argument(
        "--rules-on", type=date.fromisoformat, nargs="+", default=[date(2026, 11, 30), date(2026, 12, 1)]
    )
    options.add_argument("--memory", default="4GB")
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    provinces = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in [None] if chosen.home else chosen.seeds:
            home = chosen.home or Path(scratch) / str(seed)
            if seed is not None:
                make(home, entities=chosen.entities, seed=seed)
            by_rules = [judged(home, rules_on=day, memory=chosen.memory) for day in chosen.rules_on]
            provinces.append({"seed": seed, "entities": Lake(home / "lake").count("entity_market_entities"), "rules": by_rules})  # fmt: skip
    told = {"is_synthetic": True, "provinces": provinces}
    if chosen.keep:
        chosen.keep.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
    print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

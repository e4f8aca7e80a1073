"""Counting an annual plan's objects from a register of millions, and merging its needs: seconds, visits saved, gap to the bound."""

import json
import os
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa

ENTITIES = 2_000_000
TAGS = ("catering", "food", "maker", "new", "school_gate", "trade")
SHARES = (0.12, 0.2, 0.15, 0.1, 0.01, 0.35)
NEEDS = 40


def main() -> None:
    """Print one JSON object."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    import django

    django.setup()
    from zhijian.apps.supervision.planning import reckoning, rules
    from zhijian.datazone.lake import Lake
    from zhijian.security.models import Organisation

    random = np.random.default_rng(64)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        _fill(lake, random)
        unit = Organisation(code="bench", division_code="440000", is_synthetic=True)
        started = time.perf_counter()
        rows = reckoning.count_frame(lake, unit, TAGS)
        counted = time.perf_counter() - started
    sizes: dict[frozenset[str], int] = {}
    for row in rows:
        key = frozenset(row["tags"])
        sizes[key] = sizes.get(key, 0) + row["objects"]
    cells = [rules.Cell(tags, objects) for tags, objects in sizes.items()]
    needs, listed = _needs(rules, random)
    started = time.perf_counter()
    found = rules.merged(cells, needs, listed)
    merged = time.perf_counter() - started
    print(
        json.dumps(
            {
                "entities": sum(sizes.values()), "tags": len(TAGS), "cells": len(cells), "needs": NEEDS,
                "count_seconds": round(counted, 2), "merge_milliseconds": round(merged * 1000, 1),
                "tasks": len(found.tasks), "visits_alone": found.alone, "visits_joined": found.joined,
                "least": found.least, "least_in_months": found.least_in_months, "saved_percent": round(100 * found.saved / found.alone, 1),
                "gap_percent": round(100 * found.gap / found.least, 2),
            }
        )
    )  # fmt: skip


def _fill(lake, random) -> None:  # type: ignore[no-untyped-def]
    counties = random.integers(440101, 440190, ENTITIES).astype(str)
    codes = np.char.add("F", np.arange(ENTITIES).astype(str))
    lake.write(
        "entity_market_entities",
        pa.table(
            {
                "uscc": codes, "county_code": counties, "prefecture_code": pa.array(["440100"] * ENTITIES),
                "status_code": pa.array(["active"] * ENTITIES), "is_synthetic": pa.array([True] * ENTITIES),
            }
        ),
    )  # fmt: skip
    marked = [codes[random.random(ENTITIES) < share] for share in SHARES]
    tags = np.concatenate([np.full(len(ones), tag) for ones, tag in zip(marked, TAGS, strict=True)])
    lake.write("mart_object_tags", pa.table({"object_id": np.concatenate(marked), "tag": tags}))


def _needs(rules, random):  # type: ignore[no-untyped-def]
    """Needs of forty items with windows and rates at random; one in five may not be joined."""
    needs, listed = [], {}
    for n in range(NEEDS):
        code = f"I{n:02d}"
        first = int(random.integers(1, 11))
        last = int(random.integers(first + 1, 13))
        tag = ("", *TAGS)[int(random.integers(0, len(TAGS) + 1))]
        needs.append(rules.Need(code, tag, Fraction(int(random.integers(10, 600)), 100), first, last))
        listed[code] = rules.Listed(code, "general", "market", None, n % 5 != 0, False)
    return needs, listed


if __name__ == "__main__":
    main()

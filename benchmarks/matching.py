"""Match inspectors near and evenly, by lottery: `python benchmarks/matching.py [--year]` prints JSON.

Counties of Guangdong by their real middles, checks and inspectors shared out by invented county sizes.
Without ``--year``: 50,000 visits and 3,000
inspectors in one draw. With it: a year of 300,000 checks and 20,000 inspectors, drawn from 6,000,000 objects and matched
month by month in two processes.
"""

import argparse
import hashlib
import json
import multiprocessing
import resource
import time

import numpy as np

from zhijian.engines.draws import balancing, core, design, matching
from zhijian.engines.draws.plan import Balance
from zhijian.standards import county_centroids

SEED = hashlib.sha256(b"benchmark").digest()
PLACES = {
    code: (round(east * 10), round(north * 10)) for code, (east, north) in county_centroids.points().items()
}
RULES = matching.Rules((), "2026-12-31", 2, 60)


def _sizes() -> dict[str, float]:
    codes = sorted(PLACES)
    size = np.random.default_rng(20261128).lognormal(0, 0.8, len(codes))
    return dict(zip(codes, (size / size.sum()).tolist(), strict=True))


def _counties(count: int, chance: np.random.Generator) -> list[str]:
    sizes = _sizes()
    return [list(sizes)[i] for i in chance.choice(len(sizes), count, p=list(sizes.values()))]


def _inspectors(count: int) -> list[dict[str, object]]:
    """Return inspectors as the counties have work, three at least."""
    where = [code for code, share in _sizes().items() for _ in range(max(3, round(share * count)))]
    return sorted(
        (
            {"leaf": hashlib.sha256(f"i{n}".encode()).hexdigest(), "division": code, "skills": [],
             "valid_until": "2027-12-31", "recused": []}
            for n, code in enumerate(where)
        ),
        key=lambda one: str(one["leaf"]),
    )  # fmt: skip


def _match(drawn: list[tuple[str, tuple[str, ...]]], pool: list[dict[str, object]]) -> dict[str, float]:
    started, used = time.perf_counter(), time.process_time()
    found = balancing.assign(SEED, drawn, pool, RULES, Balance(places=PLACES))
    load = np.unique([one for team in found.teams.values() for one in team.inspectors], return_counts=True)[1]
    return {
        "visits": len(drawn), "wall_seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - used,
        "kilometres_per_member": found.kilometres / (2 * len(drawn)), "largest_load": found.largest_load,
        "mean_load": float(load.sum() / len(pool)), "outside_the_county": sum(team.pool > 0 for team in found.teams.values()) / len(drawn),
    }  # fmt: skip


def _by_rank(drawn: list[tuple[str, tuple[str, ...]]], pool: list[dict[str, object]]) -> dict[str, float]:
    started = time.process_time()
    teams = matching.assign(SEED, drawn, pool, RULES)
    where, area = {str(one["leaf"]): str(one["division"]) for one in pool}, dict(drawn)
    way = [
        balancing.kilometres(PLACES, area[leaf], where[one])
        for leaf, team in teams.items()
        for one in team.inspectors
    ]
    load = np.unique([one for team in teams.values() for one in team.inspectors], return_counts=True)[1]
    return {"processor_seconds": time.process_time() - started, "kilometres_per_member": sum(way) / len(way), "largest_load": int(load.max())}  # fmt: skip


def _month(number: int) -> dict[str, float]:
    """Draw 25,000 of 500,000 objects and match them with the inspectors of the province."""
    started = time.process_time()
    chance = np.random.default_rng(1000 + number)
    leaves = chance.integers(0, 256, (500_000, 32), dtype=np.uint8)
    sizes = design.allocate({"all": len(leaves)}, {"all": 500})
    heads = core.rank(SEED, leaves, processes=1)
    sample = core.draw_stratum(SEED, leaves, heads, np.arange(len(leaves)), drawn=sizes["all"], reserve=0)
    areas = _counties(len(sample.drawn), chance)
    drawn = [(leaves[i].tobytes().hex(), (where,)) for i, where in zip(sample.drawn, areas, strict=True)]
    drawing = time.process_time() - started
    return _match(drawn, _inspectors(20_000)) | {"drawing_seconds": drawing}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--year", action="store_true")
    if options.parse_args().year:
        started = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(2) as workers:
            months = workers.map(_month, range(12), chunksize=1)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = {
            "checks": sum(one["visits"] for one in months), "inspectors": len(_inspectors(20_000)), "wall_seconds": time.perf_counter() - started,
            "processor_seconds": used.ru_utime + used.ru_stime, "drawing_processor_seconds": sum(one["drawing_seconds"] for one in months),
            "largest_load_of_a_month": max(one["largest_load"] for one in months), "kilometres_per_member": float(np.mean([one["kilometres_per_member"] for one in months])),
            "outside_the_county": float(np.mean([one["outside_the_county"] for one in months])), "gap_within_each_month_and_prefecture": 0,
        }  # fmt: skip
    else:
        chance = np.random.default_rng(2)
        drawn = [
            (hashlib.sha256(f"o{n}".encode()).hexdigest(), (where,))
            for n, where in enumerate(_counties(50_000, chance))
        ]
        pool = _inspectors(3_000)
        answer = {
            "near_and_even": _match(drawn, pool),
            "by_rank": _by_rank(drawn, pool),
            "inspectors": len(pool),
        }
    peak = resource.getrusage(
        resource.RUSAGE_SELF if "near_and_even" in answer else resource.RUSAGE_CHILDREN
    ).ru_maxrss
    print(json.dumps(answer | {"peak_megabytes": round(peak / 1024)}, indent=1))


if __name__ == "__main__":
    main()

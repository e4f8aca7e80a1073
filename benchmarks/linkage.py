"""Who is who, measured: prints JSON.

    .venv/bin/python benchmarks/linkage.py                                 200,000 entities, 20,000 records
    .venv/bin/python benchmarks/linkage.py --entities 17800000 --records 1000000 --folder /var/tmp/linkage
    .venv/bin/python benchmarks/linkage.py --peer /path/to/venv/bin/python  with nomenklatura, in an environment of its own

The province and the spoilt records are those of `zhijian synthesize`, of seeds that the shipped weights never saw. Splink's
plain settings see the same records in the same run, on a part of the register where the whole would not fit.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pyarrow as pa

from zhijian.datazone.linkage import index, linking, rows, scoring
from zhijian.datazone.synthesis.corruption import (
    corrupt,
    drop_digits,
    drop_prefix,
    mistype,
    swap_form,
    traditional,
)
from zhijian.datazone.synthesis.register import register_batch
from zhijian.datazone.synthesis.traits import draw_traits, make_plan

SEED, RECORD_SEED = 2026, 4711  # held out: training used seeds 1 and 7
BATCH = 400_000
DAY = date(2026, 11, 1)
COSTS = linking.Costs.on(DAY)
PLAIN_ENTITIES, PLAIN_RECORDS = 200_000, 20_000
PAIRS = 1000


def batches(entities: int) -> Iterator[pa.Table]:
    plan = make_plan(entities, SEED, date(2026, 10, 31))
    for at in range(0, entities, BATCH):
        numbers = np.arange(at, min(entities, at + BATCH))
        batch = pa.Table.from_batches([register_batch(plan, draw_traits(plan, numbers))])
        yield batch.select([*index.ENTITY_COLUMNS, "is_synthetic"])


def records_of(entities: int, wanted: int) -> pa.Table:
    """`wanted` records about entities drawn evenly from the whole province."""
    con = ibis.duckdb.connect()
    parts = [
        corrupt(con, b, share=min(1.0, wanted / 1.5 / entities * 1.02), seed=RECORD_SEED)
        for b in batches(entities)
    ]
    every = pa.concat_tables(parts)
    order = np.random.default_rng(RECORD_SEED).permutation(every.num_rows)[:wanted]
    return every.take(pa.array(order))


def link(records: pa.Table, register: index.RegisterIndex, weights: scoring.Weights) -> dict[str, Any]:
    started = time.perf_counter()
    found = [links for _, links in linking.link_table(records, register, weights, COSTS)]
    seconds = time.perf_counter() - started
    best, decision = (np.concatenate([getattr(one, name) for one in found]) for name in ("best", "decision"))
    truth = np.array(records["true_uscc"].to_pylist(), dtype="S18")
    right = (best >= 0) & (register.codes[best] == truth)
    linked = decision == 0
    return {
        "records": records.num_rows,
        "seconds": round(seconds, 1),
        "precision": round(float(right[linked].mean()), 5),
        "recall": round(float((right & linked).mean()), 5),
        "sent_to_officers": round(float((decision == 1).mean()), 5),
        "true_entity_first": round(float(right.mean()), 5),
        "candidates_per_record": round(float(np.concatenate([one.candidates for one in found]).mean()), 1),
    }


def single(
    records: pa.Table, register: index.RegisterIndex, weights: scoring.Weights, count: int = 3000
) -> dict[str, Any]:
    """One record at a time, each a whole call: parse, candidates, score, decide."""
    some = records.slice(0, count + 200).select(list(rows.COLUMNS)).to_pylist()
    truth = records["true_uscc"].slice(0, count + 200).to_pylist()
    taken, worked, right = [], [], 0
    for number, record in enumerate(some):
        started, cpu = time.perf_counter(), time.thread_time()
        links = linking.link_one(record, register, weights, COSTS)
        taken.append((time.perf_counter() - started) * 1000)
        worked.append((time.thread_time() - cpu) * 1000)
        if number >= 200:
            right += links.best[0] >= 0 and register.code(int(links.best[0])) == truth[number]
    p50, p99 = np.percentile(taken[200:], [50, 99])
    return {"look_ups": len(some) - 200, "p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "max_ms": round(max(taken[200:]), 1),
            "p50_cpu_ms": round(float(np.percentile(worked[200:], 50)), 2), "p99_cpu_ms": round(float(np.percentile(worked[200:], 99)), 2),
            "recall_at_1": round(right / (len(some) - 200), 4)}  # fmt: skip


def plain_splink(register: pa.Table, records: pa.Table, name: str) -> dict[str, Any]:
    """Splink with the settings its tutorial gives for a name and an address, and telephones where they are."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    con = duckdb.connect()
    con.execute("set enable_progress_bar = false")
    api = DuckDBAPI(con)
    left = register.rename_columns(["unique_id", *register.column_names[1:]]).select(
        ["unique_id", *rows.COLUMNS]
    )
    right = records.append_column("unique_id", pa.array([f"r{n}" for n in range(records.num_rows)])).select(
        ["unique_id", *rows.COLUMNS]
    )
    tables = []
    for label, table in (("register", left), ("records", right)):
        con.register(f"{label}_arrow", table)
        con.execute(
            f"create table {label} as select *, name[:4] as head, name[-6:] as tail, address[:9] as place from {label}_arrow"
        ).fetchall()
        tables.append(api.register(label))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]),
            cl.LevenshteinAtThresholds("address", [3, 9]),
            *([cl.ExactMatch("phone_id")] if name == "with_ids" else []),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("name"), block_on("address"), *([block_on("phone_id")] if name == "with_ids" else []), block_on("place", "tail"),
        ],
    )  # fmt: skip
    started = time.perf_counter()
    linker = Linker(tables, settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1, num_chunks=1)
    for rule in (block_on("name"), block_on("address")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01).physical_name
    best = con.execute(
        f"select unique_id_l, unique_id_r, match_probability from {predicted} order by match_probability desc, unique_id_l, unique_id_r"
    ).fetchall()
    truth = {f"r{n}": code for n, code in enumerate(records["true_uscc"].to_pylist())}
    chosen: dict[str, tuple[str, float]] = {}
    for one, other, chance in best:
        record, entity = (one, other) if one.startswith("r") else (other, one)
        chosen.setdefault(record, (entity, chance))
    linked = {r: e for r, (e, chance) in chosen.items() if chance >= 0.95}
    right = sum(truth[r] == e for r, e in linked.items())
    return {"records": records.num_rows, "seconds": round(time.perf_counter() - started, 1), "precision": round(right / max(len(linked), 1), 5),
            "recall": round(right / records.num_rows, 5)}  # fmt: skip


def hard_pairs(register: pa.Table) -> list[tuple[dict, dict, bool]]:
    """True pairs spoilt once or twice in name and address; negatives of the same city whose names end alike. Names and addresses alone."""
    chance = np.random.default_rng(RECORD_SEED)
    every = register.select(["name", "address", "prefecture_code"]).to_pylist()
    spoil = (
        lambda r: r | {"name": swap_form(r["name"], float(chance.random()))},
        lambda r: r | {"name": drop_prefix(r["name"])},
        lambda r: r | {"name": mistype(r["name"], float(chance.random()))},
        lambda r: r | {"name": traditional(r["name"])},
        lambda r: r | {"address": drop_digits(r["address"])},
        lambda r: r | {"address": None},
    )
    pairs = []
    for place in chance.choice(len(every), PAIRS, replace=False):
        spoilt = every[place]
        for which in chance.choice(len(spoil), chance.integers(1, 3), replace=False):
            spoilt = spoil[which](spoilt)
        pairs.append((spoilt, every[place], True))
    ends: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(every):
        ends.setdefault((row["prefecture_code"], row["name"][-6:]), []).append(place)
    groups = [places for places in ends.values() if len(places) > 1]
    for group in chance.choice(len(groups), PAIRS):
        one, other = chance.choice(groups[group], 2, replace=False)
        pairs.append((every[one], every[other], False))
    return pairs


def judge_pairs(
    pairs: list[tuple[dict, dict, bool]], weights: scoring.Weights, register: index.RegisterIndex
) -> dict[str, Any]:
    """A pair alone, at even odds: the weight says same where it is above `THRESHOLD_BITS`."""
    started = time.perf_counter()
    left, right = (rows.rows_of(pa.Table.from_pylist([p[side] for p in pairs]))[0] for side in (0, 1))
    right["namesakes"] = 1 + 5e-6 * len(register)
    bits, _ = scoring.score(left, right, len(register), weights)
    seconds = time.perf_counter() - started
    same, truth = bits > THRESHOLD_BITS, np.array([p[2] for p in pairs])
    return {
        "recall": float(same[truth].mean()),
        "false_positives": float(same[~truth].mean()),
        "pairs_per_second": round(len(pairs) / seconds),
    }


THRESHOLD_BITS = 12.0  # chosen on pairs of the training seed: the least with no more than 0.3% false there
PEER = """
import json, sys
from nomenklatura.matching import get_algorithm
from followthemoney import model
pairs = json.load(sys.stdin)
def made(row, n):
    e = model.make_entity("Company"); e.id = n
    e.add("name", row["name"]); e.add("country", "cn")
    if row["address"]: e.add("address", row["address"])
    return e
import time
answers = {}
for name in ("logic-v1", "regression-v1"):
    algorithm = get_algorithm(name)
    if algorithm is None: continue
    try:
        config = algorithm.default_config() if hasattr(algorithm, "default_config") else None
        started = time.time()
        scores = [algorithm.compare(made(a, "a"), made(b, "b"), *([config] if config is not None else [])).score for a, b, _ in pairs]
    except Exception as problem:
        answers[name] = {"refused": repr(problem)[:200]}
        continue
    spent = time.time() - started
    best = max(((sum(s >= t for s, p in zip(scores, pairs) if p[2]) / sum(p[2] for p in pairs) - 10 * max(0, sum(s >= t for s, p in zip(scores, pairs) if not p[2]) / sum(not p[2] for p in pairs) - .06), t) for t in [i / 100 for i in range(1, 101)]))[1]
    rate = lambda t, same: sum(s >= t for s, p in zip(scores, pairs) if p[2] == same) / sum(p[2] == same for p in pairs)
    answers[name] = {"at_0.7": {"recall": rate(.7, True), "false_positives": rate(.7, False)}, "at_best_threshold": {"threshold": best, "recall": rate(best, True), "false_positives": rate(best, False)}, "pairs_per_second": round(len(pairs) / spent)}
print(json.dumps(answers))
"""


def peer(python: Path, pairs: list[tuple[dict, dict, bool]]) -> Any:
    done = subprocess.run(
        [str(python), "-c", PEER], input=json.dumps(pairs), capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr[-500:]}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--entities", type=int, default=200_000)
    arguments.add_argument("--records", type=int, default=20_000)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--peer", type=Path, help="a Python with nomenklatura and followthemoney")
    given = arguments.parse_args()
    weights, figures = scoring.load(), {}
    small = pa.concat_tables(batches(PLAIN_ENTITIES))
    small_records = records_of(PLAIN_ENTITIES, PLAIN_RECORDS)
    small_index = index.build(small)
    bare = small_records.drop_columns(["representative_id", "phone_id"])
    figures["side_by_side"] = {
        "ours": link(small_records, small_index, weights),
        "splink_plain_name_address_phone": plain_splink(small, small_records, "with_ids"),
        "ours_name_and_address_only": link(bare, small_index, weights),
        "splink_plain_name_and_address_only": plain_splink(small, small_records, "bare"),
    }
    pairs = hard_pairs(small)
    figures["pairs"] = {"ours": judge_pairs(pairs, weights, small_index)}
    if given.peer:
        figures["pairs"]["nomenklatura"] = peer(given.peer, pairs)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        started = time.perf_counter()
        register = index.build_from(batches(given.entities), Path(folder) / "register", given.entities)
        figures["build"] = {"entities": len(register), "seconds_with_synthesis": round(time.perf_counter() - started, 1),
                            "megabytes": round(sum(f.stat().st_size for f in (Path(folder) / "register").iterdir()) / 1e6)}  # fmt: skip
        records = records_of(given.entities, given.records)
        figures["batch"] = link(records, register, weights)
        figures["batch_name_and_address_only"] = link(
            records.slice(0, given.records // 10).drop_columns(["representative_id", "phone_id"]),
            register,
            weights,
        )
        figures["single"] = single(records, register, weights)
    figures["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

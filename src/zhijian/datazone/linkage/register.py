"""Where the register comes from and where its index, weights and doubtful pairs lie."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from zhijian.datazone.lake import Lake
from zhijian.datazone.linkage import index, scoring
from zhijian.datazone.linkage.comparing import compare
from zhijian.datazone.linkage.index import ENTITY_COLUMNS, Progress, RegisterIndex
from zhijian.datazone.linkage.linking import DOUBTFUL, NONE, Links
from zhijian.datazone.linkage.rows import rows_of

SOURCES = ("raw_registration__market_entities", "entity_market_entities")
DOUBTFUL_PAIRS = "mart_linkage__doubtful_pairs"
# No column but the division and the mark bears the name of a public data element: the catalogue masks all others.
DOUBTFUL_SCHEMA = pa.schema(
    {
        "pair_id": pa.string(),  # of the record and the entity
        "record_id": pa.string(),
        "record_source": pa.string(),
        "record_name": pa.string(),
        "record_address": pa.string(),
        "candidate_uscc": pa.string(),
        "entity_name": pa.string(),
        "entity_address": pa.string(),
        "prefecture_code": pa.string(),
        "second_uscc": pa.string(),
        "probability": pa.float64(),
        "weight_bits": pa.float64(),
        "margin_bits": pa.float64(),
        "steps": pa.string(),  # the waterfall as JSON
        "levels": pa.list_(pa.int64()),  # of each comparison, in their order
        "namesakes": pa.int64(),
        "entities": pa.int64(),
        "is_synthetic": pa.bool_(),
    }
)


class NoRegister(LookupError):
    """No register of market entities was published in this lake."""


def folder(root: Path) -> Path:
    """Where the index of a home lies."""
    return root / "linkage" / "register"


def weights_of(root: Path) -> scoring.Weights:
    """The weights of a home: its own where it trained any, else those that ship."""
    own = root / "linkage" / "weights.json"
    return scoring.load(own if own.exists() else None)


def source_of(lake: Lake) -> str:
    """The table that the register is read from: the one with representatives and telephones where it is there."""
    found = next((table for table in SOURCES if lake.exists(table)), None)
    if found is None:
        raise NoRegister(
            "还没有主体登记数据。请先运行 zhijian build 或 zhijian synthesize。 / "
            "No register was published yet. Run: zhijian build, or: zhijian synthesize"
        )
    return found


def prepare(lake: Lake, root: Path, *, progress: Progress | None = None) -> RegisterIndex:
    """Make the register ready for linking, batch by batch, and map it.

    Raises:
        NoRegister: nothing was published yet.
    """
    table = source_of(lake)
    return index.build_from(_batches(lake, table), folder(root), lake.count(table), progress=progress)


def _batches(lake: Lake, table: str) -> Iterator[pa.Table]:
    for file in lake.files(table):
        source = parquet.ParquetFile(file)
        wanted = [c for c in (*ENTITY_COLUMNS, "is_synthetic") if c in source.schema_arrow.names]
        for batch in source.iter_batches(500_000, columns=wanted):
            yield pa.Table.from_batches([batch])


def entities_by_code(lake: Lake, codes: list[str]) -> dict[str, dict[str, Any]]:
    """Names and addresses of a few entities, by code."""
    if not codes:
        return {}
    rows = lake.read_where(source_of(lake), [("uscc", "in", sorted(set(codes)))])
    kept = [c for c in (*ENTITY_COLUMNS, "is_synthetic") if c in rows.column_names]
    return {row["uscc"]: row for row in rows.select(kept).to_pylist()}


def doubtful_pairs(
    records: pa.Table,
    links: Links,
    register: RegisterIndex,
    weights: scoring.Weights,
    lake: Lake,
    *,
    source: str,
) -> pa.Table:
    """The records that an officer must decide, each beside its best candidate, with the waterfall of the pair."""
    chosen = np.flatnonzero((links.decision == 1) & (links.best != NONE))
    some = records.take(pa.array(chosen))
    left, right = rows_of(some)[0], register.rows[links.best[chosen]]
    codes = [register.code(int(place)) for place in links.best[chosen]]
    seconds = [register.code(int(p)) if p != NONE else None for p in links.second[chosen]]
    entities = entities_by_code(lake, codes)
    rows = []
    for n, (record, code) in enumerate(zip(some.to_pylist(), codes, strict=True)):
        entity, row = entities[code], int(chosen[n])
        steps = scoring.explain(left[n : n + 1], right[n : n + 1], len(register), weights)
        rows.append(
            {
                "pair_id": f"{source}:{record['record_id']}:{code}",
                "record_id": str(record["record_id"]),
                "record_source": source,
                "record_name": record["name"],
                "record_address": record.get("address"),
                "candidate_uscc": code,
                "entity_name": entity["name"],
                "entity_address": entity["address"],
                "prefecture_code": entity.get("prefecture_code"),
                "second_uscc": seconds[n],
                "probability": float(links.probability[row]),
                "weight_bits": float(links.bits[row]),
                "margin_bits": float(links.margin_bits[row]),
                "steps": json.dumps([vars(step) for step in steps], ensure_ascii=False),
                "levels": compare(left[n : n + 1], right[n : n + 1])[0].tolist(),
                "namesakes": int(right["namesakes"][n]),
                "entities": len(register),
                "is_synthetic": bool(entity.get("is_synthetic")),
            }
        )
    return pa.Table.from_pylist(rows, DOUBTFUL_SCHEMA)


__all__ = ["DOUBTFUL", "DOUBTFUL_PAIRS", "NoRegister", "doubtful_pairs", "prepare", "source_of", "weights_of"]

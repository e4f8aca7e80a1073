"""Invented complaints that name an invented shop without its code, linked to the register; some wait for a steward."""

from random import Random
from typing import Any

import pyarrow as pa

from zhijian.datazone.lake import Lake
from zhijian.datazone.linkage import index, linking, register, scoring
from zhijian.datazone.synthesis.corruption import drop_digits, drop_form, drop_prefix, mistype
from zhijian.infrastructure.home import Home
from zhijian.operations.demo import days

SOURCE = "示例投诉（合成数据）"
RECORDS = 400


def link_complaints(lake: Lake, home: Home) -> tuple[dict[str, int], bool]:
    """Link the complaints once; return how many were linked, are doubtful, were not found, and whether that was new."""
    if lake.exists(register.DOUBTFUL_PAIRS):
        return {"doubtful": lake.count(register.DOUBTFUL_PAIRS)}, False
    entities = lake.read_where("entity_market_entities", [("is_synthetic", "=", True)])
    ready = index.build(entities)
    weights, costs = scoring.load(), linking.Costs.on(days.MONTH_END)
    records = pa.Table.from_pylist(_complaints(entities))
    links = linking.link_table(records, ready, weights, costs)
    counts: dict[str, int] = dict.fromkeys(linking.DECISIONS.tolist(), 0)
    doubtful = []
    for chunk, found in links:
        for decision in linking.DECISIONS[found.decision].tolist():
            counts[decision] += 1
        doubtful.append(register.doubtful_pairs(chunk, found, ready, weights, lake, source=SOURCE))
    lake.write(register.DOUBTFUL_PAIRS, pa.concat_tables(doubtful))
    return counts, True


def _complaints(entities: pa.Table) -> list[dict[str, Any]]:
    """How customers write a shop's name: often without city and form, sometimes with a character wrong and no address."""
    random = Random(20261107)  # noqa: S311 - invented data
    rows = entities.select(["uscc", "name", "address"]).sort_by("uscc").to_pylist()
    told = []
    for number, row in enumerate(random.sample(rows, min(RECORDS, len(rows))), start=1):
        name, address = row["name"], row["address"]
        if random.random() < 0.6:
            name = drop_prefix(name)
        if random.random() < 0.5:
            name = drop_form(name)
        if random.random() < 0.4:
            name = mistype(name, random.random())
        if random.random() < 0.4:
            address = drop_digits(address)
        elif random.random() < 0.5:
            address = None
        told.append({"record_id": f"示例投诉-{number:03d}", "name": name, "address": address})
    return told

"""Score a data set with a stored model."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhijian.datazone.risk.contract import Dataset
from zhijian.datazone.risk.learner import Model
from zhijian.datazone.risk.measures import order


def score_dataset(rows: Dataset, model: Model, target: Path) -> dict[str, Any]:
    """Write unit, chance and rank (1 is the highest) as Parquet and return what was done.

    Raises:
        ValueError: the model was learned under another version of the contract.
    """
    check_version(rows, model)
    matrix = model_matrix(rows, model)
    chance = model.chance(matrix)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order(model.raw(matrix))] = np.arange(1, len(rows) + 1)
    pq.write_table(pa.table({"unit_id": rows.unit.tolist(), "chance": chance, "rank": rank}), target)
    return {"scored": len(rows), "mean_chance": round(float(chance.mean()), 5), "target": str(target)}


def check_version(rows: Dataset, model: Model) -> None:
    """Refuse a model of another contract, or of another version of it."""
    contract = rows.contract
    if (model.contract, model.contract_version) != (contract.name, contract.version):
        raise ValueError(
            f"The model was learned under {model.contract} {model.contract_version}, the rows are under {contract.name} "
            f"{contract.version}. Learn again with `zhijian risk fit`."
        )


def model_matrix(rows: Dataset, model: Model) -> np.ndarray:
    """Return the model's features; words get the numbers they had when it was learned, unseen ones are unknown."""
    columns = []
    for name in model.features:
        values = rows.values[name]
        if name in model.levels:
            known = {word: float(number) for number, word in enumerate(model.levels[name])}
            renumbered = np.array([known.get(word, np.nan) for word in rows.levels[name]])
            values = renumbered[values.astype(int)]
        columns.append(values)
    return np.column_stack(columns)

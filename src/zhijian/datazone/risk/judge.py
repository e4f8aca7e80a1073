"""Judge the scores of a synthetic province by its truth, which no model reads."""

from typing import Any

import numpy as np

from zhijian.datazone.lake import Lake
from zhijian.datazone.risk import measures
from zhijian.datazone.risk.province import ENTITIES, TABLE

TRUTH, CLASSES = "raw_synthesis__truth", "mart_credit_class"
_ORDER = {"A": 0.0, "B": 1.0, "C": 2.0, "D": 3.0}


def judge(lake: Lake, *, scores: Lake | None = None) -> dict[str, Any]:
    """Compare `mart_risk_score` (of `scores`, if given) with the violations that truly follow, and with the hazard they are drawn from.

    The oracle orders by the true hazard: nothing can do better but by luck. Capture is the share of entities with a violation
    that lie in the first tenth. A chance is that *an inspection finds* something, so its level is not the truth's; the
    calibration slope says whether log odds rise as the truth's do.

    Raises:
        NoSuchTable: scores or truth are missing.
    """
    connection = lake.ibis()
    score = (scores or lake).table(connection, TABLE)
    truth = lake.table(connection, TRUTH)
    keys = lake.table(connection, ENTITIES).select("entity_id", "uscc")
    joined = score.inner_join(keys, "entity_id").inner_join(
        truth.select("uscc", "hazard", "violations_next_12_months"), "uscc"
    )
    wanted = {"chance": joined.chance, "hazard": joined.hazard, "n": joined.violations_next_12_months}
    if lake.exists(CLASSES):
        classes = lake.table(connection, CLASSES).select("entity_id", "class_code")
        joined = joined.left_join(classes, "entity_id")
        wanted = {
            "chance": joined.chance,
            "hazard": joined.hazard,
            "n": joined.violations_next_12_months,
            "class_code": joined.class_code,
        }
    rows = joined.select(**wanted).to_pyarrow()
    label = (rows["n"].to_numpy() > 0).astype(np.int64)
    told: dict[str, Any] = {
        "entities": len(label),
        "share_with_violation": float(label.mean()),
        "learned": _order(label, rows["chance"].to_numpy().astype(float)),
        "oracle": _order(label, rows["hazard"].to_numpy().astype(float)),
    }
    if "class_code" in rows.column_names:
        classes = np.array([_ORDER.get(c or "B", 1.0) for c in rows["class_code"].to_pylist()])
        told["class"] = _order(label, classes)
    slope, intercept = measures.calibration_line(label, rows["chance"].to_numpy().astype(float))
    told["learned"] |= {"calibration_slope": slope, "calibration_intercept": intercept}
    return told


def _order(label: np.ndarray, score: np.ndarray) -> dict[str, float]:
    first = measures.order(score)[: len(score) // 10]
    return {
        "auc": measures.auc(label, score),
        "capture_at_tenth": float(label[first].sum() / label.sum()),
        "precision_at_tenth": float(label[first].mean()),
    }

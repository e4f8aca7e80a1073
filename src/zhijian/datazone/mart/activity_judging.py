"""Activity judged against the synthetic truth: confusion, balanced accuracy, macro-F1. Only judges read the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.activity import (
    BY_SCORE,
    FILED,
    mart_activity,
    mart_activity_scale,
    mart_activity_summary,
)
from zhijian.datazone.mart.rating import ENTITIES, TYPED, facts_to_rate
from zhijian.standards import parameters

TRUTH = "raw_synthesis__truth"
TABLES = ("mart_activity_scale", "mart_activity", "mart_activity_summary")


@dataclass(frozen=True)
class Judgement:
    """How often each true state was found. `confusion` counts by true state, then by the state found."""

    entities: int
    confusion: dict[str, dict[str, int]]
    recall: dict[str, float]
    precision: dict[str, float]
    balanced_accuracy: float
    macro_f1: float
    accuracy: float
    commonest_share: float
    rule_version: str

    @classmethod
    def of(cls, confusion: dict[str, dict[str, int]], rule_version: str) -> "Judgement":
        """Work out the figures; a true state that never occurs is left out of the means."""
        present = [true for true in BY_SCORE if sum(confusion[true].values())]
        total = sum(sum(found.values()) for found in confusion.values())
        recall = {t: confusion[t][t] / sum(confusion[t].values()) for t in present}
        named = {t: sum(confusion[true][t] for true in BY_SCORE) for t in BY_SCORE}
        precision = {t: confusion[t][t] / named[t] if named[t] else 0.0 for t in present}
        f1 = [2 * confusion[t][t] / (sum(confusion[t].values()) + named[t]) for t in present]
        return cls(
            entities=total,
            confusion=confusion,
            recall=recall,
            precision=precision,
            balanced_accuracy=sum(recall.values()) / len(present),
            macro_f1=sum(f1) / len(present),
            accuracy=sum(confusion[t][t] for t in BY_SCORE) / total,
            commonest_share=max(sum(confusion[t].values()) for t in BY_SCORE) / total,
            rule_version=rule_version,
        )


def measure_activity(lake: Lake, *, as_of: date) -> dict[str, pa.Table]:
    """Run the three models on a lake as of the end of a month and return their tables by name."""
    weights = parameters.load("supervision/activity").on(as_of)
    con = lake.ibis()
    if lake.exists(TYPED):
        facts = lake.table(con, TYPED)
    else:
        con.con.register(TYPED, facts_to_rate(lake))
        facts = con.table(TYPED)
    entities = lake.table(con, ENTITIES)
    con.con.register(
        TABLES[0], mart_activity_scale(entities, facts, as_of=as_of, weights=weights).to_pyarrow()
    )
    scale = con.table(TABLES[0])
    con.con.register(
        TABLES[1], mart_activity(entities, facts, scale, as_of=as_of, weights=weights).to_pyarrow()
    )
    activity = con.table(TABLES[1])
    summary = mart_activity_summary(entities, activity).to_pyarrow()
    found = {TABLES[0]: scale.to_pyarrow(), TABLES[1]: activity.to_pyarrow(), TABLES[2]: summary}
    con.disconnect()
    return found


def judge_activity(lake: Lake, activity: pa.Table, *, rule_version: str) -> Judgement:
    """Compare the states found with the true ones, over entities that the register has not closed.

    Those revoked or deregistered are left out: the register itself says they are lost, which proves nothing. So are
    those dormant by filing, which the truth of the province does not know.
    """
    con = lake.ibis()
    con.con.register("activity_found", activity)
    lake.table(con, ENTITIES)
    lake.table(con, TRUTH)
    rows = con.con.sql(
        f"""select truth.activity_state, found.state_code, count(*) from activity_found found
        join {ENTITIES} register using (entity_id) join {TRUTH} truth using (uscc)
        where coalesce(register.status_code, '') not in ('revoked', 'deregistered') and found.state_code <> '{FILED}'
        group by 1, 2"""  # noqa: S608
    ).fetchall()
    con.disconnect()
    confusion = {true: dict.fromkeys(BY_SCORE, 0) for true in BY_SCORE}
    for true, found, count in rows:
        confusion[true][found] = count
    return Judgement.of(confusion, rule_version)


def as_json(judgement: Judgement) -> Mapping[str, Any]:
    """For `--json`: figures with four digits."""
    plain: dict[str, Any] = dict(vars(judgement))
    rounded = {k: round(v, 4) if isinstance(v, float) else v for k, v in plain.items()}
    for name in ("recall", "precision"):
        rounded[name] = {state: round(value, 4) for state, value in plain[name].items()}
    return rounded


__all__ = ["Judgement", "as_json", "judge_activity", "measure_activity"]

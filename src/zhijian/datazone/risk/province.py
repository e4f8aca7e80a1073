"""The chance of a violation within twelve months for every market entity of the lake.

Selection: a label exists only where somebody inspected, and inspectors go where they expect something. The model is
learned from all visits, adjusted for who went, and the remaining bias is told on the card: a chance is the chance
that an average inspector finds something if sent. Delivered sheets do not say whether a
visit came from a lottery, so the lottery's visits cannot be learned from alone.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from zhijian.datazone.entity.register import entity_standing_facts
from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.risk_features import FEATURES, PROBLEM_CODES, UNREACHABLE_CODE, mart_risk_features
from zhijian.datazone.mart.vocabulary import has_any, months_before
from zhijian.datazone.risk.contract import Dataset, dataset, load
from zhijian.datazone.risk.learner import Model, Settings, fit
from zhijian.datazone.risk.measures import from_draw
from zhijian.datazone.risk.visits import DrawnVisit

CONTRACT = "province_violations"
TABLE = "mart_risk_score"
ENTITIES, FACTS, OWN = "entity_market_entities", "entity_facts", "entity_own_facts"
SCHEMA = pa.schema(
    [
        ("entity_id", pa.int64()),
        ("chance", pa.float32()),
        ("as_of", pa.date32()),
        ("model_version", pa.string()),
    ]
)
# Half the trees that were first tried, for speed: everyone is scored every month, and nothing was lost by it.
SETTINGS = Settings(
    rounds=40, seeds=1, learning_rate=0.15, leaves=15, least_rows_in_leaf=100, feature_share=0.7, threads=2
)
CHUNK = 250_000
_MOST_TRAINING_ROWS = 2_000_000


class NothingToLearn(ValueError):
    """The lake holds too little to learn from; the message says what is missing."""


def judged_by_draw(lake: Lake, visits: Iterable[DrawnVisit]) -> dict[str, float]:
    """Judge the stored scores by visits whose chance of being drawn is known, as if everybody had been visited.

    Only visits after the day of the scores count: `visits` says how many. See `measures.from_draw` for the rest.

    Raises:
        NothingToLearn: there are no scores, or no drawn visit of a scored entity after their day.
        ValueError: a chance is not above 0 and at most 1.
    """
    if not lake.exists(TABLE):
        raise NothingToLearn(
            f"The lake has no {TABLE}. Run `zhijian risk score --province --as-of DAY` first."
        )
    drawn = list(visits)
    ids = _ids(lake, {one.uscc for one in drawn})
    scored = lake.read_where(TABLE, [("entity_id", "in", sorted(ids.values()))]).to_pylist() if ids else []
    scores = {row["entity_id"]: row for row in scored}
    judged = [
        (one, scores[ids[one.uscc]]["chance"])
        for one in drawn
        if ids.get(one.uscc) in scores and one.occurred_on > scores[ids[one.uscc]]["as_of"]
    ]
    if not judged:
        raise NothingToLearn(
            "No drawn visit of a scored entity lies after the day of the scores; nothing can be judged by a draw."
        )
    found, chance, score = (
        np.array(column) for column in zip(*((v.has_problem, v.chance, s) for v, s in judged), strict=True)
    )
    return {"visits": float(len(judged)), **from_draw(found.astype(np.int64), score, chance)}


def _ids(lake: Lake, codes: set[str]) -> dict[str, int]:
    if not codes:
        return {}
    rows = lake.read_where(ENTITIES, [("uscc", "in", sorted(codes))]).select(["uscc", "entity_id"])
    return {row["uscc"]: row["entity_id"] for row in rows.to_pylist()}


def _facts(lake: Lake, connection: Any) -> Table:
    """Every fact as it stands; where the register was read from words our own are among the typed ones."""
    facts = lake.table(connection, FACTS)
    if not lake.exists(OWN):
        return facts
    return entity_standing_facts(facts, lake.table(connection, OWN))


def labelled(entity_facts: Table, features: Table, *, after: date, until: date) -> Table:
    """Join features known at the end of `after` to each entity's first inspection between then and `until`, known by `until`.

    `has_violation` is 1 if the sheet names a problem. Visits at which nobody was met are left out: nobody looked.
    `inspector` is the sheet's number up to its last dash-separated part, empty where sheets are numbered otherwise.
    """
    facts = entity_facts.filter(
        entity_facts.kind == "inspection.result",
        entity_facts.occurred_on > ibis.literal(after),
        entity_facts.occurred_on <= ibis.literal(until),
        entity_facts.recorded_on <= ibis.literal(until),
        ~has_any(entity_facts.codes, (UNREACHABLE_CODE,)),
    )
    place = ibis.row_number().over(group_by=facts.entity_id, order_by=[facts.occurred_on, facts.source_key])
    first = facts.mutate(place=place)
    first = first.filter(first.place == 0)
    visits = first.select(
        "entity_id",
        "occurred_on",
        has_violation=has_any(first.codes, PROBLEM_CODES).cast("int8"),
        inspector=first.reference.re_extract("^(.*-E[0-9]+)-", 1).fill_null(""),
    )
    return visits.inner_join(features, "entity_id")


def training_set(lake: Lake, *, as_of: date, years: int = 1, memory: str = "4GB") -> Dataset:
    """Return visits of the last `years` times twelve months, each with what was known when its twelve months began.

    Raises:
        NothingToLearn: entities or facts are missing.
        BadDataset: there are too few visits.
    """
    for table in (ENTITIES, FACTS):
        if not lake.exists(table):
            raise NothingToLearn(f"The lake has no {table}. Run `zhijian refresh` first.")
    with _connection(lake, memory) as connection:
        entities, facts = lake.table(connection, ENTITIES), _facts(lake, connection)
        parts = []
        for back in range(years, 0, -1):
            after, until = months_before(as_of, 12 * back), months_before(as_of, 12 * (back - 1))
            features = mart_risk_features(entities, facts, as_of=after)
            rows = (
                labelled(facts, features, after=after, until=until)
                .order_by("entity_id")
                .limit(_MOST_TRAINING_ROWS)
                .to_pyarrow()
            )
            parts.append(_as_contract(rows, after))
    return dataset(pa.concat_tables(parts), load(CONTRACT))


def _as_contract(rows: pa.Table, decided_on: date) -> pa.Table:
    def column(name: str) -> Any:
        return rows[name].to_numpy(zero_copy_only=False).astype(float)

    age, capital, prefecture = column("age_years"), column("capital_yuan"), column("prefecture_code")
    columns: dict[str, Any] = {
        "unit_id": rows["entity_id"].cast(pa.string()),
        "decided_on": pa.array([decided_on] * len(rows), pa.date32()),
        "inspected_on": rows["occurred_on"],
        "has_violation": rows["has_violation"],
        "inspector": rows["inspector"],
        **{name: column(name) for name in FEATURES},
        "slice_division": ["?" if np.isnan(p) else str(int(p)) for p in prefecture],
        "slice_size": _words(np.nan_to_num(capital, nan=-1), (0, 100_000, 1_000_000, 10_000_000), ("unknown", "under 100 000", "under 1 million", "under 10 million", "10 million and more")),
        "slice_age": _words(age, (1, 3, 8), ("under 1 year", "1-3 years", "3-8 years", "8 years and more")),
    }  # fmt: skip
    return pa.table(columns)


def _words(values: np.ndarray, edges: tuple[float, ...], names: tuple[str, ...]) -> list[str]:
    return [names[number] for number in np.searchsorted(edges, values, side="right")]


def is_synthetic(lake: Lake) -> bool:
    """Say whether every entity of the lake is synthetic."""
    entities = lake.table(lake.ibis(), ENTITIES)
    return bool(entities.is_synthetic.all().to_pyarrow().as_py())


@contextmanager
def _connection(lake: Lake, memory: str) -> Iterator[Any]:
    """Give an Ibis connection that holds no more than `memory` before it works on disk, in a folder of its own."""
    with TemporaryDirectory(prefix=".spill-", dir=lake.root) as folder:
        connection = lake.ibis()
        limits = f"set memory_limit = '{memory}'; set threads = 2; set temp_directory = '{folder}'"
        connection.raw_sql(f"{limits}; set preserve_insertion_order = false")
        try:
            yield connection
        finally:
            connection.disconnect()


def fit_province(lake: Lake, *, as_of: date) -> tuple[Model, dict[str, Any]]:
    """Learn from what was known twelve months before `as_of` and what was found since.

    Raises:
        NothingToLearn: the lake lacks entities or facts.
        BadDataset: too few visits or violations.
    """
    rows = training_set(lake, as_of=as_of)
    model = fit(rows, variant="adjusted", settings=SETTINGS)
    registered = lake.count(ENTITIES)
    return model, {
        "as_of": as_of.isoformat(),
        "visited_entities": len(rows),
        "violations": int(rows.label.sum()),
        "registered_entities": registered,
        "share_with_label": round(len(rows) / registered, 5),
    }


def score_province(
    lake: Lake, model: Model, *, as_of: date, memory: str = "4GB", into: Lake | None = None
) -> dict[str, Any]:
    """Score every entity as of a day into `mart_risk_score`, chunk by chunk; return counts and seconds.

    The scores go to the lake they come from, or to another, `into`.

    Raises:
        NothingToLearn: the lake has no entities.
    """
    for table in (ENTITIES, FACTS):
        if not lake.exists(table):
            raise NothingToLearn(f"The lake has no {table}. Run `zhijian refresh` first.")
    started = time.perf_counter()
    with _connection(lake, memory) as connection:
        features = mart_risk_features(lake.table(connection, ENTITIES), _facts(lake, connection), as_of=as_of)
        wanted = features.select("entity_id", *model.features)
        batches = connection.con.sql(str(ibis.to_sql(wanted, dialect="duckdb"))).to_arrow_reader(CHUNK)
        count = [0]
        reader = pa.RecordBatchReader.from_batches(SCHEMA, _scored(batches, model, as_of, count))
        (into or lake).write(
            TABLE, reader, properties={"as_of": as_of.isoformat(), "contract_version": model.contract_version}
        )
    return {
        "scored": count[0],
        "as_of": as_of.isoformat(),
        "seconds": round(time.perf_counter() - started, 2),
    }


def _scored(batches: Any, model: Model, as_of: date, count: list[int]) -> Iterator[pa.RecordBatch]:
    """Score batch by batch, so that memory does not grow with the province."""
    boosters = model.loaded()
    for batch in batches:
        matrix = np.column_stack(
            [batch[name].to_numpy(zero_copy_only=False).astype(np.float32) for name in model.features]
        )
        raw = np.mean([b.predict(matrix, raw_score=True, num_threads=2) for b in boosters], axis=0)
        chance = model.calibration.chance(raw).astype(np.float32)
        count[0] += len(matrix)
        yield pa.RecordBatch.from_arrays(
            [
                batch["entity_id"].cast(pa.int64()),
                pa.array(chance),
                pa.array(np.full(len(matrix), (as_of - date(1970, 1, 1)).days, np.int32)).cast(pa.date32()),
                pa.repeat(f"{model.contract} {model.contract_version}", len(matrix)),
            ],
            schema=SCHEMA,
        )

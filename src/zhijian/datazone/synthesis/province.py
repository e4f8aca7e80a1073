"""A province is drawn chunk by chunk on all cores and written to the lake in one transaction."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.synthesis.codes import CAPACITY
from zhijian.datazone.synthesis.conduct import SCHEMA as FACTS_SCHEMA
from zhijian.datazone.synthesis.conduct import facts_batch
from zhijian.datazone.synthesis.register import SCHEMA as REGISTER_SCHEMA
from zhijian.datazone.synthesis.register import register_batch
from zhijian.datazone.synthesis.traits import Plan, draw_traits, make_plan
from zhijian.datazone.synthesis.truth import SCHEMA as TRUTH_SCHEMA
from zhijian.datazone.synthesis.truth import truth_batch

REGISTER, FACTS, TRUTH = "raw_registration__market_entities", "raw_supervision__facts", "raw_synthesis__truth"
SCHEMAS = {REGISTER: REGISTER_SCHEMA, FACTS: FACTS_SCHEMA, TRUTH: TRUTH_SCHEMA}
MAKERS: dict[str, Callable[..., pa.RecordBatch]] = {
    REGISTER: register_batch,
    FACTS: facts_batch,
    TRUTH: truth_batch,
}
UNTIL = date(2025, 12, 31)  # the last day of the plan: the default, so that a seed alone says what comes out
STAGES = ("draw", "publish")
MODEL = "1"  # raised when the model changes, so that a province of an earlier model is drawn anew
CHUNK = 100_000  # entities drawn at a time
CHUNKS_PER_FILE = 4
ROW_GROUP = 400_000

Progress = Callable[[str, float], None]
"""Called with a stage of `STAGES` and the share done, 0 to 1."""


class CannotSynthesize(LakeError):
    """A province cannot be made as asked; the message says why."""


@dataclass(frozen=True)
class SynthesisReport:
    """What was made. `is_unchanged`: the lake held this very province already, and nothing was written."""

    entities: int
    facts: int
    seed: int
    until: str
    is_unchanged: bool
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name."""
        return asdict(self)


def synthesize(
    lake: Lake,
    entities: int,
    *,
    seed: int,
    at: datetime,
    until: date = UNTIL,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SynthesisReport:
    """Draw a province and write register, facts and truth; all three become visible together.

    The rows depend on `entities`, `seed` and `until` alone, not on `workers` (threads; default: one per core).
    `at` (aware) is the time of the write.

    Raises:
        CannotSynthesize: fewer than 1 entity, or more than there are codes that belong to nobody.
    """
    if not 1 <= entities <= CAPACITY * 9 // 10:
        raise CannotSynthesize(
            f"Between 1 and {CAPACITY * 9 // 10:,} entities can be made (their codes must belong to nobody, and a "
            f"tenth is kept for later days); {entities:,} were asked for."
        )
    started = time.perf_counter()
    tell = progress or (lambda stage, share: None)
    made = {"model": MODEL, "entities": str(entities), "seed": str(seed), "until": until.isoformat()}
    if _holds(lake, made):
        return SynthesisReport(entities, lake.count(FACTS), seed, until.isoformat(), True, 0.0)
    plan = make_plan(entities, seed, until)
    properties = {**made, "day": until.isoformat(), "next_number": str(entities)}
    with lake.transaction() as transaction:
        staged = {table: transaction.stage(table) for table in SCHEMAS}
        rows = _write_all(plan, staged, workers or os.cpu_count() or 1, tell)
        tell("publish", 0.0)
        for table, folder in staged.items():
            transaction.write_staged(table, folder, SCHEMAS[table], at=at, properties=properties)
    tell("publish", 1.0)
    seconds = round(time.perf_counter() - started, 3)
    return SynthesisReport(entities, rows[FACTS], seed, until.isoformat(), False, seconds)


def _holds(lake: Lake, made: dict[str, str]) -> bool:
    """Say whether the newest version of every table is this very province, before any later day."""
    for table in SCHEMAS:
        if not lake.exists(table):
            return False
        known = lake.versions(table)[0].properties
        if any(known.get(key) != value for key, value in made.items()) or known.get("day") != made["until"]:
            return False
    return True


def _write_all(plan: Plan, staged: dict[str, Path], workers: int, tell: Progress) -> dict[str, int]:
    """Write one file per table and stretch of numbers; return the rows of each table."""
    stretch = CHUNK * CHUNKS_PER_FILE
    starts = range(0, plan.entities, stretch)
    rows = dict.fromkeys(SCHEMAS, 0)
    draw_traits(plan, np.arange(1))  # fills the tables that all threads read
    with ThreadPoolExecutor(workers) as pool:
        jobs: list[Future[dict[str, int]]] = [
            pool.submit(_write_stretch, plan, start, min(start + stretch, plan.entities), staged)
            for start in starts
        ]
        try:
            for done, job in enumerate(jobs, start=1):
                for table, count in job.result().items():
                    rows[table] += count
                tell("draw", done / len(jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return rows


def _write_stretch(plan: Plan, start: int, stop: int, staged: dict[str, Path]) -> dict[str, int]:
    writers = {
        table: open_parquet(staged[table] / f"{start:09d}.parquet", SCHEMAS[table]) for table in SCHEMAS
    }
    rows = dict.fromkeys(SCHEMAS, 0)
    for first in range(start, stop, CHUNK):
        traits = draw_traits(plan, np.arange(first, min(first + CHUNK, stop)))
        for table, make in MAKERS.items():
            batch = make(plan, traits)
            writers[table].write_batch(batch, row_group_size=ROW_GROUP)
            rows[table] += batch.num_rows
    for writer in writers.values():
        writer.close()
    return rows


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a file for rows of `schema`. Columns whose values hardly repeat are written without a dictionary."""
    repeated = [name for name in schema.names if name not in _HARDLY_REPEATED]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeated, write_statistics=True)


_HARDLY_REPEATED = {"name", "address", "representative_id", "phone_id", "source_key", "hazard"}


def chunks(numbers: np.ndarray) -> Iterator[np.ndarray]:
    """Cut entity numbers into chunks."""
    for first in range(0, len(numbers), CHUNK):
        yield numbers[first : first + CHUNK]

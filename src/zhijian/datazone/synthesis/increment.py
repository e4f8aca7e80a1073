"""One more day: what the province's systems deliver the night after, touching about one entity in a hundred."""

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zhijian.datazone.lake import Lake
from zhijian.datazone.synthesis import columns
from zhijian.datazone.synthesis.codes import CAPACITY
from zhijian.datazone.synthesis.conduct import (
    CHANGE,
    CLEAN,
    COMPLAINT,
    CORRECTED,
    INSPECTION,
    LICENCE,
    LISTED,
    NO_CODE,
    NO_FIELD,
    NO_GROUND,
    PENALTY,
    REPORT,
    UNREACHABLE,
    Events,
    in_words,
    reference_head,
)
from zhijian.datazone.synthesis.draws import Integers, bits, uniform
from zhijian.datazone.synthesis.province import (
    FACTS,
    REGISTER,
    SCHEMAS,
    TRUTH,
    CannotSynthesize,
    SynthesisReport,
    chunks,
    open_parquet,
)
from zhijian.datazone.synthesis.register import addresses, register_batch
from zhijian.datazone.synthesis.trades import FIELDS, trades
from zhijian.datazone.synthesis.traits import (
    EPOCH,
    LIVE,
    REVOKED,
    SUSPENDED,
    Plan,
    Traits,
    draw_traits,
    make_plan,
)
from zhijian.datazone.synthesis.truth import truth_batch

# ASSUMPTION: the mix of a day. Kinds of fact by share of the entities touched; the rest of the numbers likewise.
DAY_KINDS = (REPORT, INSPECTION, COMPLAINT, LICENCE, CHANGE, PENALTY, LISTED)
DAY_SHARES = (0.45, 0.15, 0.12, 0.10, 0.12, 0.03, 0.03)
NEW_PER_ENTITY = 0.0003  # a tenth of a percent in three days, 11% in a year before exits
MOVES, RAISES, SUSPENDS = 0.5, 0.9, 1.0  # of registration changes: cumulated shares


def next_day(lake: Lake) -> date:
    """Return the day after the newest that the province's tables hold.

    Raises:
        CannotSynthesize: there is no province.
    """
    return date.fromisoformat(_properties(lake)["day"]) + timedelta(days=1)


def synthesize_increment(
    lake: Lake, day: date, *, at: datetime, share: float = 0.01, seed: int = 1
) -> SynthesisReport:
    """Append one day's deliveries that touch about `share` (0 to 1) of the entities, and some new entities.

    An entity that changes comes as a whole new row of the register with this day as `delivered_on`: the newest
    row counts. The rows depend on the province, the day, `share` and `seed`. `at` (aware) is the time of the write.

    Raises:
        CannotSynthesize: there is no province, it holds this day already, or no codes are left.
    """
    started, properties = time.perf_counter(), _properties(lake)
    if day < next_day(lake):
        raise CannotSynthesize(
            f"The province holds all days to {properties['day']} already; give a later day."
        )
    plan = make_plan(
        int(properties["entities"]), int(properties["seed"]), date.fromisoformat(properties["until"])
    )
    later = replace(plan, until=day)
    first = int(properties["next_number"])
    new = np.arange(first, first + max(1, int(plan.entities * NEW_PER_ENTITY)))
    if int(new[-1]) >= CAPACITY:
        raise CannotSynthesize(
            "No codes are left that belong to nobody. Make a new province with fewer entities."
        )
    key = f"{seed}/{day.isoformat()}"
    everyone = np.arange(plan.entities)
    touched = everyone[uniform(plan.seed, f"touched {key}", everyone) < share]
    noted = {**properties, "day": day.isoformat(), "next_number": str(int(new[-1]) + 1)}
    counts = {FACTS: 0, REGISTER: 0}
    with lake.transaction() as transaction:
        staged = {table: transaction.stage(table) for table in SCHEMAS}
        writers = {
            table: open_parquet(folder / "day.parquet", SCHEMAS[table]) for table, folder in staged.items()
        }
        for numbers in [*chunks(touched), *chunks(new)]:
            is_new = bool(numbers[0] >= first)
            traits = draw_traits(later if is_new else plan, numbers)
            facts, events = _facts(later, traits, key, is_new=is_new)
            writers[FACTS].write_batch(facts)
            rows = register_batch(later, traits) if is_new else _changed(later, plan, traits, events, key)
            writers[REGISTER].write_batch(rows)
            if is_new:
                writers[TRUTH].write_batch(truth_batch(later, traits))
            counts[FACTS] += facts.num_rows
            counts[REGISTER] += rows.num_rows
        for writer in writers.values():
            writer.close()
        for table, folder in staged.items():
            transaction.write_staged(table, folder, SCHEMAS[table], at=at, mode="append", properties=noted)
    seconds = round(time.perf_counter() - started, 3)
    return SynthesisReport(len(touched) + len(new), counts[FACTS], seed, day.isoformat(), False, seconds)


def _properties(lake: Lake) -> dict[str, str]:
    if not lake.exists(REGISTER) or "next_number" not in lake.versions(REGISTER)[0].properties:
        raise CannotSynthesize(
            "There is no synthetic province in this lake yet: run `zhijian synthesize` first."
        )
    known = lake.versions(REGISTER)[0].properties
    return {name: known[name] for name in ("model", "entities", "seed", "until", "day", "next_number")}


def _facts(plan: Plan, traits: Traits, key: str, *, is_new: bool) -> tuple[pa.RecordBatch, Events]:
    """One fact of the day for each entity on the register; a licence for each new one whose trade needs it."""
    seed, day = plan.seed, plan.end_day
    kind = np.array(DAY_KINDS)[
        np.searchsorted(np.cumsum(DAY_SHARES)[:-1], uniform(seed, f"kind {key}", traits.number), "right")
    ]
    if is_new:
        needed = uniform(seed, "needs licence", traits.number) < trades().licensed[traits.trade]
        row = np.flatnonzero(needed)
        kind = np.full(len(traits), LICENCE)
    else:
        row = np.flatnonzero(traits.status < REVOKED)
    kind, number, n = kind[row], traits.number[row], len(row)
    found = uniform(seed, f"found {key}", number) < 1 - np.exp(-2.2 * traits.risk[row])
    codes = np.select(
        [kind == INSPECTION, kind == LISTED], [np.where(found, CORRECTED, CLEAN), UNREACHABLE], NO_CODE
    )
    field_of = np.select(
        [(kind == REPORT) | (kind == LISTED), kind == CHANGE],
        [NO_FIELD, FIELDS.index("registration")],
        trades().field[traits.trade[row]],
    )
    tail = bits(seed, f"reference {key}", number) | np.uint64(1)
    events = Events(
        row=row, kind=kind, day=np.full(n, day), serial=np.zeros(n, np.int64), delay=np.zeros(n, np.int64),
        yuan=np.where(kind == PENALTY, 500 * (1 + (uniform(seed, f"fine {key}", number) * 60).astype(np.int64)), -1),
        codes=codes, ground=np.where(kind == LISTED, 1, NO_GROUND), field_of=field_of,
        head=_heads(kind, traits.county[row], plan.until), tail=np.where(kind == REPORT, np.uint64(0), tail),
    )  # fmt: skip
    return in_words(plan, traits, events, delivery=f"{plan.until.isoformat()}/"), events


def _heads(kind: Integers, county: Integers, day: date) -> Integers:
    """The heads of the references that the kinds of a day have."""
    return np.select(
        [kind == REPORT, kind == LISTED, kind == PENALTY, kind == COMPLAINT, kind == LICENCE, kind == INSPECTION],
        [day.year - 1 - 1900, *(reference_head(sign, day.year) for sign in ("listing", "penalty", "complaint", "licence")),
         reference_head("inspector", 0) + county * 24],
        -1,
    )  # fmt: skip


def _changed(later: Plan, plan: Plan, traits: Traits, events: Events, key: str) -> pa.RecordBatch:
    """New rows of the register for the entities whose registration changed: moved, capital raised, or suspended."""
    those = events.row[events.kind == CHANGE]
    changed = _rows_of(traits, those)
    what = uniform(plan.seed, f"change {key}", changed.number)
    raised = np.where((what >= MOVES) & (what < RAISES), changed.capital_yuan * 2, changed.capital_yuan)
    status = np.where(
        (what >= RAISES) & (what < SUSPENDS) & (changed.status == LIVE), SUSPENDED, changed.status
    )
    rows = register_batch(plan, replace(changed, capital_yuan=raised, status=status))
    move = (later.end_day - plan.end_day) * 8 + 8
    moved = addresses(plan.seed, changed.number, changed.street, move=move)
    address = pc.if_else(pa.array(what < MOVES), moved, rows["address"])
    delivered = columns.days(np.full(len(changed), (later.until - EPOCH).days))
    columns_now = {
        **dict(zip(rows.schema.names, rows.columns, strict=True)),
        "address": address,
        "delivered_on": delivered,
    }
    return pa.RecordBatch.from_arrays(list(columns_now.values()), schema=rows.schema)


def _rows_of(traits: Traits, rows: npt.NDArray) -> Traits:
    """Return these rows of the traits."""
    return Traits(*(getattr(traits, name)[rows] for name in Traits.__dataclass_fields__))

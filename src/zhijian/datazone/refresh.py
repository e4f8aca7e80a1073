"""Bring every table of the data zone up to date: everything, or only what the newest deliveries touched.

Both ways publish in one instant, so a reader meets the tables before or after, never between; a refresh that dies
leaves nothing. What an increment makes is what a full refresh would make (a test compares them row by row).
"""

import fcntl
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from zhijian.datazone import models
from zhijian.datazone.entity.facts import OWN_SCHEMA, typed_own_facts
from zhijian.datazone.entity.register import new_codes
from zhijian.datazone.lake import Lake, LakeError, QueryMode, Transaction
from zhijian.datazone.mart.credit_score import touched_by
from zhijian.datazone.mart.vocabulary import late_feeds
from zhijian.datazone.models import MODELS, OWN_FACTS, RAW_ENTITIES, RAW_FACTS, RAW_OWN, Kind, Model
from zhijian.standards import parameters

LOG = "mart_refreshes"
LOG_SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", "UTC")),
        ("as_of", pa.date32()),
        ("mode", pa.string()),
        ("why", pa.string()),
        ("rules", pa.string()),
        ("inputs", pa.string()),
        ("touched", pa.int64()),
        ("waiting_facts", pa.int64()),
        ("rows", pa.string()),
        ("seconds", pa.string()),
    ]
)
# Over whole tables the models are joined as they are written, the smaller table on the right: after an anti-join the
# planner guesses a fifth of the rows, takes the register for the smaller side and works on disk.
_GUESSES = "join_order,build_side_probe_side"
_TYPED_AT_ONCE = 50_000
Progress = Callable[[str, float], None]
"""Called with the table being made and the share done, 0 to 1."""


class RefreshRunning(LakeError):
    """Another refresh is at work."""


class NothingToRefresh(LakeError):
    """The lake has no entities yet."""


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh did. `mode` is 'full', 'increment' or 'unchanged'; `why` says why it was full.

    `touched` counts entities; `rows` and `seconds` are by table, what was written and how long it took.
    """

    mode: str
    why: str
    as_of: date
    touched: int
    waiting_facts: int
    rows: dict[str, int]
    seconds: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def refresh(
    lake: Lake,
    *,
    as_of: date,
    at: datetime,
    full: bool = False,
    memory: str = "6GB",
    threads: int = 2,
    progress: Progress | None = None,
) -> RefreshReport:
    """Bring all tables up to date with what was delivered; return what was done.

    Args:
        as_of: the day that ages and windows are measured to: the end of the month that is being rated.
        at: when, aware.
        full: build everything anew even if an increment would do.
        memory: what DuckDB may hold before it works on disk.
        progress: called with the table being made and the share done.

    Raises:
        RefreshRunning: another refresh is at work.
        NothingToRefresh: there are no entities.
    """
    with alone(lake), connection(lake, memory, threads) as con, lake.transaction() as transaction:
        work = Refresh(lake, transaction, con, as_of, at, progress or (lambda table, share: None))
        return work.run(full=full)


def last_refresh(lake: Lake) -> dict[str, Any] | None:
    """Return the record of the newest refresh; None before the first."""
    if not lake.exists(LOG):
        return None
    newest: dict[str, Any] = lake.read(LOG).sort_by("at").to_pylist()[-1]
    return newest


@contextmanager
def alone(lake: Lake) -> Iterator[None]:
    """Hold the right to refresh this lake; the system gives it back if the process dies.

    Raises:
        RefreshRunning: somebody else holds it.
    """
    lake.root.mkdir(parents=True, exist_ok=True)
    with (lake.root / "refresh.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise RefreshRunning(
                f"{lake.root} 已有一次刷新在进行，请等它结束后再试。"
                f" A refresh is already at work on {lake.root}; wait for it to end and try again."
            ) from problem
        yield


@contextmanager
def connection(lake: Lake, memory: str, threads: int) -> Iterator[Any]:
    """A DuckDB that keeps to so much memory and works on disk beyond it."""
    con = lake.ibis()
    con.raw_sql(f"set memory_limit = '{memory}'; set threads = {int(threads)}")
    con.raw_sql(f"set temp_directory = '{lake.root / '.spill'}'; set preserve_insertion_order = false")
    try:
        yield con
    finally:
        con.disconnect()


@dataclass
class Refresh:
    """One refresh on DuckDB; another engine overrides how tables are read, counted and written."""

    lake: Lake
    transaction: Transaction
    con: Any
    as_of: date
    at: datetime
    tell: Progress
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)

    def run(self, *, full: bool) -> RefreshReport:
        inputs = {name: self.lake.version(name) for name in self._inputs()}
        self.known["late_feeds"] = self._late_feeds()
        rules = f"{models.fingerprint(self.as_of)} {self.known['late_feeds']}"
        last = last_refresh(self.lake)
        why = "asked for" if full else self._why_full(last, inputs, rules)
        if not why and last is not None and json.loads(last["inputs"]) == inputs:
            return RefreshReport("unchanged", "", self.as_of, 0, int(last["waiting_facts"]), {}, {})
        if not why and last is not None:
            touched, waiting = _Increment(self, json.loads(last["inputs"]), int(last["waiting_facts"])).run()
        else:
            touched, waiting = self._build_all(rules)
        report = RefreshReport(
            "full" if why else "increment", why, self.as_of, touched, waiting, self.rows, self.seconds
        )
        self._log(report, inputs, rules)
        self.tell("publish", 1.0)
        return report

    def _inputs(self) -> list[str]:
        """The tables that come from outside: deliveries in codes, or the register that was read from words."""
        if self.lake.exists(RAW_ENTITIES):
            return [name for name in (RAW_ENTITIES, RAW_FACTS, RAW_OWN) if self.lake.exists(name)]
        found = [name for name in ("entity_market_entities", "entity_facts") if self.lake.exists(name)]
        if "entity_market_entities" not in found:
            raise NothingToRefresh(
                f"数据湖 {self.lake.root} 中还没有市场主体，请先运行 zhijian build 或 zhijian synthesize。"
                f" The lake at {self.lake.root} has no entities yet; run 'zhijian build' or 'zhijian synthesize' first."
            )
        return found

    def _why_full(self, last: Mapping[str, Any] | None, inputs: Mapping[str, int], rules: str) -> str:
        """Say why an increment will not do; empty if it will."""
        if last is None:
            return "the first refresh"
        if last["as_of"] != self.as_of:
            return f"the day of the rating moved from {last['as_of']}"
        if last["rules"] != rules:
            return "models or numbers changed"
        before = json.loads(last["inputs"])
        if set(before) - {RAW_OWN} != set(inputs) - {RAW_OWN}:
            return "there are other sources than before"
        if before != inputs and RAW_ENTITIES not in inputs:
            return "the register was read from words"
        delivered = set(inputs) - {RAW_OWN}  # our own facts are few, and looked at as a whole every time
        if any(self.lake.added_files(name, before[name]) is None for name in delivered):
            return "a source was delivered anew as a whole"
        return ""

    def models(self) -> list[Model]:
        """The models that this lake has the sources for, in order.

        Where the register was read from words, `zhijian rate` makes the classes: it knows our own facts too.
        """
        there = {*self._inputs(), *self._given_beside()}
        wanted = "" if RAW_ENTITIES in there else "theme_"
        found = []
        for model in MODELS.values():
            if model.table not in there and model.table.startswith(wanted) and set(model.reads) <= there:
                found.append(model)
                there.add(model.table)
        return found

    def _given_beside(self) -> tuple[str, ...]:
        """What models read that is neither delivered nor made by a model.

        Where the register was read from words, `zhijian rate` has put our own facts among the typed ones.
        """
        if self.lake.exists(RAW_ENTITIES):
            return models.KNOWN_IDENTIFIERS, OWN_FACTS
        return models.KNOWN_IDENTIFIERS, "entity_standing_facts"

    def _late_feeds(self) -> dict[str, date]:
        """The kinds of fact whose deliveries stopped, each with the day of the last."""
        source = RAW_FACTS if self.lake.exists(RAW_FACTS) else "entity_facts"
        if not self.lake.exists(source):
            return {}
        facts = self.lake.table(self.con, source)
        newest = facts.group_by("kind").aggregate(day=facts.recorded_on.max()).to_pyarrow().to_pylist()
        allowed = parameters.load("supervision/credit_class").on(self.as_of)["late_after_days"]
        days = {row["kind"]: row["day"] for row in newest if row["day"] is not None}
        return dict(sorted(late_feeds(days, as_of=self.as_of, late_after_days=allowed).items()))

    def build(self, model: Model, tables: Mapping[str, Table]) -> Table:
        """The model's expression over these tables, as of the day of this rating."""
        return model.build(tables, self.as_of, self.known)

    def _build_all(self, rules: str) -> tuple[int, int]:
        inputs = self._inputs()
        tables: dict[str, Table] = {name: self.table(name) for name in inputs}
        tables[models.KNOWN_IDENTIFIERS] = self.known_identifiers()
        if RAW_ENTITIES in inputs:
            tables[OWN_FACTS] = self.own_facts(anew=True)
        elif "entity_facts" in inputs:
            tables["entity_standing_facts"] = tables["entity_facts"]
        todo = self.models()
        self.con.raw_sql(f"set disabled_optimizers = '{_GUESSES}'")
        for number, model in enumerate(todo):
            self.tell(model.table, number / len(todo))
            expression = self.build(model, tables)
            if model.kind is Kind.VIEW:
                tables[model.table] = expression
            elif model.kind is Kind.HELD:
                tables[model.table] = self.keep(model.table, expression)
            elif model.kind is Kind.FROZEN and self._is_frozen(model, rules):
                tables[model.table] = self.table(model.table)
            else:
                self.write(model, expression)
                tables[model.table] = self.table(model.table)
        return self.count("entity_market_entities"), self._waiting_facts()

    def _is_frozen(self, model: Model, rules: str) -> bool:
        """A scale that was fixed for this day of rating by these rules stays."""
        last = last_refresh(self.lake)
        if last is None or not self.lake.exists(model.table):
            return False
        return bool((last["as_of"], last["rules"]) == (self.as_of, rules))

    def known_identifiers(self) -> Table:
        """The keys that were given before; none before the first build."""
        if self.lake.exists("entity_identifiers"):
            return self.table("entity_identifiers")
        return ibis.memtable([], schema={"uscc": "string", "entity_id": "int64"})

    def own_facts(self, *, anew: bool) -> Table:
        """Our own facts, typed: those that the feed brought since the last refresh are added, or all made anew."""
        if anew:
            self.transaction.write(OWN_FACTS, OWN_SCHEMA.empty_table())
        if self.lake.exists(RAW_OWN):
            fed = self.lake.table(self.con, RAW_OWN)
            typed = self.lake.table(self.con, OWN_FACTS).sequence.max().to_pyarrow() if not anew else None
            done = 0 if typed is None else typed.as_py() or 0
            for batch in fed.filter(fed.sequence > done).to_pyarrow().to_batches(_TYPED_AT_ONCE):
                self.transaction.write(OWN_FACTS, typed_own_facts(batch.to_pylist()), mode="append")
        return self.table(OWN_FACTS)

    def _waiting_facts(self) -> int:
        """Right facts whose code is not on the register, and repeats: what a new code may bring back."""
        if not self.lake.exists(RAW_FACTS):
            return 0
        refused = self.count("standard_supervision__refusals")
        return self.lake.count(RAW_FACTS) - refused - self.count("entity_facts")

    def table(self, name: str) -> Table:
        """The table as this refresh sees it."""
        return self.transaction.table(self.con, name)

    def count(self, name: str) -> int:
        return int(self.table(name).count().to_pyarrow().as_py())

    def write(self, model: Model, expression: Table, mode: QueryMode = "overwrite") -> None:
        """Write rows of a model's table and note how many and how long it took."""
        started = time.perf_counter()
        self.write_rows(model, expression, mode)
        self.seconds[model.table] = round(time.perf_counter() - started, 2)
        self.rows[model.table] = self.transaction.written_rows

    def write_rows(self, model: Model, expression: Table, mode: QueryMode) -> None:
        """Write rows of a model's table, by the engine of this refresh."""
        key = model.key if model.kind is Kind.ROWS else ()
        order = model.key if model.lies_apart else ()
        self.transaction.write_query(
            model.table, self.con, expression, at=self.at, mode=mode, key=key, order=order
        )

    def keep(self, name: str, expression: Table) -> Table:
        """Compute a table once and hold it for the rest of this refresh."""
        return self.con.create_table(f"held_{name}", expression, temp=True)

    def _log(self, report: RefreshReport, inputs: Mapping[str, int], rules: str) -> None:
        row = {
            "at": self.at,
            "as_of": self.as_of,
            "mode": report.mode,
            "why": report.why,
            "rules": rules,
            "inputs": json.dumps(inputs),
            "touched": report.touched,
            "waiting_facts": report.waiting_facts,
            "rows": json.dumps(report.rows),
            "seconds": json.dumps(report.seconds),
        }
        self.transaction.write(LOG, pa.Table.from_pylist([row], LOG_SCHEMA), mode="append")


@dataclass
class _Increment:
    """What the newest deliveries touched, taken into every table."""

    refresh: Refresh
    before: Mapping[str, int]
    waiting_facts: int
    old: dict[str, Table] = field(default_factory=dict)  # rows of the touched entities, before
    new: dict[str, Table] = field(default_factory=dict)  # rows of the touched entities, now
    small: dict[str, tuple[pa.Table, pa.Table]] = field(default_factory=dict)  # small tables, before and now

    def run(self) -> tuple[int, int]:
        registrations, facts = self._delivered(RAW_ENTITIES), self._delivered(RAW_FACTS)
        changed_rows, new_codes = self._entities(registrations)
        new_facts = self._facts(facts, new_codes)
        touched = self._touch(changed_rows, new_facts, self._own_facts())
        todo = [m for m in self.refresh.models() if m.table.startswith(("theme_", "mart_"))]
        for number, model in enumerate(todo):
            self.refresh.tell(model.table, number / len(todo))
            self._take_in(model)
        return touched, self.refresh._waiting_facts()

    def _delivered(self, name: str) -> Table:
        """The rows of a source that came since the last refresh."""
        con, lake = self.refresh.con, self.refresh.lake
        files = lake.added_files(name, self.before[name]) if name in self.before else []
        if files:
            return con.read_parquet(files, table_name=f"delivered_{name}", union_by_name=True)
        return self.refresh.table(name).limit(0)

    def _entities(self, delivered: Table) -> tuple[Table, Table]:
        """Write what the delivered registrations change; return the changed rows and the codes that are new."""
        r = self.refresh
        r.tell("entity_market_entities", 0.0)
        self._refuse("standard_registration__refusals", delivered)
        codes = r.keep("codes", delivered.select("uscc").distinct())
        every = r.keep("deliveries", r.table(RAW_ENTITIES).semi_join(codes, "uscc"))
        refusals = {"standard_registration__refusals": r.table("standard_registration__refusals")}
        standard = self._standard("standard_registration__", {RAW_ENTITIES: every, **refusals})
        right = r.keep("standard", standard["standard_registration__market_entities"])
        identifiers = r.table("entity_identifiers")
        known = r.keep("known", identifiers.semi_join(right, "uscc"))
        after = int(identifiers.entity_id.max().to_pyarrow().as_py() or 0)
        numbered = new_codes(right, known)
        new = r.keep("new_codes", numbered.select("uscc", entity_id=(numbered.place + after).cast("int64")))
        r.write(MODELS["entity_identifiers"], new, mode="append")
        changed = r.keep(
            "changed",
            r.build(
                MODELS["entity_market_entities"],
                {"standard_registration__market_entities": right, "entity_identifiers": known.union(new)},
            ),
        )
        return changed, new

    def _refuse(self, name: str, delivered: Table) -> None:
        model = MODELS[name]
        self.refresh.write(model, self.refresh.build(model, {model.reads[0]: delivered}), mode="append")

    def _facts(self, delivered: Table, new_codes: Table) -> Table:
        """The new facts of registered entities, each once; those that waited for a code included."""
        r = self.refresh
        r.tell("entity_facts", 0.0)
        self._refuse("standard_supervision__refusals", delivered)
        if self.waiting_facts:
            waited = r.table(RAW_FACTS).semi_join(new_codes, "uscc")
            delivered = delivered.anti_join(new_codes, "uscc").union(waited)
        refusals = {"standard_supervision__refusals": r.table("standard_supervision__refusals")}
        standard = self._standard("standard_supervision__", {RAW_FACTS: delivered, **refusals})
        standard["entity_identifiers"] = r.table("entity_identifiers")
        return r.keep("events", r.build(MODELS["entity_facts"], standard))

    def _own_facts(self) -> Table:
        """Write our own facts as they stand now; return the entities for which that is not as before."""
        r, model = self.refresh, MODELS["entity_own_facts"]
        r.tell(model.table, 0.0)
        tables = {OWN_FACTS: r.own_facts(anew=False), "entity_identifiers": r.table("entity_identifiers")}
        before = r.lake.table(r.con, model.table)
        now = r.keep("own_now", r.build(model, tables))
        r.write(model, now)
        key = ["entity_id", "fact_id"]
        return now.anti_join(before, key).union(before.anti_join(now, key)).select("entity_id")

    def _standard(self, prefix: str, given: Mapping[str, Table]) -> dict[str, Table]:
        """Make the unstored tables of a source from a part of its rows."""
        tables = dict(given)
        for model in MODELS.values():
            if model.table.startswith(prefix) and model.table not in tables:
                expression = self.refresh.build(model, tables)
                is_held = model.kind is Kind.HELD
                tables[model.table] = self.refresh.keep(model.table, expression) if is_held else expression
        return tables

    def _touch(self, changed: Table, events: Table, by_own: Table) -> int:
        """Hold the rows of the touched entities as they were and as they are; write the entities and facts.

        Touched are those with a new row or fact, those for which our own facts stand otherwise than before, and those
        that share a representative with one of them.
        """
        r = self.refresh
        entities, facts, own = "entity_market_entities", "entity_facts", "entity_own_facts"
        r.write(MODELS[entities], changed, mode="patch")
        before, now = r.lake.table(r.con, entities), r.table(entities)
        new_rows = changed.select("entity_id").union(events.select("entity_id"))
        first = r.keep("first", new_rows.union(by_own).distinct())
        touched = r.keep("touched", touched_by(first, now, before))
        self.old[entities] = r.keep("old_entities", before.semi_join(touched, "entity_id"))
        kept = self.old[entities].anti_join(changed, "entity_id")
        self.new[entities] = r.keep("new_entities", kept.union(_as(kept, changed)))
        self.old[facts] = r.keep("old_facts", r.table(facts).semi_join(touched, "entity_id"))
        fresh = r.keep("new_facts", events.anti_join(self.old[facts], ["entity_id", "source", "source_key"]))
        self.new[facts] = r.keep("all_facts", self.old[facts].union(fresh.select(*self.old[facts].columns)))
        r.write(MODELS[facts], fresh, mode="append")
        self.old[own] = r.keep("old_own", r.lake.table(r.con, own).semi_join(touched, "entity_id"))
        self.new[own] = r.keep("new_own", r.table(own).semi_join(touched, "entity_id"))
        self._take_in(MODELS["entity_standing_facts"])
        return int(touched.count().to_pyarrow().as_py())

    def _take_in(self, model: Model) -> None:
        if model.kind is Kind.VIEW:
            self.old[model.table] = self.refresh.build(model, self.old)
            self.new[model.table] = self.refresh.build(model, self.new)
        elif model.kind is Kind.ROWS:
            self._patch(model)
        elif model.kind is Kind.SUMS:
            self._add_up(model)
        elif model.kind is Kind.WHOLE:
            self._make_anew(model)

    def _make_anew(self, model: Model) -> None:
        r = self.refresh
        before = r.table(model.table).to_pyarrow()
        r.write(model, r.build(model, {name: r.table(name) for name in model.reads}))
        self.small[model.table] = before, r.table(model.table).to_pyarrow()

    def _patch(self, model: Model) -> None:
        """Write the rows of the touched entities, and of those that a changed small table touches."""
        r = self.refresh
        if any(model.table in sums.reads for sums in MODELS.values() if sums.kind is Kind.SUMS):
            before = r.table(model.table).semi_join(self.new["entity_market_entities"], "entity_id")
            self.old[model.table] = r.keep(f"old_{model.table}", before)
        tables = {name: self.new[name] if name in self.new else r.table(name) for name in model.reads}
        rows = r.keep(f"new_{model.table}", r.build(model, tables))
        self.new[model.table] = rows
        r.write(model, rows, mode="patch")
        others = self._others(model)
        if others is not None:
            narrowed = {**tables, model.reads[0]: r.table(model.reads[0]).semi_join(others, "entity_id")}
            r.write(model, r.keep(f"others_{model.table}", r.build(model, narrowed)), mode="patch")

    def _others(self, model: Model) -> Table | None:
        """Entities that nothing touched but a small table that the model reads."""
        for name in model.reads:
            if model.widened is not None and name in self.small:
                return model.widened(*self.small[name], self.refresh.table(model.reads[0]))
        return None

    def _add_up(self, model: Model) -> None:
        """Take off what the touched entities brought before, add what they bring now."""
        r = self.refresh
        now = r.table(model.table)
        values = [name for name in now.columns if name not in model.key]
        brought = r.build(model, self.old).select(*now.columns)
        bring = r.build(model, self.new).select(*now.columns)
        off = brought.mutate(**{name: -brought[name] for name in values})
        both = now.union(_as(now, bring)).union(_as(now, off))
        summed = both.group_by(list(model.key)).aggregate(**{name: both[name].sum() for name in values})
        left = summed.filter(reduce(or_, [summed[name] != 0 for name in values]))
        r.write(model, _as(now, r.keep(f"sum_{model.table}", left)))


def _as(like: Table, t: Table) -> Table:
    """The columns of `t` in the order and types of `like`."""
    return t.select(**{name: t[name].cast(kind) for name, kind in like.schema().items()})

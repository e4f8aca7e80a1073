"""The credit-risk class back-tested: rated as of a day with what was recorded by then, judged by the year after.

Two outcomes. *Recorded*: something was found and put on record within twelve months; who is looked at more is found
more, and classes steer who is looked at. *Truth*: the violations that a synthetic province drew, seen or not; only
judges read it. Insufficient data (class B without a record) is counted apart from B with one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table

from zhijian.datazone.lake import Lake
from zhijian.datazone.mart.credit_class import mart_credit_class, mart_credit_class_cut
from zhijian.datazone.mart.credit_score import mart_credit_related, mart_credit_score
from zhijian.datazone.mart.vocabulary import has_any
from zhijian.datazone.normalise.accuracy import wilson
from zhijian.standards.calendar import add_months, add_years

ENTITIES, FACTS, TRUTH = "entity_market_entities", "entity_facts", "raw_synthesis__truth"
GROUPS = ("A", "B", "B_insufficient", "C", "D")
CLASSES = ("A", "B", "C", "D")
# A violation on record: a decision, or a finding about what was done or sold. Duties of publicity (a missing report,
# a letter that came back) are no violation here: they say that a firm is silent, and the silent violate little.
FOUND: Mapping[str, tuple[str, ...]] = {
    "penalty.decided": (),
    "inspection.result": ("3", "4", "6", "7", "9", "fail"),
    "sampling.result": ("fail",),
    "product.failed": (),
}
OFF_REGISTER = ("revoked", "deregistered")
AGE_BANDS = ((2, "0-2"), (5, "2-5"), (10, "5-10"))
OLDEST = "10+"
SIZE_BANDS = ((5, "0-4"), (20, "5-19"))
LARGEST = "20+"
UNKNOWN = "unknown"

Cell = Mapping[str, Any]  # class_code, is_insufficient, age, size, kind, entities, violating


@dataclass(frozen=True)
class Rate:
    """How many of a group had a violation in the year after, with Wilson's interval (95 percent) and lift."""

    entities: int
    violating: int
    rate: float
    low: float
    high: float
    lift: float

    @classmethod
    def of(cls, entities: int, violating: int, overall: float) -> "Rate":
        """Work out the figures; without entities the rate is 0 and the interval is all that can be."""
        low, high = wilson(violating, entities)
        rate = violating / entities if entities else 0.0
        return cls(entities, violating, rate, low, high, rate / overall if overall else 0.0)


@dataclass(frozen=True)
class Verdict:
    """One origin and outcome: the rate of each group, of each class, of all, and by age, size and kind.

    `is_rising` says whether no class has a lower rate than the one before; `apart` names the neighbours whose
    intervals do not meet the wrong way round: the lower end of the worse lies above the upper end of the better.
    """

    origin: date
    outcome: str
    overall: Rate
    groups: dict[str, Rate]
    classes: dict[str, Rate]
    slices: dict[str, dict[str, dict[str, Rate]]]
    is_rising: bool
    apart: tuple[str, ...]


def verdict_of(cells: Sequence[Cell], *, origin: date, outcome: str) -> Verdict:
    """Add up counts by class, age, size and kind to the verdict of one origin."""
    entities, violating = _sum(cells)
    overall = Rate.of(entities, violating, violating / entities if entities else 0.0)
    classes = _rates(cells, lambda cell: str(cell["class_code"]), CLASSES, overall.rate)
    filled = [(code, classes[code]) for code in CLASSES if classes[code].entities]
    steps = [(f"{a}<{b}", low, high) for (a, low), (b, high) in pairwise(filled)]
    return Verdict(
        origin=origin,
        outcome=outcome,
        overall=overall,
        groups=_rates(cells, _group, GROUPS, overall.rate),
        classes=classes,
        slices={name: _slices(cells, name) for name in ("age", "size", "kind")},
        is_rising=all(better.rate <= worse.rate for _, better, worse in steps),
        apart=tuple(step for step, better, worse in steps if better.high < worse.low),
    )


def _slices(cells: Sequence[Cell], name: str) -> dict[str, dict[str, Rate]]:
    """By the bands of one column: the rate of each class, its lift measured within the band."""
    found: dict[str, dict[str, Rate]] = {}
    for band in sorted({str(cell[name]) for cell in cells}):
        inside = [cell for cell in cells if cell[name] == band]
        entities, violating = _sum(inside)
        found[band] = _rates(
            inside, lambda cell: str(cell["class_code"]), CLASSES, violating / max(entities, 1)
        )
    return found


def _rates(
    cells: Iterable[Cell], group_of: Callable[[Cell], str], groups: Sequence[str], overall: float
) -> dict[str, Rate]:
    by_group: dict[str, list[Cell]] = {group: [] for group in groups}
    for cell in cells:
        by_group[group_of(cell)].append(cell)
    return {group: Rate.of(*_sum(inside), overall) for group, inside in by_group.items()}


def _group(cell: Cell) -> str:
    is_unknown = cell["class_code"] == "B" and cell["is_insufficient"]
    return "B_insufficient" if is_unknown else str(cell["class_code"])


def _sum(cells: Iterable[Cell]) -> tuple[int, int]:
    counted = [(int(cell["entities"]), int(cell["violating"])) for cell in cells]
    return sum(n for n, _ in counted), sum(n for _, n in counted)


# --- what was known on a day ---


def register_on(entity_market_entities: Table, *, origin: date) -> Table:
    """Return who stood on the register at the end of a day, with the status of that day.

    Who left later was still active. Who is off the register and nobody knows since when is left out.
    """
    t, day = entity_market_entities, ibis.literal(origin)
    left_later = (t.ended_on > day).fill_null(False)
    is_off = t.status_code.isin(OFF_REGISTER).fill_null(False)
    there = t.filter((t.registered_on <= day).fill_null(False) & (left_later | ~is_off))
    left = (there.ended_on > day).fill_null(False)
    return there.mutate(status_code=left.ifelse("active", there.status_code))


def facts_on(entity_facts: Table, *, origin: date) -> Table:
    """Return the facts that were on record at the end of a day."""
    return entity_facts.filter(entity_facts.recorded_on <= ibis.literal(origin))


def violations_after(entity_facts: Table, *, origin: date) -> Table:
    """Return who had a violation in the twelve months after a day, as it came on record: entity_id, violations."""
    t = entity_facts
    inside = (t.occurred_on > ibis.literal(origin)) & (t.occurred_on <= ibis.literal(add_months(origin, 12)))
    found = t.filter(inside & ibis.or_(*[_is_found(t, kind, codes) for kind, codes in FOUND.items()]))
    return found.group_by("entity_id").aggregate(violations=found.count())


def _is_found(facts: Table, kind: str, codes: tuple[str, ...]) -> BooleanValue:
    is_kind = facts.kind == kind
    return is_kind & has_any(facts.codes, codes) if codes else is_kind


def age_band(registered_on: Any, *, origin: date) -> StringValue:
    """Name the band of whole years since registration."""
    branches = [(registered_on > ibis.literal(add_years(origin, -years)), name) for years, name in AGE_BANDS]
    return ibis.cases((registered_on.isnull(), UNKNOWN), *branches, else_=OLDEST)


def size_band(employees: IntegerValue) -> StringValue:
    """Name the band of staff."""
    branches = [(employees < below, name) for below, name in SIZE_BANDS]
    return ibis.cases((employees.isnull(), UNKNOWN), *branches, else_=LARGEST)


def counted(rated: Table, register: Table, violations: Table, *, origin: date) -> Table:
    """Count the rated by class, age, size and kind, and those of them with a violation after."""
    columns = register.select(
        "entity_id",
        age=age_band(register.registered_on, origin=origin),
        size=size_band(register.employees),
        kind=register.entity_kind_code.fill_null(UNKNOWN),
    )
    joined = rated.inner_join(columns, "entity_id").left_join(violations, "entity_id")
    by = joined.group_by("class_code", "is_insufficient", "age", "size", "kind")
    return by.aggregate(
        entities=joined.count(), violating=joined.count(where=(joined.violations > 0).fill_null(False))
    )


# --- a lake ---


def judge_classes(
    lake: Lake, *, origin: date, weights: Mapping[str, Any], with_truth: bool = False, memory: str = "4GB"
) -> Verdict:
    """Rate a lake as of `origin` and judge by what was recorded in the year after, or by the truth at its end.

    `with_truth` is for the last day of a synthetic province, the day after which its truth counts.
    """
    con = lake.ibis()
    con.raw_sql(f"set memory_limit = '{memory}'")
    facts = lake.table(con, FACTS)
    register = _kept(con, "judged_register", register_on(lake.table(con, ENTITIES), origin=origin))
    rated = _rated(con, register, facts_on(facts, origin=origin), origin, weights)
    outcome, violations = "recorded", violations_after(facts, origin=origin)
    if with_truth:
        truth = lake.table(con, TRUTH)
        named = register.select("entity_id", "uscc").inner_join(truth, "uscc")
        outcome, violations = "truth", named.select("entity_id", violations=named.violations_next_12_months)
    cells = counted(rated, register, violations, origin=origin).to_pyarrow().to_pylist()
    con.disconnect()
    return verdict_of(cells, origin=origin, outcome=outcome)


def _rated(con: Backend, register: Table, facts: Table, as_of: date, weights: Mapping[str, Any]) -> Table:
    known = _kept(con, "judged_facts", facts)
    related = _kept(con, "judged_related", mart_credit_related(register, known, as_of=as_of, weights=weights))
    score = _kept(
        con, "judged_score", mart_credit_score(register, known, related, as_of=as_of, weights=weights)
    )
    cut = _kept(con, "judged_cut", mart_credit_class_cut(score, weights=weights))
    return _kept(con, "judged_class", mart_credit_class(score, cut, weights=weights))


def _kept(con: Backend, name: str, of: Table) -> Table:
    return con.create_table(name, of, temp=True)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """For JSON: days as text, figures with four digits."""
    rounded: dict[str, Any] = _rounded(asdict(verdict))
    return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        return round(value, 4)
    return value.isoformat() if isinstance(value, date) else value


__all__ = [
    "CLASSES", "FOUND", "GROUPS", "Rate", "Verdict", "as_json", "counted", "facts_on", "judge_classes",
    "register_on", "verdict_of", "violations_after",
]  # fmt: skip

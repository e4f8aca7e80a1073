"""如果……会怎样: the class of one entity after lawful steps, computed by the very models that rate everyone.

The steps become facts in memory (a repair, a removal, a report), the models run on a register of one row, and the
stored cut of class D decides as it does today. It is arithmetic on the rules in force, no promise: what others
do until then may move the cut, and what the entity does may add facts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import duckdb
import ibis
import pyarrow as pa

from zhijian.datazone.entity.facts import FACTS_SCHEMA
from zhijian.datazone.mart.credit_class import UNREACHABLE_SCORE, mart_credit_class
from zhijian.datazone.mart.credit_reasons import Reason, reasons_of
from zhijian.datazone.mart.credit_score import RELATED, mart_credit_score
from zhijian.datazone.mart.indicator_tree import tree_of
from zhijian.datazone.mart.sector_class import is_member, sector_weights
from zhijian.standards import parameters
from zhijian.standards.calendar import NoCalendarForYear, add_months, add_working_days
from zhijian.standards.citation import rule
from zhijian.standards.repair_terms import penalty_repairable_from

ChangeKind = Literal["penalty_repaired", "listing_removed", "report_filed", "no_new_complaint"]
_ENTITY_SCHEMA = pa.schema(
    {
        "entity_id": pa.int64(),
        "uscc": pa.string(),
        "registered_on": pa.date32(),
        "industry_code": pa.string(),
        "status_code": pa.string(),
    }
)
_RELATED_SCHEMA = pa.schema({"entity_id": pa.int64(), **{f"related_{one}": pa.int64() for one in RELATED}})
_CUT_SCHEMA = pa.schema({"cut_score": pa.int16()})


@dataclass(frozen=True)
class Change:
    """One step: what it does, to which case, and between which days it can lawfully take effect."""

    kind: ChangeKind
    target: str
    earliest_on: date
    latest_on: date

    @property
    def key(self) -> str:
        """What a page's tick box sends."""
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True)
class Outcome:
    """A class as of the end of a month."""

    month_end: date
    class_code: str
    score: int
    is_insufficient: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Forecast:
    """The class as it stands, and once the changes took effect: at the earliest, and at the latest."""

    now: Outcome
    earliest: Outcome
    latest: Outcome
    changes: tuple[Change, ...]

    @property
    def score_range(self) -> tuple[int, int]:
        low, high = sorted((self.earliest.score, self.latest.score))
        return low, high


@rule(cites="《市场监督管理信用修复管理办法》（国市监信规〔2021〕3号）第六条")
def repair_window(published_on: date, field_code: str | None, *, as_of: date) -> tuple[date, date]:
    """Return the first and the last day on which a penalty's repair can be decided, if applied for at once.

    Six months after publication, twelve in the fields of food, drugs and special equipment (by the field of the
    norm violated, not by the firm's trade); then acceptance and decision in working days.

    ASSUMPTION: duties are performed and no second penalty of the kind stands in the way; whether they are is for the
    deciding authority.
    """
    days = parameters.load("credit/penalty_repair_working_days").on(as_of)
    first = max(penalty_repairable_from(published_on, field_code, on=as_of), as_of + timedelta(days=1))
    return first, _working_days_after(first, days["accept"] + days["decide"])


@rule(cites="《企业经营异常名录管理办法》（2025年修订）第十一条至第十四条")
def removal_window(*, as_of: date) -> tuple[date, date]:
    """Return the first and last day on which a listing can be removed, if its ground is cured at once."""
    first = as_of + timedelta(days=1)
    limit = parameters.load("credit/abnormal_removal_working_days").on(as_of)
    return first, _working_days_after(first, limit)


def _working_days_after(day: date, count: int) -> date:
    try:
        return add_working_days(day, count, provisional=True)
    except NoCalendarForYear:
        return day + timedelta(days=count * 7 // 5 + 10)


def possible_changes(facts: Iterable[Mapping[str, Any]], *, as_of: date) -> list[Change]:
    """Return the steps that the facts of one entity allow: repairs, removals, a report, a quiet half year."""
    known = [fact for fact in facts if fact["occurred_on"] <= as_of]
    found = [*_repairs(known, as_of), *_removals(known, as_of)]
    if any(change.target == "annual_report" for change in found):
        first, last = removal_window(as_of=as_of)
        found.append(Change("report_filed", str(as_of.year - 1), first, last))
    if any(fact["kind"] == "complaint.upheld" for fact in known):
        quiet = add_months(as_of, 6)
        found.append(Change("no_new_complaint", quiet.isoformat(), quiet, quiet))
    return found


def _repairs(known: Sequence[Mapping[str, Any]], as_of: date) -> list[Change]:
    repaired = {fact["reference"] for fact in known if fact["kind"] == "penalty.repaired"}
    oldest = add_months(as_of, -36)
    standing = {
        fact["reference"]: fact
        for fact in known
        if fact["kind"] == "penalty.decided" and fact["reference"] and fact["occurred_on"] > oldest
    }
    return [
        Change(
            "penalty_repaired", number, *repair_window(fact["recorded_on"], fact["field_code"], as_of=as_of)
        )
        for number, fact in sorted(standing.items())
        if number not in repaired
    ]


def _removals(known: Sequence[Mapping[str, Any]], as_of: date) -> list[Change]:
    balance: dict[str, int] = {}
    for fact in known:
        if fact["kind"].startswith("abnormal_list."):
            ground = fact["ground_code"] or ""
            balance[ground] = balance.get(ground, 0) + (1 if fact["kind"].endswith("listed") else -1)
    window = removal_window(as_of=as_of)
    return [
        Change("listing_removed", ground, *window) for ground, left in sorted(balance.items()) if left > 0
    ]


def what_if(
    entity: Mapping[str, Any],
    facts: Sequence[Mapping[str, Any]],
    changes: Sequence[Change],
    *,
    as_of: date,
    cut_score: int | None,
    related: Mapping[str, int] | None = None,
) -> Forecast:
    """Rate one entity as it stands and after the changes, at the ends of the months in which they can take effect.

    `entity` has uscc, registered_on, industry_code, status_code; `facts` are typed rows of it; `related` the
    counts of other entities of its representative. Without changes all three outcomes are of `as_of`.
    """
    model = _Model(entity, related or {}, cut_score)
    now = model.rate(facts, as_of)
    if not changes:
        return Forecast(now, now, now, ())
    ends = [
        month_end(max(getattr(change, when) for change in changes)) for when in ("earliest_on", "latest_on")
    ]
    earliest = model.rate([*facts, *_facts_of(changes, "earliest_on")], ends[0])
    latest = model.rate([*facts, *_facts_of(changes, "latest_on")], ends[1])
    return Forecast(now, earliest, latest, tuple(changes))


@dataclass(frozen=True)
class SectorOutcome:
    """A sector's class of one entity at the end of a month, now and after the changes, with its reasons."""

    code: str
    now: Outcome
    latest: Outcome


def what_if_sectors(
    entity: Mapping[str, Any],
    facts: Sequence[Mapping[str, Any]],
    changes: Sequence[Change],
    *,
    as_of: date,
    sectors: Mapping[str, Any],
) -> list[SectorOutcome]:
    """Rate one entity in each sector of which it is a member, as it stands and once the changes took effect."""
    model = _Model(entity, {}, None)
    end = month_end(max(change.latest_on for change in changes)) if changes else as_of
    later = [*facts, *_facts_of(changes, "latest_on")]
    found = []
    for code, sector in sectors["sectors"].items():
        if is_member(entity, facts, sector, as_of=as_of):
            weights = sector_weights(sector, sectors["rule_version"])
            now = model.rate(facts, as_of, weights)
            found.append(SectorOutcome(code, now, model.rate(later, end, weights) if changes else now))
    return found


def month_end(day: date) -> date:
    """Return the last day of a day's month: classes are monthly."""
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


def _facts_of(changes: Iterable[Change], when: str) -> list[dict[str, Any]]:
    """The facts that the changes would leave behind; a quiet time leaves none."""
    kinds = {
        "penalty_repaired": ("penalty.repaired", "reference"),
        "listing_removed": ("abnormal_list.removed", "ground_code"),
        "report_filed": ("annual_report.published", "reference"),
    }
    made = []
    for change in changes:
        if change.kind in kinds:
            kind, column = kinds[change.kind]
            day = getattr(change, when)
            made.append({"kind": kind, "occurred_on": day, "recorded_on": day, column: change.target})
    return made


class _Model:
    """The models on a register of one row, in a DuckDB of their own."""

    def __init__(self, entity: Mapping[str, Any], related: Mapping[str, int], cut_score: int | None) -> None:
        self.con = duckdb.connect(config={"threads": 1})
        row = {"entity_id": 1, **{name: entity.get(name) for name in _ENTITY_SCHEMA.names[1:]}}
        counts = {"entity_id": 1, **{f"related_{one}": related.get(one, 0) for one in RELATED}}
        self.con.register("entity", pa.Table.from_pylist([row], schema=_ENTITY_SCHEMA))
        self.con.register("related", pa.Table.from_pylist([counts], schema=_RELATED_SCHEMA))
        self.cut_score = UNREACHABLE_SCORE if cut_score is None else cut_score

    def rate(
        self, facts: Sequence[Mapping[str, Any]], as_of: date, sector: Mapping[str, Any] | None = None
    ) -> Outcome:
        """Rate it as of a day, by the general tree in force or by that of a sector, which knows no quota."""
        weights = sector or parameters.load("supervision/credit_class").on(as_of)
        given = [{**dict.fromkeys(FACTS_SCHEMA.names), **fact, "entity_id": 1} for fact in facts]
        cut = {"cut_score": 0 if sector else self.cut_score}
        self.con.register("facts", pa.Table.from_pylist(given, schema=FACTS_SCHEMA))
        self.con.register("cut", pa.Table.from_pylist([cut], schema=_CUT_SCHEMA))
        statements = _statements(as_of, weights)
        score = self.con.sql(statements.score).to_arrow_table()
        self.con.register("score", score)
        [rated] = self.con.sql(statements.rated).to_arrow_table().to_pylist()
        row = {**score.to_pylist()[0], "is_held_back": rated["is_held_back"]}
        return Outcome(
            month_end=as_of,
            class_code=rated["class_code"],
            score=rated["score"],
            is_insufficient=rated["is_insufficient"],
            reasons=tuple(reasons_of(row, weights, limit=None)),
        )


@dataclass(frozen=True)
class _Statements:
    """The two models as SQL for one day and one tree, with the tables named as `_Model` names them."""

    score: str
    rated: str


_TRANSLATED: dict[tuple[date, str], _Statements] = {}
_MOST_TRANSLATED = 64


def _statements(as_of: date, weights: Mapping[str, Any]) -> _Statements:
    """Translate the models, once for a day and a tree: it takes ten times as long as to run them on one row."""
    key = as_of, json.dumps(weights, sort_keys=True, default=str)
    if key not in _TRANSLATED:
        if len(_TRANSLATED) >= _MOST_TRANSLATED:
            _TRANSLATED.clear()
        _TRANSLATED[key] = _translated(as_of, weights)
    return _TRANSLATED[key]


def _translated(as_of: date, weights: Mapping[str, Any]) -> _Statements:
    entity, facts, related, cut = (
        ibis.table(ibis.Schema.from_pyarrow(schema), name=name)
        for name, schema in (
            ("entity", _ENTITY_SCHEMA), ("facts", FACTS_SCHEMA), ("related", _RELATED_SCHEMA), ("cut", _CUT_SCHEMA),
        )
    )  # fmt: skip
    score = mart_credit_score(entity, facts, related, as_of=as_of, weights=weights)
    rated = mart_credit_class(ibis.table(score.schema(), name="score"), cut, weights=weights)
    return _Statements(*(str(ibis.to_sql(one, dialect="duckdb")) for one in (score, rated)))


def related_counts(measured: Mapping[str, int], weights: Mapping[str, Any]) -> dict[str, int]:
    """Read from a stored score what other entities of the representative have."""
    return {
        str(one.of): measured.get(f"count_{one.id}", 0) for one in tree_of(weights).with_formula("related")
    }


__all__ = [
    "Change", "Forecast", "Outcome", "SectorOutcome", "month_end", "possible_changes", "related_counts", "removal_window",
    "repair_window", "what_if", "what_if_sectors",
]  # fmt: skip

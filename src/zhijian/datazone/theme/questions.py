"""Ready questions to the thematic libraries: each is data and one pure function over the library's tables.

Every answer has the same shape: one row for each `grp` (and `part` of it) with a count or amount `value`, and where
the question asks for a share, what it is a share of, `base`. A share of fewer than 30 is not told.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, NumericColumn, Table

from zhijian.datazone.lake import Lake
from zhijian.standards.bilingual import BilingualError

LOG = "mart_refreshes"
FEWEST = 30  # below this a share is not told, only its counts
GONE = ("revoked", "deregistered")
LONGEST = 15  # years of survival shown
FIRST_YEAR, LAST_YEAR = 1949, 2100
_YEARLY = ("theme_supervision__coverage",)  # tables by year; the others with time are by month
_COLUMN = {"prefecture": "prefecture_code", "section": "industry_section", "kind": "entity_kind_code"}


class Picture(StrEnum):
    """How an answer is drawn."""

    BARS = "bars"
    LINE = "line"
    STACK = "stack"
    TILES = "tiles"
    SURVIVAL = "survival"


class BadFilter(BilingualError, ValueError):
    """A filter that the question does not have, or a value that cannot be. Carries both languages for the page."""

    wording = "{zh} {en}"


class NotRefreshed(LookupError):
    """The thematic tables were not made yet."""


@dataclass(frozen=True)
class Filters:
    """What the reader narrows to; None is everything. Years are inclusive."""

    prefecture: str | None = None
    section: str | None = None
    kind: str | None = None
    year_from: int | None = None
    year_to: int | None = None


Tables = Mapping[str, Table]
Answering = Callable[[Tables, Filters, date], Table]


@dataclass(frozen=True)
class Question:
    """One question: its words in both languages, what it counts, and the function that answers it."""

    id: str
    library: str
    zh: str
    en: str
    counted: tuple[str, str]
    base: tuple[str, str] | None
    unit: tuple[str, str]
    by: str
    part: str | None
    picture: Picture
    tables: tuple[str, ...]
    filters: tuple[str, ...]
    answering: Answering = field(repr=False)

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """The columns of tables that an answer reads, filters included: who may see them all may see the answer."""
        narrowing = {
            (table, _COLUMN[name]) for table in self.tables for name in self.filters if name in _COLUMN
        }
        read = self.answering.columns if isinstance(self.answering, Counted) else _READ[self.answering]
        return frozenset(narrowing) | read

    @property
    def is_share(self) -> bool:
        return self.base is not None


@dataclass(frozen=True)
class Row:
    """One row of an answer: `share` is a fraction, None where there is no base or it is below 30."""

    group: Any
    part: Any
    value: int | float
    base: int | None

    @property
    def share(self) -> float | None:
        return None if self.base is None or self.base < FEWEST else self.value / self.base


@dataclass(frozen=True)
class Answer:
    """The rows of a question as of a day, with the versions of the tables that they were counted from."""

    question: Question
    filters: Filters
    rows: tuple[Row, ...]
    as_of: date
    versions: dict[str, int]
    is_synthetic: bool

    def is_complete(self, year: int) -> bool:
        """Whether a year had ended by the day of the data."""
        return date(year, 12, 31) <= self.as_of


def find(library: str, question_id: str) -> Question | None:
    return next((one for one in QUESTIONS if one.library == library and one.id == question_id), None)


def read_filters(question: Question, given: Mapping[str, str]) -> Filters:
    """Return the filters that a reader typed; empty values are none.

    Raises:
        BadFilter: the question has no such filter, or the value is none that it can have.
    """
    known = {one.name for one in fields(Filters)}
    chosen = {name: value.strip() for name, value in given.items() if name in known and value.strip()}
    for name, value in chosen.items():
        if name not in question.filters:
            raise BadFilter(
                f"这个问题不能按“{name}”筛选，可用：{'、'.join(question.filters)}。",
                f"This question has no filter '{name}'; it has: {', '.join(question.filters)}.",
            )
        _refuse_wrong(name, value)
    years = {name: int(chosen[name]) for name in ("year_from", "year_to") if name in chosen}
    if years.get("year_from", FIRST_YEAR) > years.get("year_to", LAST_YEAR):
        raise BadFilter(
            f"起始年份{years['year_from']}晚于结束年份{years['year_to']}，请对调。",
            f"The first year {years['year_from']} is after the last year {years['year_to']}; swap them.",
        )
    words = {name: value for name, value in chosen.items() if name not in years}
    return Filters(**words, **years)  # type: ignore[arg-type]


def _refuse_wrong(name: str, value: str) -> None:
    if name == "prefecture" and not (
        len(value) == 6 and value.startswith("44") and value.isascii() and value.isdigit()
    ):
        raise BadFilter(
            f"地市代码应为44开头的6位数字，例如440100；现为“{value[:20]}”。",
            f"A prefecture is 6 digits that begin with 44, as 440100; this is '{value[:20]}'.",
        )
    if name == "section" and not (len(value) == 1 and "A" <= value <= "T"):
        raise BadFilter(
            f"行业门类应为A到T的一个字母；现为“{value[:20]}”。",
            f"A section of industry is one letter from A to T; this is '{value[:20]}'.",
        )
    if name == "kind" and not (value.isascii() and value.replace("_", "").isalpha() and len(value) <= 30):
        raise BadFilter(
            f"没有“{value[:20]}”这种主体类型，例如enterprise。",
            f"There is no kind of entity '{value[:20]}'; try enterprise.",
        )
    if name.startswith("year") and not (
        value.isascii() and value.isdigit() and FIRST_YEAR <= int(value[:9]) <= LAST_YEAR
    ):
        raise BadFilter(
            f"年份应为{FIRST_YEAR}到{LAST_YEAR}的数字；现为“{value[:20]}”。",
            f"A year is a number from {FIRST_YEAR} to {LAST_YEAR}; this is '{value[:20]}'.",
        )


def answer(lake: Lake, question: Question, filters: Filters) -> Answer:
    """Answer a question from the tables of the newest refresh.

    Raises:
        NotRefreshed: the tables were not made yet.
    """
    if not all(lake.exists(name) for name in (LOG, *question.tables)):
        raise NotRefreshed(question.library)
    as_of = max(lake.read(LOG).column("as_of").to_pylist())
    con = lake.ibis()
    try:
        tables = {name: lake.table(con, name) for name in question.tables}
        made = question.answering(tables, filters, as_of).to_pyarrow().to_pylist()
        entities = lake.table(con, "entity_market_entities")
        flagged = (
            entities.filter(entities.is_synthetic).select("entity_id").limit(1).to_pyarrow().num_rows > 0
        )
    finally:
        con.disconnect()
    rows = [
        Row(row["grp"], row.get("part"), _plain(row["value"]), row.get("base"))
        for row in made
        if (row["value"] or row.get("base")) and (row["grp"] is not None or not _is_timed(question))
    ]
    versions = {name: lake.version(name) for name in question.tables}
    return Answer(question, filters, tuple(_sorted(question, rows)), as_of, versions, flagged)


def _is_timed(question: Question) -> bool:
    """Whether the groups are years or ages: what has no date cannot be placed."""
    return question.picture in (Picture.LINE, Picture.SURVIVAL)


def _plain(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _sorted(question: Question, rows: list[Row]) -> list[Row]:
    if _is_timed(question):
        return sorted(rows, key=lambda row: (row.group, json.dumps(row.part)))
    if question.picture is Picture.STACK:
        return sorted(rows, key=lambda row: (str(row.group), str(row.part)))
    if question.is_share:
        return sorted(rows, key=lambda row: (row.share is None, -(row.share or 0), str(row.group)))
    return sorted(rows, key=lambda row: (-row.value, str(row.group)))


def _narrowed(t: Table, filters: Filters, year: IntegerValue | None = None) -> Table:
    """Keep the rows that the filters ask for; `year` is the expression of the row's year, where it has one."""
    wanted = [
        t[column] == getattr(filters, name) for name, column in _COLUMN.items() if getattr(filters, name)
    ]
    if year is not None and filters.year_from:
        wanted.append(year >= filters.year_from)
    if year is not None and filters.year_to:
        wanted.append(year <= filters.year_to)
    return t.filter(reduce(and_, wanted)) if wanted else t


def _year(t: Table) -> IntegerValue:
    """The year of a row that has a `year`, or a `month` written as 202611."""
    return t.year if "year" in t.columns else (t.month / 100).floor().cast("int32")


def _sum(column: NumericColumn) -> Any:
    return column.sum().fill_null(0)


@dataclass(frozen=True)
class Counted:
    """Sum one column of a table by another one, with what it is a share of."""

    table: str
    by: str
    value: str
    base: str | None = None
    part: str | None = None
    where: tuple[str, Callable[[Any], Any]] | None = None
    is_parts: bool = False

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """The columns that it reads."""
        names = (self.by, self.value, self.base, self.part, self.where[0] if self.where else None)
        return frozenset(
            (self.table, "month" if name == "year" and self.table not in _YEARLY else name)
            for name in names
            if name
        )

    def __call__(self, tables: Tables, filters: Filters, as_of: date) -> Table:
        t = tables[self.table]
        dated = t.mutate(year=_year(t)) if {"month", "year"} & set(t.columns) else t
        narrow = _narrowed(dated, filters, dated.year if "year" in dated.columns else None)
        kept = narrow.filter(self.where[1](narrow[self.where[0]])) if self.where else narrow
        keys = {"grp": kept[self.by], **({"part": kept[self.part]} if self.part else {})}
        values = {"value": _sum(kept[self.value]), **({"base": _sum(kept[self.base])} if self.base else {})}
        made = kept.group_by(**keys).aggregate(**values)
        return _with_whole(made) if self.is_parts else made


def _with_whole(parts: Table) -> Table:
    """Give each part the whole of its group as its base."""
    whole = parts.group_by("grp").aggregate(base=parts.value.sum())
    return parts.inner_join(whole, "grp").select("grp", "part", "value", "base")


def _still(status_code: Any) -> Any:
    return ~status_code.isin(GONE)


def _survival(tables: Tables, filters: Filters, as_of: date) -> Table:
    """Of the entities founded in a year, how many lasted each whole number of years that all of them could have."""
    t = tables["theme_access__cohorts"]
    kept = _narrowed(t, filters, t.cohort_year)
    day_after = as_of + timedelta(days=1)
    ages = kept.mutate(grp=ibis.range(0, LONGEST + 1).unnest().cast("int32"))
    seen = ages.filter(ages.cohort_year + ages.grp + 1 <= day_after.year)
    still = seen.lasted_years.isnull() | (seen.lasted_years >= seen.grp)
    return seen.group_by(grp=seen.grp, part=seen.cohort_year).aggregate(
        value=_sum(still.ifelse(seen.entity_count, 0)), base=_sum(seen.entity_count)
    )


def _checked_of_stock(tables: Tables, filters: Filters, as_of: date) -> Table:
    """Entities checked in the year of the data, beside the entities in business now, by prefecture."""
    checked, stock = tables["theme_supervision__coverage"], tables["theme_access__stock"]
    year = filters.year_to or as_of.year
    stock = stock.filter(_still(stock.status_code))
    now = _narrowed(stock, filters)
    base = now.group_by("prefecture_code").aggregate(base=_sum(now.entity_count))
    kept = _narrowed(checked, filters)
    kept = kept.filter(kept.year == year)
    found = kept.group_by(grp=kept.prefecture_code).aggregate(value=_sum(kept.entity_count))
    both = base.left_join(found, base.prefecture_code == found.grp)
    return both.select(grp=both.prefecture_code, value=both.value.fill_null(0), base=both.base)


def _again_of_punished(tables: Tables, filters: Filters, as_of: date) -> Table:
    """Of the punished in each section, those punished twice or more."""
    t = _narrowed(tables["theme_enforcement__again"], filters)
    again = (t.penalties >= 2).ifelse(t.entity_count, 0)
    return t.group_by(grp=t.industry_section).aggregate(value=_sum(again), base=_sum(t.entity_count))


_READ: dict[Any, frozenset[tuple[str, str]]] = {
    _survival: frozenset(
        ("theme_access__cohorts", c) for c in ("cohort_year", "lasted_years", "entity_count")
    ),
    _checked_of_stock: frozenset(
        {("theme_supervision__coverage", c) for c in ("year", "prefecture_code", "entity_count")}
        | {("theme_access__stock", c) for c in ("status_code", "prefecture_code", "entity_count")}
    ),
    _again_of_punished: frozenset(
        ("theme_enforcement__again", c) for c in ("industry_section", "penalties", "entity_count")
    ),
}
_HOUSEHOLDS = ("户", "entities")
_TIMES = ("次", "times")
_CASES = ("件", "cases")
_YUAN = ("元", "CNY")
_YEARS = ("year_from", "year_to")
_STOCK, _FOUNDED, _COHORTS = "theme_access__stock", "theme_access__founded", "theme_access__cohorts"
_MONTHS, _COVERAGE = "theme_supervision__months", "theme_supervision__coverage"
_LISTS, _PENALTIES = "theme_supervision__lists", "theme_enforcement__penalties"
_AGAIN = "theme_enforcement__again"
_ENTITIES_NOW = ("登记在册、未吊销注销的主体", "entities on the register, neither revoked nor deregistered")

QUESTIONS: tuple[Question, ...] = (
    Question("stock-by-city", "access", "各市有多少主体？", "How many entities are in each prefecture?", _ENTITIES_NOW, None, _HOUSEHOLDS, "prefecture", None, Picture.TILES, (_STOCK,), ("section", "kind"), Counted(_STOCK, "prefecture_code", "entity_count", where=("status_code", _still))),
    Question("stock-by-county", "access", "各县区有多少主体？", "How many entities are in each county?", _ENTITIES_NOW, None, _HOUSEHOLDS, "county", None, Picture.BARS, (_STOCK,), ("prefecture", "section", "kind"), Counted(_STOCK, "county_code", "entity_count", where=("status_code", _still))),
    Question("stock-by-industry", "access", "各行业有多少主体？", "How many entities are in each industry?", _ENTITIES_NOW, None, _HOUSEHOLDS, "section", None, Picture.BARS, (_STOCK,), ("prefecture", "kind"), Counted(_STOCK, "industry_section", "entity_count", where=("status_code", _still))),
    Question("status-by-kind", "access", "各类主体现在什么状态？", "What is the status of each kind of entity?", ("处于该状态的主体", "entities of that status"), ("该类全部登记过的主体", "all entities of that kind ever registered"), _HOUSEHOLDS, "kind", "status", Picture.STACK, (_STOCK,), ("prefecture", "section"), Counted(_STOCK, "entity_kind_code", "entity_count", part="status_code", is_parts=True)),
    Question("founded-by-year", "access", "每年新设多少主体？", "How many entities were founded each year?", ("当年成立的主体", "entities founded in the year"), None, _HOUSEHOLDS, "year", None, Picture.LINE, (_FOUNDED,), ("prefecture", "section", "kind", *_YEARS), Counted(_FOUNDED, "year", "entity_count")),
    Question("survival", "access", "新设的主体能存续几年？", "How long do new entities last?", ("满该年数时未终止的主体", "entities not ended at that age"), ("当年成立的全部主体", "all entities founded in that year"), _HOUSEHOLDS, "age", "year", Picture.SURVIVAL, (_COHORTS,), ("prefecture", "section", "kind", *_YEARS), _survival),
    Question("facts-by-kind", "supervision", "记录了哪些监管事实？", "Which facts of supervision were recorded?", ("该种类的事实", "facts of that kind"), None, _CASES, "fact_kind", None, Picture.BARS, (_MONTHS,), ("prefecture", "section", "kind", *_YEARS), Counted(_MONTHS, "kind", "fact_count")),
    Question("checks-by-year", "supervision", "每年检查多少次？", "How many checks were made each year?", ("检查结果", "results of checks"), None, _TIMES, "year", None, Picture.LINE, (_MONTHS,), ("prefecture", "section", "kind", *_YEARS), Counted(_MONTHS, "year", "fact_count", where=("kind", lambda kind: kind == "inspection.result"))),
    Question("coverage-by-city", "supervision", "各市的主体当年有多少被检查过？", "How many of a prefecture's entities were checked in the year?", ("当年（截至年份或所选结束年份）被检查过的主体，每户计一次", "entities checked in the year of the data, or the last year chosen, each once"), ("现在未吊销注销的主体", "entities in business now"), _HOUSEHOLDS, "prefecture", None, Picture.TILES, (_COVERAGE, _STOCK), ("section", "year_to"), _checked_of_stock),
    Question("problems-by-industry", "supervision", "各行业被检查的主体有多少发现问题？", "In each industry, how many checked entities had a problem?", ("当年检查发现问题的主体，每户每年计一次", "entities with a problem found in the year, each once a year"), ("当年被检查的主体，每户每年计一次", "entities checked in the year, each once a year"), _HOUSEHOLDS, "section", None, Picture.BARS, (_COVERAGE,), ("prefecture", *_YEARS), Counted(_COVERAGE, "industry_section", "entity_with_problem_count", base="entity_count")),
    Question("lists-by-year", "supervision", "每年列入、移出异常名录多少？", "How many entered and left the abnormal list each year?", ("列入或移出经营异常名录的决定", "decisions to enter or remove from the abnormal list"), None, _TIMES, "year", "fact_kind", Picture.LINE, (_LISTS,), ("prefecture", *_YEARS), Counted(_LISTS, "year", "fact_count", part="kind", where=("kind", lambda kind: kind.startswith("abnormal_list")))),
    Question("checked-again-by-city", "supervision", "各市有多少主体一年被检查多次？", "In each prefecture, how many entities were checked more than once a year?", ("当年被检查两次及以上的主体", "entities checked twice or more in the year"), ("当年被检查的主体，每户每年计一次", "entities checked in the year, each once a year"), _HOUSEHOLDS, "prefecture", None, Picture.TILES, (_COVERAGE,), ("section", *_YEARS), Counted(_COVERAGE, "prefecture_code", "checked_again_count", base="entity_count")),
    Question("penalties-by-year", "enforcement", "每年作出多少处罚？", "How many penalties were decided each year?", ("行政处罚决定", "penalty decisions"), None, _CASES, "year", None, Picture.LINE, (_PENALTIES,), ("prefecture", "section", *_YEARS), Counted(_PENALTIES, "year", "penalty_count")),
    Question("penalties-by-field", "enforcement", "处罚集中在哪些领域？", "Which fields of law are penalties in?", ("该领域的行政处罚决定", "penalty decisions in that field"), None, _CASES, "field", None, Picture.BARS, (_PENALTIES,), ("prefecture", "section", *_YEARS), Counted(_PENALTIES, "field_code", "penalty_count")),
    Question("fines-by-industry", "enforcement", "各行业罚款多少？", "How much was fined in each industry?", ("罚款金额之和", "sum of fines"), None, _YUAN, "section", None, Picture.BARS, (_PENALTIES,), ("prefecture", *_YEARS), Counted(_PENALTIES, "industry_section", "fine_yuan")),
    Question("penalties-by-city", "enforcement", "各市作出多少处罚？", "How many penalties were decided in each prefecture?", ("行政处罚决定", "penalty decisions"), None, _CASES, "prefecture", None, Picture.TILES, (_PENALTIES,), ("section", *_YEARS), Counted(_PENALTIES, "prefecture_code", "penalty_count")),
    Question("punished-again", "enforcement", "受过处罚的主体有多少再次受罚？", "How many of the punished are punished again?", ("受罚两次及以上的主体", "entities punished twice or more"), ("受过处罚的主体", "entities punished at least once"), _HOUSEHOLDS, "section", None, Picture.BARS, (_AGAIN,), ("prefecture",), _again_of_punished),
    Question("times-by-city", "enforcement", "各市受罚主体各受罚几次？", "How often were the punished of each prefecture punished?", ("受罚该次数的主体（5为5次及以上）", "entities punished so often (5 is five or more)"), ("受过处罚的主体", "entities punished at least once"), _HOUSEHOLDS, "prefecture", "times", Picture.STACK, (_AGAIN,), ("section",), Counted(_AGAIN, "prefecture_code", "entity_count", part="penalties", is_parts=True)),
)  # fmt: skip
LIBRARIES = ("access", "supervision", "enforcement")

"""Every model of the data zone, in the order in which they build on one another.

A model is a function from Ibis tables to an Ibis table: its name is the table it makes, its positional parameters are
the tables it reads, its keyword parameters are dated numbers. `Kind` says how a night's change is taken in.
"""

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from ibis.expr.types import Table

from zhijian.datazone.entity.register import (
    entity_facts,
    entity_identifiers,
    entity_market_entities,
    entity_own_facts,
    entity_standing_facts,
)
from zhijian.datazone.mart.activity import mart_activity, mart_activity_scale, mart_activity_summary
from zhijian.datazone.mart.credit_class import mart_credit_class, mart_credit_class_cut, touched_by_cut
from zhijian.datazone.mart.credit_score import mart_credit_related, mart_credit_score
from zhijian.datazone.mart.sector_class import mart_sector_class
from zhijian.datazone.standard.events import (
    standard_supervision__events,
    standard_supervision__firsts,
    standard_supervision__refusals,
    standard_supervision__repeated_hashes,
)
from zhijian.datazone.standard.registrations import (
    standard_registration__market_entities,
    standard_registration__newest,
    standard_registration__refusals,
    standard_registration__repeated_codes,
)
from zhijian.datazone.theme import access, enforcement, supervision
from zhijian.standards import parameters

RAW_ENTITIES = "raw_registration__market_entities"
RAW_FACTS = "raw_supervision__facts"
RAW_OWN = "raw_own__facts"
OWN_FACTS = "standard_own__facts"  # typed from what the feed brought, by `refresh`: JSON is read in Python
KNOWN_IDENTIFIERS = (
    "known_identifiers"  # the identifiers of the build before: an input, not a table of the lake
)
ENTITY_KEY = ("entity_id",)
CREDIT = {"weights": "supervision/credit_class"}
SECTORS = {"sectors": "supervision/sector_class"}
ACTIVITY = {"weights": "supervision/activity"}


def widened_by_cut(before: pa.Table, now: pa.Table, mart_credit_score: Table) -> Table | None:
    """The entities whose class a moved cut of class D changes, though their score did not."""
    cuts = [int(cut["cut_score"][0].as_py()) for cut in (before, now)]
    return touched_by_cut(mart_credit_score, *cuts) if cuts[0] != cuts[1] else None


class Kind(StrEnum):
    """How a table of the lake takes in a night's change."""

    REFUSALS = "refusals"  # judged row by row: what the new rows bring is added
    VIEW = "view"  # never stored: part of what reads it
    HELD = "held"  # small: computed once and held while a refresh lasts, never stored
    IDENTIFIERS = "identifiers"  # keys once given stay; new ones are added
    ROWS = "rows"  # a row of an entity depends on that entity's rows alone: the touched ones are patched
    FACTS = "facts"  # rows are added and never change
    SUMS = "sums"  # counts and sums over entities: what the touched brought before is taken off, what they bring now added
    WHOLE = "whole"  # small: made anew every time
    FROZEN = "frozen"  # made once for a day of rating, and kept until that day changes


@dataclass(frozen=True)
class Model:
    """One table: the function that makes it, how it takes in change, and its key.

    `parameters` names the dated parameter behind each keyword argument but `as_of`, the day of the rating.
    `lies_apart` says that the engine gives the rows of neighbours far from one another, so that they are sorted by the key.
    `widened` says which rows of others a change of a small table touches: it takes the small table (Arrow) before
    and now, and the first table that the model reads; it returns their ids, or None for nobody.
    """

    function: Callable[..., Table]
    kind: Kind
    key: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    widened: Callable[..., Table | None] | None = None
    lies_apart: bool = False

    @property
    def table(self) -> str:
        return self.function.__name__

    @property
    def is_stored(self) -> bool:
        """Whether the lake keeps its rows; the others live while a refresh lasts."""
        return self.kind not in (Kind.VIEW, Kind.HELD)

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables it reads, by its signature."""
        return tuple(p.name for p in self._signature if p.kind is not inspect.Parameter.KEYWORD_ONLY)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Its keyword parameters, by its signature."""
        return tuple(p.name for p in self._signature if p.kind is inspect.Parameter.KEYWORD_ONLY)

    @property
    def _signature(self) -> list[inspect.Parameter]:
        return list(inspect.signature(inspect.unwrap(self.function)).parameters.values())

    def build(
        self, tables: Mapping[str, Table], as_of: date, known: Mapping[str, Any] | None = None
    ) -> Table:
        """Return the model's expression over these tables, as of a day.

        `known` are values that a refresh found out itself, by keyword.

        Raises:
            KeyError: a table that it reads is not among `tables`.
        """
        given = {"as_of": as_of, **(known or {})}
        in_force = {name: self._in_force(name, as_of) for name in self.keywords if name in self.parameters}
        values = {**in_force, **{name: given[name] for name in self.keywords if name in given}}
        return self.function(*[tables[name] for name in self.reads], **values)

    def _in_force(self, keyword: str, as_of: date) -> Any:
        return parameters.load(self.parameters[keyword]).on(as_of)


def _sums(function: Callable[..., Table], *key: str) -> Model:
    return Model(function, Kind.SUMS, key)


_EVERY = (
    Model(standard_registration__refusals, Kind.REFUSALS),
    Model(standard_registration__repeated_codes, Kind.HELD, ("uscc",)),
    Model(standard_registration__newest, Kind.HELD, ("uscc",)),
    Model(standard_registration__market_entities, Kind.VIEW, ("uscc",)),
    Model(standard_supervision__refusals, Kind.REFUSALS),
    Model(standard_supervision__repeated_hashes, Kind.HELD, ("key_hash",)),
    Model(standard_supervision__firsts, Kind.HELD, ("uscc", "source", "source_key")),
    Model(standard_supervision__events, Kind.VIEW, ("uscc", "source", "source_key")),
    Model(entity_identifiers, Kind.IDENTIFIERS, ("uscc",)),
    Model(entity_market_entities, Kind.ROWS, ENTITY_KEY),
    Model(entity_facts, Kind.FACTS, ("entity_id", "source", "source_key")),
    Model(entity_own_facts, Kind.WHOLE, ("fact_id",)),
    Model(entity_standing_facts, Kind.VIEW),
    _sums(access.theme_access__stock, "prefecture_code", "county_code", "industry_section", "entity_kind_code", "status_code"),
    _sums(access.theme_access__founded, "month", "prefecture_code", "county_code", "industry_section", "entity_kind_code"),
    _sums(access.theme_access__cohorts, "cohort_year", "lasted_years", "prefecture_code", "industry_section", "entity_kind_code"),
    _sums(supervision.theme_supervision__months, "month", "kind", "prefecture_code", "county_code", "industry_section", "entity_kind_code"),
    _sums(supervision.theme_supervision__coverage, "year", "prefecture_code", "county_code", "industry_section"),
    _sums(supervision.theme_supervision__lists, "month", "kind", "ground_code", "prefecture_code", "county_code"),
    _sums(enforcement.theme_enforcement__penalties, "month", "field_code", "prefecture_code", "county_code", "industry_section"),
    _sums(enforcement.theme_enforcement__again, "prefecture_code", "industry_section", "penalties"),
    Model(mart_credit_related, Kind.VIEW, ENTITY_KEY, CREDIT),
    Model(mart_credit_score, Kind.ROWS, ENTITY_KEY, CREDIT, lies_apart=True),
    Model(mart_credit_class_cut, Kind.WHOLE, (), CREDIT),
    Model(mart_credit_class, Kind.ROWS, ENTITY_KEY, CREDIT, widened_by_cut, lies_apart=True),
    Model(mart_sector_class, Kind.ROWS, ENTITY_KEY, SECTORS),
    Model(mart_activity_scale, Kind.FROZEN, (), ACTIVITY),
    Model(mart_activity, Kind.ROWS, ENTITY_KEY, ACTIVITY),
    _sums(mart_activity_summary, "snapshot_month", "prefecture_code", "industry_section", "is_synthetic", "state_code"),
)  # fmt: skip

MODELS: dict[str, Model] = {model.table: model for model in _EVERY}


def fingerprint(as_of: date) -> str:
    """Return a digest of the models' code and of the numbers in force on a day: if it changes, all is built anew."""
    digest = hashlib.sha256()
    for path in model_sources():
        digest.update(path.read_bytes())
    for model in MODELS.values():
        for name in sorted(set(model.parameters.values())):
            digest.update(json.dumps(parameters.load(name).on(as_of), sort_keys=True, default=str).encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def model_sources() -> tuple[Path, ...]:
    """Return what the models are made of: their modules, whatever of ours these import, and the code lists."""
    package = Path(__file__).parents[1]
    todo = {
        package.parent / Path(*model.function.__module__.split(".")).with_suffix(".py") for model in _EVERY
    }
    found: set[Path] = set()
    while todo:
        path = todo.pop()
        found.add(path)
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zhijian."):
                todo |= _files_of(package.parent, node) - found
    lists = (path for path in (package / "standards" / "data").iterdir() if path.suffix in (".csv", ".gz"))
    return (*sorted(found), *sorted(lists))


def _files_of(root: Path, node: ast.ImportFrom) -> set[Path]:
    """The files behind `from zhijian.a.b import c`: of the module, or of modules in the package."""
    place = root / Path(*(node.module or "").split("."))
    module = place.with_suffix(".py")
    if module.is_file():
        return {module}
    return {one for name in node.names if (one := place / f"{name.name}.py").is_file()}

"""The catalogue: what each table is, how new and how good, whose, who may see which column, and who reads it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zhijian.datazone import contracts, quality
from zhijian.datazone.catalogue import declared, lineage
from zhijian.datazone.catalogue.known_models import MADE_IN_PYTHON, NOT_TABLES, KnownModel, known_models
from zhijian.datazone.catalogue.levels import (
    MASK,
    Level,
    find_level,
    level_of,
    masked,
    visible_columns,
)
from zhijian.datazone.contracts.evolution import Broken
from zhijian.datazone.lake import Lake
from zhijian.standards.calendar import ZONE

RHYTHM_DAYS = {"daily": 1, "monthly": 31, "delivery": None}
_LATE_FROM = 1.5  # times the rhythm: yellow; from twice the rhythm on: red


@dataclass(frozen=True)
class Label:
    """Words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class CatalogueColumn:
    """One column of a table: what it means and who may see it."""

    name: str
    type: str
    label: Label
    level: Level
    is_classified: bool
    unit: str
    code_list: str
    rule: str


@dataclass(frozen=True)
class Freshness:
    """How new a table is against what is expected of it. `light`: green, yellow, red, or paused (no rhythm)."""

    written_at: datetime
    rhythm: str
    light: str


@dataclass(frozen=True)
class Score:
    """The quality of one delivery."""

    delivered_at: datetime
    score: float
    validity: float
    completeness: float
    uniqueness: float
    rules: list[dict[str, Any]]


@dataclass(frozen=True)
class Entry:
    """One table of the catalogue."""

    table: str
    layer: str
    meaning: Label
    owner: Label
    kind: str
    key: tuple[str, ...]
    contract: str | None
    contract_version: str | None
    model: str | None
    columns: tuple[CatalogueColumn, ...]
    freshness: Freshness
    rows: int
    version: int
    is_declared: bool
    scores: tuple[Score, ...] = field(default=())  # oldest first

    @property
    def level(self) -> Level:
        """The highest level among the columns: what a reader needs to see the table whole."""
        return max((column.level for column in self.columns), default=Level.SENSITIVE)

    @property
    def public_columns(self) -> int:
        return sum(column.level == Level.PUBLIC for column in self.columns)


class Catalogue:
    """The catalogue of one lake, as it stands when it is made."""

    def __init__(self, lake: Lake, *, at: datetime, readers: Iterable[Broken] = ()) -> None:
        self.lake, self.at = lake, at
        self._more_readers = list(readers)
        self._reports: list[dict[str, Any]] | None = None

    def tables(self) -> list[str]:
        """Return the names of the published tables, by layer."""
        return sorted(self.lake.tables(), key=_layer_then_name)

    def entry(self, table: str) -> Entry:
        """Return the entry of a table.

        Raises:
            NoSuchTable: nothing was published under this name.
        """
        version = self.lake.versions(table)[0]
        known, contract = declared.table(table), self._contract(table)
        model = next((one for one in known_models() if one.table == table), None)
        return Entry(
            table=table,
            layer=table.split("_", 1)[0],
            meaning=_label(
                known, contract.label_zh if contract else "", contract.label_zh if contract else ""
            ),
            owner=_label(known.get("owner", {}), "未登记", "Not declared"),
            kind=known.get("kind") or ("model" if model else "contract" if contract else "raw"),
            key=tuple(known.get("key") or (model.key if model else ())) or self.lake.key(table),
            contract=contract.name if contract else None,
            contract_version=contract.version if contract else None,
            model=f"{model.function.__module__}.{model.function.__name__}" if model else None,
            columns=self._columns(table),
            freshness=freshness(version.written_at, known.get("rhythm", "delivery"), self.at),
            rows=self.lake.count(table),
            version=version.version,
            is_declared=bool(known or contract),
            scores=tuple(self._scores(contract.name)) if contract else (),
        )

    def graph(self) -> lineage.Graph:
        """Return the lineage of every table that is published or that a model makes."""
        return model_graph(self.lake)

    def readers(self, table: str, column: str | None = None) -> list[Broken]:
        """Return who reads a table, or one column of it: models, pages, exports, exchange."""
        return readers_of(self.graph(), table, column, self._more_readers)

    def _contract(self, table: str) -> contracts.Contract | None:
        folder = self.lake.contracts
        every = (contracts.load(name, folder) for name in contracts.names(folder))
        return next((one for one in every if one.table == table), None)

    def _columns(self, table: str) -> tuple[CatalogueColumn, ...]:
        contract = self._contract(table)
        fields = {one.column: one for one in contract.fields} if contract else {}
        found = []
        for name, kind in self.lake.schema(table).items():
            known, own = declared.column(table, name), fields.get(name)
            label = Label(own.label_zh, own.label_en) if own else _label(known, name, name)
            level = find_level(table, name, self.lake.contracts)
            found.append(
                CatalogueColumn(
                    name=name,
                    type=kind,
                    label=label,
                    level=Level.SENSITIVE if level is None else level,
                    is_classified=level is not None,
                    unit=(own.unit if own else "") or known.get("unit", ""),
                    code_list=known.get("list", ""),
                    rule=known.get("rule", ""),
                )
            )
        return tuple(found)

    def _scores(self, contract: str) -> list[Score]:
        if self._reports is None:
            self._reports = quality.reports(self.lake)
        found = [
            Score(
                datetime.fromisoformat(one["delivered_at"]),
                one["score"],
                one["validity"],
                one["completeness"],
                one["uniqueness"],
                [rule for rule in one["rules"] if rule["severity"] == "error"],
            )
            for one in self._reports
            if one["contract"] == contract
        ]
        return found[::-1]


def freshness(written_at: datetime, rhythm: str, at: datetime) -> Freshness:
    """Say how new a table is: green within its rhythm and a half, yellow until twice, then red."""
    days = RHYTHM_DAYS[rhythm]
    if days is None:
        return Freshness(written_at, rhythm, "paused")
    age = (at - written_at) / timedelta(days=days)
    light = "green" if age <= _LATE_FROM else "yellow" if age <= 2 else "red"
    return Freshness(written_at, rhythm, light)


def model_graph(lake: Lake) -> lineage.Graph:
    """Return the lineage of all tables: models by their expressions, other tables as declared.

    The schemas are those of the lake; of tables that are not built yet, those that the models themselves give.
    """
    schemas: dict[str, Any] = {name: lake.ibis_schema(name) for name in lake.tables()}
    schemas = {**NOT_TABLES, **MADE_IN_PYTHON, **contract_schemas(lake), **schemas}
    found = _declared_lineage()
    waiting = list(known_models())
    while waiting:
        ready = [one for one in waiting if all(name in schemas for name in one.reads)]
        if not ready:
            break
        for one in ready:
            waiting.remove(one)
            made = _lineage_of(one, schemas, found)
            if made is not None:
                schemas.setdefault(one.table, made)
    return lineage.Graph(found)


def _lineage_of(model: KnownModel, schemas: Mapping[str, Any], found: dict[str, lineage.TableLineage]) -> Any:
    """Add the lineage of one model; a lake whose tables are of another make than the model reads has none."""
    try:
        own, schema = lineage.of_model(model.table, model.build, schemas, model.reads)
    except (AttributeError, ValueError, TypeError, *lineage.MODEL_ERRORS):
        return None
    found[model.table] = own
    return schema


def contract_schemas(lake: Lake) -> dict[str, Any]:
    """Return the Ibis schemas that contracts promise, with what every table of a contract carries besides."""
    every = (contracts.load(name, lake.contracts) for name in contracts.names(lake.contracts))
    return {one.table: lineage.contract_schema(one) for one in every}


def _declared_lineage() -> dict[str, lineage.TableLineage]:
    return {
        name: lineage.declared(name, known["made_from"])
        for name, known in declared.tables().items()
        if "made_from" in known
    }


def readers_of(
    graph: lineage.Graph, table: str, column: str | None, more: Iterable[Broken] = ()
) -> list[Broken]:
    """Return who reads a table or one of its columns, each once."""
    found: dict[tuple[str, str], Broken] = {}
    for one in [*_models_reading(graph, table), *_declared_readers(table), *more]:
        if column is None or column in one.columns:
            found[one.kind, one.name] = one
    return [found[key] for key in sorted(found)]


def _models_reading(graph: lineage.Graph, table: str) -> Iterable[Broken]:
    """Yield the models by their signatures; with each, the columns of `table` that it needs."""
    for one in graph.tables.values():
        needed = {col for tab, col in frozenset().union(*one.columns.values(), one.rows) if tab == table}
        if needed:
            label = _label(declared.table(one.table), one.table, one.table)
            yield Broken("model", one.table, label.zh, label.en, tuple(sorted(needed)))


def _declared_readers(table: str) -> Iterable[Broken]:
    for one in declared.readers():
        if one["table"] == table and one["kind"] != "build":  # a build's lineage is declared with its table
            yield Broken(one["kind"], one["name"], one["zh"], one["en"], tuple(one["columns"]))


def sample(lake: Lake, table: str, reader: Level, *, limit: int = 5) -> list[dict[str, Any]]:
    """Return a few rows of a table, masked by the reader's level. What is masked is not even read."""
    names = list(lake.schema(table))
    visible = visible_columns(table, names, reader, lake.contracts)
    rows = lake.table(lake.ibis(), table).limit(limit)
    read = rows.select(*visible).to_pyarrow().to_pylist() if visible else [{}] * min(limit, lake.count(table))
    return [{name: _shown(row[name]) if name in row else MASK for name in names} for row in read]


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="minutes") if value.tzinfo else value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else value


def _label(known: Mapping[str, Any], zh: str, en: str) -> Label:
    return Label(known.get("zh", zh), known.get("en", en))


def _layer_then_name(table: str) -> tuple[int, str]:
    return ("raw", "standard", "entity", "theme", "mart").index(table.split("_", 1)[0]), table


__all__ = [
    "MASK", "Catalogue", "CatalogueColumn", "Entry", "Freshness", "Label", "Level", "Score", "find_level",
    "freshness", "level_of", "masked", "model_graph", "readers_of", "sample", "visible_columns",
]  # fmt: skip

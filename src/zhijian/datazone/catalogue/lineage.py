"""Where each column comes from: read out of the models themselves, never written down beside them.

A model is a function from Ibis tables to an Ibis table. It is called here on tables without rows, and the expression
that comes back is walked: each output column leads to the input columns from which its value is made, and apart from
these stand the columns that only decide which rows there are (filters, keys of joins and groups).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.operations as ops
from ibis.common.exceptions import IbisError

from zhijian.datazone.contracts import Contract

MODEL_ERRORS = (IbisError,)
_TYPES = {
    "varchar": "string", "date": "date", "timestamptz": "timestamp('UTC')", "boolean": "boolean", "smallint": "int16",
    "integer": "int32", "bigint": "int64", "double": "float64",
}  # fmt: skip
_OF_EVERY_CONTRACT = {
    "is_synthetic": "boolean",
    "delivery_sha256": "string",
    "source_line": "int64",
    "source": "string",
}
Column = tuple[str, str]  # table, column


@dataclass(frozen=True)
class TableLineage:
    """What one table is made of."""

    table: str
    columns: dict[str, frozenset[Column]]  # output column -> columns whose values are in it
    rows: frozenset[Column]  # columns that decide which rows there are

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that this one reads, sorted."""
        every = frozenset().union(*self.columns.values(), self.rows)
        return tuple(sorted({table for table, _ in every}))


@dataclass(frozen=True)
class Graph:
    """The lineage of all tables together."""

    tables: dict[str, TableLineage]

    def upstream(self, table: str, column: str | None = None) -> dict[str, frozenset[str]]:
        """Return every table, near and far, that feeds this one, with the columns that take part.

        With `column`, only what its value is made of.
        """
        return self._follow(table, column, self._sources)

    def downstream(self, table: str, column: str | None = None) -> dict[str, frozenset[str]]:
        """Return every table, near and far, that is fed by this one, with the columns that it reaches."""
        return self._follow(table, column, self._uses)

    def _follow(self, table: str, column: str | None, step: Any) -> dict[str, frozenset[str]]:
        found: set[Column] = set()
        waiting: list[tuple[str, str | None]] = [(table, column)]
        seen: set[tuple[str, str | None]] = set()
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            for other in step(*here):
                found.add(other)
                waiting.append(other if column else (other[0], None))
        names = {name for name, _ in found}
        return {name: frozenset(col for tab, col in found if tab == name) for name in sorted(names)}

    def _sources(self, table: str, column: str | None) -> Iterable[Column]:
        own = self.tables.get(table)
        if own is None:
            return ()
        if column is not None:
            return own.columns.get(column, frozenset())
        return frozenset().union(*own.columns.values(), own.rows)

    def _uses(self, table: str, column: str | None) -> Iterable[Column]:
        return [
            (one.table, name)
            for one in self.tables.values()
            for name, sources in one.columns.items()
            if any(tab == table and (column is None or col == column) for tab, col in sources)
        ]

    def row_uses(self, table: str, column: str | None = None) -> list[str]:
        """Return the tables whose rows are decided by this table or column (filters, keys)."""
        return sorted(
            one.table
            for one in self.tables.values()
            if any(tab == table and column in (None, col) for tab, col in one.rows)
        )


def of_expression(table: str, expression: Any) -> TableLineage:
    """Return the lineage of a table from the Ibis expression that makes it."""
    walk = _Walk()
    columns = walk.columns(expression.op())
    return TableLineage(table, columns, frozenset(walk.rows))


def of_model(
    table: str, build: Callable[[Mapping[str, Any]], Any], schemas: Mapping[str, Any], reads: Iterable[str]
) -> tuple[TableLineage, Any]:
    """Build a model on tables without rows; return its lineage and the schema of what it makes."""
    expression = build({name: ibis.table(schemas[name], name=name) for name in reads})
    return of_expression(table, expression), expression.schema()


def declared(table: str, made_from: Mapping[str, Mapping[str, list[str]]]) -> TableLineage:
    """Return the lineage of a table that plain code makes, as `tables.yaml` declares it."""
    columns: dict[str, frozenset[Column]] = {}
    for source, outputs in made_from.items():
        for name, inputs in outputs.items():
            columns[name] = columns.get(name, frozenset()) | {(source, one) for one in inputs}
    return TableLineage(table, columns, frozenset())


class _Walk:
    """One walk over an expression; every relation is visited once."""

    def __init__(self) -> None:
        self.rows: set[Column] = set()
        self._known: dict[Any, dict[str, frozenset[Column]]] = {}

    def columns(self, relation: Any) -> dict[str, frozenset[Column]]:
        """Return for each column of a relation the columns of physical tables that its values come from."""
        if relation not in self._known:
            self._known[relation] = self._columns(relation)
        return self._known[relation]

    def _columns(self, relation: Any) -> dict[str, frozenset[Column]]:
        if isinstance(relation, ops.AliasedRelation | ops.SelfReference):
            return self.columns(relation.parent)
        if isinstance(relation, ops.PhysicalTable):
            return {name: frozenset({(relation.name, name)}) for name in relation.schema}
        if isinstance(relation, ops.Set):
            left, right = self.columns(relation.left), self.columns(relation.right)
            return {name: left[name] | right[name] for name in relation.schema}
        self._note_rows(relation)
        return {
            name: self._sources(relation.values[name]) for name in relation.schema if name in relation.values
        }

    def _note_rows(self, relation: Any) -> None:
        """Note what decides about rows: predicates, keys of joins and of groups, places in an order that is cut."""
        deciding: list[Any] = []
        if isinstance(relation, ops.Filter):
            deciding += relation.predicates
        if isinstance(relation, ops.JoinChain):
            for link in relation.rest:
                deciding += link.predicates
                self.columns(link.table)
        if isinstance(relation, ops.Aggregate):
            deciding += relation.groups.values()
        for value in deciding:
            self.rows |= self._sources(value)

    def _sources(self, value: Any) -> frozenset[Column]:
        """Return the columns in a value; a subquery counts with all that it gives."""
        found: frozenset[Column] = frozenset()
        waiting, seen = [value], set()
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node, ops.CountStar | ops.CountDistinctStar):
                self.columns(node.arg)  # counts rows: no value of a column is in it
            elif isinstance(node, ops.Field):
                found |= self.columns(node.rel).get(node.name, frozenset())
            elif isinstance(node, ops.Relation):
                found |= frozenset().union(*self.columns(node).values())
            else:
                waiting += node.__children__
        return found


def contract_schema(contract: Contract) -> Any:
    """Return the Ibis schema of a contract's table."""
    columns = {field.column: _ibis_type(field.physical_type) for field in contract.fields}
    return ibis.schema({**_OF_EVERY_CONTRACT, **columns})


def _ibis_type(kind: str) -> str:
    if kind.endswith("[]"):
        return f"array<{_ibis_type(kind[:-2])}>"
    return _TYPES.get(kind, kind)

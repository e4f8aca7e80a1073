"""Who may see which column: the one place that pages, exports and the exchange ask.

The level of a contract's field is in the contract (ODCS `classification`); of any other column in `tables.yaml` or
`elements.yaml` beside this file. A column that nobody classified is sensitive: it stays shut until somebody does.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from zhijian.datazone import contracts
from zhijian.datazone.catalogue import declared

MASK = "＊＊＊"


class Level(IntEnum):
    """How far a column, or a reader's right, goes. A reader sees the columns at or below the own level."""

    PUBLIC = 0
    INTERNAL = 1
    PERSONAL = 2
    SENSITIVE = 3

    @property
    def word(self) -> str:
        """The word of the standard, as contracts write it."""
        return self.name.lower()


def level_of(table: str, column: str, published: Path | None = None) -> Level:
    """Return the level of a column; one that nobody classified is sensitive.

    `published` is the folder of the contracts that a lake published itself.
    """
    found = find_level(table, column, published)
    return Level.SENSITIVE if found is None else found


def find_level(table: str, column: str, published: Path | None = None) -> Level | None:
    """Return the level of a column, or None where nobody classified it."""
    word = _of_contracts(table, published).get(column) or declared.column(table, column).get("level")
    return Level[word.upper()] if word else None


def _of_contracts(table: str, published: Path | None) -> dict[str, str]:
    """Return the levels that the newest contract of a table gives, by column."""
    shipped = _shipped().get(table, {})
    for name in contracts.names(published) if published is not None and published.exists() else ():
        contract = contracts.load(name, published)
        if contract.table == table:
            return {field.column: field.level for field in contract.fields}
    return shipped


@cache
def _shipped() -> dict[str, dict[str, str]]:
    every = map(contracts.load, contracts.names())
    return {one.table: {field.column: field.level for field in one.fields} for one in every}


def visible_columns(
    table: str, columns: Iterable[str], reader: Level, published: Path | None = None
) -> list[str]:
    """Return those of a table's columns that a reader of this level may see, in their order."""
    return [column for column in columns if level_of(table, column, published) <= reader]


def masked(
    table: str, rows: Iterable[Mapping[str, Any]], reader: Level, published: Path | None = None
) -> list[dict[str, Any]]:
    """Return rows with every value that the reader may not see replaced by a mask; nothing of it shines through."""
    hidden: dict[str, bool] = {}
    found = []
    for row in rows:
        for column in row.keys() - hidden.keys():
            hidden[column] = level_of(table, column, published) > reader
        found.append({column: MASK if hidden[column] else value for column, value in row.items()})
    return found

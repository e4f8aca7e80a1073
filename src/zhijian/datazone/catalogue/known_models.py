"""The models of the data zone as the catalogue needs them: what each reads, and with what arguments it can be called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import ibis

from zhijian.datazone.entity.facts import OWN_SCHEMA
from zhijian.datazone.models import KNOWN_IDENTIFIERS, MODELS, OWN_FACTS

_A_DAY = date(
    2026, 10, 31
)  # only the shape of an expression is asked for, so any day with parameters will do
NOT_TABLES = {
    KNOWN_IDENTIFIERS: {"uscc": "string", "entity_id": "int64"}
}  # inputs that no table of the lake is
MADE_IN_PYTHON = {OWN_FACTS: ibis.Schema.from_pyarrow(OWN_SCHEMA)}  # read by models, made by none


@dataclass(frozen=True)
class KnownModel:
    """A model, the table that it makes, the tables that it reads, and how it is called on tables without rows."""

    table: str
    function: Callable[..., Any]
    reads: tuple[str, ...]
    key: tuple[str, ...]
    build: Callable[[Mapping[str, Any]], Any]


@cache
def known_models() -> tuple[KnownModel, ...]:
    """Return every model."""
    return tuple(_known(model) for model in MODELS.values())


def _known(model: Any) -> KnownModel:
    return KnownModel(
        model.table, model.function, model.reads, model.key, lambda tables: model.build(tables, _A_DAY)
    )

"""The few statements that every act makes, written out once: building them anew through the ORM costs more than running them.

What they read and write is what the models say: columns, converters and adapters come from the models' own fields.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

from zhijian.engines.procedures.models import (
    Case,
    CaseState,
    Clock,
    ItemState,
    ProcedureVersion,
    Wait,
    WorkItem,
)
from zhijian.security.models import Organisation

_TEXTS = {"drawing", "decisions"}  # of a version: large, and read once per process


def read_case(case_id: int) -> Case | None:
    """Return a case with its state, unit and version, locked until the transaction ends; None where there is none."""
    parts = ((Case, "c"), (CaseState, "s"), (ProcedureVersion, "v"), (Organisation, "o"))
    with connection.cursor() as cursor:
        cursor.execute(_case_sql(connection.vendor), [case_id])
        row = cursor.fetchone()
    if row is None:
        return None
    made, start = [], 0
    for model, _ in parts:
        count = len(_fields(model))
        made.append(_object(model, row[start : start + count]))
        start += count
    case, state, version, organisation = made
    case.version, case.organisation, state.case = version, organisation, case
    return case  # type: ignore[no-any-return]


@lru_cache(maxsize=4)
def _case_sql(vendor: str) -> str:
    columns = ", ".join(
        f'{alias}."{field.column}"'
        for model, alias in ((Case, "c"), (CaseState, "s"), (ProcedureVersion, "v"), (Organisation, "o"))
        for field in _fields(model)
    )
    lock = "FOR UPDATE OF c" if vendor == "postgresql" else ""
    tables = [
        f'"{Case._meta.db_table}" c',
        f'"{CaseState._meta.db_table}" s ON s.case_id = c.id',
        f'"{ProcedureVersion._meta.db_table}" v ON v.id = c.version_id',
        f'"{Organisation._meta.db_table}" o ON o.id = c.organisation_id',
    ]
    return " ".join(["SELECT", columns, "FROM", " JOIN ".join(tables), "WHERE c.id = %s", lock])


def open_items(case: Case) -> list[WorkItem]:
    """Return the open steps of a case, each with the case and, where it is the case's, the unit."""
    items = _of_case(WorkItem, case, "state", ItemState.OPEN.value)
    for item in items:
        if item.organisation_id == case.organisation_id:
            item.organisation = case.organisation
    return items


def waits(case: Case) -> list[Wait]:
    """Return what the case's tokens wait for."""
    return _of_case(Wait, case)


def clocks(case: Case) -> list[Clock]:
    """Return every clock of a case, those that stand too."""
    return _of_case(Clock, case)


def _of_case(model: Any, case: Case, column: str = "", value: str = "") -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_rows_sql(model, column), [case.pk, value] if column else [case.pk])
        found = [_object(model, row) for row in cursor.fetchall()]
    for row in found:
        row.case = case
    return found


@lru_cache(maxsize=16)
def _rows_sql(model: type[models.Model], column: str) -> str:
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    more = f'AND "{column}" = %s' if column else ""
    table = model._meta.db_table
    return " ".join(["SELECT", columns, "FROM", f'"{table}"', "WHERE case_id = %s", more, "ORDER BY id"])


def add(row: models.Model) -> None:
    """Add one row and give it the id that the database chose."""
    values = [_prepared(field, row) for field in _written(type(row))]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(type(row), 1) + " RETURNING id", values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


class Batch:
    """Statements that are sent together when the act is done: on PostgreSQL in one journey."""

    def __init__(self) -> None:
        self._statements: list[tuple[str, list[Any]]] = []

    def update(self, row: models.Model, *names: str) -> None:
        """Write some fields of a row, as they are now."""
        model = type(row)
        fields = [model._meta.get_field(name) for name in names]
        values = [_prepared(field, row) for field in fields]
        self._statements.append((_update_sql(model, names), [*values, row.pk]))

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Add rows of one model; their ids are not told."""
        if rows:
            fields = _written(type(rows[0]))
            values = [_prepared(field, row) for row in rows for field in fields]
            self._statements.append((_insert_sql(type(rows[0]), len(rows)), values))

    def send(self) -> None:
        """Send what was collected, in order."""
        statements, self._statements = self._statements, []
        if not statements:
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                values = [value for _, several in statements for value in several]
                cursor.execute("; ".join(sql for sql, _ in statements), values)
                return
            for sql, several in statements:
                cursor.execute(sql, several)


def update(row: models.Model, *names: str) -> None:
    """Write some fields of a row now."""
    batch = Batch()
    batch.update(row, *names)
    batch.send()


def _prepared(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection=connection)


@lru_cache(maxsize=64)
def _update_sql(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{model._meta.get_field(name).column}" = %s' for name in names)  # type: ignore[union-attr]
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "{model._meta.pk.column}" = %s'  # type: ignore[union-attr]  # noqa: S608


@lru_cache(maxsize=64)
def _insert_sql(model: type[models.Model], count: int) -> str:
    fields = _written(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    one = "(" + ", ".join(["%s"] * len(fields)) + ")"
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {", ".join([one] * count)}'  # noqa: S608


@lru_cache(maxsize=16)
def _written(model: type[models.Model]) -> tuple[Any, ...]:
    """The fields that are given when a row is added: all but an id that the database chooses."""
    return tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))


@lru_cache(maxsize=16)
def _fields(model: type[models.Model]) -> tuple[Any, ...]:
    left_out = _TEXTS if model is ProcedureVersion else set()
    return tuple(field for field in model._meta.concrete_fields if field.name not in left_out)


@lru_cache(maxsize=16)
def _converters(model: type[models.Model], vendor: str) -> Mapping[int, tuple[Any, list[Callable[..., Any]]]]:
    """By place of a column: how what the database gives becomes a value."""
    found = {}
    for place, field in enumerate(_fields(model)):
        column = field.get_col(model._meta.db_table)
        several = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        if several:
            found[place] = (column, several)
    return found


def _object(model: type[models.Model], row: Sequence[Any]) -> Any:
    values = list(row)
    for place, (column, several) in _converters(model, connection.vendor).items():
        for convert in several:
            values[place] = convert(values[place], column, connection)
    return model.from_db(connection.alias, [field.attname for field in _fields(model)], values)

"""What steps of migrations hold a table that people work with, told before they run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.migrations import operations as ops
from django.db.migrations.executor import MigrationExecutor


@dataclass(frozen=True)
class Step:
    """One step: of which migration, what it does, and how it holds a table; empty where it does not for long."""

    migration: str
    what: str
    holds: str


def planned() -> list[Step]:
    """Return the steps that are still to be done to the database that is set."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [
        step
        for migration, _ in plan
        for step in steps(f"{migration.app_label}.{migration.name}", migration.operations)
    ]


def steps(migration: str, operations: Iterable[Any]) -> list[Step]:
    """Describe operations in their order; what is done to a table that the same migration makes holds nobody."""
    made: set[str] = set()
    found = []
    for one in operations:
        if isinstance(one, ops.CreateModel):
            made.add(one.name.lower())
        table = str(getattr(one, "model_name", "") or getattr(one, "name", "")).lower()
        found.append(Step(migration, one.describe(), "" if table in made else holds(one)))
    return found


def holds(one: Any) -> str:
    """Say how an operation on a table with rows holds it on PostgreSQL; nothing where it takes only a moment."""
    if isinstance(one, ops.AddIndex) and type(one).__name__ != "AddIndexConcurrently":
        return "no writes while the index is built; AddIndexConcurrently lets them go on"
    if isinstance(one, ops.AddConstraint):
        return "all rows are checked while writes wait"
    if isinstance(one, ops.AddField):
        if one.field.unique or getattr(one.field, "db_index", False):
            return "no writes while the index of the new column is built"
        if not one.field.null and not one.field.has_default() and not one.field.many_to_many:
            return "a required column without default: refused where there are rows"
    if isinstance(one, ops.AlterField):
        return "the table may be rewritten or checked while all wait"
    if isinstance(one, (ops.RemoveField, ops.DeleteModel, ops.RenameField, ops.RenameModel)):
        return "the version before this one cannot work with it: stop the site first"
    if isinstance(one, (ops.RunPython, ops.RunSQL)):
        return "runs code over rows: read it, and try it on a copy"
    return ""

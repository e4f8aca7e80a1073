"""What steps of migrations hold a table that people work with, or shut out the version before: told before they run.

During an upgrade the tables are changed first, while the version before still works with them; then its processes are
replaced one by one. A migration may therefore only add what the version before need not know of. One that cannot do
without more says why in its `holds_because`, and the test of the suite lets it pass.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
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
        if not (one.field.null or one.field.has_db_default() or one.field.many_to_many):
            return "a required column without default in the database: the version before cannot write; give it a db_default"
    if isinstance(one, ops.AlterField):
        return "the table may be rewritten or checked while all wait"
    if isinstance(one, (ops.RemoveField, ops.DeleteModel, ops.RenameField, ops.RenameModel)):
        return "the version before this one cannot work with it: stop the site first"
    if isinstance(one, (ops.RunPython, ops.RunSQL)):
        return "runs code over rows: read it, and try it on a copy"
    return ""


_SHIPPED = Path(__file__).parent / "shipped_migrations.csv"
_INDEX = r'CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON "(\w+)"'
_IN_SQL = (
    (_INDEX, "no writes while the index is built; AddIndexConcurrently lets them go on"),
    (r'ALTER TABLE "(\w+)" ADD CONSTRAINT (?!.*(?:NOT VALID|USING INDEX))', "all rows are checked while writes wait"),
    (r'ALTER TABLE "(\w+)" ALTER COLUMN \S+ TYPE', "the table may be rewritten while all wait"),
    (r'ALTER TABLE "(\w+)" ALTER COLUMN \S+ SET NOT NULL', "all rows are read while all wait"),
    (r'ALTER TABLE "(\w+)" ADD COLUMN (?!.*DEFAULT).* NOT NULL', "a required column without default: refused where there are rows"),
    (r'ALTER TABLE "(\w+)" ALTER COLUMN \S+ DROP DEFAULT', "the version before cannot write its rows any more: give the column a db_default"),
    (r'ALTER TABLE "(\w+)" (?:DROP COLUMN|RENAME)', "the version before cannot work with it: stop the site first"),
    (r'DROP TABLE "(\w+)"', "the version before cannot work with it: stop the site first"),
)  # fmt: skip


def held_in_sql(statements: Iterable[str]) -> list[str]:
    """Say what statements for PostgreSQL do to tables with rows: `table: how it is held`, in their order."""
    lines = [" ".join(one.split()) for one in statements]
    made = {match[1] for line in lines if (match := re.match(r'CREATE TABLE "(\w+)"', line))}
    return [
        f"{match[1]}: {words}"
        for line in lines
        for pattern, words in _IN_SQL
        if (match := re.match(pattern, line)) and match[1] not in made
    ]


def shipped() -> dict[str, str]:
    """Return the last migration of each application that shipped before this was watched."""
    with _SHIPPED.open(encoding="utf-8", newline="") as file:
        return {row["application"]: row["migration"] for row in csv.DictReader(file)}


def since_shipped(migrations: Iterable[Any]) -> list[Any]:
    """Return the migrations of our own applications that came after; those are the ones that an upgrade will run."""
    before = shipped()
    ours = [one for one in migrations if type(one).__module__.startswith("zhijian.")]
    return [one for one in ours if one.name > before.get(one.app_label, "")]

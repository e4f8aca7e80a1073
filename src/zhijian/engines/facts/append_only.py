"""The database's own refusal to change or delete what must stay: triggers on SQLite and PostgreSQL.

Two lines of defence: models refuse in Python, triggers refuse everybody else. An administrator can drop a trigger;
the seals exist for that case, and `zhijian facts verify` also reports a trigger that is missing or says something else.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

PREFIX = "append_only"
HOLD = "facts_hold_for_sealing"
"""The function of PostgreSQL that keeps new facts out until its transaction ends: the site may call it, and hold nothing else."""


def guard_names(table: str) -> list[str]:
    """Return the names of the triggers that keep a table append-only."""
    return [f"{PREFIX}_{table}_update", f"{PREFIX}_{table}_delete"]


def add_guards(connection: BaseDatabaseWrapper, table: str) -> None:
    """Make the database refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL) on `table`."""
    statements = _postgresql(table) if connection.vendor == "postgresql" else _sqlite(table)
    _run(connection, statements)


def drop_guards(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the triggers away, as an administrator could."""
    on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    names = [*guard_names(table), f"{PREFIX}_{table}_truncate"]
    _run(connection, [f'DROP TRIGGER IF EXISTS "{name}"{on_table}' for name in names])


def guarded_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables that have all their triggers now, each word for word as `add_guards` made it."""
    found = triggers(connection)
    tables = {table for table, name in found if name.startswith(PREFIX)}
    return sorted(table for table in tables if _expected(connection, table).items() <= found.items())


def declared_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the tables that the migrations which ran made append-only."""
    loader = MigrationLoader(connection)
    ran = (one for key, one in loader.disk_migrations.items() if key in loader.applied_migrations)
    return sorted({step.table for one in ran for step in one.operations if isinstance(step, GuardTable)})


def wrong_triggers(connection: BaseDatabaseWrapper, tables: tuple[str, ...]) -> dict[str, list[str]]:
    """Return by table the triggers that are missing, disabled, of another wording, or not ours at all."""
    found = {key: text for key, text in triggers(connection).items() if key[0] in tables}
    expected = {key: text for table in tables for key, text in _expected(connection, table).items()}
    if "facts_fact" in tables:
        expected |= _made_by(connection, _sealed_past(connection))
    wrong: dict[str, list[str]] = {}
    for table, name in sorted(found.keys() | expected.keys()):
        if found.get((table, name)) != expected.get((table, name)):
            wrong.setdefault(table, []).append(name)
    return wrong


def triggers(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    """Return every trigger that fires, by table and name, as one comparable text: on PostgreSQL with its function."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS_POSTGRESQL if connection.vendor == "postgresql" else _TRIGGERS_SQLITE)
        return {(str(table), str(name)): _plain(text) for table, name, text in cursor.fetchall()}


_TRIGGERS_SQLITE = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
_TRIGGERS_POSTGRESQL = (
    "SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true) || ' ' || l.lanname || ' ' || p.prosrc "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
    "JOIN pg_language l ON l.oid = p.prolang "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace"
)


def hiding_rules(connection: BaseDatabaseWrapper, tables: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what keeps rows of these tables out of sight or out of the table without a trigger, by table and name.

    PostgreSQL alone has such things: rewriting rules and row security. We make none.
    """
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HIDING_POSTGRESQL, [list(tables), list(tables)])
        return [(str(table), str(name)) for table, name in cursor.fetchall()]


_HIDING_POSTGRESQL = (
    "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema() AND tablename = ANY(%s) "
    "UNION ALL SELECT relname, 'row security' FROM pg_class "
    "WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) AND relrowsecurity"
)


def _expected(connection: BaseDatabaseWrapper, table: str) -> dict[tuple[str, str], str]:
    statements = _postgresql(table) if connection.vendor == "postgresql" else _sqlite(table)
    return _made_by(connection, statements)


def _made_by(connection: BaseDatabaseWrapper, statements: list[str]) -> dict[tuple[str, str], str]:
    """Return the triggers that our statements make, in the form of `triggers`."""
    body = ""
    made: dict[tuple[str, str], str] = {}
    for statement in statements:
        if function := re.search(r"LANGUAGE (\w+) AS \$\$(.*)\$\$", statement, re.S):
            body = f" {function[1]} {function[2]}"
            continue
        names = re.search(r'TRIGGER (?:IF NOT EXISTS )?"(\w+)".*? ON "(\w+)"', statement, re.S)
        assert names is not None, statement
        made[names[2], names[1]] = _plain(statement + body)
    return made


def _plain(text: str) -> str:
    """Leave out what the databases leave out of a statement that they keep: how it was made, quotes, spaces."""
    made = re.sub(r"^CREATE (OR REPLACE )?TRIGGER (IF NOT EXISTS )?", "", text)
    return " ".join(made.replace('"', "").split())


def _sealed_past(connection: BaseDatabaseWrapper) -> list[str]:
    return _SEALED_PAST_POSTGRESQL if connection.vendor == "postgresql" else _SEALED_PAST_SQLITE


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take every guard away for the block: for emptying a test's database, and for nothing else."""
    tables = guarded_tables(connection)
    for table in tables:
        drop_guards(connection, table)
    try:
        yield
    finally:
        for table in tables:
            add_guards(connection, table)


class GuardTable(Operation):
    """A migration step that makes a table append-only."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        return

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        add_guards(schema_editor.connection, self.table)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        drop_guards(schema_editor.connection, self.table)

    def describe(self) -> str:
        return f"Make {self.table} append-only"


class RefuseSealedPast(Operation):
    """A migration step: no fact is added to a time that is sealed, whoever adds it."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        return

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _run(schema_editor.connection, _sealed_past(schema_editor.connection))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        drop_sealed_past_guard(schema_editor.connection)

    def describe(self) -> str:
        return "Refuse facts recorded in a time that is sealed"


class HoldForSealing(Operation):
    """A migration step: the owner's function that holds the tables of facts and seals, for an account that may only add to them.

    PostgreSQL lets nobody lock a table whole who may not change its rows.
    """

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        return

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            _run(schema_editor.connection, [_HOLD])

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            _run(schema_editor.connection, [f"DROP FUNCTION IF EXISTS {HOLD}()"])

    def describe(self) -> str:
        return "Let the site hold new facts back while a day is sealed"


_HOLD = f"""DO $made$ BEGIN EXECUTE format(
'CREATE OR REPLACE FUNCTION %1$I.{HOLD}() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ BEGIN LOCK TABLE %1$I.facts_seal IN EXCLUSIVE MODE; LOCK TABLE %1$I.facts_fact IN SHARE MODE; END $$',
current_schema()); END $made$"""


def drop_sealed_past_guard(connection: BaseDatabaseWrapper) -> None:
    """Take the trigger away, as an administrator could."""
    on_table = ' ON "facts_fact"' if connection.vendor == "postgresql" else ""
    _run(connection, [f'DROP TRIGGER IF EXISTS "sealed_past_facts_fact"{on_table}'])


_SEALED_PAST_SQLITE = [
    'CREATE TRIGGER IF NOT EXISTS "sealed_past_facts_fact" BEFORE INSERT ON "facts_fact" '
    "WHEN NEW.recorded_at <= (SELECT max(sealed_through) FROM facts_seal) BEGIN "
    "SELECT RAISE(ABORT, 'facts_fact: the time of recording is sealed already. Record with the present time.'); END"
]
_SEALED_PAST_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION sealed_past_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.recorded_at <= (SELECT max(sealed_through) FROM facts_seal) THEN RAISE EXCEPTION "
    "'facts_fact: the time of recording is sealed already. Record with the present time.'; END IF; "
    "RETURN NEW; END $$",
    'CREATE OR REPLACE TRIGGER "sealed_past_facts_fact" BEFORE INSERT ON "facts_fact" '
    "FOR EACH ROW EXECUTE FUNCTION sealed_past_refuse()",
]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(table: str) -> list[str]:
    return [
        f'CREATE TRIGGER IF NOT EXISTS "{PREFIX}_{table}_{verb}" BEFORE {verb.upper()} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} is refused. Record a correction instead.'); END"
        for verb in ("update", "delete")
    ]


def _postgresql(table: str) -> list[str]:
    function = (
        f"CREATE OR REPLACE FUNCTION {PREFIX}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        f"'% is append-only: % is refused. Record a correction instead.', TG_TABLE_NAME, TG_OP; END $$"
    )
    each = [(verb, "ROW") for verb in ("update", "delete")] + [("truncate", "STATEMENT")]
    return [function] + [
        f'CREATE OR REPLACE TRIGGER "{PREFIX}_{table}_{verb}" BEFORE {verb.upper()} ON "{table}" '
        f"FOR EACH {level} EXECUTE FUNCTION {PREFIX}_refuse()"
        for verb, level in each
    ]

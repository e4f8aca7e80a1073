"""What the site's account may do in PostgreSQL: read and add everywhere, change and delete only where rows are no record.

The schema belongs to another account, the owner, which migrates and is known to no running site (decision 0087). A model says
by its base class that its rows are written once; `append_only_exceptions.csv` names the few columns of such tables that are
written again, or whose right is needed to hold a row, each with its reason.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from zhijian.engines.facts.append_only import HOLD
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import WrittenOnce

_EXCEPTIONS = Path(__file__).with_name("append_only_exceptions.csv")
READ, ADD, CHANGE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
_EVERY = (READ, ADD, CHANGE, DELETE, "TRUNCATE", "REFERENCES", "TRIGGER")
_MIGRATIONS = "django_migrations"


class RightsRefused(Exception):
    """The rights cannot be given, or are not as they should be. The message says what, and how to mend it."""


@dataclass(frozen=True)
class TableRights:
    """What may be done to one table, and which columns of it may be changed where the table as a whole may not."""

    rights: frozenset[str]
    columns: frozenset[str] = frozenset()


@cache
def append_only_tables() -> frozenset[str]:
    """Return the tables whose rows are written once, as their models say."""
    written_once = (AppendOnlyModel, WrittenOnce)
    return frozenset(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if issubclass(model, written_once)
    )


@cache
def exceptions() -> Mapping[str, frozenset[str]]:
    """Return by table the columns that may be written again although its rows are written once."""
    found: dict[str, set[str]] = {}
    with _EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], set()).add(row["column"])
    return {table: frozenset(columns) for table, columns in found.items()}


def wanted() -> dict[str, TableRights]:
    """Return what the site's account may do to each table of ours that is there."""
    whole = TableRights(frozenset({READ, ADD, CHANGE, DELETE}))
    rights: dict[str, TableRights] = {}
    for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
        rights[table] = whole
        if table in append_only_tables():
            rights[table] = TableRights(frozenset({READ, ADD}), exceptions().get(table, frozenset()))
    rights[_MIGRATIONS] = TableRights(frozenset({READ}))
    return rights


def statements(account: str) -> list[str]:
    """Return the statements that leave an account exactly these rights, to be run by the owner in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = map(sql.Identifier, cursor.fetchone())
    names = {"site": sql.Identifier(account), "database": database, "schema": schema}
    made = [
        "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {site}",
        "GRANT CONNECT ON DATABASE {database} TO {site}",
        "REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {site}",
        "GRANT USAGE ON SCHEMA {schema} TO {site}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {site}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {site}",
    ]
    found = [sql.SQL(one).format(**names) for one in made]
    for table, of in sorted(wanted().items()):
        found += _grants(of, table=sql.Identifier(table), **names)
    for one in (
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {site}",
        "REVOKE ALL ON FUNCTION {schema}.{hold}() FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION {schema}.{hold}() TO {site}",
    ):
        found.append(sql.SQL(one).format(hold=sql.Identifier(HOLD), **names))
    return [one.as_string() for one in found]


def _grants(of: TableRights, **names: sql.Identifier) -> list[sql.Composed]:
    rights = sql.SQL(", ").join(map(sql.SQL, sorted(of.rights)))
    grants = [sql.SQL("GRANT {rights} ON {schema}.{table} TO {site}").format(rights=rights, **names)]
    if of.columns:
        columns = sql.SQL(", ").join(map(sql.Identifier, sorted(of.columns)))
        grants.append(
            sql.SQL("GRANT UPDATE ({columns}) ON {schema}.{table} TO {site}").format(columns=columns, **names)
        )
    return grants


def apply(account: str) -> None:
    """Give an account these rights and no others, all or nothing; the connection is the owner's.

    Raises:
        RightsRefused: there is no such account, it has more than rights on tables, or what was given is not what was wanted.
    """
    with transaction.atomic():
        _refuse_without(account)
        with connection.cursor() as cursor:
            for statement in statements(account):
                cursor.execute(statement)
        if found := differences(account):
            raise RightsRefused(
                f"账户 {account} 的权限与要求不符，未作改动：{'；'.join(one for one, _ in found[:5])}。请以数据库和各表的所有者运行。"
                f" The rights of {account} would not be as they should, nothing was changed: "
                f"{'; '.join(one for _, one in found[:5])}. Run this as the owner of the database and of its tables."
            )


def _refuse_without(account: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [account])
        if cursor.fetchone() is None:
            raise RightsRefused(
                f"数据库里没有账户 {account}。请先以管理员运行 createuser --pwprompt {account}。"
                f" The database has no account {account}. First run, as its administrator: createuser --pwprompt {account}."
            )


def differences(account: str) -> list[tuple[str, str]]:
    """Return what an account may do and should not, or should and may not, each in Chinese and English."""
    _refuse_without(account)
    return [*_of_the_account(account), *_of_tables(account)]


_ACCOUNT = (
    "SELECT r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls, "
    "has_schema_privilege(r.oid, current_schema(), 'CREATE'), "
    "has_database_privilege(r.oid, current_database(), 'CREATE'), "
    "has_database_privilege(r.oid, current_database(), 'TEMPORARY') "
    "FROM pg_roles r WHERE r.rolname = %s"
)
_TRAITS = (
    ("是超级用户", "is a superuser"),
    ("能建账户", "may make accounts"),
    ("能建数据库", "may make databases"),
    ("能作复制", "may replicate"),
    ("能越过行级权限", "bypasses row security"),
    ("能在模式中建表", "may make tables in the schema"),
    ("能在库中建模式", "may make schemas in the database"),
    ("能建临时表（可遮住封存时间）", "may make temporary tables, which could hide those of the seals"),
)
_MEMBER = (
    "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "
    "JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s ORDER BY 1"
)
_OWNED = (
    "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
    "WHERE r.rolname = %s AND c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)


def _of_the_account(account: str) -> Iterable[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [account])
        for has, words in zip(cursor.fetchone(), _TRAITS, strict=True):
            if has:
                yield words
        cursor.execute(_MEMBER, [account])
        for (group,) in cursor.fetchall():
            yield f"属于账户组 {group}", f"belongs to {group}"
        cursor.execute(_OWNED, [account])
        if owned := [name for (name,) in cursor.fetchall()]:
            yield f"拥有 {len(owned)} 张表（如 {owned[0]}）", f"owns {len(owned)} tables, such as {owned[0]}"


_TABLES = (
    "SELECT c.relname, "
    "ARRAY(SELECT held FROM unnest(%(every)s::text[]) held WHERE has_table_privilege(%(account)s, c.oid, held)), "
    "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 "
    "AND NOT a.attisdropped AND has_column_privilege(%(account)s, c.oid, a.attnum, 'UPDATE')) "
    "FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
)


def _of_tables(account: str) -> Iterable[tuple[str, str]]:
    should = wanted()
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, {"account": account, "every": list(_EVERY)})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for table, held, columns in rows:
        want = should.get(table, TableRights(frozenset()))
        rights = set(held)
        if more := sorted(rights - want.rights):
            yield f"{table}：多出 {'、'.join(more)}", f"{table}: {', '.join(more)} too much"
        if less := sorted(want.rights - rights):
            yield f"{table}：缺少 {'、'.join(less)}", f"{table}: {', '.join(less)} missing"
        if CHANGE not in rights and (other := sorted(set(columns) ^ want.columns)):
            yield (
                f"{table}：可改的列不符（{'、'.join(other)}）",
                f"{table}: other columns ({', '.join(other)})",
            )


def changeable_records() -> list[str]:
    """Return the append-only tables whose rows the account that is signed in now may change or delete as a whole."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p') "
            "AND c.relnamespace = current_schema()::regnamespace "
            "AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') ORDER BY 1",
            [sorted(append_only_tables())],
        )
        return [name for (name,) in cursor.fetchall()]

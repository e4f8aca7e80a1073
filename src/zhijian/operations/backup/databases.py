"""The database of our own records, out to one file and in again: SQLite by its backup interface, PostgreSQL by pg_dump.

Both give what one transaction sees, while officers go on working.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from zhijian.datazone.ingest.custody import is_disk_full
from zhijian.operations.backup.contents import copy_sqlite
from zhijian.operations.backup.errors import BackupRefused

SQLITE, POSTGRESQL = "database.sqlite3", "database.pgdump"  # names in the backup


def is_sqlite(database: Mapping[str, Any]) -> bool:
    return str(database["ENGINE"]).endswith("sqlite3")


def member(database: Mapping[str, Any]) -> str:
    """Return the name that this kind of database has in a backup."""
    return SQLITE if is_sqlite(database) else POSTGRESQL


def dump(database: Mapping[str, Any], target: Path) -> None:
    """Write the database, as one transaction sees it, to a file.

    Raises:
        BackupRefused: there is no database yet, or pg_dump failed.
    """
    if not is_sqlite(database):
        _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return
    source = Path(str(database["NAME"]))
    if not source.exists():
        raise BackupRefused(
            f"还没有数据库 {source}。请先运行 zhijian migrate。",
            f"There is no database {source} yet. Run: zhijian migrate.",
        )
    try:
        copy_sqlite(source, target)
    except sqlite3.OperationalError as problem:
        if is_disk_full(problem):
            raise
        raise BackupRefused(
            f"复制数据库 {source} 没有完成：{problem}。没有生成备份，原有数据未动。请查看磁盘和文件大小限制（ulimit -f）。",
            f"The database {source} could not be copied: {problem}. No backup was made. Look at the disk, and at the limit of file sizes (ulimit -f).",
        ) from problem


def load(database: Mapping[str, Any], source: Path) -> None:
    """Bring a dumped database back to where there is none.

    Raises:
        BackupRefused: there are tables already, or pg_restore failed.
    """
    refuse_full(database)
    if is_sqlite(database):
        shutil.copyfile(source, Path(str(database["NAME"])))
        return
    _run(
        database,
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        "--no-owner",
        "--no-privileges",
        str(source),
    )


def refuse_full(database: Mapping[str, Any]) -> None:
    """Refuse to restore over what is there.

    Raises:
        BackupRefused: the database has tables.
    """
    if is_sqlite(database):
        is_full = Path(str(database["NAME"])).exists()
    else:
        import psycopg
        from psycopg.conninfo import make_conninfo

        with closing(psycopg.connect(make_conninfo("", **_address(database)))) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone()
        is_full = bool(found and found[0])
    if is_full:
        raise BackupRefused(
            f"目标数据库 {database['NAME']} 里已经有表。恢复只写入空库，以免覆盖：请新建一个空数据库，或移走原有的库。",
            f"The database {database['NAME']} has tables. A restore only fills an empty one: make a new database, or move that one away.",
        )


def _address(database: Mapping[str, Any]) -> dict[str, str]:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {key: str(database.get(name) or "") for key, name in names.items()}
    options = dict(database.get("OPTIONS") or {})
    for name in ("target_session_attrs", "sslmode", "sslrootcert"):
        given[name] = str(options.get(name, ""))
    return {key: value for key, value in given.items() if value}


def _run(database: Mapping[str, Any], program: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, which other users of the machine do not see."""
    variables = {
        "dbname": "PGDATABASE",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
    }
    address = _address(database)
    environment = {
        **os.environ,
        **{variables[key]: value for key, value in address.items() if key in variables},
    }
    into = [f"--dbname={address['dbname']}"] if program == "pg_restore" and "dbname" in address else []
    try:
        done = subprocess.run(
            [program, *into, *arguments], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupRefused(
            f"找不到程序 {program}。请安装与服务器同版本的 PostgreSQL 客户端。",
            f"The program {program} was not found. Install PostgreSQL's client of the server's version.",
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1]
        raise BackupRefused(f"{program} 没有完成：{last}", f"{program} failed: {last}")


def check(dumped: Path) -> None:
    """Read a dumped database to its end.

    Raises:
        BackupRefused: SQLite finds it damaged, or pg_restore cannot read it.
    """
    if dumped.name == POSTGRESQL:
        _run({"ENGINE": "postgresql"}, "pg_restore", "--file=/dev/null", str(dumped))
        return
    with closing(sqlite3.connect(f"file:{dumped}?mode=ro", uri=True)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()
    if found != ("ok",):
        raise BackupRefused(
            f"备份里的数据库已损坏：{found}", f"The database in the backup is damaged: {found}"
        )


@contextmanager
def beside(dumped: Path) -> Iterator[str]:
    """Give the name under which Django reads a dumped database that is tried; a dump of PostgreSQL is read by pg_restore alone,
    and what it was made of stands for it.
    """
    from django.db import connections

    if dumped.name == POSTGRESQL:
        yield "default"
        return
    name, used = f"beside-{dumped.parent.name}", connections["default"]
    opened = type(used)({**used.settings_dict, "NAME": str(dumped)}, name)
    connections[name] = opened  # of this thread alone, and of no list of databases
    try:
        yield name
    finally:
        opened.close()
        del connections[name]

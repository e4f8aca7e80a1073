"""The tables of every system, made once for all workers: a hundred migrations are half a minute of work.

The first process starts this module beside the workers, which collect meanwhile; each then takes a copy.
Nothing is kept from one run to the next, so what is copied is always what the migrations of today make.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

_TEMPLATE = "tables"  # the database on PostgreSQL that the workers' databases are copied from
_FILE = "ZHIJIAN_TEST_TABLES"  # names the file that has the tables, or on PostgreSQL says that they are made


def begin(folder: Path) -> subprocess.Popen[bytes]:
    """Start to make the tables; processes that start from now on find them."""
    os.environ[_FILE] = str(folder / "tables.sqlite3")
    command = [sys.executable, "-m", "tests.tables", os.environ[_FILE]]
    return subprocess.Popen(command, cwd=Path(__file__).parents[1])


def are_made(seconds: float = 300) -> bool:
    """Say whether there are tables to copy, waiting for them where they are being made.

    Where making them failed or took longer than `seconds`, the asker migrates itself and shows why.
    """
    if _FILE not in os.environ:
        return False
    file = Path(os.environ[_FILE])
    end = time.monotonic() + seconds
    while not file.exists() and not _failure(file).exists() and time.monotonic() < end:
        time.sleep(0.1)
    return file.exists()


def lend(database: dict) -> None:
    """Let Django's test database begin as a copy of the tables; `database` is its settings."""
    if database["ENGINE"].endswith("sqlite3"):
        shutil.copy(os.environ[_FILE], database["TEST"]["NAME"])
    else:
        database["TEST"]["TEMPLATE"] = _TEMPLATE


def _failure(file: Path) -> Path:
    return file.with_suffix(".failed")


def _make(file: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {_TEMPLATE}")
        connection.close()
    connection.settings_dict["NAME"] = ":memory:" if connection.vendor == "sqlite" else _TEMPLATE
    call_command("migrate", verbosity=0, interactive=False)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file.with_suffix(".part"))])
    else:
        file.with_suffix(".part").touch()
    connection.close()  # nothing can be copied from a database that is in use
    file.with_suffix(".part").rename(file)


if __name__ == "__main__":
    try:
        _make(Path(sys.argv[1]))
    except BaseException:
        _failure(Path(sys.argv[1])).touch()
        raise

"""A home in use, and an empty database to restore into."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.db import connection

from tests.engines.facts.conftest import record as _record
from zhijian.datazone.lake import Lake

record = _record


@pytest.fixture
def loaded(home, record):
    """A home in use: facts sealed and not yet sealed, a table in the lake, evidence, keys."""
    from zhijian.engines.facts import seals

    for number in range(3):
        record(str(number))
    seals.seal_day(date(2026, 11, 2), at=datetime(2026, 11, 2, 16, 10, tzinfo=UTC), home=home)
    record("after", at=datetime(2026, 11, 3, 1, 0, tzinfo=UTC))
    with Lake(home.lake).transaction() as change:
        change.write("standard_firms", pa.table({"uscc": ["a", "b"]}))
    for name, content in {"media/ab/abcd": b"photo", "secret_key": b"s" * 60, "keys/signing": b"k"}.items():
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).write_bytes(content)
    return home


@pytest.fixture
def empty_database(tmp_path):
    """A database of the suite's kind without a table, to restore into."""
    settings = dict(connection.settings_dict)
    if connection.vendor == "sqlite":
        yield {**settings, "NAME": str(tmp_path / "restored" / "zhijian.sqlite3")}
        return
    name = f"{settings['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield {**settings, "NAME": name}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

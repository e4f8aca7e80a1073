"""Facts of invented firms on a few days, and the hands of a database administrator."""

from datetime import UTC, date, datetime

import pytest

MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 09:00 in Guangdong
FIRM = "91440101MA59示例0001"


@pytest.fixture
def record():
    """Record an inspection result; what is not said is as usual."""

    from zhijian.engines.facts import services  # Django is not ready when this file is read

    def add(key="1", *, at=MORNING, **changed):
        said = {
            "kind": "inspection.result",
            "subject": FIRM,
            "occurred_on": date(2026, 11, 1),
            "payload": {"codes": ["1"], "authority": "示例市市场监督管理局"},
            "source": "test",
            "source_key": key,
            "by": "demo",
            "at": at,
            "is_synthetic": True,
        } | changed
        return services.record(said.pop("kind"), **said)

    return add


@pytest.fixture
def administrator(db):
    """Somebody with every right on the database: drops the guards and writes what they like in SQL."""
    from django.db import connection

    from zhijian.engines.facts import append_only

    def write(sql, *parameters):
        for table in append_only.guarded_tables(connection):
            append_only.drop_guards(connection, table)
        append_only.drop_sealed_past_guard(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            assert cursor.rowcount != 0

    return write

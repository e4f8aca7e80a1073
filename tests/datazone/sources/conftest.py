"""A department's database, once on PostgreSQL and once on MariaDB."""

import shutil
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests import mariadb, postgresql
from zhijian.datazone.lake import Lake
from zhijian.datazone.sources import load


class Postgres:
    kind = "postgresql"

    def __init__(self, url):
        self.url = url

    def run(self, sql):
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql)


class Maria:
    kind = "mysql"

    def __init__(self, server):
        self.server, self.url = server, server.url

    def run(self, sql):
        self.server.run(f"use shop; {sql}")


@pytest.fixture(scope="session")
def servers():
    folder = Path(tempfile.mkdtemp(prefix="zhijian-sources-"))
    folder.chmod(0o755)
    mariadb.installed()
    url = postgresql.start_server(folder / "postgresql")
    maria = mariadb.start_server(folder / "mariadb")
    yield {"postgresql": Postgres(url), "mysql": Maria(maria)}
    maria.stop()
    postgresql.stop_server(folder / "postgresql")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["postgresql", "mysql"])
def office(request, servers):
    """A registry with three shops, the newest changed at 08:03."""
    shops(servers[request.param])
    return servers[request.param]


def shops(database):
    database.run(
        "drop table if exists shops; create table shops (id bigint primary key, name varchar(60), "
        "capital decimal(24,2), employees int, changed_at timestamp(6) not null)"
    )
    for number in (1, 2, 3):
        database.run(
            f"insert into shops values ({number}, '广州第{number}商店', 12345678901234567890.1{number}, {number}, "
            f"'2026-11-01 08:0{number}:00.000001')"
        )


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture
def declare(tmp_path):
    def write(text="", **changed):
        values = {
            "source": "registry",
            "name": "shops",
            "table": "shops",
            "watermark": "changed_at",
            "key": "[id]",
            "overlap": "10 minutes",
            "synthetic": "true",
            **changed,
        }
        path = tmp_path / "shops.yaml"
        path.write_text(
            text or "\n".join(f"{key}: {value}" for key, value in values.items() if value is not None)
        )
        return load(path)

    return write

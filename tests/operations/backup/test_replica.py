"""A primary is killed: its replica has every write that was acknowledged. A mistake is undone to the moment before it."""

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import Server
from zhijian.infrastructure.configuration import database_from_url


class Cluster(Server):
    """A small server that forgets nothing of its log."""

    def start(self, *settings):
        super().start("fsync=off", "max_connections=20", "shared_buffers=16MB", *settings)

    def connect(self):
        return psycopg.connect(self.address(), autocommit=True)


def copied(source, folder, *more):
    """A base backup of a running server, in a folder of its own."""
    copy = Cluster(folder)
    copy.tool(
        "pg_basebackup", "-h", "127.0.0.1", "-p", str(source.port), "-U", "zhijian", "-c", "fast", "-N",
        "-D", str(copy.data), *more,
    )  # fmt: skip
    return copy


@pytest.fixture(scope="module")
def servers():
    """A primary that archives its log, a replica that follows it synchronously, and a base backup of before."""
    root = Path(tempfile.mkdtemp(prefix="zhijian-clusters-"))  # where PostgreSQL's own user may go too
    root.chmod(0o755)
    archive = root / "archive"
    archive.mkdir()
    if os.geteuid() == 0:
        shutil.chown(archive, "postgres")
    primary = Cluster(root / "primary")
    primary.make()
    primary.start("archive_mode=on", f"archive_command='cp %p {archive}/%f'")
    with primary.connect() as connection:
        connection.execute("CREATE TABLE acts (number int PRIMARY KEY)")
    replica = copied(primary, root / "replica", "-R")
    past = copied(primary, root / "past", "-X", "none")
    replica.start()
    with primary.connect() as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.execute("SELECT pg_reload_conf()")
    yield primary, replica, past, archive
    for server in (primary, replica, past):
        server.stop()
    shutil.rmtree(root)


def test_a_mistake_is_undone_to_the_moment_before_it(servers):
    primary, _, past, archive = servers
    with primary.connect() as connection:
        connection.execute("INSERT INTO acts SELECT generate_series(-5, -1)")
        connection.execute("SELECT pg_create_restore_point('before_the_mistake')")
        connection.execute("DELETE FROM acts")
        connection.execute("SELECT pg_switch_wal()")
        deadline = time.monotonic() + 20
        switched = "SELECT last_archived_wal FROM pg_stat_archiver"
        while not (done := connection.execute(switched).fetchone()[0]) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert done
        while (
            len([one for one in archive.iterdir() if len(one.name) == 24]) < 3 and time.monotonic() < deadline
        ):
            time.sleep(0.1)
    (past.data / "recovery.signal").touch()
    past.start(
        f"restore_command='cp {archive}/%f %p'",
        "recovery_target_name=before_the_mistake",
        "recovery_target_action=promote",
    )
    with past.connect() as connection:
        assert connection.execute("SELECT count(*) FROM acts").fetchone()[0] == 5


def test_no_acknowledged_write_is_lost_when_the_primary_is_killed(servers):
    primary, replica, _, _ = servers
    acknowledged = []

    def officers(connection):
        try:
            for number in range(1, 1_000_000):
                connection.execute("INSERT INTO acts VALUES (%s)", [number])
                acknowledged.append(number)
        except psycopg.OperationalError:
            return

    writer = threading.Thread(target=officers, args=(primary.connect(),))
    writer.start()
    while len(acknowledged) < 200 and writer.is_alive():
        time.sleep(0.01)
    primary.kill()
    writer.join(timeout=20)
    replica.tool("pg_ctl", "-D", str(replica.data), "-w", "promote")
    settings = database_from_url(
        f"postgresql://zhijian@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/postgres"
    )
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"],
        autocommit=True, **settings["OPTIONS"],
    ) as connection:  # fmt: skip
        connection.execute("SET synchronous_commit = local")  # no replica follows the new primary yet
        kept = {row[0] for row in connection.execute("SELECT number FROM acts")}
        assert len(acknowledged) >= 200 and set(acknowledged) <= kept
        connection.execute("INSERT INTO acts VALUES (0)")

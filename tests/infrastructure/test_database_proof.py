"""A database on another machine proves who it is by a certificate, or nothing is sent to it and the administrator is told why."""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from tests.certificates import Authority
from tests.postgresql import Server
from zhijian.infrastructure.configuration import database_from_url
from zhijian.infrastructure.database_proof import DatabaseNotProven, Fault, not_proven
from zhijian.operations.failures import explain


class Guarded(Server):
    """A server with TLS, whose certificate is changed by starting it anew."""

    def start_with(self, certificate=None, key=None):
        self.stop()
        if certificate is None:
            self.start("fsync=off", "shared_buffers=16MB", "ssl=off")
            return
        for file, name in ((certificate, "server.crt"), (key, "server.key")):
            placed = self.data / name
            shutil.copyfile(file, placed)
            placed.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(placed, "postgres")
        self.start("fsync=off", "shared_buffers=16MB", "ssl=on")


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"), "合成数据-authority", at=datetime.now(UTC))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "合成数据-stranger", at=datetime.now(UTC))


@pytest.fixture(scope="module")
def server():
    root = Path(tempfile.mkdtemp(prefix="zhijian-proof-"))  # where PostgreSQL's own user may go too
    root.chmod(0o755)
    made = Guarded(root / "server")
    made.make()
    yield made
    made.stop()
    shutil.rmtree(root)


@pytest.fixture(autouse=True)
def _may_connect(django_db_blocker):
    """These connections go to the server of this file, not to the tables of the suite."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def address(server, ours):
    """The address of the database by the name on its certificate, to be proven by our authority."""

    def at(host="localhost", file=ours.file):
        return f"postgresql://zhijian@{host}:{server.port}/postgres?sslmode=verify-full&sslrootcert={file}"

    return at


def connected(url):
    return ConnectionHandler({"default": database_from_url(url)})["default"]


def refusal(url) -> DatabaseNotProven:
    """How the connection of the site itself fails, read as the administrator reads it."""
    connection = connected(url)
    with pytest.raises(OperationalError) as refused:
        connection.ensure_connection()
    found = not_proven(refused.value, connection.settings_dict)
    assert found is not None
    return found


def test_a_server_that_proves_its_name_by_our_authority_is_spoken_to_and_only_under_cipher(
    server, ours, address
):
    server.start_with(*ours.sign("localhost"))
    with connected(address()).cursor() as cursor:
        cursor.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert cursor.fetchone() == (True, "TLSv1.3")
        cursor.connection.close()


def test_a_server_of_another_authority_is_refused_and_who_signed_for_it_is_told(
    server, stranger, ours, address
):
    server.start_with(*stranger.sign("localhost"))
    told = refusal(address())
    assert (told.fault, told.place) == (Fault.AUTHORITY, f"localhost:{server.port}")
    for text in (told.zh, told.en):
        assert "CN=合成数据-stranger" in text and str(ours.file) in text and "sslrootcert" in text


def test_a_server_whose_certificate_names_another_host_is_refused_and_both_names_are_told(
    server, ours, address
):
    server.start_with(*ours.sign("db.example"))
    told = refusal(address())
    assert told.fault is Fault.NAME
    for text in (told.zh, told.en):
        assert "db.example" in text and "localhost" in text and "ZHIJIAN_DATABASE_URL" in text


def test_a_server_whose_certificate_has_ended_is_refused_and_its_days_are_told(server, ours, address):
    certificate, key = ours.sign("localhost", days=-2)
    server.start_with(certificate, key)
    told = refusal(address())
    assert told.fault is Fault.ENDED
    ended = datetime.fromtimestamp(ours.at.timestamp() - 2 * 86_400, UTC)
    for text in (told.zh, told.en):
        assert f"{ended:%Y-%m-%d %H:%M} UTC" in text and "pg_reload_conf" in text


def test_a_server_whose_certificate_has_not_begun_is_refused_and_the_clocks_are_named(server, ours, address):
    server.start_with(*ours.sign("localhost", days=95))
    told = refusal(address())
    assert told.fault is Fault.NOT_YET and "时钟" in told.zh and "clocks" in told.en


def test_a_server_without_tls_is_refused_though_it_would_answer(server, address):
    server.start_with()
    told = refusal(address())
    assert told.fault is Fault.PLAIN and "ssl=on" in told.zh and "ssl=on" in told.en


def test_an_authority_that_lies_nowhere_or_is_none_is_told_with_its_file(server, ours, address, tmp_path):
    server.start_with(*ours.sign("localhost"))
    nowhere, none = tmp_path / "nowhere.pem", tmp_path / "none.pem"
    none.write_text("no certificate")
    for file in (nowhere, none):
        told = refusal(address(file=file))
        assert told.fault is Fault.ROOT and str(file) in told.zh and str(file) in told.en


def test_of_two_machines_the_one_that_is_not_believed_is_named(server, ours, stranger, address):
    server.start_with(*stranger.sign("localhost"))
    both = address().replace(f"localhost:{server.port}", f"localhost:{server.port},localhost:{server.port}")
    assert refusal(both).place == f"localhost:{server.port}"


def test_a_machine_that_is_away_is_no_machine_that_cannot_prove_itself(server, address, home, monkeypatch):
    server.stop()
    monkeypatch.setenv("ZHIJIAN_DATABASE_URL", address())
    connection = connected(address())
    with pytest.raises(OperationalError) as refused:
        connection.ensure_connection()
    assert not_proven(refused.value, connection.settings_dict) is None
    assert "Check ZHIJIAN_DATABASE_URL" in explain(refused.value, home)


def test_readiness_says_unproven_to_everybody_and_the_reason_to_the_log_alone(
    server, stranger, address, home, client, db, monkeypatch, caplog
):
    server.start_with(*stranger.sign("localhost"))
    monkeypatch.setattr("zhijian.portal.condition.connection", connected(address()))
    with caplog.at_level(logging.ERROR, logger="zhijian.portal.condition"):
        answer = client.get("/healthz/ready")
    assert answer.status_code == 503 and answer.json()["checks"]["database"] == "unproven"
    assert "stranger" not in answer.content.decode() and str(server.port) not in answer.content.decode()
    assert "CN=合成数据-stranger" in caplog.text and f"localhost:{server.port}" in caplog.text


def test_a_verb_ends_with_the_reason_and_the_remedy_and_without_a_traceback(server, stranger, address, home):
    server.start_with(*stranger.sign("localhost"))
    command = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", "migrate"]
    variables = {"ZHIJIAN_HOME": str(home.root), "PATH": "/usr/bin", "ZHIJIAN_DATABASE_URL": address()}
    done = subprocess.run(command, capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert (
        done.stderr.startswith("zhijian: 数据库服务器没有证明自己的身份")
        and "CN=合成数据-stranger" in done.stderr
    )
    assert "no password was sent" in done.stderr and "Traceback" not in done.stderr

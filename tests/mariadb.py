"""A MariaDB server of the suite's own, started from the binaries that the machine has."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgresql import free_port

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def installed() -> bool:
    """Say whether the server is here. Missing under CI is a failure, elsewhere a skip, as with Chromium."""
    if shutil.which("mariadbd", path=_PATH):
        return True
    message = "MariaDB is not installed (Debian: apt-get install mariadb-server)."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@dataclass
class MariaDB:
    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"mysql://office:secret-word@127.0.0.1:{self.port}/shop"

    def run(self, sql: str) -> str:
        client = ["mariadb", "--no-defaults", "-uroot", f"-S{self.folder / 'socket'}", "--batch", "-N"]
        done = subprocess.run([*client, "-e", sql], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def start_server(folder: Path) -> MariaDB:
    """Make a data folder, start a server on a port of its own, and give it the database `shop`."""
    folder.mkdir(parents=True, mode=0o755)
    user = ["--user=root"] if os.geteuid() == 0 else []
    data = f"--datadir={folder / 'data'}"
    install = [
        "mariadb-install-db",
        "--no-defaults",
        data,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    subprocess.run([*install, *user], check=True, capture_output=True)
    port = free_port()
    options = [
        f"--socket={folder / 'socket'}",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--pid-file={folder / 'pid'}",
    ]
    fast = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-name-resolve"]
    with (folder / "log").open("wb") as log:
        server = [str(shutil.which("mariadbd", path=_PATH)), "--no-defaults", data, *options, *fast, *user]
        process = subprocess.Popen(server, stdout=log, stderr=log)
    started = MariaDB(folder, port, process)
    _wait(started)
    started.run(
        "create database shop character set utf8mb4; create user office@'127.0.0.1' identified by 'secret-word'; "
        "grant all on shop.* to office@'127.0.0.1'"
    )
    return started


def _wait(server: MariaDB) -> None:
    for _ in range(200):
        try:
            server.run("select 1")
        except AssertionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError((server.folder / "log").read_text())

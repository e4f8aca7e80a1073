"""A PostgreSQL server of the suite's own, started from the binaries that the machine has."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path


def _binaries() -> Path:
    """Return the folder of initdb and pg_ctl, newest version first.

    Raises:
        SystemExit: none is installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    sys.exit(
        "PostgreSQL is not installed (Debian: apt-get install postgresql). The suite starts its own server."
    )


def _as_owner(arguments: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: step down to its own user there."""
    return ["runuser", "-u", "postgres", "--", *arguments] if os.geteuid() == 0 else arguments


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(folder: Path) -> str:
    """Make a cluster in `folder`, start it, and return the address of its database."""
    folder.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        folder.parent.chmod(0o755)
    port, data, tools = _free_port(), folder / "data", _binaries()
    initdb = [
        str(tools / "initdb"),
        "-D",
        str(data),
        "-U",
        "zhijian",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    subprocess.run(_as_owner(initdb), check=True, capture_output=True, cwd=folder)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
    start = [str(tools / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    subprocess.run(_as_owner(start), check=True, capture_output=True, cwd=folder)
    return f"postgresql://zhijian@127.0.0.1:{port}/postgres"


def stop_server(folder: Path) -> None:
    stop = [str(_binaries() / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"]
    subprocess.run(_as_owner(stop), check=False, capture_output=True, cwd=folder)

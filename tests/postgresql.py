"""A PostgreSQL server of the suite's own, started from the binaries that the machine has."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A PostgreSQL server in a folder of its own. Only this machine reaches it, and it asks for no password."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://zhijian@127.0.0.1:{self.port}/{database}"

    def tool(self, name: str, *arguments: str, must_succeed: bool = True) -> None:
        """Run a program of PostgreSQL; it refuses to run as root and steps down to its own user there."""
        command = [str(_binaries() / name), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=must_succeed, capture_output=True, cwd=self.folder)

    def make(self) -> None:
        """Make the files of a server without a table in it."""
        self.tool("initdb", "-D", str(self.data), "-U", "zhijian", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self, *settings: str) -> None:
        """Start it with settings, each `name=value`, and wait until it answers."""
        given = " ".join(f"-c {one}" for one in ("listen_addresses=127.0.0.1", *settings))
        options = ["-o", f"-p {self.port} -k {self.folder} {given}", "-l", str(self.folder / "log")]
        self.tool("pg_ctl", "-D", str(self.data), *options, "-w", "-t", "60", "start")

    def stop(self) -> None:
        """Stop it at once; one that was killed already is left as it is."""
        self.tool("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop", must_succeed=False)

    def kill(self) -> None:
        """End it as a power failure does, the postmaster and all its processes at once, and wait until they are gone."""
        leader = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        told = subprocess.run(["pgrep", "-P", str(leader)], capture_output=True, text=True, check=False)
        processes = [leader, *map(int, told.stdout.split())]
        for process in processes:
            _signalled(process, signal.SIGKILL)
        until = time.monotonic() + 10
        while any(_signalled(process, 0) for process in processes) and time.monotonic() < until:
            time.sleep(0.02)


def _signalled(process: int, number: int) -> bool:
    """Send a process a signal; say whether it was there."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True


def start_server(folder: Path) -> str:
    """Make a server in `folder`, start it, and return the address of its database."""
    server = Server(folder)
    folder.parent.chmod(0o755)  # where PostgreSQL's own user may go too
    server.make()
    server.start("fsync=off", "max_connections=60")
    return server.address()


def stop_server(folder: Path) -> None:
    Server(folder).stop()

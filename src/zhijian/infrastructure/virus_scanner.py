"""A scanner of the office's own, asked about each file that is handed in: ClamAV's daemon, by its INSTREAM over a socket."""

import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_WAIT_SECONDS, _WHOLE_SECONDS = 10, 30
_CHUNK = 1 << 16
_LONGEST_ANSWER = 4096


class ScannerSilent(Exception):
    """The scanner does not answer, or answers with no verdict. Says why, for the log."""


@dataclass(frozen=True)
class Scanner:
    """Where the daemon listens: a socket file, or a host and port."""

    path: str = ""
    host: str = ""
    port: int = 0


def scanner_at(address: str) -> Scanner | None:
    """Read `unix:/run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`; nothing where the address is of neither form."""
    parts = urlsplit(address)
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return Scanner(path=parts.path)
    try:
        if parts.scheme == "tcp" and parts.hostname and parts.port and parts.path in {"", "/"}:
            return Scanner(host=parts.hostname, port=parts.port)
    except ValueError:  # a port beyond 65,535
        return None
    return None


def found_in(data: bytes, scanner: Scanner) -> str:
    """Return the name of what the scanner finds in a file; empty where it finds nothing.

    Raises:
        ScannerSilent: no verdict came; the file must not pass as clean.
    """
    try:
        with _line_to(scanner) as line:
            return _verdict(_asked(line, data, time.monotonic() + _WHOLE_SECONDS))
    except OSError as problem:
        raise ScannerSilent(f"{type(problem).__name__}: {problem}") from problem


def _line_to(scanner: Scanner) -> socket.socket:
    if not scanner.path:
        return socket.create_connection((scanner.host, scanner.port), timeout=_WAIT_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(_WAIT_SECONDS)
    try:
        line.connect(scanner.path)
    except OSError:
        line.close()
        raise
    return line


def _asked(line: socket.socket, data: bytes, end: float) -> bytes:
    line.sendall(b"zINSTREAM\0")
    for start in range(0, len(data), _CHUNK):
        part = data[start : start + _CHUNK]
        line.sendall(struct.pack("!I", len(part)) + part)
    line.sendall(struct.pack("!I", 0))
    said = bytearray()
    while b"\0" not in said and len(said) < _LONGEST_ANSWER:
        if time.monotonic() > end:
            raise ScannerSilent("no verdict in time")
        if not (more := line.recv(_LONGEST_ANSWER)):
            break
        said += more
    return bytes(said)


def _verdict(said: bytes) -> str:
    text = said.partition(b"\0")[0].decode("utf-8", "replace").strip()
    if b"\0" in said and text == "stream: OK":
        return ""
    if b"\0" in said and text.startswith("stream: ") and text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")[:100] or "?"
    raise ScannerSilent(f"no verdict: {text[:200]!r}")

"""One way out for everything that is posted: only to addresses that are safe to call, and cut off when it takes too long."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO
from urllib.parse import SplitResult

from zhijian.engines.exchange.addresses import check_address, resolve
from zhijian.engines.exchange.policies import Refused
from zhijian.infrastructure.addresses import port_of

_TIMEOUT_SECONDS = 20  # for one step: connect, send some bytes, read some
_WHOLE_SECONDS = 1800  # for a whole push, so that nobody holds the worker by answering a byte at a time


def post(url: str, body: IO[bytes], headers: dict[str, str]) -> str:
    """Post what lies in `body`; return 'sent' or why not. A redirect is not followed."""
    try:
        parts = check_address(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with _connection(parts, resolve(parts)) as connection:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
    except Refused as problem:
        return problem.message_en
    except (OSError, ValueError, http.client.HTTPException) as problem:
        return f"not reached: {type(problem).__name__}"
    return "sent" if 200 <= status < 300 else f"answered {status}"


@contextmanager
def _connection(parts: SplitResult, address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to the address that was checked, with the certificate of the name; cut off when the time is over."""
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, port_of(parts), timeout=_TIMEOUT_SECONDS)
    plain = socket.create_connection((address, port_of(parts)), timeout=_TIMEOUT_SECONDS)
    line = plain.dup()
    watch = threading.Timer(_WHOLE_SECONDS, _cut_off, [line])
    watch.daemon = True
    watch.start()
    try:
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=parts.hostname)
        else:
            connection.sock = plain
        yield connection
    finally:
        watch.cancel()
        for one in (connection, plain, line):
            one.close()


def _cut_off(line: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        line.shutdown(socket.SHUT_RDWR)

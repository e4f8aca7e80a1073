"""Pushes: on record first, signed, to addresses that are safe to call, again later where they did not arrive."""

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import takewhile
from typing import IO
from urllib.parse import SplitResult

from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import packing, services
from zhijian.engines.exchange.addresses import check_address, port_of, resolve
from zhijian.engines.exchange.models import Application, Arrival, Delivery
from zhijian.engines.exchange.packing import Packet, Selection
from zhijian.engines.exchange.policies import Refused, check_grant

TRIES = 6
_TIMEOUT_SECONDS = 20  # for one step: connect, send some bytes, read some
_WHOLE_SECONDS = 1800  # for a whole push, so that nobody holds the worker by answering a byte at a time
_CHUNK = 1 << 20


def signature(secret: str, timestamp: str, version: str, mode: str, body: IO[bytes]) -> str:
    """Return what a receiver computes again: HMAC-SHA256 over timestamp, version, mode and body, with full stops between."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{version}.{mode}.".encode(), hashlib.sha256)
    while chunk := body.read(_CHUNK):
        digest.update(chunk)
    body.seek(0)
    return digest.hexdigest()


def push(lake: Lake, application: Application, *, at: datetime) -> Arrival | None:
    """Send what came since the last push that arrived; return how it ended, or None where there is nothing new.

    Raises:
        Refused: the grant has ended, has no key, or its quota is used up; nothing is sent and nothing recorded.
    """
    check_grant(application, service=application.service, purpose=application.purpose, at=at)
    secret = services.signing_secret(application)
    last = application.deliveries.filter(way="push", arrival__outcome="sent").first()
    selection = services.prepare(
        lake, application, since=last.version if last else None, columns=None, by="push", at=at
    )
    if last and selection.version == last.version:
        return None
    packet = packing.pack(selection, "jsonl")
    with packet.file:
        delivery, _ = services.admit(application, selection, packet, by="push", at=at)
        outcome = _sent(application.webhook, packet, _headers(secret, packet, selection, at))
    return Arrival.objects.create(delivery=delivery, outcome=outcome[:200], arrived_at=at)


def next_try(tries: int) -> timedelta | None:
    """Return how long to wait after so many failures: 1, 4, 16, 64, 256 minutes; None: give up."""
    return timedelta(minutes=4 ** (tries - 1)) if tries < TRIES else None


def is_stopped(application: Application) -> bool:
    """Say whether so many pushes in a row did not arrive that no more are sent by themselves.

    They begin again with a new key, or when the operator pushes by hand and it arrives.
    """
    key = application.keys.first()
    if key is None:
        return False
    pushes = application.deliveries.filter(way="push", delivered_at__gte=key.issued_at)
    newest: list[Delivery] = list(pushes.select_related("arrival")[:TRIES])
    return len(list(takewhile(lambda one: one.result != "sent", newest))) == TRIES


def _headers(secret: str, packet: Packet, selection: Selection, at: datetime) -> dict[str, str]:
    timestamp, version = str(int(at.timestamp())), str(selection.version)
    return {
        "Content-Type": packing.MIME["jsonl"],
        "Content-Length": str(packet.bytes),
        "X-Zhijian-Timestamp": timestamp,
        "X-Zhijian-Signature": signature(secret, timestamp, version, selection.mode, packet.file),
        "X-Exchange-Version": version,
        "X-Exchange-Mode": selection.mode,
    }


def _sent(url: str, packet: Packet, headers: dict[str, str]) -> str:
    """Post the file; return 'sent' or why not. A redirect is not followed."""
    try:
        parts = check_address(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with _connection(parts, resolve(parts)) as connection:
            connection.request("POST", path, packet.file, headers)
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

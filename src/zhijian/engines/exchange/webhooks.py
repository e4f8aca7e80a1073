"""Pushes: signed, to addresses that are safe to call, again later where they did not arrive."""

import hashlib
import hmac
import http.client
import ipaddress
import os
import socket
import ssl
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import packing, services
from zhijian.engines.exchange.models import Application, Delivery
from zhijian.engines.exchange.policies import Refused, check_grant

TRIES = 6
_TIMEOUT_SECONDS = 20


def allowed_hosts() -> set[str]:
    """Hosts inside the government network that may be called, by http too: ZHIJIAN_EXCHANGE_HOSTS, with commas."""
    return {one.strip() for one in os.environ.get("ZHIJIAN_EXCHANGE_HOSTS", "").split(",") if one.strip()}


def check_address(url: str) -> SplitResult:
    """Refuse an address that is not https, or carries a name and password.

    Raises:
        Refused: with what is wrong.
    """
    parts = urlsplit(url)
    is_named = parts.hostname in allowed_hosts()
    if (
        not parts.hostname
        or parts.username
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_named))
    ):
        raise Refused(
            422,
            "webhook",
            "推送地址须为 https，且不含用户名。",
            "A webhook must be https, without a user name.",
        )
    return parts


def resolve(parts: SplitResult) -> str:
    """Return the one address to connect to; it is not looked up again, so a name cannot change under us.

    Raises:
        Refused: the name is not known, or leads into a private network that was not allowed.
    """
    assert parts.hostname is not None
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except OSError as problem:
        raise Refused(
            422,
            "webhook",
            f"推送主机名无法解析（{problem}）。",
            f"The webhook's host is not known ({problem}).",
        ) from None
    addresses = [str(one[4][0]) for one in found]
    if parts.hostname not in allowed_hosts() and not all(
        ipaddress.ip_address(one).is_global for one in addresses
    ):
        raise Refused(
            422,
            "webhook",
            "推送地址指向内部网络，未获允许。",
            "The webhook leads into a private network, which is not allowed.",
        )
    return addresses[0]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what a receiver computes again: HMAC-SHA256 over the timestamp, a full stop and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def push(lake: Lake, application: Application, *, at: datetime) -> Delivery | None:
    """Send what came since the last push that arrived; return the record, or None where there is nothing new.

    Raises:
        Refused: the grant has ended, or its quota is used up; nothing is sent and nothing recorded.
    """
    check_grant(application, service=application.service, purpose=application.purpose, at=at)
    last = application.deliveries.filter(way="push", outcome="sent").first()
    selection, _ = services.prepare(
        lake, application, since=last.version if last else None, columns=None, at=at
    )
    if last and selection.version == last.version:
        return None
    packet = packing.pack(selection, "jsonl")
    with packet.file as file:
        outcome = _sent(application, file.read(), selection.version, at)
    return services.record_delivery(application, selection, packet, outcome=outcome, by="push", at=at)


def next_try(tries: int) -> timedelta | None:
    """Return how long to wait after so many failures: 1, 4, 16, 64, 256 minutes; None: give up until the next night."""
    return timedelta(minutes=4 ** (tries - 1)) if tries < TRIES else None


def _sent(application: Application, body: bytes, version: int, at: datetime) -> str:
    """Post the body; return 'sent' or why not. A redirect is not followed."""
    parts, timestamp = urlsplit(application.webhook), str(int(at.timestamp()))
    headers = {
        "Content-Type": packing.MIME["jsonl"],
        "X-Zhijian-Timestamp": timestamp,
        "X-Zhijian-Signature": signature(services.signing_secret(application), timestamp, body),
        "X-Exchange-Version": str(version),
    }
    try:
        connection = _connection(check_address(application.webhook), resolve(parts))
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except Refused as problem:
        return problem.message_en
    except (OSError, http.client.HTTPException) as problem:
        return f"not reached: {type(problem).__name__}"
    return "sent" if 200 <= status < 300 else f"answered {status}"


def _connection(parts: SplitResult, address: str) -> http.client.HTTPConnection:
    """A connection to the address that was checked, with the certificate of the name."""
    assert parts.hostname is not None
    if parts.scheme == "http":
        connection = http.client.HTTPConnection(parts.hostname, _port(parts), timeout=_TIMEOUT_SECONDS)
        connection.sock = socket.create_connection((address, _port(parts)), timeout=_TIMEOUT_SECONDS)
        return connection
    secure = http.client.HTTPSConnection(parts.hostname, _port(parts), timeout=_TIMEOUT_SECONDS)
    plain = socket.create_connection((address, _port(parts)), timeout=_TIMEOUT_SECONDS)
    secure.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
    return secure


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)

"""Pushes: on record first, signed, to addresses that are safe to call, again later where they did not arrive."""

import hashlib
import hmac
from datetime import datetime, timedelta
from itertools import takewhile
from typing import IO

from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import packing, services
from zhijian.engines.exchange.models import Application, Arrival, Delivery
from zhijian.engines.exchange.packing import Packet, Selection
from zhijian.engines.exchange.policies import check_grant
from zhijian.engines.exchange.posting import post

TRIES = 6
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
        outcome = post(application.webhook, packet.file, _headers(secret, packet, selection, at))
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

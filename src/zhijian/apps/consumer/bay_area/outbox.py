"""What leaves for a council: signed, one try after the other, by the one way out that pushes and notices have.

The receiver computes the signature again: HMAC-SHA256 over "timestamp.message." and the body, under a secret made from
this site's own and the council's newest key, so that a new key ends the old secret.
"""

import hashlib
import hmac
import io
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from zhijian.apps.consumer.bay_area.models import Line, Message, Transfer
from zhijian.apps.consumer.complaints.intake.models import IntakeKey
from zhijian.apps.consumer.complaints.people import PARTIES
from zhijian.engines.exchange.addresses import check_address
from zhijian.engines.exchange.posting import post
from zhijian.engines.exchange.webhooks import next_try
from zhijian.engines.notices.gateways import signature
from zhijian.security.models import Officer
from zhijian.security.sealed_text import seal, unseal

STUCK = timedelta(
    minutes=45
)  # a message taken up so long ago and never finished is taken up again: its sender died


def secret_of(line: Line) -> str:
    text = f"bay-area:{line.council}:{line.key.digest}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def connect(council: str, address: str, key: IntakeKey, *, by: Officer | None, at: datetime) -> str:
    """Set where a council is told, or nowhere for an empty address; return the secret of signatures under its key.

    Raises:
        Refused: no address that may be called.
    """
    if address:
        check_address(address)
    Line.objects.filter(council=council).delete()
    line = Line(council=council, address=address, key=key, set_at=at)
    if address:
        line.save()
    return secret_of(line) if address else ""


def put(transfer: Transfer, kind: str, content: Mapping[str, Any], *, at: datetime) -> Message:
    """Keep a message for the other side; it leaves with `send_due` where the council has a line."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    has_line = Line.objects.filter(council=transfer.council, key__revoked_at__isnull=True).exists()
    message = Message.objects.create(
        transfer=transfer,
        kind=kind,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
        due_at=at if has_line else None,
        state="waiting" if has_line else "file",
    )
    message.body_sealed = seal(text, key=PARTIES, context=_context(message))
    message.save(update_fields=["body_sealed"])
    return message


def body_of(message: Message) -> str:
    """Return a message as it leaves; empty once it has arrived."""
    return unseal(message.body_sealed, key=PARTIES, context=_context(message))


def _context(message: Message) -> str:
    return f"bay-area/{message.transfer_id}/{message.pk}"


def _due(at: datetime) -> Any:
    return Message.objects.filter(
        Q(state="waiting", due_at__lte=at) | Q(state="sending", due_at__lte=at - STUCK)
    )


def has_due(at: datetime) -> bool:
    return bool(_due(at).exists())


def send_due(*, at: datetime, limit: int = 200) -> dict[str, int]:
    """Send what is due; return how many were sent, will be tried again, and were given up.

    A message of a transfer waits for the one before it, so that the other side reads them in order.
    """
    counts = {"sent": 0, "later": 0, "dead": 0}
    for _ in range(limit):
        message = _take_up(at)
        if message is None:
            break
        counts[_ended(message, _posted(message, at), at)] += 1
    return counts


def _take_up(at: datetime) -> Message | None:
    with transaction.atomic():
        rows = _due(at).order_by("id")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        for message in rows[:50]:
            before = Message.objects.filter(transfer=message.transfer_id, pk__lt=message.pk)
            if not before.filter(state__in=("waiting", "sending")).exists():
                message.state, message.due_at = "sending", at
                message.save(update_fields=["state", "due_at"])
                return Message.objects.select_related("transfer").get(pk=message.pk)
    return None


def _posted(message: Message, at: datetime) -> str:
    line = Line.objects.select_related("key").filter(council=message.transfer.council).first()
    if line is None or line.key.revoked_at is not None:
        return "this way is not set up"
    body, timestamp = body_of(message).encode(), str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "X-Zhijian-Message": str(message.pk),
        "X-Zhijian-Timestamp": timestamp,
        "X-Zhijian-Signature": signature(secret_of(line), timestamp, str(message.pk), body),
    }
    return post(line.address, io.BytesIO(body), headers)


def _ended(message: Message, outcome: str, at: datetime) -> str:
    message.tries += 1
    message.problem = "" if outcome == "sent" else outcome[:200]
    wait = next_try(message.tries)
    if outcome == "sent":
        message.state, message.sent_at, message.body_sealed, told = "sent", at, "", "sent"
    elif wait is None:
        message.state = told = "dead"
    else:
        message.state, message.due_at, told = "waiting", at + wait, "later"
    message.save()
    return told

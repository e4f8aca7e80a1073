"""Is this machine's clock right? Asked of the database's clock and of a time source that the office names."""

import http.client
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import connection

MOST_SECONDS = (
    120.0  # DESIGN: beyond two minutes codes of the second factor fail, and moments of records mislead
)
_WAIT_SECONDS, _KEPT_SECONDS = 2.0, 600
_KEY = "clock_ahead_of_source"


def ahead_of_database(*, at: datetime) -> float | None:
    """Return by how many seconds this machine is ahead of the database's; None of SQLite, which has no clock of its own."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
    return (at - told).total_seconds()


def ahead_of_source(address: str) -> float | None:
    """Return by how many seconds this machine is ahead of a time source, asked every ten minutes; None where none answers."""
    if not address:
        return None
    kept: tuple[float | None] | None = cache.get(_KEY)
    if kept is None:
        kept = (_ask(address),)
        cache.set(_KEY, kept, _KEPT_SECONDS)
    return kept[0]


def _ask(address: str) -> float | None:
    """Read the `Date` of an answer; it is exact to a second, and the way there and back is halved."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    asked = kind(parts.hostname or "", parts.port, timeout=_WAIT_SECONDS)
    begun = time.monotonic()
    try:
        asked.request("HEAD", parts.path or "/", headers={"User-Agent": "zhijian-clock"})
        told = parsedate_to_datetime(asked.getresponse().headers.get("Date", ""))
    except (OSError, ValueError, TypeError, http.client.HTTPException):
        return None
    finally:
        asked.close()
    here = datetime.now(UTC).timestamp() - (time.monotonic() - begun) / 2
    return here - (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()

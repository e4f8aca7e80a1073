"""Is this machine's clock right? Asked of the database's clock, of a time source that the office names, and of the kernel."""

import ctypes
import http.client
import sys
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


class _Timex(ctypes.Structure):
    """The head of Linux's struct timex; what follows is not read."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_long * 40),
    ]  # fmt: skip


_UNSYNCHRONISED = 0x40  # STA_UNSYNC: no service has set the clock right lately


def is_disciplined() -> bool | None:
    """Say whether the kernel's clock is kept right by a service (NTP, PTP); None where the kernel does not tell."""
    if sys.platform != "linux":
        return None
    asked = _Timex()  # modes 0: nothing is set
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked)) < 0:
        return None
    return not asked.status & _UNSYNCHRONISED


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

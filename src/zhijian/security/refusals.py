"""Whatever the site refuses is noted where it is refused, and written down in one place, in a chain like that of the looks.

A flood must not fill the disk: of one person or network, of one kind and in one minute, the first few are written, then the
tenth, hundredth and so on with their count; of everybody together in one minute no more than a limit, then counts alone.
What is counted is counted by each process of the site for itself.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from django.db import connection, transaction

from zhijian.security.chain import REFUSALS, row_hash
from zhijian.security.models import Officer, Refusal, RefusalKind
from zhijian.standards import parameters
from zhijian.standards.calendar import statutory_day

KEPT = parameters.load("service/refusals_kept")
_LOCK = 5_137_002  # any number, the same for everybody who adds to the chain


@dataclass(frozen=True)
class Note:
    """That something was refused; `is_sure` where the answer may look like any other."""

    kind: RefusalKind
    username: str = ""
    accounts: frozenset[int] = frozenset()
    is_sure: bool = False


_current: ContextVar[list[Note] | None] = ContextVar("refusals", default=None)


@contextmanager
def noted() -> Iterator[list[Note]]:
    """Gather what is noted until the end of the block."""
    notes: list[Note] = []
    token = _current.set(notes)
    try:
        yield notes
    finally:
        _current.reset(token)


def note(
    kind: RefusalKind, *, username: str = "", accounts: frozenset[int] = frozenset(), is_sure: bool = False
) -> None:
    """Note a refusal; outside of a request nobody reads it.

    `accounts` are those that were found to be one person's, or not surely of two.
    """
    if (notes := _current.get()) is not None:
        notes.append(Note(kind, username, accounts, is_sure))


def note_failed_sign_in(*, credentials: dict[str, Any], **_more: Any) -> None:
    """Note a wrong password or code (the receiver of the framework's signal): what stands before '/' says of what.

    'second/name' is a second factor, 'password/name' the old password of a change, a name alone the sign-in of an officer.
    """
    purpose, _, name = str(credentials.get("username", "")).rpartition("/")
    kind = RefusalKind.SECOND_FACTOR if purpose == "second" else RefusalKind.PASSWORD
    is_officer = purpose in ("", "second", "password")
    note(kind, username=name if is_officer else "", is_sure=True)


@dataclass
class Flood:
    """How often each was refused within the running minute, and how many were written down."""

    minute: int = 0
    written: int = 0
    counts: Counter[tuple[Any, str]] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def counted(self, key: tuple[Any, str], *, at: datetime) -> tuple[str, int] | None:
        """Count one more; return its kind and count if it is to be written down."""
        limits, minute = KEPT.on(statutory_day(at)), int(at.timestamp() // 60)
        with self.lock:
            if minute != self.minute:
                self.minute, self.written = minute, 0
                self.counts.clear()
            if self.written >= limits["all_per_minute"]:
                key = (None, RefusalKind.FLOOD)
            self.counts[key] += 1
            count = self.counts[key]
            is_first = count <= (
                1 if key[0] is None and key[1] == RefusalKind.FLOOD else limits["per_minute"]
            )
            if not is_first and str(count).strip("0") != "1":
                return None
            self.written += 1
            return key[1], count


_flood = Flood()


def record(
    kind: RefusalKind, *, officer: Officer | None, network: str, place: str, at: datetime
) -> Refusal | None:
    """Write down a refusal, or count it only where there are too many; return what was written."""
    counted = _flood.counted((officer.pk if officer else network, kind), at=at)
    if counted is None:
        return None
    known, count = counted
    if known == RefusalKind.FLOOD:
        officer, network, place = None, "", ""
    unit = officer.organisation if officer else None
    with transaction.atomic():
        _one_at_a_time()
        last = Refusal.objects.order_by("-sequence").values_list("sequence", "row_hash").first()
        sequence, before = last or (0, REFUSALS.start)
        refusal = Refusal(
            kind=known,
            officer=officer,
            organisation_name=unit.name if unit else "",
            network=network[:60],
            place=place[:120],
            count=count,
            refused_at=at,
            sequence=sequence + 1,
            previous_hash=before,
        )
        refusal.row_hash = row_hash(refusal, REFUSALS)
        refusal.save()
    return refusal


def _one_at_a_time() -> None:
    """Let nobody else take the same place in the chain. SQLite's transaction does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])

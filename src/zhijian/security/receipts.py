"""No sealed text is shown without a receipt: what a request opened, and whether it left a look, is counted here.

A page records its look itself, with its words. Where one was forgotten, the site's middleware records it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Receipt:
    """What one request opened (the places of sealed texts), and of whom or what it recorded looks."""

    opened: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)

    @property
    def looks(self) -> int:
        return len(self.looked_at)

    def owed(self) -> list[str]:
        """Return the records of which texts were opened and no look was recorded, each once.

        A look settles the record that it names. Where only one record was opened, a look under another name (its case) settles it.
        """
        records = list(dict.fromkeys(map(record_of, self.opened)))
        if self.looked_at and len(records) == 1:
            return []
        return [
            record for record in records if not any(_names(subject, record) for subject in self.looked_at)
        ]


def record_of(place: str) -> str:
    """Return the record of a sealed text's place: of 'T20260001/name' it is 'T20260001'."""
    return place.rpartition("/")[0] or place


def _names(subject: str, record: str) -> bool:
    return subject == record or subject in record.split("/")


_current: ContextVar[Receipt | None] = ContextVar("receipt", default=None)
_OWN_KEYS = frozenset({"second-factor", "outside-sign-in"})  # the officer's own sign-in, and nobody's file


@contextmanager
def counted() -> Iterator[Receipt]:
    """Count what is opened and recorded until the end of the block."""
    token = _current.set(Receipt())
    receipt = _current.get()
    assert receipt is not None
    try:
        yield receipt
    finally:
        _current.reset(token)


def note_opened(key: str, context: str) -> None:
    """Note that a sealed text was opened; outside of a request nobody reads it."""
    if (receipt := _current.get()) is not None and key not in _OWN_KEYS:
        receipt.opened.append(context)


def note_look(subject: str) -> None:
    """Note that a look at a subject was recorded."""
    if (receipt := _current.get()) is not None:
        receipt.looked_at.append(subject)

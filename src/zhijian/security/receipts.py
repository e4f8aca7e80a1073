"""No sealed text is shown without a receipt: what a request opened, and whether it left a look, is counted here.

A page records its look itself, with its words. Where one was forgotten, the site's middleware records it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Receipt:
    """What one request opened (the places of sealed texts), and how many looks it recorded."""

    opened: list[str] = field(default_factory=list)
    looks: int = 0

    @property
    def is_owed(self) -> bool:
        return bool(self.opened) and not self.looks


_current: ContextVar[Receipt | None] = ContextVar("receipt", default=None)
_OWN_KEYS = frozenset({"second-factor"})  # the officer's own sign-in, and nobody's file


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


def note_look() -> None:
    """Note that a look was recorded."""
    if (receipt := _current.get()) is not None:
        receipt.looks += 1

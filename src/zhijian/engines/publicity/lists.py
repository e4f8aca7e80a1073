"""The text of a code's public items and its hash, without anything that knows a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

FORM = "zhijian-publicity-leaf/1"


@dataclass(frozen=True)
class Leaf:
    """What stands under a code on a day, and the next day on which it changes by itself. No text: nothing is public."""

    uscc: str
    text: str | None
    count: int
    next_change: date | None

    @property
    def value(self) -> bytes | None:
        """The hash that the map holds under the code."""
        return None if self.text is None else value_of(self.text)


def value_of(text: str) -> bytes:
    """Return the hash of a leaf's text."""
    return sha256(text.encode("utf-8")).digest()


def members_of(uscc: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a leaf as it is published."""
    return {"form": FORM, "uscc": uscc, "items": list(items)}

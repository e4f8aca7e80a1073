"""A printed extract: which list it shows and under which day's root, as one code that anybody can check without the list."""

import base64
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from zhijian.engines.publicity.store import Day, PublicityMap
from zhijian.engines.publicity.tree import key_of

FORM = "zhijian-publicity-extract/1"
_LENGTH = 20  # 100 bits


@dataclass(frozen=True)
class Extract:
    """What an extract says: a code's public items on a day, none where nothing is public, and its verification code."""

    uscc: str
    day: date
    root: str
    value: str  # the list's hash under the root; empty: nothing is public
    code: str
    items: tuple[dict[str, Any], ...]


def code_of(uscc: str, day: date, root: str, value: str) -> str:
    """Return the verification code: 20 letters and digits that bind the firm, the day, its root and the whole list."""
    bound = sha256("|".join((FORM, uscc, day.isoformat(), root, value)).encode("utf-8")).digest()
    return base64.b32encode(bound).decode("ascii")[:_LENGTH]


def value_on(store: PublicityMap, uscc: str, day: Day) -> str:
    """Return the hash that the map proves for a code on a day; empty where it proves that nothing is public."""
    found = store.prove(uscc, day.day).value(key_of(uscc))
    return found.hex() if found is not None else ""


def extract_of(answer: dict[str, Any], store: PublicityMap, day: Day) -> Extract | None:
    """Return the extract of an answer; None while its list is withheld, for it changed since the root."""
    if answer["is_withheld"]:
        return None
    uscc, value = str(answer["uscc"]), value_on(store, str(answer["uscc"]), day)
    items = tuple(answer["leaf"]["items"]) if answer["leaf"] else ()
    return Extract(uscc, day.day, day.root.hex(), value, code_of(uscc, day.day, day.root.hex(), value), items)


def is_right(store: PublicityMap, uscc: str, day: Day, code: str) -> bool:
    """Say whether an extract with this code shows the list that stands under the day's root."""
    return code.upper() == code_of(uscc, day.day, day.root.hex(), value_on(store, uscc, day))

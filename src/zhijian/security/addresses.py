"""For whom each address of the site opens: one table, read before any page is; what stands not in it opens for nobody.

A page may ask for more (whose case, in which area, at which step), never for less.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from zhijian.security.models import Officer
from zhijian.security.permissions import Forbidden, Permission, may

_TABLE = Path(__file__).with_name("addresses.csv")


class Door(StrEnum):
    """Who comes in where no right of officers is asked for."""

    EVERYBODY = "everybody"
    OWN_CODE = (
        "own_code"  # everybody; what is shown needs a code, a receipt or the visitor's own unfinished form
    )
    FIRM = "firm"  # who is signed in for a firm
    SYSTEM = "system"  # another system, by its key
    OFFICER = "officer"  # every officer with a unit, of another department too
    ACCOUNT = "account"  # whoever is signed in as an officer, without unit or role too: nothing but what the account lacks
    NOBODY = "nobody"  # a framework's page that the site does not have


class Answer(StrEnum):
    OPEN = "open"
    SIGN_IN = "sign_in"
    SIGN_IN_FOR_FIRM = "sign_in_for_firm"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"


@dataclass(frozen=True)
class Declared:
    """An address as the resolver writes it, and for whom it opens; `acts_for` is narrower, for what is sent to it."""

    address: str
    opens_for: Door | frozenset[Permission]
    acts_for: Door | frozenset[Permission]

    def needs(self, *, is_acting: bool) -> Door | frozenset[Permission]:
        return self.acts_for if is_acting else self.opens_for


@cache
def declared() -> Mapping[str, Declared]:
    """Return the table by address.

    Raises:
        ValueError: an address stands twice, or a word is neither a door nor a right.
    """
    found: dict[str, Declared] = {}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            opens = _read(row["opens_for"], row["address"])
            acts = _read(row["acts_for"], row["address"]) if row["acts_for"] else opens
            if row["address"] in found:
                raise ValueError(f"{_TABLE.name}: '{row['address']}' stands twice. Keep one line.")
            found[row["address"]] = Declared(row["address"], opens, acts)
    return found


def answer(
    needs: Door | frozenset[Permission], officer: Any, *, has_firm: bool, division: str | None = None
) -> Answer:
    """Say what an address that `needs` this answers: to an officer (or an anonymous user), or to who acts for a firm."""
    if isinstance(needs, frozenset):
        if any(may(officer, one, division=division) for one in needs):
            return Answer.OPEN
        return Answer.FORBIDDEN if isinstance(officer, Officer) else Answer.SIGN_IN
    if needs in (Door.OFFICER, Door.ACCOUNT):
        if not isinstance(officer, Officer):
            return Answer.SIGN_IN
        is_let_in = needs is Door.ACCOUNT or officer.organisation is not None
        return Answer.OPEN if officer.is_active and is_let_in else Answer.FORBIDDEN
    if needs is Door.FIRM:
        return Answer.OPEN if has_firm else Answer.SIGN_IN_FOR_FIRM
    return Answer.ABSENT if needs is Door.NOBODY else Answer.OPEN


def needs_of(address: str, *, is_acting: bool) -> Door | frozenset[Permission]:
    """Return for whom an address opens.

    Raises:
        Forbidden: it is not in the table.
    """
    known = declared().get(address)
    if known is None:
        raise Forbidden(
            f"地址“{address}”没有登记谁可以打开，所以谁也不能打开。请在security/addresses.csv里登记。",
            f"Nobody may open '{address}': addresses.csv does not say for whom. Add its line there.",
        )
    return known.needs(is_acting=is_acting)


def _read(words: str, address: str) -> Door | frozenset[Permission]:
    if words in {door.value for door in Door}:
        return Door(words)
    try:
        return frozenset(map(Permission, words.split()))
    except ValueError as problem:
        raise ValueError(f"{_TABLE.name}: {problem}, at '{address}'. Write a door or rights.") from problem

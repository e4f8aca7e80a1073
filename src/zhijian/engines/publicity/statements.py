"""The signed root of a day as it is published, and what a stranger can tell from some of them. No database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

from zhijian.engines.facts.canonical import NotCanonical, canonical, canonical_bytes
from zhijian.security.signing import is_signed

FORM, ROOTS_FORM = "zhijian-publicity-root/1", "zhijian-publicity-roots/1"
NO_ROOT_BEFORE = "0" * 64
Signed = Mapping[str, Any]
"""`statement`, `key` and `signature`."""


def hash_of(statement: Mapping[str, Any]) -> str:
    """Return the hash by which the next day's root names this one."""
    return sha256(canonical_bytes(statement)).hexdigest()


def is_genuine(signed: Signed, key: str | None = None) -> bool:
    """Say whether a statement has its form and its signature, by the key `key` where one is given."""
    try:
        data = canonical_bytes(signed["statement"])
        public, signature = bytes.fromhex(signed["key"]), bytes.fromhex(signed["signature"])
        has_form = signed["statement"]["form"] == FORM
    except (KeyError, TypeError, ValueError, NotCanonical):
        return False
    return has_form and key in (None, signed["key"]) and is_signed(data, signature, public)


def day_files(roots: Iterable[Signed]) -> dict[str, str]:
    """Return name and text of the file of each root."""
    return {f"{one['statement']['day']}.json": canonical(one) + "\n" for one in roots}


def roots_text(roots: Iterable[Signed]) -> str:
    """Return the text of `roots.json`: every signed root on a line of its own, oldest first."""
    return f'{{"form":"{ROOTS_FORM}","roots":[\n' + ",\n".join(map(canonical, roots)) + "\n]}\n"


def read_roots(members: Mapping[str, Any]) -> list[Signed]:
    """Return the signed roots of a `roots.json`, of a single `<day>.json`, or of an answer that holds one.

    Raises:
        ValueError: there are none.
    """
    found = members.get("roots", [members.get("signed", members)])
    if not isinstance(found, list) or not all(isinstance(one, dict) and "statement" in one for one in found):
        raise ValueError("it holds no signed roots")
    return found


def unlinked(roots: Sequence[Signed]) -> list[str]:
    """Return the days whose root does not name the one before it, oldest first."""
    wrong = []
    for before, after in pairwise(roots):
        said = after["statement"]
        names = (said["previous_day"], said["previous_hash"])
        if names != (before["statement"]["day"], hash_of(before["statement"])) or said["day"] <= names[0]:
            wrong.append(str(said["day"]))
    return wrong


def split_days(kept: Iterable[Signed], shown: Iterable[Signed]) -> list[str]:
    """Return the days of which two roots were signed: two people were shown two truths."""
    ours = {one["statement"]["day"]: one["statement"] for one in kept}
    return sorted(
        str(one["statement"]["day"])
        for one in shown
        if ours.get(one["statement"]["day"], one["statement"]) != one["statement"]
    )


def forgotten_days(kept: Iterable[Signed], shown: Sequence[Signed]) -> list[str]:
    """Return the kept days, within those shown or older than the newest, that the shown chain no longer has.

    A chain may be shown from a later day on; then a kept root is sought as the one that its first names.
    """
    if not shown:
        return []
    days = {one["statement"]["day"] for one in shown}
    first, last = shown[0]["statement"], shown[-1]["statement"]
    kept_before = (one["statement"] for one in kept)
    return sorted(
        str(said["day"])
        for said in kept_before
        if said["day"] not in days and said["day"] <= last["day"] and not _may_precede(said, first)
    )


def _may_precede(said: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Say whether a root may lie before the first that is shown: exactly the one that it names, or one older still."""
    named = first["previous_day"]
    if named is None or said["day"] > named:
        return False
    return said["day"] < named or hash_of(said) == first["previous_hash"]

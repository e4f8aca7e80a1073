"""The one way to write a fact as bytes, so that everybody who hashes it gets the same hash.

A subset of RFC 8785 (JSON Canonicalization Scheme): objects, arrays, strings, whole numbers, true, false and null.
No fractions: amounts are strings (`"50000.00"`), because two languages may print one fraction in two ways.
`docs/explanation/facts-and-seals.md` is the description for other teams.
"""

import json
import re
from typing import Any

LARGEST_INTEGER = 2**53 - 1
"""Whole numbers beyond it lose digits in JavaScript."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_encode_string = json.encoder.encode_basestring  # escapes ", \\ and control characters only, as RFC 8785 does


class NotCanonical(ValueError):
    """A value has no canonical form. The message says where it lies and what to write instead."""

    def __init__(self, problem: str, where: str = "") -> None:
        super().__init__(f"{where}{problem}")
        self.problem = problem
        self.where = where

    def inside(self, outer: str) -> "NotCanonical":
        """Return the same problem as seen from around the value."""
        return NotCanonical(self.problem, outer + self.where)


def canonical(value: object, where: str = "$") -> str:
    """Return the canonical JSON text of `value`; `where` names it in messages.

    Raises:
        NotCanonical: a fraction, a number beyond 2**53, a key that is no text, NUL, half a surrogate pair, or a type
            that JSON does not have.
    """
    try:
        return _written(value)
    except NotCanonical as problem:
        raise problem.inside(where) from None


def canonical_bytes(value: object) -> bytes:
    """Return the canonical form in UTF-8."""
    return canonical(value).encode("utf-8")


def _written(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list | tuple):
        return _array(value)
    raise NotCanonical(_refusal(value))


def _string(text: str) -> str:
    bad = _UNSTORABLE.search(text)
    if bad:
        code = f"U+{ord(bad[0]):04X}"
        raise NotCanonical(
            f" contains {code} at character {bad.start() + 1}, which cannot be stored. Remove it."
        )
    return _encode_string(text)


def _integer(number: int) -> str:
    if abs(number) > LARGEST_INTEGER:
        raise NotCanonical(f" is {number}, beyond 2**53 - 1. Write it as a string.")
    return str(int(number))


def _array(items: list[object] | tuple[object, ...]) -> str:
    texts = []
    for number, item in enumerate(items):
        try:
            texts.append(_written(item))
        except NotCanonical as problem:
            raise problem.inside(f"[{number}]") from None
    return f"[{','.join(texts)}]"


def _object(members: dict[Any, object]) -> str:
    texts = []
    for name in _sorted_names(members):
        try:
            texts.append(f"{_string(name)}:{_written(members[name])}")
        except NotCanonical as problem:
            raise problem.inside(f".{name}") from None
    return f"{{{','.join(texts)}}}"


def _sorted_names(members: dict[Any, object]) -> list[str]:
    """RFC 8785 sorts keys by UTF-16 code units, which is how JavaScript compares strings."""
    is_plain = True
    for name in members:
        if not isinstance(name, str):
            raise NotCanonical(f" has the key {name!r}; keys are text.")
        is_plain = is_plain and name.isascii()
    return sorted(members, key=None if is_plain else _utf16)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _refusal(value: object) -> str:
    kind = type(value).__name__
    remedy = (
        "Write amounts and fractions as strings." if kind in {"float", "Decimal"} else "Write it as text."
    )
    return f" is a {kind} ({value!r}); facts hold text, whole numbers, true, false, null, lists and objects. {remedy}"

"""The one way to write a fact as bytes, so that everybody who hashes it gets the same hash.

A subset of RFC 8785 (JSON Canonicalization Scheme): objects, arrays, strings, whole numbers, true, false and null.
No fractions: amounts are strings (`"50000.00"`), because two languages may print one fraction in two ways.
`docs/explanation/facts-and-seals.md` is the description for other teams.
"""

import json
import re

LARGEST_INTEGER = 2**53 - 1
"""Whole numbers beyond it lose digits in JavaScript."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_encode_string = json.encoder.encode_basestring  # escapes ", \\ and control characters only, as RFC 8785 does


class NotCanonical(ValueError):
    """A value has no canonical form. The message says where it lies and what to write instead."""


def canonical(value: object, where: str = "$") -> str:
    """Return the canonical JSON text of `value`; `where` names it in messages.

    Raises:
        NotCanonical: a fraction, a number beyond 2**53, a key that is no text, NUL, half a surrogate pair, or a type
            that JSON does not have.
    """
    if isinstance(value, str):
        return _string(value, where)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return _integer(value, where)
    if isinstance(value, list | tuple):
        return "[" + ",".join(canonical(item, f"{where}[{n}]") for n, item in enumerate(value)) + "]"
    if isinstance(value, dict):
        return _object(value, where)
    raise NotCanonical(_refusal(value, where))


def canonical_bytes(value: object) -> bytes:
    """Return the canonical form in UTF-8."""
    return canonical(value).encode("utf-8")


def _string(text: str, where: str) -> str:
    if not text.isascii() or "\x00" in text:
        bad = _UNSTORABLE.search(text)
        if bad:
            raise NotCanonical(
                f"{where} contains U+{ord(bad[0]):04X} at character {bad.start() + 1}, which cannot be stored. Remove it."
            )
    return _encode_string(text)


def _integer(number: int, where: str) -> str:
    if abs(number) > LARGEST_INTEGER:
        raise NotCanonical(f"{where} is {number}, beyond 2**53 - 1. Write it as a string.")
    return str(int(number))


def _object(members: dict[object, object], where: str) -> str:
    for key in members:
        if not isinstance(key, str):
            raise NotCanonical(f"{where} has the key {key!r}; keys are text.")
    names: list[str] = sorted(members, key=_utf16) if not _are_plain(members) else sorted(members)  # type: ignore[arg-type]
    return "{" + ",".join(f"{_string(n, where)}:{canonical(members[n], f'{where}.{n}')}" for n in names) + "}"


def _are_plain(members: dict[object, object]) -> bool:
    return all(str(name).isascii() for name in members)


def _utf16(name: str) -> bytes:
    """RFC 8785 sorts keys by UTF-16 code units, which is how JavaScript compares strings."""
    return name.encode("utf-16-be", "surrogatepass")


def _refusal(value: object, where: str) -> str:
    kind = type(value).__name__
    remedy = (
        "Write amounts and fractions as strings." if kind in {"float", "Decimal"} else "Write it as text."
    )
    return f"{where} is a {kind} ({value!r}); facts hold text, whole numbers, true, false, null, lists and objects. {remedy}"

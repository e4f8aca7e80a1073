"""Codes that open one thing for who holds them: drawn at random, read as people type them, kept as a keyed hash alone.

The letters are hard to confuse and stand in groups of four: 7K4M-22QX.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from unicodedata import normalize

Randomness = Callable[[int], bytes]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(length: int, randomness: Randomness) -> str:
    """Return a code drawn at random, in groups of four: 7K4M-22QX."""
    drawn = "".join(ALPHABET[byte % 32] for byte in randomness(length))
    return "-".join(drawn[start : start + 4] for start in range(0, length, 4))


def read_code(typed: str) -> str:
    """Return a code as it was meant: any width and case, O for 0, I and L for 1, with or without dashes."""
    plain = re.sub(r"[\s\-–—]", "", normalize("NFKC", typed)).upper()
    return plain.translate(_READ_AS)


def digest(code: str, purpose: str, key: str) -> str:
    """Return what is kept of a code: nobody can find the code from it without the installation's key."""
    return hmac.new(key.encode(), f"{purpose}:{read_code(code)}".encode(), hashlib.sha256).hexdigest()


def is_same(code: str, purpose: str, kept: str, key: str) -> bool:
    """Say whether a typed code is the one whose digest is kept, in the same time whatever was typed."""
    return hmac.compare_digest(digest(code, purpose, key), kept)

"""Receipt numbers and secret codes: what a person needs to ask how a case stands, without an account.

A receipt number names the day and a number drawn at random, and ends in a check digit that finds every single wrong
digit and every swap of neighbours (Damm's algorithm): 20261122-004821-5. The secret code has eight characters that
are hard to confuse: 7K4M-22QX. Only a keyed hash of the code is kept.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import date
from unicodedata import normalize

Randomness = Callable[[int], bytes]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
SECRET_LENGTH = 8  # 40 bits, behind a limit on tries
RESUME_LENGTH = 12  # 60 bits: the code alone opens what was filled in so far
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_NUMBER_LENGTH = 15


def check_digit(digits: str) -> str:
    """Return the digit that makes a number right."""
    state = 0
    for digit in digits:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def new_number(day: date, randomness: Randomness) -> str:
    """Return a receipt number of that day, with its check digit: 20261122-004821-5."""
    drawn = int.from_bytes(randomness(8), "big") % 1_000_000
    digits = f"{day:%Y%m%d}{drawn:06d}"
    return f"{digits[:8]}-{digits[8:]}-{check_digit(digits)}"


def read_number(typed: str) -> str | None:
    """Return a receipt number as it is written here, or None if it has a slip of the pen in it."""
    digits = re.sub(r"[\s\-–—]", "", normalize("NFKC", typed))
    if len(digits) != _NUMBER_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    if check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:8]}-{digits[8:14]}-{digits[14]}"


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

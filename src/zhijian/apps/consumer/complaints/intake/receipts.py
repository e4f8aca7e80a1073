"""Receipt numbers and secret codes: what a person needs to ask how a case stands, without an account.

A receipt number names the day and a number drawn at random, and ends in a check digit that finds every single wrong
digit and every swap of neighbours (Damm's algorithm): 20261122-004821-5. The secret code has eight characters that
are hard to confuse: 7K4M-22QX. Only a keyed hash of the code is kept.
"""

import re
from datetime import date
from unicodedata import normalize

from zhijian.standards.secret_code import ALPHABET, Randomness, digest, is_same, new_code, read_code

SECRET_LENGTH = 8  # 40 bits, behind a limit on tries
RESUME_LENGTH = 12  # 60 bits: the code alone opens what was filled in so far
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
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


__all__ = [
    "ALPHABET",
    "RESUME_LENGTH",
    "SECRET_LENGTH",
    "Randomness",
    "check_digit",
    "digest",
    "is_same",
    "new_code",
    "new_number",
    "read_code",
    "read_number",
]

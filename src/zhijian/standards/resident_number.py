"""The number of a resident's identity card (公民身份号码): 18 characters, the last a check digit (GB 11643-1999).

Pure: form, day of birth and check digit. Whether the number was ever issued, no program can tell.
"""

import re
import unicodedata
from datetime import date

_FORM = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
_CHECKS = "10X98765432"  # by the remainder of the weighted sum by 11


def normalise(text: str) -> str:
    """Return the number as the checks read it: half width, upper case, without blanks and hyphens."""
    return re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text)).upper()


def has_form(text: str) -> bool:
    """Say whether it has 18 characters: digits, the last perhaps X."""
    return _FORM.fullmatch(normalise(text)) is not None


def check_digit(first17: str) -> str:
    """Return the 18th character that belongs to seventeen digits."""
    return _CHECKS[sum(int(one) * weight for one, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_valid(text: str) -> bool:
    """Say whether form, day of birth and check digit are right."""
    value = normalise(text)
    return has_form(value) and _is_day(value[6:14]) and value[17] == check_digit(value[:17])


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}").year >= 1800
    except ValueError:
        return False

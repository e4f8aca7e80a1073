"""Credit codes of invented entities, computed by the column, in a part of the number space that was never issued.

The organisation code inside (GB 11714) begins with ``MAY``. Since 2015 codes are issued in one sequence whose third
character counts up: MA0 to MA9, then MAA (about 2020) and on, about one letter a year, MAE in 2025.
ASSUMPTION: MAY is not reached before 2040. Five characters of the credit code's alphabet follow, so there are
31^5 = 28,629,151 codes; the last 31^4 of them, ``MAYY``, belong to `operations.seed.synthetic` and are left alone.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from zhijian.standards import organisation_code, uscc

MARK = "MAY"
BASE = len(uscc.ALPHABET)
CAPACITY = (BASE - 1) * BASE**4  # 27,705,630 numbers, 0 to CAPACITY − 1: MAY00000 to MAYXYYYY
Bytes = npt.NDArray[np.uint8]


class NumberSpaceExhausted(ValueError):
    """More entities are asked for than there are codes that belong to nobody."""


def credit_codes(number: npt.NDArray, prefixes: Bytes) -> Bytes:
    """Return the codes of these entity numbers as ASCII, one row of 18 bytes each.

    `prefixes`: eight bytes for each number, registering department, class and division, as in `91440106`.

    Raises:
        NumberSpaceExhausted: a number is outside 0 to CAPACITY − 1.
    """
    if len(number) and (int(number.max()) >= CAPACITY or int(number.min()) < 0):
        raise NumberSpaceExhausted(
            f"Invented codes begin with {MARK} and number {CAPACITY:,}; number {int(number.max()):,} is outside. "
            "Ask for fewer entities."
        )
    code = np.empty((len(number), uscc.LENGTH), dtype=np.uint8)
    code[:, :8] = prefixes
    code[:, 8:11] = np.frombuffer(MARK.encode(), dtype=np.uint8)
    left = number.astype(np.int64)
    for position in range(15, 10, -1):
        left, digit = np.divmod(left, BASE)
        code[:, position] = _letters(uscc.ALPHABET)[digit]
    code[:, 16] = _organisation_check(code)
    code[:, 17] = _check(code)
    return code


def _organisation_check(code: Bytes) -> Bytes:
    total = np.zeros(len(code), dtype=np.int32)
    for weight, position in zip(organisation_code.WEIGHTS, range(8, 16), strict=True):
        total += weight * _values(organisation_code.ALPHABET)[code[:, position]]
    return _letters(organisation_code.CHECK_CHARACTERS)[(11 - total % 11) % 11]


def _check(code: Bytes) -> Bytes:
    total = np.zeros(len(code), dtype=np.int32)
    for position, weight in enumerate(uscc.WEIGHTS):
        total += weight * _values(uscc.ALPHABET)[code[:, position]]
    return _letters(uscc.ALPHABET)[-total % BASE]


@lru_cache(maxsize=4)
def _letters(alphabet: str) -> Bytes:
    return np.frombuffer(alphabet.encode(), dtype=np.uint8)


@lru_cache(maxsize=4)
def _values(alphabet: str) -> npt.NDArray[np.int32]:
    """Value of each byte in an alphabet."""
    values = np.zeros(256, dtype=np.int32)
    values[_letters(alphabet)] = np.arange(len(alphabet))
    return values

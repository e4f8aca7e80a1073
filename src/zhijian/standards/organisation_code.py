"""Organisation code (组织机构代码, GB 11714): eight characters and a check, now inside the credit code."""

ALPHABET = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # index = value; unlike the credit code it counts I, O, S, V, Z
)
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "0123456789X"  # index = value of the check


def check_character(first8: str) -> str:
    """Return the ninth character of an organisation code from its first eight.

    SOURCE: GB 11714: C9 = 11 − (Σ C(i)·W(i) mod 11), where 10 is written X and 11 is written 0.

    Raises:
        ValueError: not eight characters of 0–9 and A–Z.
    """
    if len(first8) != len(WEIGHTS) or any(character not in ALPHABET for character in first8):
        raise ValueError(
            f"{first8!r} is not eight characters of 0-9 and A-Z. Give the code without its check."
        )
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(first8, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[(11 - total % 11) % 11]


def is_valid(code: str) -> bool:
    """Say whether nine characters, with or without the hyphen before the check, are an organisation code."""
    plain = code.strip().upper().replace("-", "")
    if len(plain) != 9 or any(character not in ALPHABET for character in plain):
        return False
    return check_character(plain[:8]) == plain[8]

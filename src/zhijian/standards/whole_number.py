"""A whole number as a person or a program writes it into an address or a form."""

MOST_DIGITS = 18
"""What every database keeps in a whole number of 8 bytes, and no more than `int` reads quickly."""


def whole_number(text: str, *, most_digits: int = MOST_DIGITS) -> int | None:
    """Return the number, or None where the text is none: only the digits 0 to 9, at least one, and not too many.

    `str.isdigit` alone holds for ², which `int` refuses, and for thousands of digits, which it refuses as well.

    >>> whole_number("0042"), whole_number("²"), whole_number("9" * 19), whole_number("")
    (42, None, None, None)
    """
    is_one = text.isascii() and text.isdecimal() and len(text) <= most_digits
    return int(text) if is_one else None

"""Hide in free text what points to a person: phone numbers and identity numbers. A firm's credit code stays."""

import re

_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")


def masked(text: str) -> str:
    """Return a text with the middle of phone numbers and identity numbers replaced by stars."""
    return _PHONE.sub(r"\1****\2", _IDENTITY.sub(r"\1********\2", text))

"""Hide what points to a person in what a file shows: numbers of documents, telephones, e-mail, names after their labels.

A firm's credit code stays. The patterns are those of `standards.personal_data`.
"""

from typing import Any

from zhijian.standards import personal_data


def masked(text: str) -> str:
    """Return a text with what points to a person replaced by ＊ of its length."""
    return personal_data.masked(text)


def masked_values(value: Any) -> Any:
    """Return a value of a payload with every text in it masked, in lists and objects too."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_values(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked_values(one) for one in value]
    return value

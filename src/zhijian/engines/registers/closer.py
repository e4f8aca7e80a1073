"""Whom the systems that keep files of supervision look at more closely: they say it by field, draws ask by field, and neither imports the other."""

from collections.abc import Callable, Iterable
from datetime import date

FIELDS = ("food", "drug", "equipment", "product", "other")
Provider = Callable[[str, date], Iterable[str]]
_PROVIDERS: dict[str, Provider] = {}


def provide(name: str, provider: Provider) -> None:
    """Make a system known that names firms, by their codes, for a field on a day; the same name twice is one."""
    _PROVIDERS[name] = provider


def codes_of(field: str, *, on: date) -> set[str]:
    """Return the codes that any system names for a field on a day. They are internal: no page shows them."""
    return {code for provider in _PROVIDERS.values() for code in provider(field, on)}

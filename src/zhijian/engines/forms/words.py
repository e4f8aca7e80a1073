"""A text in both languages."""

from typing import NamedTuple

from django.utils.translation import get_language


class Words(NamedTuple):
    """The same in Chinese and in English; `str()` gives that of the page being made."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") and self.en else self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

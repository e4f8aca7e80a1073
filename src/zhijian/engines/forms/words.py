"""A text in both languages."""

from typing import NamedTuple

from zhijian.infrastructure.language import in_english


class Words(NamedTuple):
    """The same in Chinese and in English; `str()` gives that of the page being made."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if in_english() and self.en else self.zh

    def __bool__(self) -> bool:
        return bool(self.zh)

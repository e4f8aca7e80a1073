"""What is refused or wrong, said in Chinese to people and in English to logs and programs."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """What is missing or contradictory, at which field, in both languages."""

    field: str
    message_zh: str
    message_en: str


class BilingualError(Exception):
    """Something is refused: what, why and what next. `wording` says what `str()` of it gives."""

    wording: ClassVar[str] = "{en}"

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_zh, message_en)
        self.message_zh = message_zh
        self.message_en = message_en

    def __str__(self) -> str:
        return self.wording.format(zh=self.message_zh, en=self.message_en)

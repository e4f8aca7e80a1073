"""A document that is not made."""


class DocumentRefused(Exception):
    """Says why and what to do, in both languages."""

    def __init__(self, message_zh: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message_zh, self.message_en = message_zh, message_en

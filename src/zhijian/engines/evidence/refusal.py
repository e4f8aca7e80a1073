"""A file that is not kept."""


class RefusedFile(Exception):
    """The file is not kept. Says why and what to do, in both languages; `status` is the HTTP status."""

    def __init__(self, message_zh: str, message_en: str, status: int = 422) -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.message_en = message_en
        self.status = status

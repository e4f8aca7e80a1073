"""A file that is not kept."""

from zhijian.standards.bilingual import BilingualError


class RefusedFile(BilingualError):
    """The file is not kept. Says why and what to do, in both languages; `status` is the HTTP status."""

    wording = "{zh}"

    def __init__(self, message_zh: str, message_en: str, status: int = 422) -> None:
        super().__init__(message_zh, message_en)
        self.status = status

"""A file that is not kept."""

from zhijian.security.models import RefusalKind
from zhijian.security.refusals import note
from zhijian.standards.bilingual import BilingualError


class RefusedFile(BilingualError):
    """The file is not kept. Says why and what to do, in both languages; `status` is the HTTP status."""

    wording = "{zh}"

    def __init__(self, message_zh: str, message_en: str, status: int = 422) -> None:
        super().__init__(message_zh, message_en)
        self.status = status


class DangerousFile(RefusedFile):
    """The file could do harm: it is written down that somebody sent such a one, as whatever else is refused."""

    def __init__(self, message_zh: str, message_en: str, status: int = 422) -> None:
        super().__init__(message_zh, message_en, status)
        note(RefusalKind.FILE, is_sure=True)

"""What is refused about alerts, requests and holds."""

from zhijian.standards.bilingual import BilingualError


class ProtectionRefused(BilingualError):
    """It is not done, or not by this person. Carries both languages; `str()` gives the Chinese."""

    wording = "{zh}"

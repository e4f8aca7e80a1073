"""A document that is not made."""

from zhijian.standards.bilingual import BilingualError


class DocumentRefused(BilingualError):
    """Says why and what to do, in both languages."""

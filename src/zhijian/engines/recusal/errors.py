"""A declaration that is not taken."""

from zhijian.standards.bilingual import BilingualError


class RecusalRefused(BilingualError):
    """Says why and what to do, in both languages."""

"""What the map of publicity refuses."""

from zhijian.standards.bilingual import BilingualError


class PublicityRefused(BilingualError):
    """A day root is not made; the message says why and what to do."""

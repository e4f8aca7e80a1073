"""In which language the page being made is written."""

from django.utils.translation import get_language


def in_english() -> bool:
    """Say whether the page being made is the English one."""
    return (get_language() or "").startswith("en")

"""Words that come as (Chinese, English)."""

from collections.abc import Sequence

from django import template

from zhijian.portal.components.words import in_english

register = template.Library()


@register.filter
def pair_words(pair: Sequence[str]) -> str:
    """Choose the language of the page."""
    return (pair[1] if in_english() else pair[0]) if pair else ""

"""The words of contract rules in the language of the page."""

from collections.abc import Mapping
from typing import Any

from django import template

from zhijian.portal.components.words import in_english

register = template.Library()


@register.filter
def either_of(rule: Any, field: str) -> str:
    """Return one of a rule's texts (title, why, suggest) in the language of the page."""
    text = getattr(rule, field)
    return str(text.en if in_english() else text.zh)


@register.filter
def of(name: str, words: Mapping[str, str]) -> str:
    """Look a word up."""
    return words.get(name, name)

"""What stands in a drawing, in the language of the page: names of steps, lanes and branches, and articles.

The English of every name in the drawings that ship with the product lies in ``drawing_words.csv``, each once. What an
officer named in a version of her own, or a title of a law that nobody translated, stays in its own words.
"""

import csv
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhijian.portal.components import words
from zhijian.standards import law_titles

_FILE = Path(__file__).with_suffix(".csv")


@lru_cache(maxsize=1)
def english() -> dict[str, str]:
    """Return the English of every name in the drawings."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["zh"]: row["en"] for row in csv.DictReader(file)}


def name(text: str) -> str:
    """Say a name of a drawing."""
    return english().get(text, text) if words.in_english() else text


def article(text: str) -> str:
    """Say the articles that a step applies."""
    return (law_titles.in_english(text) or text) if words.in_english() else text


def marked(text: str, said: str) -> str | SafeString:
    """Mark words that stay Chinese on an English page as Chinese."""
    if words.in_english() and text and said == text and not text.isascii():
        return format_html('<span lang="zh-Hans">{}</span>', text)
    return said

"""Small components that templates use inside a line. Larger ones are templates under portal/components/."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from zhijian.portal.components import drawing_words, tile_map, timeline, words
from zhijian.standards import divisions

register = template.Library()
SPRITE = "vendor/tabler-icons-3.52.0/sprite.svg"


@lru_cache(maxsize=4)
def _sprite(storage_kind: str) -> str:
    return str(staticfiles_storage.url(SPRITE))


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw a symbol of the sprite. It says nothing to a screen reader: words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        _sprite(str(staticfiles_storage.__class__)),
        name,
    )


@register.filter
def day(value: date | datetime | None) -> str | SafeString:
    """Write a day as a `time` element, in the page's language."""
    if value is None:
        return "—"
    return format_html(
        '<time datetime="{}">{}</time>', words.local(value).strftime("%Y-%m-%d"), words.day(value)
    )


@register.filter
def day_text(value: date | datetime | None) -> str:
    return "—" if value is None else words.day(value)


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """Write a day with its time of Beijing as a `time` element."""
    if value is None:
        return "—"
    return format_html('<time datetime="{}">{}</time>', words.local(value).isoformat(), words.moment(value))


@register.filter
def browser(agent: str) -> str:
    """Name a browser and its machine as a person knows them."""
    return words.browser(agent)


@register.filter
def number(value: Any) -> str:
    """Write a count as people read it, or say that it is missing."""
    return gettext("暂缺") if value is None else words.number(value)


@register.filter
def exact(value: Any) -> str:
    """Write a count in full, with thousands marked."""
    return gettext("暂缺") if value is None else f"{value:,}"


@register.filter
def uscc(code: str) -> SafeString:
    """Show a credit code in groups 2-6-9-1 that copy without spaces."""
    groups = format_html_join("", "<b>{}</b>", ((part,) for part in words.code_groups(code)))
    return format_html('<span class="uscc">{}</span>', groups)


@register.filter
def area(members: list[str]) -> str:
    """Name an area of a draw by its divisions."""
    return tile_map.area_words("", members)


@register.filter
def place(record: Any) -> str:
    """Name the city and county of an entity in the language of the page; a county without an English name keeps its own."""
    county = divisions.name_in_english(record.county_code or "") if words.in_english() else None
    return county or " ".join(filter(None, (either(record.prefecture, ""), record.county_name)))


@register.filter
def either(item: Any, field: str) -> Any:
    """Read `field_zh` or `field_en` by the language of the page; of a label with both, `zh` or `en`."""
    stem = f"{field}_" if field else ""
    name = f"{stem}en" if words.in_english() else f"{stem}zh"
    if isinstance(item, dict):
        return item.get(name) or item.get(field, "")
    return getattr(item, name, None) or (getattr(item, field, "") if field else "")


@register.filter
def in_unit(value: Any, unit: str) -> str:
    """Write a value with its unit: in Chinese and before a sign without a space, in English words after one."""
    space = " " if words.in_english() and unit[:1].isalnum() else ""
    return f"{value}{space}{unit}"


@register.filter
def drawn(text: str) -> str | SafeString:
    """Say a name that stands in a drawing, in the language of the page."""
    return drawing_words.marked(text, drawing_words.name(text))


@register.filter
def article(text: str | None) -> str | SafeString:
    """Say the articles of law that are cited, in the language of the page."""
    return "" if not text else drawing_words.marked(text, drawing_words.article(text))


@register.filter
def listed(words: Iterable[Any]) -> str:
    """Join words as a list of the page's language: 、 in Chinese, a comma in English."""
    return gettext("、").join(map(str, words))


@register.filter
def short_hash(value: str) -> str:
    """The first eight characters of a fingerprint."""
    return f"{value[:8]}…" if len(value) > 8 else value


@register.filter
def minus(value: int) -> str:
    """Write a negative number with a true minus sign."""
    return f"{value:,}".replace("-", "−")


@register.filter
def source(value: str) -> str:
    """Name a source of data in words."""
    return timeline.source_words(value)


@register.filter
def share(value: float | None) -> str:
    """Write a share between 0 and 1 in percent, with one decimal."""
    return "—" if value is None else f"{100 * value:.1f}%"


@register.simple_tag
def count_bar(count: int, rows: Any) -> SafeString:
    """Draw a count beside the largest of the list; the number stands beside it in words."""
    largest = max((one["count"] for one in rows), default=1) or 1
    return format_html(
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="4"/></svg>',
        max(1, round(100 * count / largest)),
    )


@register.simple_tag
def bar(points: int, reasons: Any) -> SafeString:
    """Draw how much one reason weighs among the others; the number stands beside it in words."""
    largest = max((abs(one.points) for one in reasons), default=1) or 1
    tone = "raise" if points > 0 else "lower"
    return format_html(
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{}" width="{}" height="4"/></svg>',
        tone,
        round(100 * abs(points) / largest),
    )


@register.inclusion_tag("portal/components/synthetic_tag.html")
def synthetic_tag() -> dict[str, object]:
    """The dashed violet tag that stands by every invented name."""
    return {}


@register.filter
def decimals(value: float | None, places: int = 2) -> str:
    """Write a number with so many decimals and a true minus sign."""
    return "—" if value is None else f"{value:.{places}f}".replace("-", "−")

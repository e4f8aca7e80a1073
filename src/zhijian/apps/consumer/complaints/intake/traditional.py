"""A page in simplified Chinese, shown in traditional characters (as written in Hong Kong).

Only words of the page are converted. What somebody typed, names of businesses, and whatever else is marked
``translate="no"`` stay as they are, because a name is a name and the answers go into a file.
"""

from functools import cache, lru_cache
from html import escape
from html.parser import HTMLParser
from typing import Protocol

_SPOKEN = {"title", "aria-label", "placeholder", "alt", "data-some"}
_VOID = {"input", "meta", "link", "br", "hr", "img", "use"}
_UNTOUCHED = {"script", "style", "textarea"}


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converter() -> _Converter:
    from opencc import OpenCC

    converter: _Converter = OpenCC("s2hk")
    return converter


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Return words of the interface in traditional characters."""
    return text if text.isascii() else _converter().convert(text)


def page(html: str) -> str:
    """Return the page in traditional characters, with its language marked as such."""
    reader = _Page()
    reader.feed(html)
    reader.close()
    return "".join(reader.out)


class _Page(HTMLParser):
    """Copies a page token by token; character references stay as they are written."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._kept: list[tuple[str, bool]] = []  # open elements, and whether their words are kept

    @property
    def _is_kept(self) -> bool:
        return bool(self._kept) and self._kept[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kept = self._is_kept or given.get("translate") == "no" or tag in _UNTOUCHED
        if (not kept and any(name in _SPOKEN for name in given)) or tag == "html":
            self.out.append(_start(tag, attrs, kept))
        else:
            self.out.append(self.get_starttag_text() or "")
        if tag not in _VOID:
            self._kept.append((tag, kept))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.out.append(f"</{tag}>")
        while self._kept and self._kept.pop()[0] != tag:
            pass  # an element that HTML lets stand open, such as li or option

    def handle_data(self, data: str) -> None:
        self.out.append(data if self._is_kept else words(data))

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


def _start(tag: str, attrs: list[tuple[str, str | None]], kept: bool) -> str:
    parts = [tag]
    for name, value in attrs:
        if value is None:
            parts.append(name)
            continue
        said = "zh-Hant-HK" if (tag, name) == ("html", "lang") else value
        said = words(said) if name in _SPOKEN and not kept else said
        parts.append(f'{name}="{escape(said)}"')
    return f"<{' '.join(parts)}>"

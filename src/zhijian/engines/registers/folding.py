"""One form for what a register holds and what a person types, so that the two can meet.

Full width and half width, capital and small letters, traditional and simplified characters, accents,
spaces and punctuation make no difference. Characters are folded one by one and by the same table on both
sides, so a fold never depends on its neighbours and a fragment folds as it does inside the name.
"""

import unicodedata
from functools import cache, lru_cache
from typing import Protocol

GETA = "〓"  # printed by old systems where a character could not be shown: kept, for it stands for one
SHORT_FORM_HEAD = 8
_ADMINISTRATIVE_SUFFIXES = "省市"

# SOURCE: readings usual in names of places and firms, beside the first reading of pypinyin.
_OTHER_INITIALS = {
    "行": "h", "长": "c", "重": "c", "乐": "y", "朝": "z", "番": "p", "厦": "x", "埔": "b", "涌": "c",
    "会": "k", "曾": "z", "单": "s", "盛": "c", "解": "x", "区": "o", "查": "z", "覃": "q", "石": "d",
    "传": "z", "调": "d", "藏": "z", "参": "s", "车": "j", "率": "s", "还": "h", "省": "x", "弹": "d",
    "校": "j", "陂": "p", "系": "j", "奇": "j", "缪": "m", "仇": "q", "尉": "y", "贾": "g", "洗": "x",
}  # fmt: skip


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _simplifier() -> _Converter:
    from opencc import OpenCC

    converter: _Converter = OpenCC("t2s")
    return converter


class _FoldingTable(dict[int, str | None]):
    """For ``str.translate``: works out each character once, at its first use."""

    def __missing__(self, code: int) -> str | None:
        parts = unicodedata.normalize("NFKD", chr(code)).casefold()
        kept = "".join(part for part in parts if part.isalnum() or part == GETA)
        folded = _simplifier().convert(kept) if kept and not kept.isascii() else kept
        self[code] = folded or None
        return self[code]


class _InitialsTable(dict[str, str]):
    """The Latin letters that may stand for a character: first letters of its usual readings."""

    def __missing__(self, character: str) -> str:
        from pypinyin import Style, lazy_pinyin

        if character.isascii():
            initials = character
        else:
            first = str(lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore") or "")
            initials = "".join(part for part in first if part.isalpha() and part.isascii())
            initials += _OTHER_INITIALS.get(character, "")
        self[character] = initials
        return initials


_FOLDING = _FoldingTable()
_INITIALS = _InitialsTable()


def fold(text: str) -> str:
    """Return `text` in the form in which names, addresses and queries are compared."""
    return text.translate(_FOLDING)


def short_form(folded: str) -> str:
    """Drop 省 and 市 after a place at the head: people type 广州新塘 for 广州市新塘.

    ASSUMPTION: only within the first eight characters and after at least two others, so that 城市之光
    keeps its second character.
    """
    head, tail = folded[2:SHORT_FORM_HEAD], folded[SHORT_FORM_HEAD:]
    if "市" not in head and "省" not in head:
        return folded
    return folded[:2] + "".join(part for part in head if part not in _ADMINISTRATIVE_SUFFIXES) + tail


@lru_cache(maxsize=20_000)
def initials_of(character: str) -> str:
    """Return the letters that may stand for one folded character in a query by pinyin initials."""
    return _INITIALS[character]


def find_initials(letters: str, folded: str) -> int:
    """Return where `letters` match the pinyin initials of `folded`, or -1.

    A character with several usual readings matches any of their initials: 行 as x (xíng) and h (háng).
    """
    possible = [initials_of(character) for character in folded]
    length = len(letters)
    for start in range(len(possible) - length + 1):
        if all(letters[step] in possible[start + step] for step in range(length)):
            return start
    return -1

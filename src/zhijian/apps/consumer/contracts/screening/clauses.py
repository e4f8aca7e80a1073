"""A contract cut into clauses and sentences, each with its place in the text as it was given."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = re.compile(
    r"[ \t\u3000]*(第[一二三四五六七八九十百零〇\d]{1,6}[条章节款]|[一二三四五六七八九十]{1,3}[、.．]|\d{1,3}(?:[.．]\d{1,2}){0,3}[、.．)）\s]"
    r"|[(（][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|[-•·●○▪*]\s)"
)
_STOPS = frozenset("。；;！!？?")
_ENDS = "。；;：:！!？?）)”"
_SHORT = 18  # characters: a line this short is a heading or an item, not a wrapped line
_KEPT = frozenset("，；：！？（）。、")


@dataclass(frozen=True)
class Sentence:
    """Text between two stops, without blanks; `places` tells where each character stands in what was given."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters `start` to `end` (exclusive) stand in the text as given."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True)
class Clause:
    """One clause. `label` is its own number (第五条), or 第3段 where it has none; offsets are of the text as given."""

    number: int  # from 1
    label: str
    start: int
    end: int


def split(text: str) -> list[Clause]:
    """Cut a text into clauses: at every line that begins a numbered clause, at blank lines, and where a line is over."""
    clauses: list[Clause] = []
    for start, end in _blocks(text):
        head = _HEAD.match(text, start, end)
        label = _label(head.group(1)) if head else ""
        number = len(clauses) + 1
        clauses.append(Clause(number, label or f"第{number}段", start, end))
    return clauses


def _label(head: str) -> str:
    """Return a clause's own number without the point behind it; one in brackets keeps them."""
    return head.strip() if head[0] in "(（" else head.rstrip("、.．)） \t\u3000")


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start, end, before = -1, -1, ""
    for line_start, line_end in _lines(text):
        line = text[line_start:line_end].strip()
        if not line:
            if start >= 0:
                yield start, end
            start = -1
            continue
        is_new = _HEAD.match(text, line_start, line_end) or before[-1:] in _ENDS or len(before) <= _SHORT
        if start >= 0 and is_new:
            yield start, end
            start = -1
        if start < 0:
            start = line_start
        end, before = line_end, line
    if start >= 0:
        yield start, end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def sentences(text: str, clause: Clause) -> list[Sentence]:
    """Return the sentences of a clause: blanks and line ends inside are left out, full-width letters made plain."""
    found: list[Sentence] = []
    letters: list[str] = []
    places: list[int] = []
    for place in range(clause.start, clause.end):
        letter = text[place]
        if letter in _STOPS:
            if letters:
                found.append(Sentence("".join(letters), tuple(places)))
            letters, places = [], []
        elif not letter.isspace() and unicodedata.category(letter) not in {"Cf", "Cc"}:
            letters.append(_plain(letter))
            places.append(place)
    if letters:
        found.append(Sentence("".join(letters), tuple(places)))
    return found


def _plain(letter: str) -> str:
    if letter in _KEPT or letter.isascii():
        return "，" if letter == "," else letter
    folded = unicodedata.normalize("NFKC", letter)
    return folded if len(folded) == 1 else letter

"""Citations in English: the titles of laws, translated once, and the numbers of articles.

`《广告法》第五十三条` reads `Art. 53, Advertising Law`. These are plain translations for readers, not official ones: the
law is quoted in its own words wherever it decides. What is not in the list stays as it is.
"""

import csv
import re
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "laws.csv"
_STATE = "中华人民共和国"
_DIGITS = {letter: number for number, letter in enumerate("零一二三四五六七八九")}
_TENS = {"十": 10, "百": 100}
_TITLE = re.compile(r"《((?:[^《》]|《[^《》]*》)+)》")
_PLACE = re.compile(r"第([一二三四五六七八九十百零]+)(条|款|项|章|节)(?:之([一二三四五六七八九十]+))?")
_YEAR = re.compile(r"[（(](\d{4})年(修订|修正)?[）)]")
_DOCUMENT = re.compile(r"（([^（）〔〕]{2,12}〔\d{4}〕\d+号)）")
_ORDER = re.compile(r"（(.{2,12})令第(\d+)号）")
_OFFICES = {
    "国家发展改革委": "National Development and Reform Commission",
    "市场监管总局": "State Administration for Market Regulation",
    "国家市场监督管理总局": "State Administration for Market Regulation",
}
_PARTS = {"款": "para.", "项": "item", "章": "ch.", "节": "sec."}
_REST = re.compile(r"[\s、，,至和及]*")


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Return the English of every title in the list."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["title_zh"]: row["title_en"] for row in csv.DictReader(file)}


def title_in_english(title: str) -> str | None:
    """Return the English of a law's title, with or without the name of the state before it."""
    return titles().get(title.removeprefix(_STATE))


def number(text: str) -> int:
    """Read a Chinese number below a thousand: 五十三 is 53."""
    total, digit = 0, 0
    for letter in text:
        if letter in _TENS:
            total += (digit or 1) * _TENS[letter]
            digit = 0
        else:
            digit = _DIGITS[letter]
    return total + digit


def in_english(citation: str) -> str | None:
    """Return a citation in English, or nothing where a part of it cannot be said so."""
    said = [_one(part.strip()) for part in re.split(r"[；;]", citation.rstrip("。")) if part.strip()]
    return "; ".join(part for part in said if part) if said and all(said) else None


def _one(part: str) -> str | None:
    """Say one law with its articles; nothing where the title is unknown or words are left over."""
    found = _TITLE.match(part)
    title = title_in_english(found.group(1)) if found else None
    if found is None or title is None:
        return None
    rest = part[found.end() :]
    if year := _YEAR.match(rest):
        edition = f"{year.group(1)} revision" if year.group(2) else year.group(1)
        title, rest = f"{title} ({edition})", rest[year.end() :]
    if document := _DOCUMENT.match(rest):  # numbers of documents are quoted as they are
        title, rest = f"{title} ({document.group(1)})", rest[document.end() :]
    if (order := _ORDER.match(rest)) and order.group(1) in _OFFICES:
        title = f"{title} (Order No. {order.group(2)}, {_OFFICES[order.group(1)]})"
        rest = rest[order.end() :]
    if _REST.fullmatch(_PLACE.sub("", rest)) is None:
        return None
    return f"{_places(rest)}, {title}" if rest else title


def _places(rest: str) -> str:
    """Say the articles: `Arts. 10, 13 and 41`, `Arts. 18 to 24`, `Art. 23 para. 1`, `ch. 5 sec. 2`."""
    words: list[str] = []  # an article, chapter or paragraph each, with what joins it to the one before
    joins: list[str] = []
    end = 0
    for place in _PLACE.finditer(rest):
        between = rest[end : place.start()]
        count, unit, after = number(place.group(1)), place.group(2), place.group(3)
        text = f"{count}-{number(after)}" if after else f"{count}"
        end = place.end()
        if unit != "条" and words and not between:
            words[-1] += f" {_PARTS[unit]} {text}"
            continue
        words.append(text if unit == "条" else f"{_PARTS[unit]} {text}")
        joins.append(" to " if "至" in between else ", ")
    said = words[0]
    for index in range(1, len(words)):
        is_last = index == len(words) - 1
        said += (" and " if is_last and joins[index] == ", " else joins[index]) + words[index]
    if not words[0][0].isdigit():
        return said
    return f"{'Arts.' if len(words) > 1 else 'Art.'} {said}"

"""Shares of a price as contracts write them: 30%, 百分之三十, 千分之五, 三成, 双倍, 全部."""

import re
from collections.abc import Iterator

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}  # fmt: skip
_WORD = "零〇一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖"
_SHARE = re.compile(
    rf"(?P<percent>\d{{1,4}}(?:\.\d{{1,3}})?)(?P<sign>%|‰)"
    rf"|(?P<of>百分之|千分之|万分之)(?P<word>\d{{1,4}}(?:\.\d{{1,3}})?|[{_WORD}]{{1,6}})"
    rf"|(?P<tenths>[{_WORD}]|\d)成"
    rf"|(?P<times>[{_WORD}]{{1,2}}|\d{{1,2}})倍"
    rf"|(?P<all>双倍|全额|全部|全款)"
)
_UNIT = {"百分之": 100.0, "千分之": 1000.0, "万分之": 10_000.0, "%": 100.0, "‰": 1000.0}


def shares(text: str) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and value of every share in a text; 1.0 is the whole price."""
    for found in _SHARE.finditer(text):
        if found["percent"]:
            value = float(found["percent"]) / _UNIT[found["sign"]]
        elif found["of"]:
            value = number(found["word"]) / _UNIT[found["of"]]
        elif found["tenths"]:
            value = number(found["tenths"]) / 10
        elif found["times"]:
            value = number(found["times"])
        else:
            value = 2.0 if found["all"] == "双倍" else 1.0
        yield found.start(), found.end(), value


def number(text: str) -> float:
    """Return a number written in digits or in Chinese, below a thousand."""
    if text[0].isascii():
        return float(text)
    total, digit = 0, 0
    for letter in text:
        if letter == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif letter == "百":
            total, digit = total + (digit or 1) * 100, 0
        else:
            digit = _DIGITS[letter]
    return float(total + digit)

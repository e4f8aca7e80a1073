"""Personal data that somebody typed where none belongs: numbers of documents, telephones, e-mail, names after their labels.

Pure. It finds by form and by the words before; a name that stands alone in a sentence is not found, which the pages say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
    "傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤"
)
_LABELLED = re.compile(
    r"(?:姓名|患者|伤者|受伤人|病人|死者|家属|监护人|家长|母亲|父亲|联系人|投诉人|店员|医生|护士|本人)"
    rf"(?:姓名|名叫|叫做|叫|为|是|系)?\s*[:：]?\s*([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff]{{0,1}}某)"
)
_COMMON_AFTER = frozenset("在于为是的被因将已从把向和与对不没有后时到手脚头面腿")
_GAP = r"[ \-.·]{0,2}"  # what people put between groups of digits; wide spaces and dashes are narrowed first
_IDENTITY = re.compile(
    r"(?<!\d)([1-8]\d{16}[\dXx])(?!\d)"
)  # a person's never begins with 9, a firm's code often does
_SPACED_IDENTITY = re.compile(r"(?<!\d)([1-8](?:[ \-.·]?\d){16}[ \-.·]?[\dXx])(?!\d)")
_OLD_IDENTITY = re.compile(r"(?<!\d)([1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)")
_BIRTH = re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_PERMIT = re.compile(r"(?<![A-Za-z0-9])([HMhm]\d{8,10}|[EGDSPegdsp][A-Za-z]?\d{7,8})(?![A-Za-z0-9])")
_MOBILE = re.compile(
    rf"(?<!\d)(?:\+?86{_GAP})?"
    rf"(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1[3-9]\d\d{_GAP}\d{{3}}{_GAP}\d{{4}}|1[ \-.·][3-9](?:[ \-.·]\d){{9}})(?!\d)"
)
_LANDLINE = re.compile(rf"(?<!\d)(\(?0(?:10|2\d|[3-9]\d\d)\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}})(?!\d)")
_LOCAL_LINE = re.compile(
    rf"(?:电话|座机|固话|致电|联系方式)(?:号码|号)?[为是]?[ :]{{0,2}}([2-8]\d{{2,3}}{_GAP}\d{{4}})(?!\d)"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F)))  # ！ to ～, each with its narrow letter
_SPACES, _DASHES = "\u3000\u00a0\u2002\u2003\u2009\u202f\t", "‐‑‒–—―−"
_NARROW = str.maketrans(
    _WIDE + _SPACES + _DASHES,
    "".join(chr(ord(one) - 0xFEE0) for one in _WIDE) + " " * len(_SPACES) + "-" * len(_DASHES),
)
"""One letter for one letter: a place in the narrow text is the same place in the text."""

IDENTITY, PERMIT, PHONE, MAIL, NAME = "identity_number", "travel_document", "phone", "e_mail", "name"
WORDS = {
    IDENTITY: ("身份证件号码", "the number of an identity card"),
    PERMIT: ("通行证或护照号码", "the number of a permit or passport"),
    PHONE: ("电话号码", "a telephone number"),
    MAIL: ("电子邮箱", "an e-mail address"),
    NAME: ("人的姓名", "a person's name"),
}


@dataclass(frozen=True)
class Personal:
    """One piece of personal data in a text: its kind, and where it stands."""

    kind: str
    start: int
    end: int


def found_in(text: str) -> list[Personal]:
    """Return what looks like personal data in a text, by place; wide digits and digits set apart count too."""
    narrow = text.translate(_NARROW)
    kinds = (
        (IDENTITY, _IDENTITY), (IDENTITY, _SPACED_IDENTITY), (IDENTITY, _OLD_IDENTITY), (PERMIT, _PERMIT),
        (PHONE, _MOBILE), (PHONE, _LANDLINE), (PHONE, _LOCAL_LINE), (MAIL, _MAIL), (NAME, _LABELLED),
    )  # fmt: skip
    found: list[Personal] = []
    for kind, pattern in kinds:
        for match in pattern.finditer(narrow):
            group = 1 if pattern.groups else 0
            if kind == NAME and (match[1][1] in _COMMON_AFTER or "某" in match[1]):
                continue
            if pattern is _SPACED_IDENTITY and not _BIRTH.match(re.sub(r"[ \-.·]", "", match[1])):
                continue  # figures in a row, no day of birth among them
            found.append(Personal(kind, match.start(group), match.end(group)))
    return _apart(sorted(found, key=lambda one: (one.start, -one.end)))


def numbers_and_addresses_in(text: str) -> list[tuple[str, str]]:
    """Return the words (Chinese, English) of the kinds found by form alone; a name after its label is a guess: left out."""
    kinds = (one.kind for one in found_in(text) if one.kind != NAME)
    return [WORDS[kind] for kind in dict.fromkeys(kinds)]


def masked(text: str) -> str:
    """Return the text with every piece found replaced by ＊ of its length, so that it stays readable."""
    letters = list(text)
    for one in found_in(text):
        letters[one.start : one.end] = "＊" * (one.end - one.start)
    return "".join(letters)


def masked_values(value: Any) -> Any:
    """Return a value with every text in it masked, in lists and objects too; a fingerprint is no text."""
    if isinstance(value, str):
        return value if _FINGERPRINT.fullmatch(value) else masked(value)
    if isinstance(value, Mapping):
        return {name: masked_values(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked_values(one) for one in value]
    return value


def _apart(found: list[Personal]) -> list[Personal]:
    """Leave out what lies inside another."""
    kept: list[Personal] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept

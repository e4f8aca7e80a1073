"""Personal data that somebody typed where none belongs: numbers of documents, telephones, e-mail, names after their labels.

Pure. It finds by form and by the words before; a name that stands alone in a sentence is not found, which the pages say.
"""

import re
from dataclasses import dataclass

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
    "傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤"
)
_LABELLED = re.compile(
    r"(?:姓名|患者|伤者|受伤人|病人|死者|家属|监护人|家长|母亲|父亲|联系人|投诉人|店员|医生|护士|本人)"
    rf"(?:姓名|名叫|叫做|叫|为|是|系)?\s*[:：]?\s*([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff]{{0,1}}某)"
)
_COMMON_AFTER = frozenset("在于为是的被因将已从把向和与对不没有后时到手脚头面腿")
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx])(?!\d)")
_OLD_IDENTITY = re.compile(r"(?<!\d)([1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})(?!\d)")
_PERMIT = re.compile(r"(?<![A-Za-z0-9])([HMhm]\d{8,10}|[EGDSPegdsp][A-Za-z]?\d{7,8})(?![A-Za-z0-9])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]\d{7,8})(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NARROW = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")

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
    """Return what looks like personal data in a text, by place; full-width digits count as digits."""
    narrow = text.translate(_NARROW)
    kinds = (
        (IDENTITY, _IDENTITY), (IDENTITY, _OLD_IDENTITY), (PERMIT, _PERMIT), (PHONE, _MOBILE), (PHONE, _LANDLINE),
        (MAIL, _MAIL), (NAME, _LABELLED),
    )  # fmt: skip
    found: list[Personal] = []
    for kind, pattern in kinds:
        for match in pattern.finditer(narrow):
            group = 1 if pattern.groups else 0
            if kind == NAME and (match[1][1] in _COMMON_AFTER or "某" in match[1]):
                continue
            found.append(Personal(kind, match.start(group), match.end(group)))
    return _apart(sorted(found, key=lambda one: (one.start, -one.end)))


def masked(text: str) -> str:
    """Return the text with every piece found replaced by ＊ of its length, so that it stays readable."""
    letters = list(text)
    for one in found_in(text):
        letters[one.start : one.end] = "＊" * (one.end - one.start)
    return "".join(letters)


def _apart(found: list[Personal]) -> list[Personal]:
    """Leave out what lies inside another."""
    kept: list[Personal] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept

"""What one column of a declared register is, and how a typed or delivered text becomes its value.

Forms, files and programs go through the same function, so that what one of them refuses all of them refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from zhijian.engines.registers.declaration import Field, Label
from zhijian.standards import divisions
from zhijian.standards.uscc import InvalidCode, UnifiedSocialCreditCode

_UNITS = {
    "%": "%", "个工作日": "working days", "工作日": "working days", "人": "people", "人次": "attendances", "件": "cases",
    "元": "yuan", "分钟": "minutes", "天": "days", "日": "days", "学时": "hours", "次": "times",
}  # fmt: skip


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    LONG = "long"
    CODE = "code"
    DATE = "date"
    INTEGER = "integer"
    MONEY = "money"
    BOOLEAN = "boolean"
    DIVISION = "division"
    USCC = "uscc"
    REFERENCE = "reference"
    TAGS = "tags"


@dataclass(frozen=True)
class Code:
    """One value of a code list."""

    value: str
    label: Label


NO_WORDS = Label("", "")


@dataclass(frozen=True)
class Column(Field):
    """One column. `refers_to` is the code of the register whose entry a REFERENCE names by key."""

    kind: Kind = Kind.TEXT
    is_required: bool = False
    is_searched: bool = False
    in_list: bool = False
    codes: tuple[Code, ...] = ()
    refers_to: str = ""
    least: int | None = None
    most: int | None = None
    help: Label = NO_WORDS

    def code(self, value: object) -> Code | None:
        """Return the code of this value, or None where the list has none."""
        return next((one for one in self.codes if one.value == value), None)

    @property
    def unit_words(self) -> Label:
        """The unit as both languages write it; a unit without an English word stays as it is."""
        return Label(self.unit, _UNITS.get(self.unit, self.unit))

    def words(self, value: object) -> Label:
        """Write a stored value for people."""
        if value is None or value == "" or value == []:
            return Label("—", "—")
        if self.kind is Kind.BOOLEAN:
            return Label("是", "Yes") if value else Label("否", "No")
        if self.kind is Kind.CODE and (found := self.code(value)):
            return found.label
        if self.kind is Kind.DIVISION:
            name = divisions.full_name(str(value)) or str(value)
            return Label(name, divisions.name_in_english(str(value)) or name)
        if self.kind is Kind.TAGS and isinstance(value, list):
            return Label("、".join(value), ", ".join(value))
        if self.kind in (Kind.INTEGER, Kind.MONEY) and isinstance(value, int | Decimal):
            unit = self.unit_words.en
            return Label(f"{value:,}{self.unit}", f"{value:,}{' ' + unit if unit else ''}")
        return Label(str(value), str(value))


@dataclass(frozen=True)
class Problem:
    """Why a value is refused, and what would be right: for the form, the file of refused rows and the API."""

    field: str
    value: str
    reason: Label
    remedy: Label

    def as_json(self) -> dict[str, str]:
        return {
            "field": self.field,
            "value": self.value,
            "reason_zh": self.reason.zh,
            "reason_en": self.reason.en,
            "remedy_zh": self.remedy.zh,
            "remedy_en": self.remedy.en,
        }


class Refused(ValueError):
    """A text cannot be the value of its column."""

    def __init__(self, reason: Label, remedy: Label) -> None:
        super().__init__(reason.en)
        self.reason, self.remedy = reason, remedy


_TRUE = {"1", "是", "true", "yes", "y", "on"}
_FALSE = {"0", "否", "false", "no", "n", ""}
_HIDDEN = dict.fromkeys([*range(32), 0x7F, 0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202D, 0x202E, 0xFEFF])
_KEPT_IN_LONG = {10: 10}


def read(column: Column, text: str, *, longest: int | None = None) -> Any:
    """Return the value that `text` says, or None where it says nothing.

    Raises:
        Refused: the text is no value of the column; the refusal says why and what would be right.
    """
    plain = text.translate({**_HIDDEN, **(_KEPT_IN_LONG if column.kind is Kind.LONG else {})}).strip()
    if not plain:
        if column.kind is Kind.BOOLEAN:
            return False
        return [] if column.kind is Kind.TAGS else None
    return _READERS[column.kind](column, plain, longest)


def _text(column: Column, text: str, longest: int | None) -> str:
    if longest is not None and len(text) > longest:
        raise Refused(
            Label(f"有{len(text)}个字，最多{longest}个", f"{len(text)} characters; at most {longest}"),
            Label("请缩短后再交。", "Shorten it."),
        )
    return text


def _code(column: Column, text: str, longest: int | None) -> str:
    for one in column.codes:
        if text.lower() in (one.value.lower(), one.label.zh.lower(), one.label.en.lower()):
            return one.value
    known = "、".join(one.label.zh for one in column.codes)
    known_en = ", ".join(one.label.en for one in column.codes)
    raise Refused(
        Label("不在代码表中", "not on the code list"), Label(f"请用：{known}。", f"Use one of: {known_en}.")
    )


def _date(column: Column, text: str, longest: int | None) -> date:
    written = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
    parts = written.removesuffix(" 00:00:00").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        if not 1949 <= year <= 2200:
            raise ValueError
        return date(year, month, day)
    except ValueError:
        raise Refused(
            Label("不是一个日子", "not a day"), Label("请写成2026-11-28。", "Write it as 2026-11-28.")
        ) from None


def _integer(column: Column, text: str, longest: int | None) -> int:
    digits = text.replace(",", "").replace("，", "").removesuffix(".0")
    if not digits.lstrip("-").isascii() or not digits.lstrip("-").isdigit() or len(digits) > 15:
        raise Refused(Label("不是整数", "not a whole number"), Label("请只写数字。", "Write digits only."))
    return _within(column, int(digits))


def _money(column: Column, text: str, longest: int | None) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").removesuffix("元"))
        if not amount.is_finite() or abs(amount) >= 10**14 or amount != round(amount, 2):
            raise InvalidOperation
    except InvalidOperation:
        raise Refused(
            Label("不是金额", "not an amount"),
            Label("请写到分，如12000.50。", "Write yuan with at most two decimals, as 12000.50."),
        ) from None
    return _within(column, round(amount, 2))


_Number = TypeVar("_Number", int, Decimal)


def _within(column: Column, value: _Number) -> _Number:
    if column.least is not None and value < column.least:
        raise Refused(
            Label(f"小于{column.least}", f"less than {column.least}"),
            Label(f"应不小于{column.least}。", f"It is at least {column.least}."),
        )
    if column.most is not None and value > column.most:
        raise Refused(
            Label(f"大于{column.most}", f"more than {column.most}"),
            Label(f"应不大于{column.most}。", f"It is at most {column.most}."),
        )
    return value


def _boolean(column: Column, text: str, longest: int | None) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise Refused(Label("不是“是”或“否”", "neither yes nor no"), Label("请写是或否。", "Write yes or no."))


def _division(column: Column, text: str, longest: int | None) -> str:
    found = divisions.find(text)
    if found is None or found.level > divisions.STREET:
        raise Refused(
            Label("不是现行的行政区划代码", "no division code of today"),
            Label(
                "请用6位（县区以上）或9位（镇街）代码，如440106。",
                "Use 6 digits, or 9 for a street, as 440106.",
            ),
        )
    return found.code


def _uscc(column: Column, text: str, longest: int | None) -> str:
    try:
        return UnifiedSocialCreditCode.parse(text).value
    except InvalidCode as problem:
        first = problem.problems[0]
        raise Refused(
            Label(first.message_zh, first.message_en),
            Label("请对照营业执照核对。", "Check it against the licence."),
        ) from None


def _tags(column: Column, text: str, longest: int | None) -> list[str]:
    for mark in "；;,，|":
        text = text.replace(mark, "、")
    return list(dict.fromkeys(part.strip()[:30] for part in text.split("、") if part.strip()))[:20]


_READERS: dict[Kind, Callable[[Column, str, int | None], Any]] = {
    Kind.TEXT: _text,
    Kind.LONG: _text,
    Kind.CODE: _code,
    Kind.DATE: _date,
    Kind.INTEGER: _integer,
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DIVISION: _division,
    Kind.USCC: _uscc,
    Kind.REFERENCE: _text,
    Kind.TAGS: _tags,
}

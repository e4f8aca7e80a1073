"""What a person typed where a number is asked for: read when it can mean one thing only, else refused with the reason."""

import re
import unicodedata
from decimal import Decimal

_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.))(?:\.\d+)?")
_DIGITS_AND_COMMAS = re.compile(r"[+-]?[\d,.]*,[\d,.]*")
LEAST_TOO_LONG = Decimal(10) ** 13
MOST_SHOWN = 20


class NotANumber(ValueError):
    """Carries the reason in both languages, to be put behind the name of the field."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def read(text: str, *, unit: str | None = None) -> Decimal:
    """Return the number that was typed: full-width signs are read as plain ones, commas only between thousands.

    A percent sign stands where the unit is a percentage; `unit` None means that it may be one.

    Raises:
        NotANumber: it is none, could mean two, carries a percent sign in another unit, or is too long to be one.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    shown = text.strip()[:MOST_SHOWN]
    if not shown:
        raise NotANumber("没有填。请填数字，如4.4。", "is empty. Write digits, such as 4.4.")
    digits = plain.removesuffix("%").rstrip()
    if digits != plain and unit is not None and "%" not in unit:
        told = (f"（{unit}）", f" ({unit})") if unit else ("", "")
        raise NotANumber(
            f"不能带百分号：{shown}。这里填的不是百分数{told[0]}，请只填数字。",
            f"takes no percent sign: {shown}. This is no percentage{told[1]}: write digits only.",
        )
    if _DIGITS_AND_COMMAS.fullmatch(digits) and not _PLAIN.fullmatch(digits):
        raise NotANumber(
            f"里的逗号看不出是千位分隔还是小数点：{shown}。小数点请用“.”，如4.4；千位分隔每三位一个，如1,808。",
            f"has a comma that is neither between thousands nor a decimal point: {shown}. Write 4.4, or 1,808.",
        )
    if not _PLAIN.fullmatch(digits) or abs(value := Decimal(digits.replace(",", ""))) >= LEAST_TOO_LONG:
        raise NotANumber(
            f"不是数字：{shown}。请只填数字，如4.4。",
            f"is no number: {shown}. Write digits only, such as 4.4.",
        )
    return value

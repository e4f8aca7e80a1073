"""Registered capital: free text to an exact amount with its currency."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

# Longest words first: 人民币元 before 人民币 before 元, so that no word hides inside another.
CURRENCIES = {
    "人民币元": "CNY",
    "人民币": "CNY",
    "德国马克": "DEM",
    "澳门元": "MOP",
    "澳门币": "MOP",
    "香港元": "HKD",
    "新加坡元": "SGD",
    "加拿大元": "CAD",
    "澳大利亚元": "AUD",
    "瑞士法郎": "CHF",
    "新台币": "TWD",
    "台币": "TWD",
    "港币": "HKD",
    "港元": "HKD",
    "美金": "USD",
    "美元": "USD",
    "日元": "JPY",
    "日圆": "JPY",
    "欧元": "EUR",
    "英镑": "GBP",
    "韩元": "KRW",
    "马克": "DEM",
    "澳元": "AUD",
    "加元": "CAD",
    "元": "CNY",
}
SHAPE = re.compile(r"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)\s*(?P<unit>.*)")
LARGEST = Decimal(10) ** 20  # decimal(24, 4) holds it exactly
EXACT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Capital:
    """What a text says about registered capital.

    `amount` is in whole units of `currency_code` (not 万), to four places; `yuan` is filled for CNY alone, to two places,
    since no exchange rate is guessed. `refusal` says in Chinese why there is no amount; the text itself stays.
    """

    text: str
    amount: Decimal | None = None
    currency_code: str | None = None
    yuan: Decimal | None = None
    refusal: str | None = None


def parse_capital(text: str | None) -> Capital:
    """Read `200(万元人民币)`, `1,000(万元(人民币))`, `50(万美元)`, `100(万)` and their like.

    ASSUMPTION: a unit without a currency (`万`, `万元`) means yuan; so it is in the registers of the mainland, where
    other currencies are always named. A zero stays a zero: the source uses it for entities without capital.
    """
    source = text or ""
    plain = unicodedata.normalize("NFKC", source).replace(" ", "").replace("，", ",").strip("。;；")
    if plain.upper() in {"", "N/A", "-", "--", "无", "NULL"}:
        return Capital(source, refusal="来源未填写注册资本。")
    shape = SHAPE.fullmatch(plain)
    if shape is None:
        return Capital(source, refusal=f"“{source}”不是金额：应以数字开头，例如 200(万元人民币)。")
    return read_amount(source, shape["number"], re.sub(r"[()（）]", "", shape["unit"]))


def read_amount(source: str, number: str, unit: str) -> Capital:
    """Number and unit, brackets taken off, to an exact amount."""
    if not re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|[\d.]+", number):
        return Capital(source, refusal=f"“{number}”的千位分隔符位置不对，无法确定金额。")
    scale, currency = read_unit(unit)
    if currency is None:
        return Capital(
            source, refusal=f"“{unit}”不是已知的金额单位或币种。请写明单位（元、万元、亿元）和币种。"
        )
    amount = Decimal(number.replace(",", "")) * scale
    if amount >= LARGEST:
        return Capital(source, refusal=f"“{source}”大于一万亿亿，不可能是注册资本。")
    exact = amount.quantize(EXACT)
    yuan = amount.quantize(Decimal("0.01")) if currency == "CNY" else None
    return Capital(source, exact, currency, yuan)


def read_unit(unit: str) -> tuple[Decimal, str | None]:
    """The scale and ISO 4217 code of a unit such as `万元人民币`, `万人民币元`, `万港币`; None if a word is left over."""
    scale = Decimal(1)
    rest = unit
    for word, factor in (("亿", Decimal(10) ** 8), ("万", Decimal(10) ** 4)):
        if word in rest:
            scale *= factor
            rest = rest.replace(word, "", 1)
    found: list[str] = []
    for word, code in CURRENCIES.items():
        if word in rest:
            found.append(code)
            rest = rest.replace(word, "", 1)
    named = [code for code in found if code != "CNY"]
    if rest or (not found and scale == 1) or len(set(named)) > 1:
        return scale, None
    return scale, named[0] if named else "CNY"


def parse_capitals(texts: Iterable[str | None]) -> dict[str | None, Capital]:
    """One reading per distinct text."""
    return {text: parse_capital(text) for text in set(texts)}

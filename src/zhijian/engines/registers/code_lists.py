"""Words for the codes of market entities, in both languages, on top of the code lists of `standards`."""

from decimal import Decimal
from functools import lru_cache

from zhijian.engines.registers.declaration import Label
from zhijian.standards import divisions, enterprise_types, industries

NOT_STATED = Label("来源未载明", "Not stated by the source")

STATUSES = {
    "active": Label("存续", "In business"),
    "suspended": Label("歇业", "Suspended"),
    "liquidating": Label("清算", "In liquidation"),
    "revoked": Label("吊销，未注销", "Licence revoked, not deregistered"),
    "deregistered": Label("注销", "Deregistered"),
}
KINDS = {
    "enterprise": Label("企业", "Enterprise"),
    "individual_business": Label("个体工商户", "Individual business"),
    "cooperative": Label("农民专业合作社", "Farmers' cooperative"),
    "other": Label("其他", "Other"),
}
DIVISION_LEVELS = {
    "province": Label("省", "Province"),
    "prefecture": Label("地市", "Prefecture"),
    "city": Label("地市", "Prefecture"),
    "county": Label("县（市、区）", "County"),
    "street": Label("镇街", "Street or town"),
}
EVIDENCE_SOURCES = {
    "address": Label("住所", "address"),
    "city": Label("城市栏", "city column"),
    "uscc": Label("信用代码", "credit code"),
}
CURRENCIES = {
    "CNY": Label("元人民币", "CNY"),
    "USD": Label("美元", "USD"),
    "HKD": Label("港元", "HKD"),
    "JPY": Label("日元", "JPY"),
    "EUR": Label("欧元", "EUR"),
    "DEM": Label("德国马克", "DEM"),
    "MOP": Label("澳门元", "MOP"),
    "TWD": Label("新台币", "TWD"),
    "GBP": Label("英镑", "GBP"),
    "SGD": Label("新加坡元", "SGD"),
    "AUD": Label("澳大利亚元", "AUD"),
    "CAD": Label("加拿大元", "CAD"),
    "CHF": Label("瑞士法郎", "CHF"),
    "FRF": Label("法国法郎", "FRF"),
    "KRW": Label("韩元", "KRW"),
}
PREFECTURES_EN = {
    "440100": "Guangzhou", "440200": "Shaoguan", "440300": "Shenzhen", "440400": "Zhuhai",
    "440500": "Shantou", "440600": "Foshan", "440700": "Jiangmen", "440800": "Zhanjiang",
    "440900": "Maoming", "441200": "Zhaoqing", "441300": "Huizhou", "441400": "Meizhou",
    "441500": "Shanwei", "441600": "Heyuan", "441700": "Yangjiang", "441800": "Qingyuan",
    "441900": "Dongguan", "442000": "Zhongshan", "445100": "Chaozhou", "445200": "Jieyang",
    "445300": "Yunfu",
}  # fmt: skip
_SECTIONS_EN = {
    "A": "Agriculture, forestry, animal husbandry and fishery",
    "B": "Mining",
    "C": "Manufacturing",
    "D": "Electricity, heat, gas and water supply",
    "E": "Construction",
    "F": "Wholesale and retail trade",
    "G": "Transport, storage and post",
    "H": "Hotels and catering",
    "I": "Information transmission, software and IT services",
    "J": "Finance",
    "K": "Real estate",
    "L": "Leasing and business services",
    "M": "Scientific research and technical services",
    "N": "Water, environment and public facilities",
    "O": "Resident, repair and other services",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Culture, sports and entertainment",
    "S": "Public management and social organisations",
    "T": "International organisations",
}


@lru_cache(maxsize=50_000)
def division_name(code: str | None) -> str | None:
    """Return the name of a division by its 6- or 9-digit code; None where the code list has none."""
    found = divisions.find(code) if code else None
    return found.name if found else None


def prefecture_label(code: str | None) -> Label:
    name = division_name(code)
    if code is None or name is None:
        return Label("地市未定", "Prefecture not known")
    return Label(name, PREFECTURES_EN.get(code, name))


@lru_cache(maxsize=5_000)
def industry_name(code: str | None) -> str | None:
    found = industries.find(code) if code else None
    return found.name if found else None


def industry_section_label(section: str | None) -> Label:
    name = industry_name(section)
    if section is None or name is None:
        return Label("行业未定", "Industry not known")
    return Label(name, _SECTIONS_EN.get(section, name))


@lru_cache(maxsize=1_000)
def enterprise_type_name(code: str | None) -> str | None:
    found = enterprise_types.find(code) if code else None
    return found.name if found else None


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"


def capital_label(amount: Decimal | None, currency_code: str | None, text: str | None) -> Label:
    """Say a capital: 2,000,000 CNY is 200万元人民币 and CNY 2 million. Amounts are never converted."""
    if amount is None:
        words = (text or "").strip()
        unread = words not in {"", "N/A", "-"}
        return Label(f"{words}（原文）", f"{words} (as delivered)") if unread else NOT_STATED
    if currency_code is None:
        return Label(f"{_zh_amount(amount)}（币种未载明）", f"{_en_amount(amount)} (currency not stated)")
    currency = CURRENCIES.get(currency_code, Label(currency_code, currency_code))
    return Label(f"{_zh_amount(amount)}{currency.zh}", f"{currency.en} {_en_amount(amount)}")


def _zh_amount(amount: Decimal) -> str:
    if amount >= 100_000_000:
        return f"{_plain(amount / 100_000_000)}亿"
    return f"{_plain(amount / 10_000)}万" if amount >= 10_000 else _plain(amount)


def _en_amount(amount: Decimal) -> str:
    return f"{_plain(amount / 1_000_000)} million" if amount >= 1_000_000 else _plain(amount)

"""What an annual report holds: each field, whether it is always public or by choice, and whom it asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Form(StrEnum):
    """How a field is written."""

    TEXT = "text"
    PHONE = "phone"
    POSTCODE = "postcode"
    EMAIL = "email"
    STATE = "state"
    COUNT = "count"
    MONEY = "money"  # yuan, not below zero
    BALANCE = "balance"  # yuan, a loss is below zero
    DAY = "day"
    ADDRESS = "web address"
    PERCENT = "percent"
    CHOICE = "choice"
    ROWS = "rows"


class Publicity(StrEnum):
    ALWAYS = "always"
    CHOSEN = "chosen"  # public only if the reporting entity says so


ENTERPRISE, INDIVIDUAL, COOPERATIVE = "enterprise", "individual_business", "cooperative"
EVERYBODY = (ENTERPRISE, INDIVIDUAL, COOPERATIVE)

STATES = {
    "active": ("开业", "In business"),
    "suspended": ("歇业", "Suspended"),
    "liquidating": ("清算", "In liquidation"),
}
WAYS = {
    "money": ("货币", "Money"),
    "goods": ("实物", "Goods"),
    "property": ("知识产权", "Intellectual property"),
    "land": ("土地使用权", "Land use right"),
    "claim": ("债权", "Claims"),
    "share": ("股权", "Shares"),
    "other": ("其他", "Other"),
}


@dataclass(frozen=True)
class Column:
    """A column of a table in a report."""

    name: str
    zh: str
    en: str
    form: Form = Form.TEXT
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One thing that a report says. `publicity` is that of enterprises; an individual business chooses for all."""

    name: str
    zh: str
    en: str
    form: Form
    publicity: Publicity
    of: tuple[str, ...] = EVERYBODY
    is_required: bool = True
    columns: tuple[Column, ...] = ()
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_ALWAYS, _CHOSEN = Publicity.ALWAYS, Publicity.CHOSEN
_NAME, _CODE = Column("name", "名称", "Name"), Column("uscc", "统一社会信用代码", "Credit code")

FIELDS: tuple[Field, ...] = (
    Field("address", "通信地址", "Postal address", Form.TEXT, _ALWAYS),
    Field("postcode", "邮政编码", "Postcode", Form.POSTCODE, _ALWAYS),
    Field("phone", "联系电话", "Telephone", Form.PHONE, _ALWAYS),
    Field("email", "电子邮箱", "E-mail", Form.EMAIL, _ALWAYS, is_required=False),
    Field("state", "存续状态", "State of business", Form.STATE, _ALWAYS),
    Field(
        "investments", "投资设立企业、购买股权", "Firms set up or shares bought", Form.ROWS, _ALWAYS,
        (ENTERPRISE,), False, (_NAME, _CODE),
    ),
    Field(
        "contributions", "股东或者发起人的出资", "Contributions of shareholders", Form.ROWS, _ALWAYS,
        (ENTERPRISE,), False,
        (
            Column("holder", "股东或者发起人", "Shareholder"),
            Column("subscribed", "认缴（元）", "Subscribed (yuan)", Form.MONEY),
            Column("subscribed_on", "认缴期限", "To be paid by", Form.DAY),
            Column("paid", "实缴（元）", "Paid in (yuan)", Form.MONEY),
            Column("paid_on", "实缴日期", "Paid on", Form.DAY),
            Column("way", "出资方式", "Kind", Form.STATE, tuple(WAYS)),
        ),
    ),
    Field(
        "transfers", "股权转让", "Transfers of shares", Form.ROWS, _ALWAYS, (ENTERPRISE,), False,
        (
            Column("holder", "股东", "Shareholder"),
            Column("before", "变更前比例（%）", "Share before (%)", Form.MONEY),
            Column("after", "变更后比例（%）", "Share after (%)", Form.MONEY),
            Column("on", "变更日期", "On", Form.DAY),
        ),
    ),
    Field(
        "sites", "网站、网店", "Web sites and shops", Form.ROWS, _ALWAYS, EVERYBODY, False,
        (_NAME, Column("address", "网址", "Address", Form.ADDRESS)),
    ),
    Field("staff", "从业人数", "Staff", Form.COUNT, _CHOSEN),
    Field("assets", "资产总额", "Total assets", Form.MONEY, _CHOSEN, (ENTERPRISE,)),
    Field("liabilities", "负债总额", "Total liabilities", Form.MONEY, _CHOSEN, (ENTERPRISE,)),
    Field("guarantees", "对外提供保证担保", "Guarantees given", Form.MONEY, _CHOSEN, (ENTERPRISE,), False),
    Field("equity", "所有者权益合计", "Owners' equity", Form.BALANCE, _CHOSEN, (ENTERPRISE,)),
    Field("revenue", "营业总收入", "Total revenue", Form.MONEY, _CHOSEN),
    Field("main_revenue", "主营业务收入", "Revenue of the main business", Form.MONEY, _CHOSEN, (ENTERPRISE,)),
    Field("profit", "利润总额", "Total profit", Form.BALANCE, _CHOSEN, (ENTERPRISE, COOPERATIVE)),
    Field("net_profit", "净利润", "Net profit", Form.BALANCE, _CHOSEN, (ENTERPRISE,)),
    Field("tax", "纳税总额", "Tax paid", Form.MONEY, _CHOSEN),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return what a kind of entity reports; what is neither shop nor co-operative reports as an enterprise."""
    return tuple(field for field in FIELDS if (kind if kind in EVERYBODY else ENTERPRISE) in field.of)

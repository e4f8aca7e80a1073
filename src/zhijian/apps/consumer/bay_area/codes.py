"""Councils, states of the agreement, currencies and documents of identity: each with its words in both languages."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


DIRECTION_WORDS: dict[str, tuple[str, str]] = {
    Direction.OUT: ("广东转港澳", "From Guangdong"),
    Direction.IN: ("港澳转广东", "To Guangdong"),
}


@dataclass(frozen=True)
class Council:
    """One of the two councils beyond the border: what it reads, what it counts in, what it may not tell."""

    code: str
    name: tuple[str, str]
    place: tuple[str, str]
    system: str  # the name under which its key is issued, and its references are kept
    currency: str
    languages: tuple[str, ...]
    withheld: tuple[str, str]
    left_to_do: tuple[str, str]


COUNCILS: dict[str, Council] = {
    one.code: one
    for one in (
        Council(
            code="hk",
            name=("香港消费者委员会", "Hong Kong Consumer Council"),
            place=("香港", "Hong Kong"),
            system="council_hk",
            currency="HKD",
            languages=("zh-hant", "en"),
            withheld=(
                "香港消费者委员会不是执法机关，依当地《个人资料（私隐）条例》和保密责任，不告知其他投诉人是谁、商户的内部资料，也不告知香港海关等执法机关是否立案、怎样调查。",
                "The Council in Hong Kong is no enforcement body. Under the Personal Data (Privacy) Ordinance and its duty of secrecy it does not tell who else complained, what is internal to the trader, or whether and how Customs or others investigate.",
            ),
            left_to_do=(
                "可以自己向香港消费者委员会咨询，涉及不良营商手法的可以向香港海关举报，也可以向香港小额钱债审裁处提出申索；用信用卡付款的可以问发卡机构能否退单。",
                "Ask the Council in Hong Kong yourself; report an unfair trade practice to Hong Kong Customs; or claim at the Small Claims Tribunal in Hong Kong. If you paid by card, ask its issuer about a chargeback.",
            ),
        ),
        Council(
            code="mo",
            name=("澳门消费者委员会", "Macao Consumer Council"),
            place=("澳门", "Macao"),
            system="council_mo",
            currency="MOP",
            languages=("zh-hant", "en"),
            withheld=(
                "澳门消费者委员会依当地第8/2005号法律《个人资料保护法》和职业保密义务，不告知其他投诉人是谁、商户的内部资料，也不告知当地行政处罚程序的进行情况。",
                "Under Law 8/2005 on personal data and professional secrecy, the Council in Macao does not tell who else complained, what is internal to the trader, or how a local penalty procedure goes on.",
            ),
            left_to_do=(
                "可以自己向澳门消费者委员会咨询，可以申请当地的消费争议调解及仲裁中心处理，也可以向澳门初级法院提起小额案件；用信用卡付款的可以问发卡机构能否退单。",
                "Ask the Council in Macao yourself; apply to its mediation and arbitration centre for consumer disputes; or bring a small claim before the court in Macao. If you paid by card, ask its issuer about a chargeback.",
            ),
        ),
    )
}
BY_SYSTEM: dict[str, Council] = {one.system: one for one in COUNCILS.values()}


class Status(StrEnum):
    """The states of the agreement. `WITHDRAWN` is ours alone: it never crosses the border."""

    SUBMITTED = "SUBMITTED"
    TRANSFERRED = "TRANSFERRED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_CONTACT = "IN_CONTACT"
    SETTLED = "SETTLED"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    ESCALATED = "ESCALATED_TO_AUTHORITY"
    WITHDRAWN = "WITHDRAWN"


STATUS_WORDS: dict[str, tuple[str, str]] = {
    Status.SUBMITTED: ("已提出，待转出", "Handed in, not yet sent"),
    Status.TRANSFERRED: ("已转出，等对方回执", "Sent, waiting for the receipt"),
    Status.ACKNOWLEDGED: ("对方已收", "Received by the other side"),
    Status.IN_CONTACT: ("正在与商户联系", "In contact with the trader"),
    Status.SETTLED: ("已解决", "Settled"),
    Status.FAILED: ("未能解决", "Not settled"),
    Status.RETURNED: ("退回，不属于受理范围", "Returned, outside the remit"),
    Status.ESCALATED: ("已交行政机关处理", "Handed to an authority"),
    Status.WITHDRAWN: ("已撤回，没有转出", "Withdrawn, nothing was sent"),
}
ANSWERS = (Status.SETTLED, Status.FAILED, Status.RETURNED, Status.ESCALATED)
"""What ends the waiting for the other side."""

ORIGIN_WORDS: dict[str, tuple[str, str]] = {
    "us": ("本会", "Our side"),
    "them": ("对方", "The other side"),
    "consumer": ("消费者", "Consumer"),
}
CURRENCIES: dict[str, tuple[str, str]] = {
    "HKD": ("港元", "Hong Kong dollars"),
    "MOP": ("澳门元", "Macao patacas"),
    "CNY": ("人民币", "Renminbi"),
}
LANGUAGES: dict[str, tuple[str, str]] = {
    "zh-hant": ("繁体中文", "Traditional Chinese"),
    "en": ("英文", "English"),
    "zh-hans": ("简体中文", "Simplified Chinese"),
}
PERSONAL_FIELDS: dict[str, tuple[str, str]] = {
    "name": ("姓名", "Name"),
    "phone": ("电话", "Phone"),
    "email": ("电子邮箱", "E-mail"),
}
"""The personal data that leave: exactly these. No number of a document, no address."""

ID_TYPES: dict[str, tuple[str, str]] = {
    "": ("不提供", "None given"),
    "hk_macao_permit": ("港澳居民来往内地通行证", "Mainland travel permit for Hong Kong and Macao residents"),
    "hk_macao_residence": ("港澳居民居住证", "Residence permit for Hong Kong and Macao residents"),
    "passport": ("护照", "Passport"),
    "resident": ("居民身份证", "Resident identity card"),
}

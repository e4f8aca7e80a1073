"""From what a credit file is collected (归集目录): each section, its kinds of facts or registers, and the text that allows it.

What is not listed here is in no file, whatever else the platform knows about a firm.
"""

from dataclasses import dataclass

from zhijian.engines.registers.declaration import Label

CATALOGUE = "国办发〔2020〕49号（公共信用信息目录制管理）"


@dataclass(frozen=True)
class Section:
    """One part of a file. `kinds` are kinds of facts, `registers` declared registers whose entries stand for themselves."""

    code: str
    title: Label
    about: Label
    article: str
    kinds: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    is_internal: bool = False


SECTIONS = (
    Section(
        "penalties",
        Label("行政处罚", "Penalties"),
        Label("普通程序作出的处罚决定，仅警告和当场处罚的不公示。", "Penalties by ordinary procedure; a warning alone and one on the spot are not published."),
        "《市场监督管理行政处罚信息公示规定》第二条、第十三条",
        kinds=("penalty.decided",),
    ),
    Section(
        "serious",
        Label("严重违法失信名单", "Serious-violation list"),
        Label("在列期间公示，满三年自动离开。", "Shown while listed; leaves by itself after three years."),
        "《市场监督管理严重违法失信名单管理办法》第十四条、第二十一条",
        kinds=("serious_list.listed",),
    ),
    Section(
        "abnormal",
        Label("经营异常名录", "Abnormal list"),
        Label("在列期间公示，移出时同时停止公示。", "Shown while listed; leaves with the removal."),
        "《企业经营异常名录管理办法》（2025年修订）第五条、第十条",
        kinds=("abnormal_list.listed",),
    ),
    Section(
        "complaints",
        Label("查实并公示的投诉", "Complaints upheld and published"),
        Label("消费者同意、查实并依规则公示的投诉。只提出、没有查实的投诉不进档案。", "Upheld and published with the consumer's consent. A complaint that was only made is in no file."),
        "《市场监督管理投诉举报处理办法》第三十八条、《市场监督管理投诉信息公示暂行规则》",
        kinds=("complaint.published",),
    ),
    Section(
        "promises",
        Label("放心消费承诺", "Promises to consumers"),
        Label("承诺了什么，核查时兑现没有，什么时候结束。", "What was promised, whether checks found it kept, when it ended."),
        "《广东省市场监管现代化“十四五”规划》第五章第二节",
        registers=("worry_free",),
    ),
    Section(
        "prepaid",
        Label("预付卡发卡登记", "Prepaid cards"),
        Label("有没有登记备案，存管资金够不够。", "Whether registered and filed, and whether the deposit is kept."),
        "《消费者权益保护法实施条例》第二十二条",
        registers=("prepaid_issuers",),
    ),
    Section(
        "upheld",
        Label("查实、未公示的投诉", "Complaints upheld, not published"),
        Label("没有公示依据，只供监管人员依职责使用。", "No text lets them be shown: for officers' duties only."),
        "《市场监督管理投诉举报处理办法》第三十八条",
        kinds=("complaint.upheld",),
        is_internal=True,
    ),
)  # fmt: skip

SHOWN_FIELDS: dict[str, tuple[str, ...]] = {
    "penalty.decided": (
        "decision_no", "authority", "violation", "content", "procedure", "types", "fine_yuan", "is_low_fine", "field",
        "published_on", "restricted_until", "url",
    ),
    "serious_list.listed": ("decision_no", "authority", "ground", "restricted_until"),
    "abnormal_list.listed": ("ground_code", "ground", "authority", "decision_no", "shown_until"),
    "complaint.published": ("authority", "summary", "outcome"),
}  # fmt: skip
"""What everybody is given of an item: what its page says, and what 《市场监督管理行政处罚信息公示规定》第四条 names. The rest stays."""

FACT_KINDS = tuple(kind for one in SECTIONS for kind in one.kinds)


def section_of(kind: str) -> Section | None:
    """Return the section of a kind of fact; None where it belongs in no file."""
    return next((one for one in SECTIONS if kind in one.kinds), None)

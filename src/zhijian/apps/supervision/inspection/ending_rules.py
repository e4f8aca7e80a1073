"""How a follow-up of a check ends: which endings it may have, and what each hangs on. Pure, with days as arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from zhijian.apps.supervision.inspection.codes import ENDING_LABELS, Ending, FollowUpKind
from zhijian.standards.bilingual import Problem
from zhijian.standards.citation import rule

LISTING = "supervision/abnormal_listing"  # the procedure that decides on the abnormal list
DROPPED = "dropped"  # how that procedure ends where the ground does not hold
LEAST_WORDS = 2
# What the abnormal list calls a ground, by the code of the result that leads to it. A case of listing is about one ground.
LISTING_GROUNDS = {
    "2": "未按规定公示年度报告",
    "3": "未在责令的期限内公示有关信息",
    "5": "通过登记的住所（经营场所）无法联系",
}

_ENDINGS: dict[str, tuple[Ending, ...]] = {
    FollowUpKind.ABNORMAL_LIST: (Ending.LISTED, Ending.NOT_LISTED, Ending.TRANSFERRED),
    FollowUpKind.ORDER_CORRECTION: (Ending.CORRECTED, Ending.LISTED),
    FollowUpKind.RECHECK: (Ending.CORRECTED, Ending.ORDERED_AGAIN, Ending.FILED, Ending.TRANSFERRED),
    FollowUpKind.FILE_CASE: (Ending.FILED, Ending.NOT_FILED, Ending.TRANSFERRED),
    FollowUpKind.RETAG: (Ending.UPDATED,),
    FollowUpKind.UPDATE_STATUS: (Ending.UPDATED,),
}
ENDING_ARTICLES: dict[str, str] = {
    Ending.LISTED: "《企业经营异常名录管理办法》第六条、第七条、第九条",
    Ending.NOT_LISTED: "《企业经营异常名录管理办法》第九条",
    Ending.FILED: "《市场监督管理行政处罚程序规定》第十八条、第十九条",
    Ending.NOT_FILED: "《市场监督管理行政处罚程序规定》第二十条",
    Ending.TRANSFERRED: "《市场监督管理行政处罚程序规定》第十四条、第十七条",
    Ending.CORRECTED: "《行政处罚法》第二十八条",
    Ending.ORDERED_AGAIN: "《行政处罚法》第二十八条",
    Ending.UPDATED: "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》二（二）",
}
_FIELDS: dict[str, tuple[str, ...]] = {
    Ending.LISTED: ("case",),
    Ending.FILED: ("number", "acted_on"),
    Ending.NOT_FILED: ("acted_on",),
    Ending.TRANSFERRED: ("authority", "number", "acted_on"),
    Ending.CORRECTED: ("acted_on",),
    Ending.ORDERED_AGAIN: ("acted_on", "until"),
}


def fields_of(ending: str) -> tuple[str, ...]:
    """Return what an ending hangs on, besides words; nothing for an ending that hangs on words alone."""
    return _FIELDS.get(ending, ())


@dataclass(frozen=True)
class Told:
    """What is said of how a follow-up ended. `case` is the number of a case of listing on the platform."""

    ending: str = ""
    outcome: str = ""
    case: str = ""
    number: str = ""
    authority: str = ""
    acted_on: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Matter:
    """A case of the platform: whose it is, of which procedure, for which ground, since when, and whether it ended without a
    decision to act."""

    number: str
    procedure: str
    uscc: str
    opened_on: date
    is_dropped: bool
    ground: str = ""


@dataclass(frozen=True)
class Asked:
    """What an ending is held against: the firm and its unit, the day the follow-up began, today, the case that was named; the
    code of the result, and the last day of the order where the firm was ordered something."""

    uscc: str
    unit: str
    starts_on: date
    today: date
    matter: Matter | None = None
    code: str = ""
    order_ends_on: date | None = None


@rule(
    cites=(
        "《企业经营异常名录管理办法》第九条",
        "《市场监督管理行政处罚程序规定》第十八条",
        "《行政处罚法》第二十八条",
    )
)
def endings_of(kind: str) -> tuple[Ending, ...]:
    """Return the endings that a follow-up of a kind may be given. Only a corrected result supersedes one."""
    return _ENDINGS[kind]


@rule(
    cites=(
        "《企业经营异常名录管理办法》第九条",
        "《市场监督管理行政处罚程序规定》第十八条",
        "《行政处罚法》第二十八条",
    )
)
def ending_problems(kind: str, told: Told, asked: Asked) -> list[Problem]:
    """Return what speaks against ending a follow-up in this way; empty where it may be closed."""
    allowed = endings_of(kind)
    if told.ending not in allowed:
        zh = "、".join(ENDING_LABELS[one][0] for one in allowed)
        en = "; ".join(ENDING_LABELS[one][1] for one in allowed)
        return [
            Problem("ending", f"请选择怎样办结，可以是：{zh}。", f"Choose how it ended. It may be: {en}.")
        ]
    return _PROBLEMS[Ending(told.ending)](told, asked)


@rule(cites=("《企业经营异常名录管理办法》第六条", "《企业经营异常名录管理办法》第七条"))
def listed_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return why this is no case that puts the firm on the abnormal list for what the check found.

    It is a case of the listing procedure, about this firm and what was found, opened on or after the day on which the
    follow-up began, after the last day of an order, and not dropped: nobody is on the list without one.
    """
    matter = asked.matter
    if matter is None or matter.procedure != LISTING:
        return [
            Problem(
                "case",
                f"没有编号为“{told.case}”的列入案件。请先在“名录管理”提出列入，再回来选这个案件。"
                if told.case
                else "请选择列入经营异常名录的案件；还没有的，先在“名录管理”提出列入。",
                f"There is no case of listing '{told.case}'. Propose the listing first, then choose its case."
                if told.case
                else "Choose the case of listing; where there is none yet, propose the listing first.",
            )
        ]
    if matter.uscc != asked.uscc:
        return [
            Problem(
                "case",
                f"案件{matter.number}办理的是另一户企业。请选择这一户的案件。",
                f"Case {matter.number} is about another firm. Choose a case of this one.",
            )
        ]
    if matter.opened_on < asked.starts_on:
        return [
            Problem(
                "case",
                f"案件{matter.number}在{matter.opened_on}就已经立了，早于{asked.starts_on}的检查，不是这次检查引起的。请选择检查以后立的案件。",
                f"Case {matter.number} was opened on {matter.opened_on}, before the check of {asked.starts_on}. "
                "Choose one that was opened after it.",
            )
        ]
    if asked.order_ends_on is not None and matter.opened_on <= asked.order_ends_on:
        return [
            Problem(
                "case",
                f"责令的期限到{asked.order_ends_on}为止，案件{matter.number}在{matter.opened_on}就立了，那时企业还可以改正。期满仍没有公示的，再提出列入。",
                f"The order runs until {asked.order_ends_on}; case {matter.number} was opened on {matter.opened_on}, when the firm "
                "could still comply. Propose the listing when the time is over.",
            )
        ]
    ground = LISTING_GROUNDS.get(asked.code, "")
    if ground and matter.ground != ground:
        return [
            Problem(
                "case",
                f"案件{matter.number}的事由是“{matter.ground}”，这次检查发现的是“{ground}”。请选择同一事由的案件。",
                f"Case {matter.number} is about another ground than what this check found. Choose a case of the same ground.",
            )
        ]
    if matter.is_dropped:
        return [
            Problem(
                "case",
                f"案件{matter.number}没有列入就办结了。查明不应列入的，请选“{ENDING_LABELS[Ending.NOT_LISTED][0]}”；否则另行提出列入。",
                f"Case {matter.number} ended without a listing. Choose “{ENDING_LABELS[Ending.NOT_LISTED][1]}”, or propose it again.",
            )
        ]
    return []


@rule(cites="《市场监督管理行政处罚程序规定》第十八条")
def filed_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return what the filing of a penalty case lacks: its number, its day, and that it is about this firm.

    ASSUMPTION: a number that the platform does not know is one of another system of cases. No procedure of the platform files
    penalty cases, so a number that it knows is no filing.
    """
    problems = _number_problems(told, "立案编号", "the number of the case")
    matter = asked.matter
    if matter is not None and matter.uscc != asked.uscc:
        problems.append(
            Problem(
                "number",
                f"编号{matter.number}是另一户企业的案件。请核对立案编号。",
                f"Number {matter.number} is a case of another firm. Check the number.",
            )
        )
    elif matter is not None:
        problems.append(
            Problem(
                "number",
                f"编号{matter.number}是平台上的其他案件，不是行政处罚案件。请填写立案审批表上的编号。",
                f"Number {matter.number} is another matter of this platform, no penalty case. Give the number under which it was filed.",
            )
        )
    return problems + _day_problems(told, asked, "立案日期", "the day of the filing")


@rule(cites="《市场监督管理行政处罚程序规定》第二十条")
def not_filed_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return what a decision not to file lacks: its day and its reason."""
    return [*_day_problems(told, asked, "决定日期", "the day of the decision"), *words_problems(told, asked)]


@rule(cites=("《市场监督管理行政处罚程序规定》第十四条", "《行政处罚法》第二十七条"))
def transferred_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return what a transfer lacks: another authority than one's own unit, the number of its letter, its day."""
    problems = []
    if len(told.authority) < LEAST_WORDS:
        problems.append(
            Problem("authority", "请写明移送给哪个机关。", "Say to which authority it was transferred.")
        )
    elif told.authority == asked.unit:
        problems.append(
            Problem(
                "authority",
                f"{asked.unit}就是办理单位，不用移送。请写明有管辖权的机关。",
                f"{asked.unit} is the unit itself. Name the authority that has jurisdiction.",
            )
        )
    problems += _number_problems(told, "移送文书的编号", "the number of the letter of transfer")
    return problems + _day_problems(told, asked, "移送日期", "the day of the transfer")


@rule(cites="《行政处罚法》第二十八条")
def corrected_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return what a finding that the firm corrected lacks: the day of the re-check, not before the order and not to come."""
    return _day_problems(told, asked, "复查日期", "the day of the re-check")


@rule(cites="《行政处罚法》第二十八条")
def ordered_again_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return what a further order lacks: a re-check after the first order's last day, and a last day that lies after it."""
    problems = corrected_problems(told, asked)
    ends_on = asked.order_ends_on
    if not problems and ends_on is not None and told.acted_on is not None and told.acted_on <= ends_on:
        problems = [
            Problem(
                "acted_on",
                f"责令的期限到{ends_on}为止，{told.acted_on}复查时企业还可以改正，不能认定没有改正。期满以后再复查。",
                f"The order runs until {ends_on}; on {told.acted_on} the firm could still comply. Check again when its time is over.",
            )
        ]
    if told.until is None:
        problems.append(
            Problem(
                "until", "请写明再次责令改正的期限。", "Give the last day of the order that was made again."
            )
        )
    elif told.acted_on is not None and told.until <= told.acted_on:
        problems.append(
            Problem(
                "until",
                f"改正期限{told.until}应当晚于复查的{told.acted_on}。",
                f"The last day {told.until} must lie after the re-check of {told.acted_on}.",
            )
        )
    return problems


@rule(
    cites=(
        "《企业经营异常名录管理办法》第九条",
        "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》二（二）",
    )
)
def words_problems(told: Told, asked: Asked) -> list[Problem]:
    """Return that words are missing, where nothing else shows what came of it."""
    if len(told.outcome) >= LEAST_WORDS:
        return []
    return [
        Problem(
            "outcome", "请写明处置结果：查明了什么，怎么处理的。", "Say what was found and what was done."
        )
    ]


def _number_problems(told: Told, zh: str, en: str) -> list[Problem]:
    if len(told.number) >= LEAST_WORDS:
        return []
    return [Problem("number", f"请填写{zh}。", f"Give {en}.")]


def _day_problems(told: Told, asked: Asked, zh: str, en: str) -> list[Problem]:
    day = told.acted_on
    if day is None:
        return [Problem("acted_on", f"请填写{zh}。", f"Give {en}.")]
    if day < asked.starts_on:
        return [
            Problem(
                "acted_on",
                f"{zh}{day}早于{asked.starts_on}，那时还没有发现问题。请核对。",
                f"{en.capitalize()}, {day}, lies before {asked.starts_on}, when nothing was found yet. Check it.",
            )
        ]
    if day > asked.today:
        return [
            Problem(
                "acted_on",
                f"{zh}{day}还没有到。办了以后再办结。",
                f"{en.capitalize()}, {day}, is still to come. Close this when it is done.",
            )
        ]
    return []


_PROBLEMS: dict[Ending, Callable[[Told, Asked], list[Problem]]] = {
    Ending.LISTED: listed_problems,
    Ending.NOT_LISTED: words_problems,
    Ending.FILED: filed_problems,
    Ending.NOT_FILED: not_filed_problems,
    Ending.TRANSFERRED: transferred_problems,
    Ending.CORRECTED: corrected_problems,
    Ending.ORDERED_AGAIN: ordered_again_problems,
    Ending.UPDATED: words_problems,
}

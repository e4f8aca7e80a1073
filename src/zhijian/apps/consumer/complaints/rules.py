"""The law of complaints and reports: pure functions, with dates and facts as arguments.

The text in force since 2026-04-15 is Order 121; Order 20 is kept to replay earlier cases. A day that falls in a year
whose holidays are not announced yet is provisional (`calendar.is_provisional`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from zhijian.apps.consumer.complaints.codes import (
    NO_CASE_GROUNDS,
    PAPER_WORDS,
    REFUSAL_GROUNDS,
    TERMINATION_GROUNDS,
    Paper,
    Redirect,
    RespondentKind,
    Scope,
    SubmissionKind,
)
from zhijian.standards import calendar, parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.citation import rule

RULE_SET = parameters.load("consumer/rule_set")
ACCEPTANCE = parameters.load("consumer/complaint_acceptance")
MEDIATION = parameters.load("consumer/complaint_mediation")
MEDIATION_LEGACY = parameters.load("consumer/complaint_mediation_legacy")
TERMINATION_NOTICE = parameters.load("consumer/complaint_termination_notice")
VERIFICATION = parameters.load("consumer/report_verification")
FILING_NOTICE = parameters.load("consumer/report_filing_notice")
CONSULTATION = parameters.load("consumer/jurisdiction_consultation")
DESIGNATION = parameters.load("consumer/jurisdiction_designation")
LIMITATION_YEARS = parameters.load("consumer/complaint_limitation_years")
RECUSAL = parameters.load("consumer/recusal_decision")
SPECIAL_ANSWERS = parameters.load("consumer/special_answers")
FULL_REFUND_DAYS = parameters.load("consumer/prepaid_full_refund_days")
REFUND_DELAY_DAYS = parameters.load("consumer/prepaid_refund_delay_days")
REWARD = parameters.load("consumer/report_reward")

REPRESENTATIVES = parameters.load("consumer/joint_representatives")

O121 = "《市场监督管理投诉举报处理办法》"
O121_FROM = date(2026, 4, 15)
O20 = "《市场监督管理投诉举报处理暂行办法》"


class RuleSet(StrEnum):
    ORDER20 = "order20"
    ORDER121 = "order121"


@dataclass(frozen=True)
class Span:
    """Days on which a clock stands still, the first and the last included."""

    first: date
    last: date


@dataclass(frozen=True)
class Period:
    """A period: its last day in law, and the earlier day on which the authority is reminded."""

    due_on: date
    alarm_on: date
    article: str


# ------------------------------------------------------------------------------------------ which rules (RV-1, RV-2)


@rule(cites=f"{O121}第四十六条")
def rule_set(received_on: date, *, step_on: date | None = None) -> RuleSet:
    """Return the rules for a step taken on `step_on` (the day of receipt where not given) in a matter received earlier.

    ASSUMPTION: the Order has no transitional article. A matter received before it and still open continues under it
    unless the parameter's `open_cases` says otherwise.
    """
    received = RuleSet(RULE_SET.on(received_on)["name"])
    if step_on is None:
        return received
    now = RULE_SET.on(step_on)
    return RuleSet(now["open_cases"]) if now["name"] != received and "open_cases" in now else received


# -------------------------------------------------------------------------------------------------- clocks (D1 to D8)


@rule(cites=("《消费者权益保护法》第四十六条", f"{O121}第十五条、第四十五条"))
def acceptance_due_on(competent_received_on: date) -> date:
    """Return the last day to accept or refuse and to tell the complainant: 7 working days (D1).

    Counted from the day on which an authority *with* jurisdiction received the complaint (J-7). A notice to supply
    proof of identity does not stop it.
    """
    return _working_days(competent_received_on, ACCEPTANCE.on(competent_received_on))


@rule(
    cites=(
        f"{O121}第二十二条、第二十三条第一款第五项",
        "《消费者权益保护法实施条例》第四十六条",
        f"{O20}第二十一条",
    )
)
def mediation_period(accepted_on: date, suspensions: Iterable[Span] = ()) -> Period:
    """Return by when mediation ends: 60 days from acceptance, without the days of testing (D3).

    The legal end rolls over rest days, the alarm does not. A complaint accepted between 2024-07-01 and 2026-04-14 also
    had the 45 working days of Order 20: both are counted and the alarm is the earlier (RV-2). Before, only the 45.
    """
    spans = tuple(suspensions)
    legacy_days = MEDIATION_LEGACY.on(accepted_on)
    legacy = _working_days(accepted_on, legacy_days, spans) if legacy_days else None
    if legacy is not None and accepted_on < MEDIATION.values[0].starts_on:
        return Period(legacy, legacy, f"{O20}第二十一条")
    alarm = _calendar_days(accepted_on, MEDIATION.on(accepted_on), spans)
    due = calendar.next_working_day(alarm, provisional=True)
    return Period(due, min(alarm, legacy or alarm), MEDIATION.entry_on(accepted_on).source)


@rule(cites=f"{O121}第二十三条第二款")
def termination_notice_due_on(decided_on: date) -> date:
    """Return the last day to tell both parties that mediation was ended: 7 working days (D4)."""
    return _working_days(decided_on, TERMINATION_NOTICE.on(decided_on))


@rule(cites=("《市场监督管理行政处罚程序规定》第十八条", f"{O121}第二十七条、第三十五条"))
def verification_due_on(
    started_on: date, *, is_extended: bool = False, suspensions: Iterable[Span] = ()
) -> date:
    """Return the last day to verify a clue and decide on filing: 15 working days, 30 if the head extended (D5).

    `started_on` is the day of discovery or receipt, or of the last report with new facts that was merged (IN-5).
    Only the working days inside a suspension (inspection, testing, appraisal) are added; overlaps count once.
    """
    value = VERIFICATION.on(started_on)
    days = value["length"] + (value["extension"] if is_extended else 0)
    return _working_days(started_on, days, suspensions)


@rule(cites=f"{O20}第三十一条")
def filing_notice_due_on(decided_on: date, *, is_named: bool) -> date | None:
    """Return the last day to tell a *named* reporter whether a case was filed; None where there is no such duty (D6-old).

    5 working days under Order 20; Order 121 knows no such general duty.
    """
    if not is_named or rule_set(decided_on) != RuleSet.ORDER20:
        return None
    return _working_days(decided_on, FILING_NOTICE.on(decided_on))


@rule(cites=(f"{O121}第三十三条", "《市场监督管理行政处罚程序规定》第十三条"))
def consultation_due_on(arose_on: date) -> date:
    """Return until when authorities settle a quarrel of jurisdiction among themselves: 7 working days (D7)."""
    return _working_days(arose_on, CONSULTATION.on(arose_on))


@rule(cites="《市场监督管理行政处罚程序规定》第十六条")
def designation_due_on(requested_on: date) -> date:
    """Return until when the common superior designates: 7 working days from the request (D8)."""
    return _working_days(requested_on, DESIGNATION.on(requested_on))


@rule(cites=f"{O121}第二十一条")
def recusal_due_on(requested_on: date) -> date:
    """Return until when a request for recusal is decided: 3 working days.

    ASSUMPTION: the Order sets no day; this is the office's own.
    """
    return _working_days(requested_on, RECUSAL.on(requested_on))


@rule(cites=f"{O121}第十条第三款、第四十五条")
def party_due_on(last_day: date) -> date:
    """Return the last day on which a party may still act: a fixed day that is a rest day gives way to the next (D2)."""
    return calendar.next_working_day(last_day, provisional=True)


@rule(cites=f"{O121}第十五条、第二十三条")
def shown_due_on(statutory: date, hotline: date | None) -> date:
    """Return the day an officer sees: the earlier of the law's and the hotline's, which never lengthens the law (H-1)."""
    return min(statutory, hotline) if hotline else statutory


@dataclass(frozen=True)
class Answer:
    """What a special law orders toward the reporter. `due_on` is None where it says 'promptly' or names no day."""

    due_on: date | None
    is_in_writing: bool
    tells_complainant: bool
    must_transfer: bool
    may_reward: bool
    article: str


@rule(
    cites=(
        f"{O121}第三十六条",
        "《广告法》第五十三条",
        "《企业信息公示暂行条例》第十三条",
        "《食品安全法》第一百一十五条",
    )
)
def special_answer(field: str, received_on: date, *, is_named: bool) -> Answer | None:
    """Return the duty to answer the reporter that a special law sets; None where there is none (D6, table 3.1).

    `field` is one of SpecialField, or empty. Laws in force on the day of receipt govern.
    """
    duty = SPECIAL_ANSWERS.on(received_on).get(field)
    if duty is None or (duty["named_only"] and not is_named):
        return None
    days = duty["working_days"]
    return Answer(
        due_on=_working_days(received_on, days) if days else None,
        is_in_writing=duty["in_writing"],
        tells_complainant=duty.get("tells_complainant", False),
        must_transfer=duty.get("transfers", False),
        may_reward=duty.get("rewards", False),
        article=duty["article"],
    )


# --------------------------------------------------------------------------------- what arrived (IN-1, IN-3, IN-5)

_REMEDY_WORDS = (
    "退款", "退钱", "退还", "退货", "退一赔", "赔偿", "赔付", "赔我", "补偿", "更换", "换货", "修理", "维修", "重作", "重做",
    "补足", "赔礼", "道歉", "调解", "refund", "compensat", "replace", "repair", "money back", "return my",
)  # fmt: skip
_PUNISHMENT_WORDS = (
    "举报", "查处", "处罚", "罚款", "严惩", "立案", "吊销", "取缔", "依法处理商家", "追究", "打击", "report the", "fine the",
    "punish", "prosecute", "investigate", "penalise", "penalize", "shut down",
)  # fmt: skip
_REDIRECTS = {
    Redirect.INFORMATION_REQUEST: ("政府信息公开", "申请公开", "freedom of information"),
    Redirect.RECONSIDERATION: ("行政复议", "administrative reconsideration"),
    Redirect.DISCIPLINE: ("违纪", "纪委", "受贿", "工作人员态度", "不作为"),
    Redirect.PETITION: ("信访", "petition"),
    Redirect.CONSULTATION: ("咨询", "请问如何", "怎么办理", "how do i apply", "i would like to ask"),
}


@rule(cites=f"{O121}第三条、第九条、第四十四条")
def kind_of(text: str) -> tuple[SubmissionKind, Redirect | None]:
    """Return what a text seems to ask for: a remedy, a punishment, both (IN-1), or neither (IN-3), and then where to go.

    A proposal by published words; the consumer and the officer decide. A text with none of the words counts as a
    complaint, because that right has the shorter clock.
    """
    plain = text.casefold()
    wants_remedy = any(word in plain for word in _REMEDY_WORDS)
    wants_punishment = any(word in plain for word in _PUNISHMENT_WORDS)
    if wants_remedy and wants_punishment:
        return SubmissionKind.BOTH, None
    if wants_punishment:
        return SubmissionKind.REPORT, None
    if not wants_remedy:
        for where, words in _REDIRECTS.items():
            if any(word in plain for word in words):
                return SubmissionKind.OTHER, where
    return SubmissionKind.COMPLAINT, None


class Repeat(StrEnum):
    NEW = "new"
    MERGED = "merged"
    NOT_AGAIN = "not_again"


@rule(cites=f"{O121}第三十五条")
def repeat_of(*, same_reporter: bool, same_reported: bool, has_new_facts: bool) -> Repeat:
    """Say what becomes of another report: handled anew, merged so that the clock restarts, or not handled again (IN-5)."""
    if not (same_reporter and same_reported):
        return Repeat.NEW
    return Repeat.MERGED if has_new_facts else Repeat.NOT_AGAIN


@rule(cites=f"{O121}第十条、第十一条、第十二条")
def complaint_problems(
    *,
    name: str,
    phone: str,
    address: str,
    id_number: str,
    respondent_name: str,
    facts_text: str,
    claims: Sequence[str],
    has_agent: bool = False,
    agent_mandate: Mapping[str, object] | None = None,
    complainants: int = 1,
    representatives: int = 0,
    on: date = O121_FROM,
) -> list[Problem]:
    """Return what a complaint lacks of its required contents (form 1); empty where it is complete."""
    wanted = (
        ("name", name, "投诉人姓名", "the complainant's name"),
        ("phone", phone, "联系电话", "a phone number"),
        ("address", address, "通讯地址", "an address"),
        ("id_number", id_number, "身份证件号码", "the number of an identity document"),
        ("respondent_name", respondent_name, "被投诉人名称", "the respondent's name"),
        ("facts_text", facts_text, "争议事实", "the facts of the dispute"),
        ("claims", "、".join(claims), "具体请求", "what is claimed"),
    )
    problems = [
        Problem(field, f"请填写{zh}。", f"Give {en}.") for field, value, zh, en in wanted if not value.strip()
    ]
    side = Side(complainants, representatives, has_agent, agent_mandate or {})
    return [*problems, *_mandate_problems(side), *_representative_problems(side, REPRESENTATIVES.on(on))]


@dataclass(frozen=True)
class Side:
    """The complainants' side: how many consumers, how many of them represent the rest, an agent's power, its papers.

    `mandate` holds matter, scope, until (YYYY-MM-DD) and signed; `papers` what was handed in of `codes.Paper`.
    """

    complainants: int = 1
    representatives: int = 0
    has_agent: bool = False
    mandate: Mapping[str, object] = field(default_factory=dict)
    papers: frozenset[str] = frozenset()

    @property
    def is_joint(self) -> bool:
        return self.complainants > 1


@rule(cites=f"{O121}第十一条、第十二条")
def side_problems(side: Side, *, on: date, originals_seen: bool = False) -> list[Problem]:
    """Return what an agent or a joint complaint lacks before it can be accepted; empty where it is complete.

    An agent: the power of attorney with matter, scope and term, signed and still valid, and proof of identity. Several
    complainants: as many representatives as the present text says, elected by all in writing. `originals_seen`: an
    officer has the papers in hand, so that no copy is missed.
    """
    problems = [*_mandate_problems(side), *_representative_problems(side, REPRESENTATIVES.on(on))]
    until = str(side.mandate.get("until") or "")
    if side.has_agent and until and until < on.isoformat():
        problems.append(
            Problem("mandate_until", f"授权期限{until}已过。", f"The agent's power ended on {until}.")
        )
    if not originals_seen:
        problems += [_paper_missing(paper) for paper in papers_of(side) if paper not in side.papers]
    return problems


@rule(cites=f"{O121}第十一条、第十二条")
def papers_of(side: Side) -> list[Paper]:
    """Return the papers that an agent or a joint complaint needs; none where somebody complains alone."""
    papers = [Paper.AUTHORISATION, Paper.AGENT_ID] if side.has_agent else []
    return [*papers, Paper.ELECTION] if side.is_joint else papers


@rule(cites=(f"{O121}第十一条、第十二条", f"{O121}第二十三条第一款第一项"))
def disposing_problems(side: Side, *, on: date, all_consent: bool = False) -> list[Problem]:
    """Return why whoever acts may not change, waive, settle or withdraw the claim; empty where it may be done.

    An agent needs a special power that still runs; representatives need the consent of those whom they represent, to
    this change, waiver, settlement or withdrawal. Only consent that an officer has checked (`all_consent`) is enough: a
    paper that the receipt's holder handed in shows nothing by itself.
    ASSUMPTION: where two complain together and both are representatives, each still needs the other's consent.
    """
    if all_consent:
        return []
    if side.is_joint:
        return [
            Problem(
                "represented_consent",
                "代表人变更、放弃请求，和解或者撤回，须经被代表的投诉人同意这一次的内容，由工作人员核对书面材料。",
                "To change, waive, settle or withdraw, representatives need the consent of those they represent to "
                "just this. An officer checks the paper.",
            )
        ]
    if side.has_agent and not _is_special(side, on):
        return [
            Problem(
                "represented_consent",
                "代理人没有变更、放弃请求，和解或者撤回的特别授权，或者授权期限已过，须经委托人同意这一次的内容，由工作人员核对书面材料。",
                "The agent has no special power to change, waive, settle or withdraw, or it has ended: the consumer's "
                "own consent to just this is needed. An officer checks the paper.",
            )
        ]
    return []


def _is_special(side: Side, on: date) -> bool:
    mandate = side.mandate
    is_whole = not _mandate_problems(side)
    return is_whole and mandate["scope"] == Scope.SPECIAL and str(mandate["until"]) >= on.isoformat()


def _paper_missing(paper: Paper) -> Problem:
    zh, en = PAPER_WORDS[paper]
    return Problem(str(paper), f"还没有交{zh}。", f"Not handed in: {en[0].lower()}{en[1:]}.")


def _mandate_problems(side: Side) -> list[Problem]:
    if not side.has_agent or all(side.mandate.get(key) for key in ("matter", "scope", "until", "signed")):
        return []
    return [
        Problem(
            "mandate",
            "委托代理的，须提交写明事项、权限和期限并签名的授权委托书。",
            "An agent needs a signed power of attorney with its matter, scope and term.",
        )
    ]


def _representative_problems(side: Side, wanted: int) -> list[Problem]:
    if not side.is_joint or side.representatives == wanted:
        return []
    zh, en = ("两", "two") if wanted == 2 else (str(wanted), str(wanted))
    return [
        Problem(
            "representatives",
            f"共同投诉须推选{zh}名代表人。",
            f"A joint complaint names {en} representatives.",
        )
    ]


# ----------------------------------------------------------------------------------------------------- jurisdiction


@dataclass(frozen=True)
class Competence:
    """A county (or the county level of a wider division) that may handle a matter, why, and by which article."""

    division_code: str
    why_zh: str
    why_en: str
    article: str
    only_if_first: bool = False  # may act if it received the report first


@dataclass(frozen=True)
class Place:
    """The places that decide who is competent, as division codes of 6 or 9 digits; empty where unknown."""

    kind: RespondentKind
    business: str = ""  # actual place of business, or domicile
    published: str = ""  # of the address a merchant shows on the platform
    platform: str = ""  # the platform's domicile
    conduct: str = ""  # where the reported thing was done
    is_published_reachable: bool = True


@rule(cites=(f"{O121}第十三条、第十四条", f"{O20}第十二条"))
def complaint_competence(place: Place, received_on: date) -> list[Competence]:
    """Return every county that may handle a complaint; where there are several, the first to receive it does (table 4).

    Nothing is returned where the decisive address is unknown: ask the platform before refusing (edge case 3).
    """
    article = f"{O121}第十三条" if rule_set(received_on) == RuleSet.ORDER121 else f"{O20}第十二条"
    if place.kind == RespondentKind.PLATFORM_MERCHANT:
        return _merchant_competence(place, article, is_legacy=rule_set(received_on) == RuleSet.ORDER20)
    if place.kind == RespondentKind.ORDINARY:
        return _known(
            Competence(
                place.business,
                "被投诉人实际经营地或者住所地",
                "the respondent's place of business or domicile",
                article,
            )
        )
    return _known(Competence(place.business, "经营者住所地", "the operator's domicile", article))


def _merchant_competence(place: Place, article: str, *, is_legacy: bool) -> list[Competence]:
    platform = Competence(place.platform, "平台经营者住所地", "the platform's domicile", article)
    if is_legacy:
        own = Competence(
            place.business, "平台内经营者实际经营地", "the merchant's actual place of business", article
        )
        return _known(own, platform)
    if not (place.published and place.is_published_reachable):
        return _known(platform)
    shown = Competence(
        place.published,
        "平台内经营者在平台公示的地址",
        "the address the merchant shows on the platform",
        article,
    )
    return _known(shown, platform)


@rule(cites=(f"{O121}第二十九条、第三十一条", f"{O20}第二十五条、第二十七条"))
def report_competence(place: Place, received_on: date) -> list[Competence]:
    """Return every authority that may handle a report, the one that regularly does first (table 4)."""
    is_new = rule_set(received_on) == RuleSet.ORDER121
    general, network = (
        (f"{O121}第二十九条", f"{O121}第三十一条") if is_new else (f"{O20}第二十五条", f"{O20}第二十七条")
    )
    if place.kind == RespondentKind.ORDINARY:
        where = place.conduct or place.business
        return _known(Competence(where, "违法行为发生地", "the place of the conduct", general))
    if place.kind == RespondentKind.PLATFORM_MERCHANT:
        own = Competence(
            place.business, "平台内经营者实际经营地", "the merchant's actual place of business", network
        )
        first = Competence(
            place.platform,
            "平台经营者住所地（先行发现或收到的）",
            "the platform's domicile, if it received it first",
            network,
            True,
        )
        return _known(own, first)
    return _known(Competence(place.business, "经营者住所地", "the operator's domicile", network))


@rule(cites=(f"{O121}第三十二条", "《市场监督管理行政处罚程序规定》第十一条"))
def advertising_competence(
    *, is_internet: bool, is_self_published: bool, publisher: str, advertiser: str
) -> list[Competence]:
    """Return who may handle a report of an unlawful advertisement; arguments are division codes."""
    article = f"{O121}第三十二条"
    if is_internet and is_self_published:
        return _known(Competence(advertiser, "广告主所在地", "the advertiser's place", article))
    regular = Competence(publisher, "广告发布者所在地", "the publisher's place", article)
    if not is_internet:
        return _known(regular)
    return _known(
        regular,
        Competence(
            advertiser,
            "广告主、广告经营者所在地（先行发现或收到的）",
            "the advertiser's or agency's place, if first",
            article,
            True,
        ),
    )


@rule(cites=f"{O121}第十三条、第二十九条")
def is_competent(division_code: str, competences: Iterable[Competence]) -> bool:
    """Say whether a unit of `division_code` may handle the matter: the county itself, its stations, or a higher level."""
    prefix = _territory(division_code)
    return any(
        one.division_code.startswith(prefix) or division_code.startswith(_territory(one.division_code))
        for one in competences
    )


def _known(*competences: Competence) -> list[Competence]:
    found = {one.division_code: one for one in reversed(competences) if one.division_code}
    return [one for one in competences if found.get(one.division_code) is one]


def _territory(code: str) -> str:
    """The leading digits that codes inside a division share: '440000' gives '44', '440100' '4401'."""
    if len(code) == 6 and code.endswith("0000"):
        return code[:2]
    return code[:4] if len(code) == 6 and code.endswith("00") else code


# ------------------------------------------------------------------------------------- refusal and termination grounds


@rule(cites=f"{O121}第十六条第四项")
def is_lapsed(knew_on: date, complained_on: date) -> bool:
    """Say whether more than three years passed since the harm was or should have been known (R4).

    ASSUMPTION: years end on the corresponding day, which still counts.
    """
    return complained_on > calendar.add_years(knew_on, LIMITATION_YEARS.on(complained_on))


@rule(cites=(f"{O121}第十六条、第十七条", f"{O20}第十五条"))
def refusal_problems(
    code: str,
    *,
    received_on: date,
    decided_on: date,
    reason: str,
    remedies_text: str,
    document_facts: Sequence[str] = (),
    citation: str = "",
    knew_on: date | None = None,
    identity_asked: bool = False,
    competent_elsewhere: Sequence[Competence] = (),
    side_lacks: Sequence[Problem] = (),
) -> list[Problem]:
    """Return why a complaint may not be refused like this; empty where it may.

    R3 needs at least one fact that rests on a document: a score alone is no ground (fairness guard). R4 is arithmetic.
    R5 for papers of an agent or of a joint complaint needs a notice to supply them first. R6 needs a
    notice to prove the identity first, and is new in Order 121. R7 names the text that it rests on. Every
    refusal tells the complainant what other ways are open (Consumer Law article 39).
    """
    if code not in REFUSAL_GROUNDS:
        return [Problem("ground", "请选择一项不予受理的理由。", "Choose a ground for refusal.")]
    problems = _told(reason, remedies_text)
    if code == "R1" and not (competent_elsewhere or citation.strip()):
        problems.append(
            Problem(
                "citation",
                "请写明哪个机关有权处理，或者依据哪条不属于本机关职责。",
                "Name who is competent, or the text by which it is not your function.",
            )
        )
    if code == "R3" and not any(fact.strip() for fact in document_facts):
        problems.append(
            Problem(
                "document_facts",
                "以不是为生活消费为由不予受理，须至少写明一项有书面材料支持的事实；提示分数本身不是理由。",
                "Ground R3 needs at least one fact that rests on a document; a score alone is no ground.",
            )
        )
    if code == "R4" and not (knew_on and is_lapsed(knew_on, received_on)):
        problems.append(
            Problem(
                "knew_on",
                "按登记的知道受侵害之日计算，尚未超过三年。请核对日期。",
                "By the day on which the harm was known, three years have not passed. Check the day.",
            )
        )
    if code == "R5" and side_lacks and not identity_asked:
        problems.append(
            Problem(
                "ground",
                "代理、推选代表人的材料不全的，须先书面要求限期补充。",
                "Papers of an agent or a joint complaint are missing: ask for them, with a last day, first.",
            )
        )
    if code == "R6" and rule_set(received_on, step_on=decided_on) == RuleSet.ORDER20:
        problems.append(
            Problem("ground", "适用旧规章的投诉没有这项理由。", "The earlier rules do not know this ground.")
        )
    if code == "R6" and not identity_asked:
        problems.append(
            Problem(
                "ground",
                "须先书面要求投诉人限期提供身份证明。",
                "Ask for proof of identity, with a last day, first.",
            )
        )
    if code == "R7" and not citation.strip():
        problems.append(
            Problem(
                "citation",
                "请写明所依据的法律、法规或者规章条款。",
                "Name the law, regulation or rule and its article.",
            )
        )
    return problems  # fmt: skip


def _told(reason: str, remedies_text: str) -> list[Problem]:
    problems = []
    if not reason.strip():
        problems.append(Problem("reason", "请写明不予受理的具体理由。", "Say why, in this case."))
    if not remedies_text.strip():
        problems.append(
            Problem(
                "remedies_text",
                "请告知投诉人其他解决途径（《消费者权益保护法》第三十九条）。",
                "Tell the complainant the other ways open (Consumer Law, article 39).",
            )
        )
    return problems


@rule(cites=f"{O121}第二十三条第一款")
def termination_problems(
    code: str,
    *,
    accepted_on: date,
    decided_on: date,
    statement: str,
    suspensions: Iterable[Span] = (),
    was_organised: bool = False,
    disagree_on_cost: bool = False,
    refusal_ground: str = "",
) -> list[Problem]:
    """Return why mediation may not be ended on this ground; empty where it may.

    T3 needs a mediation that was organised; T4 a quarrel about the *cost* of testing (one about the body is none: the
    authority designates, article 22); T5 that the 60 days are over; T6 a ground of article 16, or fraud for gain.
    """
    if code not in TERMINATION_GROUNDS:
        return [Problem("ground", "请选择一项终止调解的理由。", "Choose a ground to end mediation.")]
    problems = []
    if not statement.strip():
        problems.append(Problem("statement", "请写明终止的具体情况。", "Say what happened."))
    if code == "T3" and not was_organised:
        problems.append(
            Problem("ground", "还没有组织过调解，不能以此终止。", "No mediation was organised yet.")
        )
    if code == "T4" and not disagree_on_cost:
        problems.append(
            Problem(
                "ground",
                "只有费用承担协商不成才能终止；检测机构协商不成的，由本机关指定。",
                "Only a quarrel about the cost ends it; the authority designates the body.",
            )
        )
    if code == "T5" and decided_on <= mediation_period(accepted_on, suspensions).due_on:
        problems.append(
            Problem(
                "ground", "自受理之日起的六十日还没有届满。", "The 60 days since acceptance are not over."
            )
        )
    if code == "T6" and refusal_ground not in {*REFUSAL_GROUNDS, "A42"}:
        problems.append(
            Problem(
                "refusal_ground",
                "请写明发现的是哪一项不予受理情形，或者涉嫌牟利造假。",
                "Name the ground of refusal that was found, or fraud for gain.",
            )
        )
    return problems  # fmt: skip


class TestingOutcome(StrEnum):
    """Who names the testing body, or that mediation ends."""

    __test__ = False  # no test class

    PARTIES = "parties"
    AUTHORITY_DESIGNATES = "authority_designates"
    TERMINATE = "terminate"


@rule(cites=f"{O121}第二十二条、第二十三条第一款第四项")
def testing_body(*, agree_on_body: bool, agree_on_cost: bool) -> TestingOutcome:
    """Say who names the body for testing or appraisal; without agreement on the cost mediation ends (T4)."""
    if not agree_on_cost:
        return TestingOutcome.TERMINATE
    return TestingOutcome.PARTIES if agree_on_body else TestingOutcome.AUTHORITY_DESIGNATES


@rule(cites="《市场监督管理行政处罚程序规定》第十九条")
def files_case(*, has_evidence: bool, is_punishable: bool, is_ours: bool, is_within_limitation: bool) -> bool:
    """Say whether a case must be filed: all four tests together."""
    return has_evidence and is_punishable and is_ours and is_within_limitation


@rule(cites="《市场监督管理行政处罚程序规定》第十九条、第二十条")
def filing_problems(decision: str, *, ground: str, tests: Mapping[str, bool], finding: str) -> list[Problem]:
    """Return why a decision to file (`file`) or not to file (`no_case`) does not stand; empty where it does."""
    all_met = files_case(
        has_evidence=tests.get("has_evidence", False),
        is_punishable=tests.get("is_punishable", False),
        is_ours=tests.get("is_ours", False),
        is_within_limitation=tests.get("is_within_limitation", False),
    )
    problems = []
    if not finding.strip():
        problems.append(Problem("finding", "请写明核查情况。", "Say what the verification found."))
    if decision == "file" and not all_met:
        problems.append(
            Problem("tests", "立案须同时符合四项条件。", "A case is filed only if all four tests are met.")
        )
    if decision == "no_case" and ground not in NO_CASE_GROUNDS:
        problems.append(Problem("ground", "请选择不予立案的理由。", "Choose why no case is filed."))
    if decision == "no_case" and ground == "N0" and all_met:
        problems.append(
            Problem(
                "ground",
                "四项条件都符合，不能以不符合立案条件为由不予立案。",
                "All four tests are met: this ground does not fit.",
            )
        )
    return problems


# ------------------------------------------------------------------------------------------ consequences and publicity


@rule(cites=f"{O121}第三十八条")
def publication_problems(
    *, consented: bool, is_upheld: bool, ground: str, is_for_daily_life: bool
) -> list[Problem]:
    """Return why information on a finished complaint may not be published; empty where it may (D12).

    The consumer agreed, the complaint was found true, and it was neither refused, nor false, nor outside daily life.
    """
    problems = []
    if not consented:
        problems.append(
            Problem("consent", "投诉人没有同意公示。", "The complainant did not agree to publication.")
        )
    if not is_upheld:
        problems.append(Problem("upheld", "投诉未经查实。", "The complaint was not found true."))
    if ground == "T6" or ground in REFUSAL_GROUNDS or not is_for_daily_life:
        problems.append(
            Problem(
                "ground",
                "不予受理、涉嫌牟利造假或者非生活消费的投诉不公示。",
                "A refused, false or non-consumption complaint is not published.",
            )
        )
    return problems


@rule(cites=f"{O121}第七条、第三十八条、第四十二条")
def touches_credit(*, is_upheld: bool, finding: str, ground: str) -> bool:
    """Say whether a finished complaint becomes a fact in the respondent's credit: only one that was upheld.

    An officer found the consumer's rights infringed and wrote down on what. A refusal, a withdrawal without such a
    finding, fraud for gain, or a mere agreement out of courtesy leave no trace.
    """
    return is_upheld and bool(finding.strip()) and ground != "T6" and ground not in REFUSAL_GROUNDS


@rule(cites="《市场监管领域重大违法行为举报奖励暂行办法》第九条至第十二条")
def reward_yuan(level: str, fine_yuan: Decimal, decided_on: date) -> Decimal:
    """Return the reward for a proven report: a share of the fine, at least the level's least, at most the cap (yuan).

    `level` is first, second or third, by how much the clue proved. Where there is no fine the least amount is paid.
    """
    table = REWARD.on(decided_on)
    row = table["levels"][level]
    share = fine_yuan * Decimal(row["percent"]) / 100
    amount = min(max(share, Decimal(row["least_yuan"])), Decimal(table["most_yuan"]))
    return _cents(amount)


# ------------------------------------------------------------------------------------------- prepaid cards (section 10)


@dataclass(frozen=True)
class Refund:
    """What of a prepaid sum counts as used and what is paid back, in yuan."""

    used_yuan: Decimal
    refund_yuan: Decimal
    article: str


_PREPAID = "《最高人民法院关于审理预付式消费民事纠纷案件适用法律若干问题的解释》"


@rule(cites=f"{_PREPAID}第十四条、第十六条至第二十条")
def prepaid_refund(
    *,
    paid_yuan: Decimal,
    used_discounted_yuan: Decimal,
    used_list_price_yuan: Decimal,
    bonus_yuan: Decimal = Decimal(0),
    is_consumers_reason: bool = False,
    paid_on: date | None = None,
    claimed_on: date | None = None,
    had_same_before: bool = False,
) -> Refund:
    """Return what of a prepaid card is used and what is refunded (yuan, to the cent).

    Not the consumer's reason: used at the discounted price; with a bonus value, its face value times
    paid/(paid+bonus). The consumer's reason: used at the price before the discount, and never less than nothing back
    (article 20). Within 7 days of payment the full principal, unless the consumer had the same goods or services before.
    """
    if paid_on and claimed_on and not had_same_before:
        last = paid_on + timedelta(days=FULL_REFUND_DAYS.on(claimed_on))
        if claimed_on <= last:
            return Refund(Decimal(0), _cents(paid_yuan), f"{_PREPAID}第十四条")
    if is_consumers_reason:
        used, article = used_list_price_yuan, "第十八条、第二十条"
    elif bonus_yuan:
        used, article = used_discounted_yuan * paid_yuan / (paid_yuan + bonus_yuan), "第十七条"
    else:
        used, article = used_discounted_yuan, "第十六条"
    return Refund(_cents(used), max(Decimal(0), _cents(paid_yuan - used)), f"{_PREPAID}{article}")


@rule(cites="《侵害消费者权益行为处罚办法》第十条")
def is_refund_delayed(due_on: date, day: date) -> bool:
    """Say whether a refund that was due on `due_on` and is still unpaid on `day` counts as deliberately delayed."""
    return day > due_on + timedelta(days=REFUND_DELAY_DAYS.on(day))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


# -------------------------------------------------------------------------------------------------- counting (CAL-1..3)


def _working_days(start: date, days: int, spans: Iterable[Span] = ()) -> date:
    due = calendar.add_working_days(start, days, provisional=True)
    for span in _merged(spans, start):
        if span.first > due:
            break
        stopped = calendar.working_days_between(span.first - timedelta(days=1), span.last, provisional=True)
        due = calendar.add_working_days(due, stopped, provisional=True)
    return due


def _calendar_days(start: date, days: int, spans: Iterable[Span] = ()) -> date:
    due = start + timedelta(days=days)
    for span in _merged(spans, start):
        if span.first > due:
            break
        due += span.last - span.first + timedelta(days=1)
    return due


def _merged(spans: Iterable[Span], start: date) -> list[Span]:
    """Return the spans after `start` (which is not counted anyhow), in order, those that touch made one."""
    after = start + timedelta(days=1)
    clipped = (Span(max(span.first, after), span.last) for span in spans if span.last >= after)
    merged: list[Span] = []
    for span in sorted(clipped, key=lambda one: one.first):
        if merged and span.first <= merged[-1].last + timedelta(days=1):
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged

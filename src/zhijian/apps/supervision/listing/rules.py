"""The law of the abnormal list and the serious-violation list: grounds, proofs, clocks, tests, terms, publication. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhijian.standards import parameters
from zhijian.standards.calendar import add_months, add_working_days, add_years
from zhijian.standards.citation import rule

GROUNDS = parameters.load("supervision/abnormal_list_grounds")
LISTING_WORKING_DAYS = parameters.load("supervision/abnormal_listing_working_days")
ORDER_DAYS = parameters.load("supervision/correction_order_days")
NAME_DAYS = parameters.load("supervision/name_change_days")
LETTER_DAYS = parameters.load("supervision/postal_proof_interval_days")
REMOVAL_WORKING_DAYS = parameters.load("credit/abnormal_removal_working_days")
OBJECTION = parameters.load("supervision/abnormal_objection")
SEPARATE_YEARS = parameters.load("supervision/separate_register_years")
ESCALATION_YEARS = parameters.load("supervision/abnormal_escalation")
HEARING = parameters.load("supervision/serious_list_hearing_working_days")
REMEDIES = parameters.load("supervision/serious_list_remedies")
CONSENT_LEVELS = parameters.load("supervision/serious_list_consent")
SERIOUS_PUBLICATION = parameters.load("supervision/serious_list_publication")
SERIOUS_WITHDRAWAL = parameters.load("credit/serious_list_withdrawal_working_days")
PENALTY_PUBLICATION = parameters.load("credit/penalty_publication_working_days")
PENALTY_PUSH = parameters.load("credit/penalty_push_working_days")
PENALTY_RECEIVED = parameters.load("credit/penalty_received_publication_working_days")
PENALTY_WITHDRAWAL = parameters.load("credit/penalty_withdrawal_working_days")
DOUBLE_PUBLICITY = parameters.load("credit/double_publicity_working_days")
CREDIT_TERMS = parameters.load("credit/public_credit_terms")
CREDIT_REPAIR = parameters.load("credit/public_credit_repair_working_days")


class Ground(StrEnum):
    """Why an entity is put on the abnormal list."""

    ANNUAL_REPORT = "annual_report"
    INSTANT_INFORMATION = "instant_information"
    FALSITY = "falsity"
    UNREACHABLE = "unreachable"
    NAME_NOT_CHANGED = "name_not_changed"


class Subject(StrEnum):
    ENTERPRISE = "enterprise"
    INDIVIDUAL = "individual"


# ------------------------------------------------------------------------------------------------ abnormal list


@rule(
    cites=(
        "《企业经营异常名录管理办法》（2025年修订）第四条",
        "《个体工商户年度报告办法》（2025年修订）第十三条至第十五条",
    )
)
def grounds(subject: str, *, on: date) -> tuple[Ground, ...]:
    """Return the grounds on which an entity can be listed for what was found on a day.

    Falsity left the list of enterprises with the revision of 2025; individual businesses are still listed for it.

    Raises:
        NoValueInForce: before 2014-10-01.
    """
    return tuple(Ground(code) for code in GROUNDS.on(on)[Subject(subject)])


@rule(cites="《企业经营异常名录管理办法》（2025年修订）第七条")
def instant_information_order_ends_on(ordered_on: date) -> date:
    """Return the last day to publish what the order names: 10 days after it."""
    days: int = ORDER_DAYS.on(ordered_on)
    return ordered_on + timedelta(days=days)


@rule(cites="《企业名称登记管理规定》第二十三条")
def name_change_ends_on(received_on: date) -> date:
    """Return the last day to change a name that was ordered out of use: 30 days after the decision was received."""
    days: int = NAME_DAYS.on(received_on)
    return received_on + timedelta(days=days)


OWES_NO_REPORT = frozenset({"deregistered", "revoked"})


@rule(
    cites=(
        "《企业信息公示暂行条例》（2024年修订）第八条",
        "《企业经营异常名录管理办法》（2025年修订）第四条、第六条",
    )
)
def unlistable_because(ground: str, *, status: str | None, registered_on: date | None, arose_on: date) -> str:
    """Return why an entity on the register is not to be listed, as a code; empty where nothing bars it.

    gone: it is deregistered, and there is nobody to list. owed_nothing: revoked or set up in the year of filing, it owes no
    report for the year before (`arose_on` is the last day of the period, in the year after the one reported on).

    ASSUMPTION: of a revoked licence the register names no day; it is not listed for a report, as it owes none.
    """
    if status == "deregistered":
        return "gone"
    if Ground(ground) == Ground.ANNUAL_REPORT and (
        status in OWES_NO_REPORT or (registered_on is not None and registered_on.year >= arose_on.year)
    ):
        return "owed_nothing"
    return ""


@rule(
    cites=(
        "《企业经营异常名录管理办法》（2025年修订）第六条至第九条",
        "《个体工商户年度报告办法》（2025年修订）第十三条至第十五条",
    )
)
def listing_due_on(arose_on: date) -> date:
    """Return the last day to list: 10 working days after the day that the ground names.

    That day is the last of the reporting period, of the order or of the change of name; for an entity that cannot be
    reached, and for falsity, the day it was verified.

    Raises:
        NoValueInForce: it arose under the text of 2014.
    """
    return add_working_days(arose_on, LISTING_WORKING_DAYS.on(arose_on), provisional=True)


class Proof(StrEnum):
    """How it is proved that an entity cannot be reached at its registered premises."""

    LANDLORD = "landlord"  # seen on site, and the owner, manager or an authority says it is not there
    NO_PREMISES = "no_premises"  # seen on site that the premises do not exist
    LETTERS = "letters"  # two special letters, both not signed for


@rule(
    cites=(
        "《企业公示信息抽查办法》（2025年修订）第十四条",
        "《企业经营异常名录管理办法》（2025年修订）第九条",
    )
)
def unreachable_problem(
    proof: str,
    *,
    visited_on: date | None = None,
    first_sent_on: date | None = None,
    second_sent_on: date | None = None,
    is_signed: bool = False,
) -> str:
    """Return what is missing of a proof that an entity cannot be reached, in Chinese; empty where it is whole."""
    if proof != Proof.LETTERS:
        return "" if visited_on else "要写明实地核查的日期。"
    if first_sent_on is None or second_sent_on is None:
        return "邮寄要寄两次，请写明两封专用信函的寄出日期。"
    if is_signed:
        return "有一封信函被签收，不能据此认定无法联系。"
    least, most = (LETTER_DAYS.on(first_sent_on)[name] for name in ("least", "most"))
    apart = (second_sent_on - first_sent_on).days
    if not least <= apart <= most:
        return f"两封信函要相隔{least}至{most}日，现在相隔{apart}日。"
    return ""


FROM_APPLICATION = frozenset({Ground.ANNUAL_REPORT, Ground.INSTANT_INFORMATION})
"""The grounds whose removal runs from the application; that of every other one runs from its verification."""


@rule(
    cites=(
        "《企业经营异常名录管理办法》（2025年修订）第十一条至第十四条",
        "《个体工商户年度报告办法》（2025年修订）第十六条至第十八条",
    )
)
def removal_due_on(ground: str, *, applied_on: date, verified_on: date | None = None) -> date | None:
    """Return the last day to take an entity off for a ground: 5 working days.

    From the application where a report or information was filed; from verification for a name, premises or corrected
    data, and None while nothing is verified.
    """
    start = applied_on if Ground(ground) in FROM_APPLICATION else verified_on
    if start is None:
        return None
    return add_working_days(start, REMOVAL_WORKING_DAYS.on(start), provisional=True)


@dataclass(frozen=True)
class ObjectionClock:
    """Until when an objection is lodged, and by when it is accepted, checked, and an error corrected."""

    lodge_by: date
    accept_by: date | None = None
    verify_by: date | None = None
    correct_by: date | None = None


@rule(
    cites=(
        "《企业经营异常名录管理办法》（2025年修订）第十五条",
        "《个体工商户年度报告办法》（2025年修订）第十九条",
    )
)
def objection_clock(
    published_on: date,
    *,
    lodged_on: date | None = None,
    accepted_on: date | None = None,
    found_wrong_on: date | None = None,
) -> ObjectionClock:
    """Return the days of an objection to a listing: 30 days to lodge; 5, 20 and 5 working days to answer."""

    def after(day: date | None, name: str) -> date | None:
        return add_working_days(day, OBJECTION.on(day)[name], provisional=True) if day else None

    return ObjectionClock(
        published_on + timedelta(days=OBJECTION.on(published_on)["lodge"]),
        after(lodged_on, "accept"),
        after(accepted_on, "verify"),
        after(found_wrong_on, "correct"),
    )


@rule(cites="《个体工商户年度报告办法》（2025年修订）第十三条")
def individual_shown_until(listed_on: date) -> date:
    """Return the last day on which an individual business listed for its report is shown: 30 June after the listing."""
    year = listed_on.year if (listed_on.month, listed_on.day) <= (6, 30) else listed_on.year + 1
    return date(year, 6, 30)


@rule(cites="《市场监管总局令第103号》第三十二条、第三十三条")
def separate_register_from(listed_on: date, *, on: date) -> date:
    """Return the day from which an individual business still listed belongs in the separate register: two full years.

    Raises:
        NoValueInForce: asked about a day before 2025-07-15.
    """
    return add_years(listed_on, SEPARATE_YEARS.on(on))


@rule(cites=("《企业信息公示暂行条例》（2014年）第十七条", "《企业信息公示暂行条例》（2024年修订）第十八条"))
def escalates_to_serious(listed_on: date, *, on: date) -> bool:
    """Say whether three years on the abnormal list lead to the serious list by themselves: not since 2024-05-01."""
    years: int = ESCALATION_YEARS.on(on)
    return years > 0 and on >= add_years(listed_on, years)


@rule(cites="《企业信息公示暂行条例》（2024年修订）第十八条")
def may_be_revoked(unreported_years: Collection[int], *, is_unreachable: bool) -> bool:
    """Say whether the licence may be revoked: two consecutive years listed unreported, uncorrected, *and* unreachable."""
    return is_unreachable and any(year + 1 in unreported_years for year in unreported_years)


# ------------------------------------------------------------------------------------------------ serious list


@dataclass(frozen=True)
class Family:
    """A family of violations for which the serious list exists, and its article: of the Measures, or of the Regulation."""

    code: str
    zh: str
    en: str
    article: int
    needs_penalty: bool = True
    regulation: str = "《市场监督管理严重违法失信名单管理办法》"


_FAMILIES = (
    Family("food", "食品安全", "food safety", 5),
    Family("drugs", "药品、医疗器械、化妆品", "drugs, devices, cosmetics", 6),
    Family("quality", "产品质量和特种设备安全", "product quality, special equipment", 7),
    Family("consumers", "侵害消费者权益", "harm to consumers", 8),
    Family("competition", "破坏公平竞争秩序、扰乱市场秩序", "unfair competition and market order", 9),
    Family("order", "无证经营、骗取许可登记、妨碍检查", "unlicensed business, fraud on registers, obstruction", 10),
    Family("refusal", "有履行能力而拒不履行处罚决定", "refusing to perform a penalty while able", 11, needs_penalty=False),
    Family("publicity", "公示信息隐瞒真实情况、弄虚作假，情节严重", "falsified publicity, serious", 18, regulation="《企业信息公示暂行条例》"),
)  # fmt: skip
FAMILIES = {one.code: one for one in _FAMILIES}

HEAVIER_TYPES = frozenset(
    {"suspension", "restriction", "downgrade", "permit_revoked", "licence_revoked", "closure", "ban"}
)
_SERIOUS = "《市场监督管理严重违法失信名单管理办法》"


@rule(cites=f"{_SERIOUS}第二条")
def is_heavier_penalty(types: Collection[str], *, fine_is_heavy: bool) -> bool:
    """Say whether a penalty is a heavier one: business or licence touched, or a fine in the heavier tier."""
    return bool(HEAVIER_TYPES & set(types)) or ("fine" in types and fine_is_heavy)


@dataclass(frozen=True)
class SeriousCase:
    """What was found about a case for which listing is considered."""

    family: str
    penalty_types: Collection[str] = ()
    fine_is_heavy: bool = False
    is_bad_nature: bool = False
    is_serious: bool = False
    harms_society: bool = False
    proves_no_intent: bool = False
    refuses_while_able: bool = False


@rule(cites=(f"{_SERIOUS}第二条、第五条至第十二条", "《企业信息公示暂行条例》（2024年修订）第十八条"))
def serious_test(case: SeriousCase) -> tuple[str, ...]:
    """Return why a case does not lead to the serious list, in Chinese; empty where it does.

    Bad nature, serious circumstances, considerable social harm *and* a heavier penalty, all four; refusing to perform
    a decision while able needs none of them. Who proves that there was no subjective intent is not listed.
    """
    found = FAMILIES.get(case.family)
    if found is None:
        return ("不属于办法第五条至第十一条和《企业信息公示暂行条例》第十八条列明的情形。",)
    if not found.needs_penalty:
        return () if case.refuses_while_able else ("没有查明有履行能力而拒不履行。",)
    missing = [
        words
        for is_met, words in (
            (is_heavier_penalty(case.penalty_types, fine_is_heavy=case.fine_is_heavy), "没有受到较重行政处罚。"),
            (case.is_bad_nature, "没有认定性质恶劣。"),
            (case.is_serious, "没有认定情节严重。"),
            (case.harms_society, "没有认定社会危害较大。"),
            (not case.proves_no_intent, "有充分证据证明没有主观故意，不列入（第十二条）。"),
        )
        if not is_met
    ]  # fmt: skip
    return tuple(missing)


@rule(cites=(f"{_SERIOUS}第十三条", "《行政处罚法》第六十四条"))
def hearing_asked_by(served_on: date) -> date:
    """Return the last day to ask for a hearing about an intended serious listing: 5 working days after the notice came.

    ASSUMPTION: a statement is made until the same day; the law names no other for it.
    """
    return add_working_days(served_on, HEARING.on(served_on), provisional=True)


@dataclass(frozen=True)
class Remedies:
    """The last days to ask for reconsideration of a listing, and to go to court."""

    reconsideration_by: date
    suit_by: date


@rule(cites=(f"{_SERIOUS}第十三条", "《行政复议法》第二十条", "《行政诉讼法》第四十六条"))
def remedies(known_on: date) -> Remedies:
    """Return until when a listing is challenged: 60 days for reconsideration, 6 months for a suit.

    ASSUMPTION: the decision is known from the day it is published; served later, the terms end later.
    """
    terms = REMEDIES.on(known_on)
    return Remedies(
        known_on + timedelta(days=terms["reconsideration_days"]), add_months(known_on, terms["suit_months"])
    )


@dataclass(frozen=True)
class Right:
    """What a firm may do about a listing, its last day, and its article."""

    code: str  # hearing, objection, reconsideration, suit
    until: date
    article: str


@rule(
    cites=(
        f"{_SERIOUS}第十三条",
        "《企业经营异常名录管理办法》（2025年修订）第十五条",
        "《个体工商户年度报告办法》（2025年修订）第十九条",
        "《行政复议法》第二十条",
        "《行政诉讼法》第四十六条",
    )
)
def rights(
    *,
    is_serious: bool,
    is_individual: bool = False,
    noticed_on: date | None,
    known_on: date | None,
    on: date,
) -> tuple[Right, ...]:
    """Return what a firm may still do on a day, what ends first in front: the last day itself counts.

    Before a serious listing: a statement and a hearing. After a listing: an objection to an abnormal one, and the remedies.
    `known_on` is the day the decision became public; None while there is none.
    """
    if known_on is None:
        if not is_serious or noticed_on is None:
            return ()
        found = [Right("hearing", hearing_asked_by(noticed_on), f"{_SERIOUS}第十三条")]
    else:
        last = remedies(known_on)
        found = [
            Right("reconsideration", last.reconsideration_by, "《行政复议法》第二十条"),
            Right("suit", last.suit_by, "《行政诉讼法》第四十六条"),
        ]
        if not is_serious:
            lodge_by = objection_clock(known_on).lodge_by
            article = (
                "《个体工商户年度报告办法》第十九条"
                if is_individual
                else "《企业经营异常名录管理办法》第十五条"
            )
            found.insert(0, Right("objection", lodge_by, article))
    return tuple(sorted((one for one in found if on <= one.until), key=lambda one: one.until))


@rule(cites=f"{_SERIOUS}第二十二条")
def needs_consent(level: str, *, on: date) -> bool:
    """Say whether an authority's listing needs the consent of the next level: of counties and prefectures it does."""
    return level in CONSENT_LEVELS.on(on)


@rule(cites=f"{_SERIOUS}第十四条")
def serious_publication_due_on(decided_on: date, *, is_same_province: bool = True) -> date:
    """Return the last day to publish a listing, or to push it to the province of the firm's registration."""
    days = SERIOUS_PUBLICATION.on(decided_on)["same_province" if is_same_province else "push"]
    return add_working_days(decided_on, days, provisional=True)


@rule(cites=f"{_SERIOUS}第十九条")
def serious_withdrawal_due_on(annulled_on: date) -> date:
    """Return the last day to withdraw a listing whose penalty was annulled: 3 working days."""
    return add_working_days(annulled_on, SERIOUS_WITHDRAWAL.on(annulled_on), provisional=True)


@rule(cites=f"{_SERIOUS}第二十条")
def term_starts_anew_on(listed_on: date, *, restored_on: date | None) -> date:
    """Return the day from which the term of a listing counts: anew from the day it was restored for false papers."""
    return restored_on or listed_on


# ---------------------------------------------------------------------------------------- publication of penalties

_PUBLICITY = "《市场监督管理行政处罚信息公示规定》"


@dataclass(frozen=True)
class PublicationClock:
    """By when a penalty is published, pushed to another province, and put on the "double publicity" page."""

    publish_by: date | None
    push_by: date | None
    double_publicity_by: date


@rule(cites=(f"{_PUBLICITY}第九条、第十条", "国办发〔2018〕118号（六）"))
def penalty_publication(
    decided_on: date, *, is_same_province: bool, received_on: date | None = None
) -> PublicationClock:
    """Return the clocks of publishing a penalty: 20 working days here; 10 to push and 10 from receipt elsewhere."""
    double = add_working_days(decided_on, DOUBLE_PUBLICITY.on(decided_on), provisional=True)
    if is_same_province:
        by = add_working_days(decided_on, PENALTY_PUBLICATION.on(decided_on), provisional=True)
        return PublicationClock(by, None, double)
    push = add_working_days(decided_on, PENALTY_PUSH.on(decided_on), provisional=True)
    there = received_on and add_working_days(received_on, PENALTY_RECEIVED.on(received_on), provisional=True)
    return PublicationClock(there, push, double)


@rule(cites=(f"{_PUBLICITY}第十一条", "《行政处罚法》第四十八条"))
def penalty_withdrawal_due_on(annulled_on: date) -> date:
    """Return the last day to withdraw a penalty that was changed, annulled or found unlawful: 3 working days."""
    return add_working_days(annulled_on, PENALTY_WITHDRAWAL.on(annulled_on), provisional=True)


# --------------------------------------------------------------------------------------- the Credit China platforms


@dataclass(frozen=True)
class CreditTerm:
    """From when repair may be asked for at Credit China, and the last day there. Both from the determination."""

    earliest_repair_on: date
    shown_until: date


@rule(cites="《信用修复管理办法》（国家发展改革委令第36号）第七条、第十二条")
def credit_china_term(level: str, *, decided_on: date, law_in_force_on: date) -> CreditTerm:
    """Return the term of an item of a level (minor, ordinary, serious) on the Credit China platforms.

    It runs from the day the document determined it, whenever it was published. The national publicity system has its
    own terms from publication (《市场监督管理行政处罚信息公示规定》第十三条): two systems, two regimes, kept apart.
    """
    months = CREDIT_TERMS.on(law_in_force_on)[level]
    return CreditTerm(add_months(decided_on, months["least"]), add_months(decided_on, months["most"]))


@dataclass(frozen=True)
class CreditClock:
    """The days of a repair asked for at Credit China."""

    accept_by: date
    answer_by: date
    result_by: date | None
    extended_to: date | None


@rule(cites="《信用修复管理办法》（国家发展改革委令第36号）第十六条")
def credit_china_clock(applied_on: date, *, accepted_on: date | None = None) -> CreditClock:
    """Return by when a request at Credit China is accepted, decided (and if complex, extended) and answered.

    ASSUMPTION: it reaches the determining unit on the day of the application.
    """
    days = CREDIT_REPAIR.on(applied_on)

    def after(day: date, name: str) -> date:
        return add_working_days(day, days[name], provisional=True)

    return CreditClock(
        after(applied_on, "accept"),
        after(applied_on, "answer"),
        after(accepted_on, "result") if accepted_on else None,
        after(accepted_on, "extended") if accepted_on else None,
    )

"""The law of a random inspection: pure functions, with dates and facts as arguments.

A day that falls in a year whose holidays are not announced yet is provisional (`calendar.is_provisional`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from zhijian.apps.supervision.inspection.codes import (
    ALL_CODES,
    STATUS_OUTCOMES,
    FollowUpKind,
    UnreachableProof,
)
from zhijian.standards import calendar, parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.citation import rule

PUBLICATION_WORKING_DAYS = parameters.load("supervision/publication_working_days")
CORRECTION_ORDER_DAYS = parameters.load("supervision/correction_order_days")
ABNORMAL_LISTING_WORKING_DAYS = parameters.load("supervision/abnormal_listing_working_days")
CASE_FILING_WORKING_DAYS = parameters.load("supervision/case_filing_working_days")
INSPECTORS_MINIMUM = parameters.load("supervision/inspectors_minimum")
POSTAL_PROOF_INTERVAL_DAYS = parameters.load("supervision/postal_proof_interval_days")
ITEM_FIELDS = parameters.load("supervision/item_fields")
LOW_RISK_VISITS = parameters.load("supervision/low_risk_visits_per_year")
ORDER_ARTICLE = "责令改正通知书载明的期限"  # of a re-check, for which the law sets no day
DUTY, INITIATIVE, LOTTERY = "duty", "initiative", "lottery"  # why a draw is held


class Finding(StrEnum):
    CONFORM = "conform"
    NONCONFORM = "nonconform"
    NOT_APPLICABLE = "not_applicable"


class Signing(StrEnum):
    """What the inspected did when the record was put before them."""

    SIGNED = "signed"
    REFUSED = "refused"  # or could not sign


class Witness(StrEnum):
    """Who saw that the inspected did not sign. No names: the film or the paper shows who it was."""

    GRASSROOTS = "grassroots"
    KEEPER = "keeper"
    RECORDING = "recording"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Signed:
    """Whether the inspected signed the record; where not, why, and who saw it."""

    choice: str = ""
    reason: str = ""
    witness: str = ""


class State(StrEnum):
    """Where a check stands. Computed from its events, never stored beside them."""

    DISPATCHED = "dispatched"
    ON_SITE = "on_site"
    RESULT_ENTERED = "result_entered"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"


class Verb(StrEnum):
    DISPATCH = "dispatch"
    BEGIN = "begin"
    RECORD = "record"
    SEND_BACK = "send_back"
    CONFIRM = "confirm"
    PUBLISH = "publish"
    PROPOSE = "propose_correction"
    CORRECT = "correct"
    REFUSE = "refuse_correction"


@dataclass(frozen=True)
class Step:
    """One permitted step: where it leads, who takes it, by which article."""

    after: State
    role: str
    article: str


STEPS: dict[tuple[State | None, Verb], Step] = {
    (None, Verb.DISPATCH): Step(State.DISPATCHED, "drawer", "国办发〔2015〕58号 二（二）"),
    (State.DISPATCHED, Verb.BEGIN): Step(State.ON_SITE, "inspector", "《企业公示信息抽查办法》第九条"),
    (State.ON_SITE, Verb.RECORD): Step(State.RESULT_ENTERED, "inspector", "《企业公示信息抽查办法》第九条"),
    (State.RETURNED, Verb.RECORD): Step(State.RESULT_ENTERED, "inspector", "《企业公示信息抽查办法》第九条"),
    (State.RESULT_ENTERED, Verb.SEND_BACK): Step(
        State.RETURNED, "second inspector", "《企业公示信息抽查办法》第九条"
    ),
    (State.RESULT_ENTERED, Verb.CONFIRM): Step(
        State.CONFIRMED, "second inspector", "《企业公示信息抽查办法》第九条"
    ),
    (State.CONFIRMED, Verb.PUBLISH): Step(State.PUBLISHED, "publisher", "《企业公示信息抽查办法》第十二条"),
    (State.PUBLISHED, Verb.PROPOSE): Step(State.PUBLISHED, "publisher", "《企业信息公示暂行条例》第十二条"),
    (State.PUBLISHED, Verb.CORRECT): Step(
        State.PUBLISHED, "second publisher", "《企业信息公示暂行条例》第十二条"
    ),
    (State.PUBLISHED, Verb.REFUSE): Step(State.PUBLISHED, "publisher", "《企业信息公示暂行条例》第十二条"),
}


@dataclass(frozen=True)
class PairMember:
    """An inspector as the two-person rule sees one."""

    officer_id: int
    name: str
    certificate_valid_until: date | None


@dataclass(frozen=True)
class Due:
    """What must follow from a result, by when, by which article. No day where the law sets none."""

    kind: FollowUpKind
    code: str
    starts_on: date
    due_on: date | None
    article: str


@dataclass(frozen=True)
class Light:
    """A deadline as people see it: its colour, words in both languages, and the working days left."""

    colour: str
    words_zh: str
    words_en: str
    working_days_left: int | None


def state_after(verbs: Sequence[Verb | str]) -> State | None:
    """Walk the events from the first to the last and return where the check stands.

    Raises:
        ValueError: an event is not possible at its place.
    """
    state: State | None = None
    for verb in verbs:
        step = STEPS.get((state, Verb(verb)))
        if step is None:
            raise ValueError(f"'{verb}' cannot follow state '{state}'.")
        state = step.after
    return state


@rule(cites="《企业公示信息抽查办法》第十二条")
def publication_due_on(completed_on: date) -> date:
    """Return the last day to publish the result: 20 working days after the check was completed.

    The day of completion is not counted.
    """
    return calendar.add_working_days(
        completed_on, PUBLICATION_WORKING_DAYS.on(completed_on), provisional=True
    )


@rule(cites="《企业经营异常名录管理办法》第七条")
def correction_due_on(ordered_on: date) -> date:
    """Return the last day of an order to publish missing information: 10 calendar days.

    ASSUMPTION: the day of the order is not counted (《民法典》第二百零一条), and a last day that is no
    working day moves to the next one (第二百零三条).
    """
    last = ordered_on + timedelta(days=CORRECTION_ORDER_DAYS.on(ordered_on))
    return calendar.next_working_day(last, provisional=True)


@rule(cites="《企业经营异常名录管理办法》第六条、第七条、第九条")
def abnormal_listing_due_on(verified_on: date) -> date:
    """Return the last day to decide on the abnormal list: 10 working days after the ground was verified."""
    return calendar.add_working_days(
        verified_on, ABNORMAL_LISTING_WORKING_DAYS.on(verified_on), provisional=True
    )


@rule(cites="《市场监督管理行政处罚程序规定》第十八条")
def case_decision_due_on(discovered_on: date, *, extended: bool = False) -> date:
    """Return the last day to decide whether to file a case: 15 working days, 30 with approval.

    Counted from the discovery, which is the day of the visit and not the day the record arrived.
    """
    days = CASE_FILING_WORKING_DAYS.on(discovered_on)
    return calendar.add_working_days(
        discovered_on, days["extended" if extended else "general"], provisional=True
    )


@rule(cites="《企业公示信息抽查办法》第九条")
def pair_problems(pair: Sequence[PairMember], visited_on: date) -> list[Problem]:
    """Return why these inspectors may not carry out a visit on this day; empty where they may.

    At least two different persons, each with a certificate valid on the day of the visit. An expired
    certificate voids the draw of that place: the next reserve inspector is taken, nobody is picked by hand.
    """
    problems = []
    least = INSPECTORS_MINIMUM.on(visited_on)
    present = len({member.officer_id for member in pair})
    if present < least:
        problems.append(
            Problem(
                "inspectors",
                f"检查须由{least}名以上执法检查人员进行，现有{present}名。请按候补次序补足后再去。",
                f"A check needs {least} inspectors; there are {present}. Take the next from the reserve list.",
            )
        )
    return problems + [_expired(member, visited_on) for member in pair if not _certified(member, visited_on)]


def _certified(member: PairMember, day: date) -> bool:
    return member.certificate_valid_until is not None and member.certificate_valid_until >= day


def _expired(member: PairMember, day: date) -> Problem:
    until = member.certificate_valid_until
    return Problem(
        "inspectors",
        f"{member.name}的执法证件在{day.isoformat()}无效（有效期至{until.isoformat() if until else '未登记'}）。"
        "请由候补人员替换，不能指定。",
        f"{member.name}'s certificate is not valid on {day.isoformat()} (valid until {until or 'not recorded'}). "
        "The next reserve inspector takes the place.",
    )


@rule(cites="《企业公示信息抽查办法》第十四条；《企业经营异常名录管理办法》第九条")
def letters_prove_unreachable(first_sent_on: date, second_sent_on: date) -> bool:
    """Say whether two unsigned letters lie 15 to 30 days apart, so that they prove an entity unreachable."""
    interval = POSTAL_PROOF_INTERVAL_DAYS.on(first_sent_on)
    return interval["least"] <= (second_sent_on - first_sent_on).days <= interval["most"]


@rule(cites="《企业公示信息抽查办法》第九条、第十三条、第十四条")
def result_problems(
    codes: Sequence[str],
    findings: Mapping[str, tuple[str, str]],
    *,
    item_codes: Sequence[str],
    unreachable_proof: str | None = None,
    letters: tuple[date, date] | None = None,
    has_proof_on_file: bool = False,
    completed_on: date | None = None,
    correct_by: date | None = None,
) -> list[Problem]:
    """Return what a result still lacks or contradicts; empty where it may be handed in.

    `findings` maps an item's code to (finding, note). Where nobody could be met or the entity is gone,
    items may stay open.

    ASSUMPTION: "no problem" stands alone, and an entity that could not be reached was neither ordered to
    correct anything nor refused to co-operate.
    """
    chosen = list(dict.fromkeys(codes))
    return [
        *_code_problems(chosen, findings),
        *_item_problems(chosen, findings, item_codes),
        *_proof_problems(chosen, unreachable_proof, letters, has_proof_on_file),
        *_order_problems(chosen, completed_on, correct_by),
    ]


def _code_problems(codes: list[str], findings: Mapping[str, tuple[str, str]]) -> list[Problem]:
    problems = []
    unknown = [code for code in codes if code not in ALL_CODES]
    if unknown:
        problems.append(
            Problem("codes", f"没有代码为{'、'.join(unknown)}的结论。", f"There is no result code {unknown}.")
        )
    if not codes:
        problems.append(Problem("codes", "请至少选择一项结论。", "Choose at least one result."))
    if "1" in codes and len(codes) > 1:
        problems.append(
            Problem(
                "codes",
                "“未发现问题”不能与其他结论同时选择。请去掉其中一项。",
                "“No problem found” stands alone. Remove one of them.",
            )
        )
    if "5" in codes and {"6", "7", "8"}.intersection(codes):
        problems.append(
            Problem(
                "codes",
                "“无法联系”时没有见到当事人，不能同时选“已责令改正”“不配合检查”或“未发现经营活动”。",
                "Nobody was met at an unreachable entity: no order, refusal or business finding can go with it.",
            )
        )
    nonconform = [item for item, (finding, _) in findings.items() if finding == Finding.NONCONFORM]
    if nonconform and codes and not any(code in ALL_CODES and ALL_CODES[code].is_problem for code in codes):
        problems.append(
            Problem(
                "codes",
                f"有{len(nonconform)}项检查不符合，结论中须选择一项问题。请核对。",
                f"{len(nonconform)} items do not conform, so a problem must be among the results.",
            )
        )
    return problems


def _item_problems(
    codes: list[str], findings: Mapping[str, tuple[str, str]], item_codes: Sequence[str]
) -> list[Problem]:
    problems = []
    nobody_met = "5" in codes or "7" in codes or any(code in STATUS_OUTCOMES for code in codes)
    for number, item in enumerate(item_codes, start=1):
        finding, note = findings.get(item, ("", ""))
        if finding not in set(Finding) and not nobody_met:
            problems.append(
                Problem(f"finding-{item}", f"第{number}项还没有结果。", f"Item {number} has no finding yet.")
            )
        if finding == Finding.NONCONFORM and not note.strip():
            problems.append(
                Problem(
                    f"note-{item}",
                    f"第{number}项不符合，请写明情况。",
                    f"Item {number} does not conform: describe what you saw.",
                )
            )
    return problems


@rule(cites="《企业公示信息抽查办法》第九条")
def signing_problems(codes: Sequence[str], signed: Signed, *, has_signature: bool) -> list[Problem]:
    """Return what the record still lacks of the inspected party's signature or seal; nothing where nobody was met.

    Where none can be had, the inspectors write down why; a witness is called where needed, so that "nobody" is an answer too.
    """
    if is_nobody_met(codes):
        return []
    if signed.choice == Signing.SIGNED:
        if has_signature:
            return []
        zh, en = (
            "还没有签字。请当事人在屏幕上签，或者拍下签好的纸。",
            "There is no signature yet: on the screen, or a photo of the paper.",
        )
        return [Problem("signing", zh, en)]
    if signed.choice != Signing.REFUSED:
        zh = "请当事人看过记录后签字或者盖章；拒绝或者不能签的，请选“没有签”。"
        return [
            Problem(
                "signing",
                zh,
                "Let the business read and sign the record; if it does not, choose “Not signed”.",
            )
        ]
    problems = []
    if not signed.reason.strip():
        problems.append(Problem("refusal_reason", "没有签的，请注明原因。", "Say why it is not signed."))
    if signed.witness not in set(Witness):
        problems.append(
            Problem("refusal_witness", "请选有没有人见证。", "Say whether somebody witnessed it.")
        )
    return problems


@rule(cites="《企业公示信息抽查办法》第十四条")
def is_nobody_met(codes: Sequence[str]) -> bool:
    """Say whether nobody of the inspected was there: unreachable, or gone from the place or the register."""
    return "5" in codes or any(code in STATUS_OUTCOMES for code in codes)


def _proof_problems(
    codes: list[str], proof: str | None, letters: tuple[date, date] | None, has_proof_on_file: bool
) -> list[Problem]:
    if "5" not in codes:
        return []
    if proof not in set(UnreachableProof):
        return [
            Problem(
                "unreachable_proof",
                "认定“无法联系”须有三种证明之一（《企业公示信息抽查办法》第十四条）。请选择并拍照附上。",
                "“Unreachable” needs one of three proofs (Spot-check Measures, article 14). Choose one, add a photo.",
            )
        ]
    if proof == UnreachableProof.TWO_LETTERS and not (letters and letters_prove_unreachable(*letters)):
        return [
            Problem(
                "unreachable_proof",
                "两次邮寄须间隔15至30日。请填写两次寄出的日期并核对。",
                "The two letters must be 15 to 30 days apart. Enter both dates and check.",
            )
        ]
    if not has_proof_on_file:
        return [
            Problem(
                "photos",
                "“无法联系”的证明还没有附上。请拍下现场或证明文件后再交结论。",
                "The proof of being unreachable is not on file yet. Photograph the place or the paper first.",
            )
        ]
    return []


def _order_problems(codes: list[str], completed_on: date | None, correct_by: date | None) -> list[Problem]:
    if "6" not in codes:
        return []
    if correct_by is None or (completed_on is not None and correct_by < completed_on):
        return [
            Problem(
                "correct_by",
                "已责令改正的，请填写改正期限，且不早于检查当天。",
                "Enter the day by which the correction was ordered, not before the visit.",
            )
        ]
    return []


@rule(cites="《企业公示信息抽查办法》第十三条；《市场监督管理行政处罚程序规定》第十八条")
def follow_ups_of(codes: Sequence[str], completed_on: date, *, correct_by: date | None = None) -> list[Due]:
    """Return what must follow from these codes, with its last day and article: one of each kind, of a listing one for each ground.

    ASSUMPTION: the ground is verified, and a violation discovered, on the day of the visit. The law sets no
    day for a re-check, so its day is the inspectors' own order; none for correcting tags and status.
    """
    found: dict[tuple[str, str], Due] = {}
    for code in codes:
        kind = ALL_CODES[code].follow_up
        if kind is not None and same_matter(kind, code) not in found:
            due_on, article = _due(kind, completed_on, correct_by)
            found[same_matter(kind, code)] = Due(kind, code, completed_on, due_on, article)
    return list(found.values())


@rule(cites="《企业经营异常名录管理办法》第四条、第十条")
def same_matter(kind: str, code: str) -> tuple[str, str]:
    """Return what makes two follow-ups of a check one: their kind, and of a listing its ground, for each ground is decided and
    ended by itself."""
    return str(kind), code if kind == FollowUpKind.ABNORMAL_LIST else ""


def _due(kind: FollowUpKind, completed_on: date, correct_by: date | None) -> tuple[date | None, str]:
    match kind:
        case FollowUpKind.ABNORMAL_LIST:
            return abnormal_listing_due_on(completed_on), "《企业经营异常名录管理办法》第六条、第九条"
        case FollowUpKind.ORDER_CORRECTION:
            return correction_due_on(completed_on), "《企业经营异常名录管理办法》第七条"
        case FollowUpKind.FILE_CASE:
            return case_decision_due_on(completed_on), "《市场监督管理行政处罚程序规定》第十八条"
        case FollowUpKind.RECHECK:
            return correct_by, ORDER_ARTICLE
        case FollowUpKind.RETAG | FollowUpKind.UPDATE_STATUS:
            return None, "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》二（二）"


def light(started_on: date, due_on: date | None, today: date, *, done_on: date | None = None) -> Light:
    """Return the deadline light: yellow from two thirds of the limit, red when past (a convention, no law)."""
    if due_on is None:
        return Light("none", "无期限", "No deadline", None)
    if done_on is not None:
        return _light_when_done(due_on, done_on)
    if today > due_on:
        late = calendar.working_days_between(due_on, today, provisional=True)
        return Light("red", f"逾期{late}个工作日", _days_en(late, "overdue"), -late)
    if today == due_on:
        return Light("yellow", "今天到期", "Due today", 0)
    left = calendar.working_days_between(today, due_on, provisional=True)
    limit = max(calendar.working_days_between(started_on, due_on, provisional=True), 1)
    colour = "yellow" if (limit - left) * 3 >= limit * 2 else "green"
    return Light(colour, f"剩余{left}个工作日", _days_en(left, "left"), left)


def _light_when_done(due_on: date, done_on: date) -> Light:
    if done_on <= due_on:
        return Light("done", "已按时办结", "Done in time", None)
    late = calendar.working_days_between(due_on, done_on, provisional=True)
    return Light("done", f"办结，超期{late}个工作日", f"Done, {_days_en(late, 'late')}", None)


def _days_en(days: int, word: str) -> str:
    return f"{days} working day{'' if days == 1 else 's'} {word}"


@rule(cites="《广东省市场监督管理局2025年度抽查工作计划》（粤市监信监〔2025〕111号）")
def may_be_drawn(*, risk_class: str, visits_this_year: int, law_says_otherwise: bool, on: date) -> bool:
    """Say whether an object stays in a frame: of low risk (class A) and visited this year already, it leaves it.

    The frame is then recorded as one smaller. A law that fixes a frequency goes before.
    """
    is_spared = risk_class == "A" and visits_this_year >= int(LOW_RISK_VISITS.on(on))
    return law_says_otherwise or not is_spared


@dataclass(frozen=True)
class FieldOfItem:
    """The field of an item of inspection and the sector whose class governs it; empty where there is none."""

    field: str = ""
    sector: str = ""


@rule(cites="国市监信发〔2022〕6号")
def field_of_item(code: str, *, on: date) -> FieldOfItem:
    """Return the field and the sector of an item by the letters of its code, which may stand behind those of a place."""
    known = ITEM_FIELDS.on(on)
    found: Mapping[str, str | None] = next((known[part] for part in code.split("-") if part in known), {})
    return FieldOfItem(found.get("field") or "", found.get("sector") or "")


@rule(cites="《广东省市场监管现代化“十四五”规划》第十章第二节、第三节")
def is_spared(fields_of_firm: Iterable[str], fields_of_items: Iterable[str], *, reason: str) -> bool:
    """Say whether a firm on the white list, or presumed to conform, in some fields leaves the frame of a draw.

    It does only where the draw is made on the authority's own initiative and every item lies in such a field: complaints,
    leads, alarms and duties of law lead to it as to anybody, and a pure lottery still may.
    """
    asked = set(fields_of_items)
    return reason == INITIATIVE and bool(asked) and "" not in asked and asked <= set(fields_of_firm)


@dataclass(frozen=True)
class Admission:
    """Whether a check may take place, whether somebody has to approve it, and whether it counts in a draw's statistics."""

    is_allowed: bool
    needs_approval: bool
    counts_in_draws: bool


@rule(cites="《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）")
def admission(*, visits_this_year: int, cap: int | None, for_a_lead: bool) -> Admission:
    """Say whether one more check of an object may take place under its yearly cap of visits (not of items).

    At the cap no daily check is possible; one for a lead in hand (个案检查: a live complaint, a transfer) is, with approval,
    and never counts in the statistics of draws.
    """
    is_full = cap is not None and visits_this_year >= cap
    return Admission(
        is_allowed=for_a_lead or not is_full,
        needs_approval=for_a_lead and is_full,
        counts_in_draws=not for_a_lead,
    )

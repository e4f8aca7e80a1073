"""Verbs of coded visits: show the code, check it, say who came and left and how it was, tell a visit without a code."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from zhijian.apps.supervision.inspection.models import Check
from zhijian.apps.supervision.inspection.rules import State
from zhijian.apps.supervision.visit_codes import rules, terms
from zhijian.apps.supervision.visit_codes.models import (
    UncodedVisit,
    UncodedVisitAnswer,
    VisitCode,
    VisitFeedback,
    VisitStep,
)
from zhijian.apps.supervision.visit_codes.rules import Shown, Standing, Step
from zhijian.security import sealed_text
from zhijian.security.audit import record_look
from zhijian.security.models import BusinessPerson, Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards import divisions, secret_code
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day
from zhijian.standards.secret_code import Randomness

LENGTH = 10  # 50 bits: of the code on the notice, which stands as long as the check
HANDLE, CHANGING = 4, 8  # of the code on a phone: which check, and 40 bits that change
_LONGEST_HANDLE = 12  # 60 bits: more than a number of a row can have
_KEY, _CONTACTS = "visit_codes", "visit_contacts"
_UNRECORDED = frozenset({State.DISPATCHED, State.ON_SITE, State.RETURNED})
OUTCOMES = {
    "ours": ("是本单位的检查，已责成补办亮码", "Ours; the team was told to show its code"),
    "not_ours": ("不是本单位人员", "Nobody of this unit"),
    "handed_on": ("已移交有权处理的机关", "Handed to who may decide"),
    "unclear": ("查不清", "Could not be cleared up"),
}


class VisitRefused(BilingualError):
    """Something about a visit cannot be taken. `field` is where it was typed."""

    wording = "{zh}"

    def __init__(self, zh: str, en: str, field: str = "") -> None:
        super().__init__(zh, en)
        self.field = field


# -------------------------------------------------------------------------------------------------------------- codes


def code_of(check: Check, *, by: Officer, at: datetime) -> str:
    """Return the lasting code of a check, as its notice bears it, for its own inspectors; made from a key, so that it is the same at every look.

    Raises:
        Forbidden: the officer is none of the two inspectors.
    """
    require(by, Permission.INSPECT)
    if by.pk not in (check.inspector_first_id, check.inspector_second_id):
        raise VisitRefused("只有这次检查的两名检查人员能亮码。", "Only the two inspectors show this code.")
    return issue(check, by=by, at=at)


def issue(check: Check, *, by: Officer | None, at: datetime) -> str:
    """Return the code of a check, and make it one that opens the public page. `by` is None where the platform does it."""
    code = _code(check)
    if not VisitCode.objects.filter(check_record=check).exists():
        try:
            with transaction.atomic():
                VisitCode(check_record=check, code_hash=_digest(code), issued_by=by, issued_at=at).save()
        except IntegrityError:  # both phones opened the task at the same moment
            pass
    return code


def _code(check: Check) -> str:
    secret = sealed_text.derived(_KEY, use=b"code")
    return secret_code.new_code(
        LENGTH, lambda length: hmac.digest(secret, check.number.encode(), "sha256")[:length]
    )


def _digest(code: str) -> str:
    return secret_code.digest(code, "visit", settings.SECRET_KEY)


@dataclass(frozen=True)
class PhoneCode:
    """What an inspector's phone needs to show the changing code of one check, with a network and without."""

    code: str  # of this moment
    handle: str  # its first four letters, which never change: which check it is
    key: str  # hexadecimal; of this check alone
    seconds: int  # how long each code stands


def phone_code_of(check: Check, *, by: Officer, at: datetime) -> PhoneCode:
    """Return the code that stands on the phones of a check's inspectors at a moment.

    Raises:
        Forbidden: no right to inspect. VisitRefused: none of the two inspectors.
    """
    code_of(check, by=by, at=at)
    kept = VisitCode.objects.get(check_record=check)
    return PhoneCode(
        code=_phone_code(kept, terms.window_of(at)), handle=_handle(kept), key=_phone_key(check).hex(),
        seconds=terms.window_seconds(statutory_day(at)),
    )  # fmt: skip


def _phone_key(check: Check) -> bytes:
    return hmac.digest(sealed_text.derived(_KEY, use=b"phone"), check.number.encode(), "sha256")


def _handle(kept: VisitCode) -> str:
    """Return which check a code is of, in four letters or more: no secret, so that the rest need not be searched for."""
    digits, left = "", kept.pk
    while left or len(digits) < HANDLE:
        digits, left = secret_code.ALPHABET[left % 32] + digits, left // 32
    return digits


def _phone_code(kept: VisitCode, window: int) -> str:
    drawn = hmac.digest(_phone_key(kept.check_record), str(window).encode(), "sha256")
    text = _handle(kept) + "".join(secret_code.ALPHABET[byte % 32] for byte in drawn[:CHANGING])
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def find(typed: str, *, at: datetime) -> tuple[Check, Shown] | None:
    """Return the check of a code and where the code was shown; None where there is none, or a phone showed it too long ago.

    Who asks is throttled by the page.
    """
    rows = VisitCode.objects.select_related(
        "check_record__task", "check_record__organisation", "check_record__inspector_first",
        "check_record__inspector_second",
    )  # fmt: skip
    plain = secret_code.read_code(typed[:40])
    if len(plain) == LENGTH:
        found = rows.filter(code_hash=_digest(plain)).first()
        return (found.check_record, Shown.PAPER) if found is not None else None
    kept = rows.filter(pk=_number_of(plain[:-CHANGING])).first() if len(plain) >= HANDLE + CHANGING else None
    if kept is None:
        return None
    now, one_of_them = terms.window_of(at), False
    for window in range(now - 1, now + 2):
        right = secret_code.read_code(_phone_code(kept, window))
        one_of_them |= rules.is_fresh(window, now) and hmac.compare_digest(right.encode(), plain.encode())
    return (kept.check_record, Shown.PHONE) if one_of_them else None


def _number_of(handle: str) -> int:
    if len(handle) > _LONGEST_HANDLE or any(one not in secret_code.ALPHABET for one in handle):
        return 0
    number = 0
    for one in handle:
        number = number * 32 + secret_code.ALPHABET.index(one)
    return number


def standing_of(check: Check, on: date) -> Standing:
    """Return what the code of a check proves on a day."""
    return rules.standing(
        first=check.task.drawn_on, last=check.due_on, is_recorded=check.state not in _UNRECORDED, on=on
    )


# ------------------------------------------------------------------------------------------- what the business says


def say(check: Check, step: str, *, by: BusinessPerson | None, at: datetime) -> VisitStep:
    """Keep that the team arrived, or left. `by` is None for who holds the code alone.

    Said twice, the first stays; what an account of the firm says is kept beside what the code's holder said, who may be
    an inspector.

    Raises:
        VisitRefused: no such step, the code does not hold on this day, or left before arrived.
    """
    _check_firm(check, by)
    if step not in set(Step):
        raise VisitRefused("没有这项操作。", "There is no such act.")
    own = by is not None
    said = {(one.verb, one.by_account): one for one in VisitStep.objects.filter(check_record=check)}
    if (step, own) in said:
        return said[step, own]
    if step == Step.LEFT and not any(verb == Step.ARRIVED for verb, _ in said):
        raise VisitRefused("请先确认检查人员到场。", "Confirm the arrival first.")
    now = standing_of(check, statutory_day(at))
    if now in (Standing.EXPIRED, Standing.NOT_YET) or (step == Step.ARRIVED and now != Standing.VALID):
        raise VisitRefused(
            "这个码现在不能用来入企。来人没有别的有效核验码的，您可以在下面反映。",
            "This code does not hold now. Tell the unit below if they have no other.",
        )
    try:
        with transaction.atomic():
            made = VisitStep(check_record=check, verb=step, person=by, by_account=own, at=at)
            made.save()
    except IntegrityError:  # pressed twice
        made = VisitStep.objects.get(check_record=check, verb=step, by_account=own)
    return made


_QUESTIONS = ("showed_certificates", "told_basis", "kept_to_items", "asked_favours")


def _check_firm(check: Check, by: BusinessPerson | None) -> None:
    if by is not None and by.uscc != check.uscc:
        raise VisitRefused("这次检查查的不是您的单位。", "This check is not of your firm.")


@dataclass(frozen=True)
class Opinion:
    """Answers to the few questions; None where nothing was chosen."""

    showed_certificates: bool | None
    told_basis: bool | None
    kept_to_items: bool | None
    asked_favours: bool | None
    score: int | None
    words: str = ""


def give_feedback(check: Check, said: Opinion, *, by: BusinessPerson | None, at: datetime) -> VisitFeedback:
    """Keep what the business says of a visit, once by an account and once by the code alone; who of it says so is not kept.

    Raises:
        VisitRefused: nothing was visited, too late, given before, or a question without an answer.
    """
    _check_firm(check, by)
    if not VisitStep.objects.filter(check_record=check).exists() and check.state is State.DISPATCHED:
        raise VisitRefused(
            "检查人员还没有到场，检查后再评价。", "Nobody came yet. Say how it was afterwards."
        )
    last = terms.feedback_until(check.due_on)
    if statutory_day(at) > last:
        raise VisitRefused(
            f"评价在{last.isoformat()}之前交，现在已经过了。", f"Feedback was taken until {last.isoformat()}."
        )
    answers = {name: getattr(said, name) for name in _QUESTIONS}
    for name, answer in answers.items():
        if answer is None:
            raise VisitRefused("请回答每一个问题。", "Answer every question.", name)
    if said.score is None or said.score not in range(1, 6):
        raise VisitRefused("请选择1到5分。", "Choose a score from 1 to 5.", "score")
    words = " ".join(said.words.split())
    if len(words) > 500:
        raise VisitRefused("说明最多500字。", "At most 500 characters.", "words")
    made = VisitFeedback(
        check_record=check, organisation=check.organisation, score=said.score, words=words, at=at,
        by_account=by is not None, is_synthetic=check.is_synthetic, **answers,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as twice:
        raise VisitRefused("这次检查已经评价过。", "This visit has its feedback.") from twice
    return made


@dataclass(frozen=True)
class Told:
    """A visit without a code, as it was typed."""

    uscc: str
    firm_name: str
    division_code: str
    visited_on: date | None
    claimed_unit: str
    words: str
    contact: str


def tell(
    told: Told, *, by: BusinessPerson | None, at: datetime, randomness: Randomness, is_synthetic: bool = False
) -> UncodedVisit:
    """Keep a visit without a code for the leaders of the place; the contact is sealed. `by` is None without an account.

    Raises:
        VisitRefused: something needed is missing, or a day in the future.
    """
    if not told.firm_name.strip():
        raise VisitRefused("请填写单位名称。", "Give the name of the business.", "firm_name")
    if not _is_county(told.division_code):
        raise VisitRefused("请选择县（市、区）。", "Choose the county.", "division_code")
    if told.visited_on is None or told.visited_on > statutory_day(at):
        raise VisitRefused("请填写来人的日期，不能晚于今天。", "Give the day, not after today.", "visited_on")
    if not told.words.strip() or len(told.words) > 1000:
        raise VisitRefused(
            "请写明发生了什么，最多1000字。", "Say what happened, at most 1000 characters.", "words"
        )
    number = f"WM{statutory_day(at):%Y%m%d}-{secret_code.new_code(4, randomness)}"
    made = UncodedVisit(
        number=number, uscc=by.uscc if by else told.uscc[:18], firm_name=told.firm_name.strip()[:200],
        division_code=told.division_code, visited_on=told.visited_on, claimed_unit=told.claimed_unit.strip()[:100],
        words=told.words.strip(), at=at, is_synthetic=is_synthetic,
        contact_sealed=sealed_text.seal(told.contact.strip()[:100], key=_CONTACTS, context=number),
    )  # fmt: skip
    made.save()
    return made


def _is_county(code: str) -> bool:
    """Say whether a code is that of a county, or of a city that has none."""
    found = divisions.find(code) if len(code) == 6 and code.isdigit() else None
    if found is None or found.level not in (2, 3):
        return False
    return found.level == 3 or all(one.level != 3 for one in divisions.children(code))


# ------------------------------------------------------------------------------------------------------ leaders'


def contact_of(visit: UncodedVisit, *, by: Officer, at: datetime) -> str:
    """Return the contact that was left, and write the look down.

    Raises:
        Forbidden: no leader, or another area.
    """
    require(by, Permission.HANDLE_UNCODED_VISIT, division=visit.division_code)
    record_look(by, visit.number, "uncoded_visit", at=at, reason="联系反映人")
    return sealed_text.unseal(visit.contact_sealed, key=_CONTACTS, context=visit.number)


def answer(visit: UncodedVisit, outcome: str, words: str, *, by: Officer, at: datetime) -> UncodedVisitAnswer:
    """Keep what was found out about a visit without a code.

    Raises:
        Forbidden: no leader, or another area. VisitRefused: no outcome, no words, or answered before.
    """
    require(by, Permission.HANDLE_UNCODED_VISIT, division=visit.division_code)
    if outcome not in OUTCOMES or not 1 <= len(words.strip()) <= 500:
        raise VisitRefused("请选择结果并写明情况，最多500字。", "Choose an outcome and say what was found.")
    made = UncodedVisitAnswer(visit=visit, outcome=outcome, words=words.strip(), by=by, at=at)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as twice:
        raise VisitRefused("这件已经有处理结果。", "This has its answer.") from twice
    record_look(by, visit.number, "uncoded_visit_answered", at=at, reason=words.strip()[:200])
    return made

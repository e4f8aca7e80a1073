"""The verbs of a check for a lead: propose, decide, record, confirm. Never fewer than two persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.case_checks import rules
from zhijian.apps.supervision.case_checks.models import (
    CaseCheck,
    CaseCheckConfirmation,
    CaseCheckDecision,
    CaseCheckOutcome,
)
from zhijian.apps.supervision.inspection import policies as inspections
from zhijian.apps.supervision.inspection import queries, visits
from zhijian.apps.supervision.inspection.rules import PairMember, admission, pair_problems
from zhijian.apps.supervision.inspection.services import items_in_force
from zhijian.engines.facts import services as facts
from zhijian.engines.procedures import numbering
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, may, may_lead, require
from zhijian.security.persons import is_same_person
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.calendar import statutory_day

SOURCE = "case_checks"


class CaseCheckRefused(BilingualError):
    """A check for a lead cannot be proposed, decided or recorded so. `field` is where it was typed."""

    wording = "{zh}"

    def __init__(self, zh: str, en: str, field: str = "") -> None:
        super().__init__(zh, en)
        self.field = field


@dataclass(frozen=True)
class Firm:
    """Whom the check is about, as the register says."""

    uscc: str
    name: str
    division_code: str
    is_synthetic: bool


def propose(
    firm: Firm, *, ground: str, lead: str, reason: str, item_codes: Sequence[str], second: str, by: Officer, at: datetime
) -> CaseCheck:  # fmt: skip
    """Start a check outside plan and draw, by the officer and a second inspector of the same unit.

    Raises:
        Forbidden: no inspector, or the firm lies outside the officer's area.
        CaseCheckRefused: no ground, number or reason, an item not on the list, or no second inspector.
    """
    require(by, Permission.INSPECT, division=firm.division_code)
    if ground not in rules.GROUNDS:
        raise CaseCheckRefused("请选检查的缘由。", "Choose the ground.", "ground")
    if not lead.strip():
        raise CaseCheckRefused("请填线索的编号。没有线索的检查只能由抽签产生。", "Give the number of the lead. Without one only a draw gives checks.", "lead")  # fmt: skip
    if not reason.strip():
        raise CaseCheckRefused("请写明为什么要到现场查。", "Say why a visit is needed.", "reason")
    day = statutory_day(at)
    try:
        items = items_in_force(item_codes, day, unit=by.organisation)
    except inspections.Incomplete as refused:
        raise CaseCheckRefused(refused.message_zh, refused.message_en, "items") from refused
    other = _second(second, by, day)
    done = queries.checks_this_year(firm.uscc, day.year)
    caps = [item.cap_per_year for item in items if item.cap_per_year is not None]
    earlier = visits.cap_of(visits.visits_of(firm.uscc, day.year))
    cap = min([*caps, *([earlier] if earlier is not None else [])], default=None)
    allowed = admission(visits_this_year=done, cap=cap, for_a_lead=True)
    try:
        with transaction.atomic():
            made = CaseCheck(
                number=numbering.take(f"GA{day.year}", taken=CaseCheck.objects.all()), uscc=firm.uscc, firm_name=firm.name, division_code=firm.division_code,
                organisation=by.organisation, ground=ground, lead=lead.strip()[:60], reason=reason.strip()[:500],
                items=[{"code": one.code, "name": one.name, "name_en": one.name_en, "basis": one.legal_basis} for one in items],
                inspector_first=by, inspector_second=other, visits_this_year=done, cap=cap,
                needs_approval=allowed.needs_approval, proposed_by=by, proposed_at=at, is_synthetic=firm.is_synthetic,
            )  # fmt: skip
            made.save()
            _seal(made, "proposed", by=by, at=at, inspectors=[by.username, other.username])
    except IntegrityError as taken:  # two at the same moment
        raise CaseCheckRefused(
            "刚有人提出了另一次，请再提交一次。", "Another was started just now: send it again."
        ) from taken
    return made


def _second(username: str, by: Officer, day: date) -> Officer:
    other = Officer.objects.filter(username=username, organisation=by.organisation, is_active=True).first()
    if other is None or is_same_person(other, by) or Role.INSPECTOR not in other.roles:
        raise CaseCheckRefused(
            "请选本单位的另一名检查人员。", "Choose another inspector of your unit.", "second"
        )
    pair = [PairMember(one.pk, str(one), one.certificate_valid_until) for one in (by, other)]
    if found := pair_problems(pair, day):
        raise CaseCheckRefused(
            "".join(one.message_zh for one in found), " ".join(one.message_en for one in found), "second"
        )
    return other


def may_decide(check: CaseCheck, by: Officer) -> bool:
    """Say whether an officer decides: over the cap a leader of the unit or above, else the second inspector."""
    if is_same_person(check.proposed_by, by) or not by.is_active:
        return False
    return (
        may_lead(by, unit=check.organisation) if check.needs_approval else by.pk == check.inspector_second_id
    )


def decide(
    check: CaseCheck, is_approved: bool, reason: str, *, by: Officer, at: datetime
) -> CaseCheckDecision:
    """Let a second person say yes or no.

    Raises:
        CaseCheckRefused: not this person, decided already, or a no without its reason.
    """
    if CaseCheckDecision.objects.filter(check_record=check).exists():
        raise CaseCheckRefused("已经决定过。", "It is decided already.")
    if not may_decide(check, by):
        raise CaseCheckRefused(
            "年度上限已到的由单位负责人批准，没有到的由第二名检查人员确认；提出的人不能自己批准。",
            "At the cap a leader approves, else the second inspector confirms; nobody approves the own proposal.",
        )
    if not is_approved and not reason.strip():
        raise CaseCheckRefused("不同意的，请写明理由。", "Say why not.", "decision-reason")
    made = CaseCheckDecision(
        check_record=check, is_approved=is_approved, reason=reason.strip()[:300], decided_by=by, decided_at=at
    )
    with transaction.atomic():
        made.save()
        _seal(check, "approved" if is_approved else "refused", by=by, at=at)
    return made


def _of_team(check: CaseCheck, by: Officer) -> None:
    require(by, Permission.INSPECT)
    if by.pk not in (check.inspector_first_id, check.inspector_second_id):
        raise CaseCheckRefused("只有两名检查人员能记录。", "Only the two inspectors record.")


def record(
    check: CaseCheck, visited_on: date | None, has_problem: bool, words: str, *, by: Officer, at: datetime
) -> CaseCheckOutcome:
    """Keep when the two went and what they found.

    Raises:
        CaseCheckRefused: not approved, none of the two, a day that cannot be, no words, or recorded already.
    """
    _of_team(check, by)
    decision = CaseCheckDecision.objects.filter(check_record=check).first()
    if decision is None or not decision.is_approved:
        raise CaseCheckRefused("还没有批准，不能检查。", "It is not approved: there is no check.")
    if CaseCheckOutcome.objects.filter(check_record=check).exists():
        raise CaseCheckRefused("已经记录过。", "It is recorded already.")
    if visited_on is None or not statutory_day(decision.decided_at) <= visited_on <= statutory_day(at):
        raise CaseCheckRefused("检查的日期应当在批准之后、今天以前。", "The day lies between the approval and today.", "visited_on")  # fmt: skip
    if not words.strip():
        raise CaseCheckRefused("请写明查到的情况。", "Say what was found.", "words")
    made = CaseCheckOutcome(
        check_record=check, visited_on=visited_on, has_problem=has_problem, words=words.strip()[:1000],
        recorded_by=by, recorded_at=at,
    )  # fmt: skip
    made.save()
    return made


def confirm(check: CaseCheck, *, by: Officer, at: datetime) -> CaseCheckConfirmation:
    """Let the other inspector confirm what was recorded.

    Raises:
        CaseCheckRefused: the same person, nothing recorded, or confirmed already.
    """
    _of_team(check, by)
    outcome = CaseCheckOutcome.objects.filter(check_record=check).first()
    if outcome is None or CaseCheckConfirmation.objects.filter(outcome=outcome).exists():
        raise CaseCheckRefused("没有待确认的记录。", "There is nothing to confirm.")
    if is_same_person(outcome.recorded_by, by):
        raise CaseCheckRefused(
            "记录由您录入，须由另一名检查人员确认。", "You recorded it; the other one confirms."
        )
    made = CaseCheckConfirmation(outcome=outcome, confirmed_by=by, confirmed_at=at)
    with transaction.atomic():
        made.save()
        _seal(check, "confirmed", by=by, at=at, has_problem=outcome.has_problem)
    return made


def _seal(check: CaseCheck, step: str, *, by: Officer, at: datetime, **more: Any) -> None:
    facts.record(
        "inspection.case_checked",
        subject=check.uscc,
        occurred_on=statutory_day(at),
        payload={
            "number": check.number, "step": step, "ground": check.ground, "over_cap": check.needs_approval, **more
        },
        source=SOURCE,
        source_key=f"{check.number}/{step}",
        by=by,
        at=at,
        is_synthetic=check.is_synthetic,
    )  # fmt: skip


def may_view(check: CaseCheck, by: Officer) -> bool:
    """Say whether an officer sees the check: of its team, or a leader or auditor in whose area it lies."""
    if by.is_active and by.pk in (check.inspector_first_id, check.inspector_second_id):
        return True
    return may(by, Permission.VIEW_VISIT_FEEDBACK, division=check.division_code)


def of_firm(uscc: str) -> list[CaseCheck]:
    """Return what a firm reads of itself: checks that were approved and carried out, not those that lie ahead."""
    rows = CaseCheck.objects.filter(uscc=uscc, outcome__confirmation__isnull=False)
    return list(rows.select_related("organisation", "outcome"))

"""The review of a reward that its reporter asks for with the code alone: examined by one, decided by another, told.

Neither assessed or decided the reward before, and nobody gets less for having asked. A sum that rises follows from a
grade, a fine, a base and a multiple, as the first one did: a new assessment beside the first, which stays. A refusal
that does not stand is assessed anew by other people.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from zhijian.apps.consumer.complaints import policies, reporting
from zhijian.apps.consumer.complaints.models import ViolationReport
from zhijian.apps.consumer.complaints.people import REPORTERS
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import rules, services
from zhijian.apps.consumer.complaints.rewards.models import (
    Assessment,
    Grant,
    Outcome,
    Proposal,
    Review,
    RewardCase,
)
from zhijian.engines.procedures import services as procedures
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Permission, require
from zhijian.security.persons import is_one_of
from zhijian.security.sealed_text import seal, unseal
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

PROCEDURE = "consumer/reward_review"
LEAST_WORDS, MOST_WORDS = 10, 2000


def reward_case_of(report: ViolationReport) -> RewardCase | None:
    """Return the reward in which a report has its part, its own or one that several share."""
    found = RewardCase.objects.select_related("organisation", "case", "report")
    return found.filter(grants__reward__report=report).first() or found.filter(report=report).first()


def part_of(report: ViolationReport) -> Grant | None:
    found = Grant.objects.select_related("reward__report", "reward_case__organisation")
    return found.filter(reward__report=report).first()


def may_ask(report: ViolationReport, at: datetime) -> bool:
    """Say whether a review may be asked for now: the decision was told, the term runs, and none was asked before."""
    reward_case = reward_case_of(report)
    if reward_case is None or reward_case.told_on is None or Review.objects.filter(report=report).exists():
        return False
    return statutory_day(at) <= rules.review_until(reward_case.told_on)


@transaction.atomic
def ask(report: ViolationReport, *, words: str, by: Officer | None, at: datetime) -> Review:
    """Ask for a review. What the reporter says is sealed under the reporters' key; the case says nothing of it.

    Raises:
        NotNow: nothing was told yet, the term is over, or it was asked before.
        Incomplete: too few or too many words.
    """
    ViolationReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    text = words.replace("\x00", "").strip()
    if not may_ask(report, at):
        raise NotNow(
            "现在不能申请复核：奖励决定还没有告知，申请期限已过，或者已经申请过。",
            "No review may be asked for now: nothing was told yet, the term is over, or you have asked before.",
        )
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        raise Incomplete(
            [
                Problem(
                    "review_words",
                    f"请写{LEAST_WORDS}至{MOST_WORDS}字：哪里不对，为什么。",
                    f"Write {LEAST_WORDS} to {MOST_WORDS} characters: what is wrong, and why.",
                )
            ]
        )
    reward_case = reward_case_of(report)
    assert reward_case is not None
    number = f"FH{report.number.removeprefix('JB')}"
    review = Review.objects.create(
        number=number,
        report=report,
        reward_case=reward_case,
        organisation=reward_case.organisation,
        words_sealed=seal(text, key=REPORTERS, context=f"{number}/words"),
        asked_at=at,
        is_synthetic=report.is_synthetic,
    )
    review.case = procedures.start_case(
        PROCEDURE,
        number=number,
        title=f"举报奖励复核 {number}",
        organisation=reward_case.organisation,
        division_code=report.division_code,
        data={
            "asked_on": statutory_day(at),
            "unit_code": reward_case.organisation.code,
            "decider_code": _decider(reward_case).code,
        },
        by=by,
        at=at,
        is_synthetic=report.is_synthetic,
    )
    review.save(update_fields=["case"])
    reporting.note_review(report, "asked", by=by, at=at)
    return review


def _decider(reward_case: RewardCase) -> Organisation:
    """Return the unit that decides: the own one where a leader had no part in the reward, else the nearest above."""
    busy = services.took_part(reward_case)
    unit: Organisation | None = reward_case.organisation
    while unit is not None:
        people = Officer.objects.filter(organisation=unit, is_active=True).exclude(pk__in=busy)
        if any(Role.LEADER in roles for roles in people.values_list("roles", flat=True)):
            return unit
        unit = unit.parent
    return reward_case.organisation


def assessment_asked_about(review: Review) -> Assessment | None:
    """Return the assessment that a review is about: the newest one when it was asked for."""
    found: Assessment | None = (
        review.reward_case.assessments.filter(at__lte=review.asked_at).order_by("-sequence").first()
    )
    return found


def read_words(review: Review, *, purpose: str, by: Officer, at: datetime) -> str:
    """Return what the reporter wrote and write down who looked, when, and why.

    Raises:
        Forbidden: another role or area; for insiders and guarded reporters only a leader.
        Incomplete: no purpose is given.
    """
    right = policies.right_to_reporter(review.report)
    require(by, right, division=review.organisation.division_code)
    policies.check_purpose(purpose)
    with transaction.atomic():
        record_look(by, review.number, "reward_review", at=at, reason=purpose.strip()[:200])
        return unseal(review.words_sealed, key=REPORTERS, context=f"{review.number}/words")


@dataclass(frozen=True)
class Finding:
    """What an officer hands in who examined a review. The base in yuan: what of the fine agrees with the report.

    Fine (yuan) and multiple where the first assessment had them wrong; None: they are right.
    """

    is_change: bool
    reason: str
    level: str = ""
    counted_yuan: Decimal | None = None
    fine_yuan: Decimal | None = None
    multiple: Decimal | None = None
    finance_agrees: bool = False


@transaction.atomic
def examine(review: Review, found: Finding, *, by: Officer, at: datetime) -> Proposal:
    """Keep a proposal: the sum that follows from grade, base, fine and the insider's multiple, with the share as before.

    Raises:
        Forbidden: another role, or another area.
        NotNow: the officer assessed or decided the reward.
        Incomplete: with every problem, each at its field.
    """
    require(by, Permission.WORK_REWARD, division=review.organisation.division_code)
    if is_one_of(by, services.first_persons(review.reward_case)):
        raise _another()
    problems = []
    if not found.reason.strip():
        problems.append(Problem("review_reason", "请写明理由和依据。", "Say why, and on what it rests."))
    grant, amount = part_of(review.report), None
    if found.is_change and grant is not None:
        found = _completed(grant, found)
        amount, more = _amount(grant, found, at)
        problems += more
    policies.check_none(problems)
    has_sum = amount is not None
    return Proposal.objects.create(
        review=review,
        is_change=found.is_change,
        level=found.level if has_sum else "",
        counted_yuan=found.counted_yuan if has_sum else None,
        fine_yuan=found.fine_yuan if has_sum else None,
        multiple=found.multiple if has_sum else None,
        amount_yuan=amount,
        reason=found.reason.strip(),
        officer=by,
        at=at,
    )


def _another() -> NotNow:
    return NotNow(
        "原来的奖励是您认定或者决定的，复核由另一个人办理；本单位没有别人的，请上级单位办理。",
        "You assessed or decided this reward; somebody else reviews it, if need be of the unit above.",
    )


def _completed(grant: Grant, found: Finding) -> Finding:
    """Take fine and multiple of the assessment in force where the finding does not put them right."""
    first = grant.reward_case.assessment
    assert first is not None and first.fine_yuan is not None
    return replace(
        found,
        fine_yuan=first.fine_yuan if found.fine_yuan is None else found.fine_yuan,
        multiple=first.multiple if found.multiple is None else found.multiple,
        finance_agrees=found.finance_agrees or found.multiple is None or found.multiple <= first.multiple,
    )


def _amount(grant: Grant, found: Finding, at: datetime) -> tuple[Decimal | None, list[Problem]]:
    """Return what grade and base come to for one part (yuan), and what is wrong with them."""
    assert found.fine_yuan is not None and found.multiple is not None
    amount = None
    if found.level in rules.LEVELS and found.counted_yuan is not None:
        whole = rules.amount_yuan(found.level, found.counted_yuan, statutory_day(at), multiple=found.multiple)
        amount = rules.divided(whole, [("rest", 100 - grant.percent), ("part", grant.percent)])[1].yuan
    problems = rules.review_problems(
        found.level,
        counted_yuan=found.counted_yuan,
        fine_yuan=found.fine_yuan,
        amount_yuan=amount,
        before_yuan=grant.total_yuan,
    )
    problems += rules.multiple_problems(
        found.multiple, is_insider=grant.reward.report.is_insider, finance_agrees=found.finance_agrees
    )
    return amount, problems


@transaction.atomic
def send_back(review: Review, *, note: str, by: Officer) -> None:
    """Have the review examined again: a leader is not bound to what was proposed, and decides on the next proposal.

    Raises:
        Forbidden: only a leader.
        NotNow: the leader had a part in it.
        Incomplete: no word on what to look at.
    """
    _check_decider(review, by)
    if not note.strip():
        raise Incomplete([Problem("review_note", "退回时请写明意见。", "Say why you return it.")])


@transaction.atomic
def decide(review: Review, *, adopts: bool, reason: str, by: Officer, at: datetime) -> Outcome:
    """A leader who had no part in the reward, nor examined the review, decides.

    Raises:
        Forbidden: only a leader.
        NotNow: the leader had a part in it.
        Incomplete: nothing to tell the reporter.
    """
    proposal = _check_decider(review, by)
    if not reason.strip():
        raise Incomplete(
            [Problem("told_reason", "请写明告诉举报人的理由。", "Say what the reporter is told.")]
        )
    is_changed = adopts and proposal.is_change
    outcome = Outcome.objects.create(
        review=review,
        is_changed=is_changed,
        amount_yuan=proposal.amount_yuan if is_changed else None,
        reason=reason.strip(),
        officer=by,
        at=at,
    )
    if is_changed and proposal.amount_yuan is not None:
        _assess_anew(review, proposal, at=at)
    reporting.note_review(review.report, "changed" if is_changed else "upheld", by=by, at=at)
    return outcome


def _assess_anew(review: Review, proposal: Proposal, *, at: datetime) -> Assessment:
    """Keep the assessment that a review made, beside the first: who examined made it, who decided adopted it.

    The parts of others who share stay what was decided for them; who asks for a review of one gets it by the new
    figures.
    """
    first = review.reward_case.assessment
    assert first is not None and proposal.counted_yuan is not None and proposal.multiple is not None
    own = review.report.number
    whole = rules.amount_yuan(
        proposal.level, proposal.counted_yuan, statutory_day(proposal.at), multiple=proposal.multiple
    )
    return Assessment.objects.create(
        reward_case=review.reward_case,
        sequence=first.sequence + 1,
        is_granted=True,
        level=proposal.level,
        fine_yuan=proposal.fine_yuan,
        counted_yuan=proposal.counted_yuan,
        multiple=proposal.multiple,
        amount_yuan=whole,
        shares=[
            [name, percent, str(proposal.amount_yuan) if name == own else yuan]
            for name, percent, yuan in first.shares
        ],
        set_apart=first.set_apart,
        reason=proposal.reason,
        officer=proposal.officer,
        at=at,
    )


def _check_decider(review: Review, by: Officer) -> Proposal:
    """Return the proposal that is decided on, or refuse who had a part in the reward or made a proposal."""
    require(by, Permission.DECIDE_REWARD, division=review.organisation.division_code)
    proposals = list(Proposal.objects.filter(review=review).order_by("pk"))
    busy = services.took_part(review.reward_case) | services.first_persons(review.reward_case)
    if is_one_of(by, busy | {one.officer_id for one in proposals}):
        raise _another()
    return proposals[-1]


@transaction.atomic
def tell(review: Review, *, by: Officer, at: datetime) -> bool:
    """Write down that the reporter was told. Return whether there is something to claim: its term runs from today.

    A refusal that does not stand is assessed anew, by people who had no part in it.
    """
    require(by, Permission.WORK_REWARD, division=review.organisation.division_code)
    today = statutory_day(at)
    review.told_on, review.claim_until = today, rules.claim_until(today)
    review.save(update_fields=["told_on", "claim_until"])
    grant = part_of(review.report)
    if grant is not None:
        return grant.state not in {"paid", "lapsed"}
    if review.outcome.is_changed:
        services.start(review.reward_case, f"{review.reward_case.number}-2", counted_from=today, by=by, at=at)
    return False


@transaction.atomic
def lapse(review: Review, *, by: Officer | None, at: datetime) -> None:
    """The term after the review is over: what nobody claimed is given up, and the reward's own case may end."""
    services.lapse(review.reward_case, by=by, at=at)
    services.settle(review.reward_case, by=by, at=at, besides=review.case)

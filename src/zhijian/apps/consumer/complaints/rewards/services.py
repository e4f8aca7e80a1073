"""The verbs of rewards: open, assess, look twice, approve, tell, claim, pay, lapse. Each in one transaction.

No one person gives money away: who assessed, who looked again and who approves are three, and finance pays who claimed
by a code without learning what was reported or by whom.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from zhijian.apps.consumer.complaints import paperwork, policies, reporting
from zhijian.apps.consumer.complaints.codes import ReportState
from zhijian.apps.consumer.complaints.intake import receipts
from zhijian.apps.consumer.complaints.models import ReporterIdentity, ReportStep, Reward, ViolationReport
from zhijian.apps.consumer.complaints.policies import Incomplete, NotNow
from zhijian.apps.consumer.complaints.rewards import rules
from zhijian.apps.consumer.complaints.rewards.models import (
    Application,
    Assessment,
    Claim,
    Grant,
    Lapse,
    Payment,
    Review,
    RewardCase,
)
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import Case, CaseEvent, CaseStatus
from zhijian.security.audit import record_look
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.security.persons import is_one_of
from zhijian.security.sealed_text import is_exactly, mark_exactly, seal, unseal
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

if TYPE_CHECKING:
    from django.db.models import QuerySet

PROCEDURE = "consumer/report_reward"
PAYOUTS = "payouts"  # the name of the key of accounts: finance opens it, nobody else
SETTLED, EXTENDED = "settled", "claim_extended"  # messages of the drawing
LEAST_PASSWORD, MOST_PASSWORD, LONGEST_ACCOUNT = 6, 60, 200
_PROVEN = {ReportState.CASE_FILED, ReportState.REPORTER_TOLD, ReportState.RESULT_TOLD}
_DONE = {"paid", "lapsed"}  # states of a part
_UNFINISHED = {ReportState.RECEIVED, ReportState.VERIFYING, ReportState.EXTENDED}


def may_be_rewarded(report: ViolationReport) -> bool:
    """Say whether somebody is there to be rewarded: one who gave a name, or who holds the code of a receipt."""
    submission = report.submission
    has_code = submission is not None and bool(submission.receipt_code_hash)
    return has_code or ReporterIdentity.objects.filter(report=report).exists()


@transaction.atomic
def open_reward(
    report: ViolationReport,
    *,
    conclusion: str,
    concluded_on: date | None,
    penalty_number: str,
    by: Officer,
    at: datetime,
) -> RewardCase:
    """Open the reward of a report whose case was concluded: it is assessed and told within 15 working days.

    Raises:
        Forbidden: the officer does not work on this report.
        NotNow: it is not proven, there is nobody to reward, or it or the same fine has its reward already.
        Incomplete: how, when and by which paper the case ended is missing.
    """
    policies.check_work_report(report, by)
    if report.state not in _PROVEN:
        raise NotNow(
            f"这件举报现在是“{report.state_words[0]}”，查证属实并立案的才能奖励。",
            f"This report is “{report.state_words[1]}”; only a proven one is rewarded.",
        )
    if not may_be_rewarded(report):
        raise NotNow("这条线索没有举报人，不适用奖励。", "Nobody reported this clue; there is no reward.")
    if RewardCase.objects.filter(report=report).exists():
        raise NotNow("这件举报的奖励已经启动。", "The reward of this report is open already.")
    if Reward.objects.filter(report=report).exists():
        raise NotNow(
            "这件举报已经分得奖励，不重复奖励。", "This report has its share already; none is rewarded twice."
        )
    policies.check_none(_conclusion_problems(report, conclusion, concluded_on, penalty_number, at))
    assert concluded_on is not None
    key = rules.penalty_key(penalty_number)
    if any(_is_live(one) for one in _of_one_fine(key)):
        raise _rewarded_already()
    reward_case = RewardCase.objects.create(
        number=f"JL{report.number.removeprefix('JB')}",
        report=report,
        organisation=report.organisation,
        conclusion=conclusion,
        concluded_on=concluded_on,
        penalty_number=penalty_number.strip(),
        penalty_key=key,
        opened_at=at,
        is_synthetic=report.is_synthetic,
    )
    start(reward_case, reward_case.number, counted_from=concluded_on, by=by, at=at)
    return reward_case


def start(reward_case: RewardCase, number: str, *, counted_from: date, by: Officer, at: datetime) -> None:
    """Start the case in which a reward is assessed: the first one, or the one that a review orders."""
    report = reward_case.report
    reward_case.told_on = reward_case.claim_until = None
    reward_case.case = procedures.start_case(
        PROCEDURE,
        number=number,
        title=f"举报奖励 {number}",
        organisation=report.organisation,
        division_code=report.division_code,
        data={
            "concluded_on": counted_from,
            "unit_code": report.organisation.code,
            "is_insider": report.is_insider,
            "touches_life": False,
        },
        by=by,
        at=at,
        is_synthetic=report.is_synthetic,
    )
    reward_case.save(update_fields=["case", "told_on", "claim_until"])


def _of_one_fine(key: str) -> list[RewardCase]:
    """Return the rewards of one fine, held until the transaction ends, so that two are never approved side by side."""
    same = RewardCase.objects.select_for_update(of=("self",)).select_related("case")
    return list(same.filter(penalty_key=key).order_by("pk"))


def _is_live(reward_case: RewardCase) -> bool:
    """Say whether a reward is being decided, or was granted; a refused one leaves the fine to others who reported."""
    return (
        reward_case.grants.exists() or reward_case.case is None or reward_case.case.status == CaseStatus.OPEN
    )


def _rewarded_already() -> NotNow:
    return NotNow(
        "这份处罚决定已经有奖励在办或者已经决定，不重复奖励。几人分别举报的，在那件奖励里按比例分配。",
        "This penalty has its reward, decided or under way; none is given twice. Several reporters share that one.",
    )


def _conclusion_problems(
    report: ViolationReport, conclusion: str, concluded_on: date | None, penalty_number: str, at: datetime
) -> list[Problem]:
    problems = []
    if conclusion not in {RewardCase.PENALTY, RewardCase.CRIME}:
        problems.append(Problem("conclusion", "请选择结案方式。", "Say how the case was concluded."))
    if concluded_on is None:
        problems.append(Problem("concluded_on", "请填写结案日期。", "Give the day of the conclusion."))
    elif not statutory_day(report.first_received_at) <= concluded_on <= statutory_day(at):
        problems.append(
            Problem(
                "concluded_on",
                "结案日期应在收到举报之后、今天以前。",
                "The day lies between the receipt of the report and today.",
            )
        )
    if not rules.penalty_key(penalty_number):
        problems.append(
            Problem("penalty_number", "请填写处罚决定书或者移送文书文号。", "Give the number of the paper.")
        )
    return problems


@dataclass(frozen=True)
class Finding:
    """What an officer hands in as the assessment. Sums in yuan; `consistent_yuan` None: all of the fine."""

    is_granted: bool
    reason: str
    level: str = ""
    fine_yuan: Decimal | None = None
    consistent_yuan: Decimal | None = None
    multiple: Decimal = Decimal(1)
    finance_agrees: bool = False
    shares_text: str = ""
    others_differ: bool = False  # the firm's other reports are about other facts
    ground: str = ""


@transaction.atomic
def assess(reward_case: RewardCase, found: Finding, *, by: Officer, at: datetime) -> Assessment:
    """Keep an assessment: the grade and the sum that follows, or the ground to give none. Others decide on it.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: with every problem, each at its field.
    """
    require(by, Permission.WORK_REWARD, division=reward_case.organisation.division_code)
    _check_new_persons(reward_case, by)
    report = reward_case.report
    if not found.is_granted:
        policies.check_none(
            rules.exclusion_problems(found.ground, is_insider=report.is_insider, reason=found.reason)
        )
        return _keep(reward_case, found, None, [], [], by=by, at=at)
    shares, problems = rules.read_shares(found.shares_text)
    problems += rules.grading_problems(
        found.level,
        fine_yuan=found.fine_yuan,
        consistent_yuan=found.consistent_yuan,
        multiple=found.multiple,
        reason=found.reason,
    )
    if found.multiple > 1 and not found.finance_agrees:
        problems.append(
            Problem(
                "finance_agrees",
                "内部举报人提高奖励标准，须先征得同级财政部门同意（第十二条）。",
                "An insider's higher standard needs the consent of the finance department (article 12).",
            )
        )
    numbers = [one.number for one in _of_same_firm(report, _PROVEN)]
    in_order = [] if found.others_differ else numbers
    problems += rules.share_problems(shares, main=report.number, known=numbers, in_order=in_order)
    earlier = numbers[: numbers.index(report.number)] if report.number in numbers else numbers
    unfinished = _earlier_unfinished(report)
    if not found.others_differ:
        problems += rules.first_problems(
            main=report.number, earlier=[] if shares else earlier, unfinished=unfinished
        )
    policies.check_none(problems)
    assert found.fine_yuan is not None
    counted = found.fine_yuan if found.consistent_yuan is None else found.consistent_yuan
    amount = rules.amount_yuan(found.level, counted, statutory_day(at), multiple=found.multiple)
    divided = rules.divided(amount, shares or [(report.number, Decimal(100))])
    sharing = {name for name, _ in shares}
    apart = [name for name in (*earlier, *unfinished) if name not in sharing] if found.others_differ else []
    return _keep(reward_case, found, amount, divided, apart, by=by, at=at)


def _keep(
    reward_case: RewardCase,
    found: Finding,
    amount: Decimal | None,
    divided: Sequence[rules.Share],
    apart: Sequence[str],
    *,
    by: Officer,
    at: datetime,
) -> Assessment:
    counted = found.fine_yuan if found.consistent_yuan is None else found.consistent_yuan
    return Assessment.objects.create(
        reward_case=reward_case,
        sequence=reward_case.assessments.count() + 1,
        is_granted=found.is_granted,
        ground="" if found.is_granted else found.ground,
        level=found.level if found.is_granted else "",
        fine_yuan=found.fine_yuan if found.is_granted else None,
        counted_yuan=counted if found.is_granted else None,
        multiple=found.multiple if found.is_granted else Decimal(1),
        amount_yuan=amount,
        shares=[[one.report, str(one.percent), str(one.yuan)] for one in divided],
        set_apart=list(apart),
        reason=found.reason.strip(),
        officer=by,
        at=at,
    )


def _of_same_firm(report: ViolationReport, states: Collection[ReportState]) -> list[ViolationReport]:
    """Return the unit's reports about the same firm, in the order of receipt, that have a maker and no reward yet.

    A firm is found by its code or by its name: a report that gave no code is not forgotten.
    """
    firm = Q(respondent_name=report.respondent_name)
    if report.respondent_code:
        firm |= Q(respondent_code=report.respondent_code)
    same = ViolationReport.objects.filter(firm, organisation=report.organisation, submission__isnull=False)
    found = same.select_related("submission").prefetch_related("steps").order_by("first_received_at", "id")
    rewarded = set(Reward.objects.filter(report__in=found).values_list("report_id", flat=True))
    refused = set(_refused(found))
    return [
        one
        for one in found
        if one.state in states
        and one.pk not in rewarded
        and (one.pk == report.pk or one.pk not in refused)
        and may_be_rewarded(one)
    ]


def _refused(reports: "QuerySet[ViolationReport]") -> "QuerySet[Any, int]":
    """Return the reports whose makers were decided to get nothing: they do not stand before others."""
    steps = ReportStep.objects.filter(report__in=reports, verb="refuse_reward")
    return steps.values_list("report_id", flat=True)


def _earlier_unfinished(report: ViolationReport) -> list[str]:
    """Return the numbers of earlier reports about the firm of which nobody knows yet whether they are proven."""
    moment = (report.first_received_at, report.pk)
    found = _of_same_firm(report, _UNFINISHED)
    return [one.number for one in found if (one.first_received_at, one.pk) < moment]


@transaction.atomic
def look_again(reward_case: RewardCase, *, is_returned: bool, note: str, by: Officer, at: datetime) -> None:
    """A second officer looks at the assessment; it goes on to approval, or back.

    Raises:
        NotNow: it is the officer's own assessment.
        Incomplete: returned without a word.
    """
    require(by, Permission.WORK_REWARD, division=reward_case.organisation.division_code)
    _check_other_person(reward_case, by, ("assess_reward",))
    _check_new_persons(reward_case, by)
    _check_note(is_returned, note)


@transaction.atomic
def approve(reward_case: RewardCase, *, is_returned: bool, note: str, by: Officer, at: datetime) -> bool:
    """A leader decides: the reward, or that there is none, or back to the assessment. Return whether it was granted.

    Raises:
        Forbidden: only a leader decides.
        NotNow: the leader assessed it or looked at it before, so that a third person decides; or the fine, or one of
            the reports that share, was rewarded since.
        Incomplete: returned without a word.
    """
    require(by, Permission.DECIDE_REWARD, division=reward_case.organisation.division_code)
    _check_other_person(reward_case, by, ("assess_reward", "review_reward"))
    _check_new_persons(reward_case, by)
    _check_note(is_returned, note)
    found = reward_case.assessment
    if is_returned or found is None:
        return False
    if not found.is_granted:
        reporting.refuse_reward(reward_case.report, ground=found.ground, by=by, at=at)
        article = rules.EXCLUSIONS[found.ground].article
        words = rules.EXCLUSIONS[found.ground].words_zh
        paperwork.reward_refused(reward_case.report, f"{words}（{article}）", by=by, at=at)
        return False
    _check_rewarded_once(reward_case, [number for number, _, _ in found.shares])
    for number, percent, yuan in found.shares:
        _grant(reward_case, found, number, Decimal(percent), Decimal(yuan), by=by, at=at)
    return True


def _check_rewarded_once(reward_case: RewardCase, numbers: Sequence[str]) -> None:
    """Refuse a second reward of a fine, or of a report; what is asked here is held until the transaction ends."""
    twins = [one for one in _of_one_fine(reward_case.penalty_key) if one.pk != reward_case.pk]
    if any(one.grants.exists() for one in twins):
        raise _rewarded_already()
    held = ViolationReport.objects.select_for_update(of=("self",)).filter(number__in=numbers).order_by("pk")
    twice = Reward.objects.filter(report__in=list(held)).values_list("report__number", flat=True)
    if twice:
        raise NotNow(
            f"{'、'.join(twice)}已经得到奖励，不重复奖励。请退回重新认定。",
            f"{', '.join(twice)} has its reward already; none is rewarded twice. Return it for a new assessment.",
        )


def _grant(
    reward_case: RewardCase,
    found: Assessment,
    number: str,
    percent: Decimal,
    yuan: Decimal,
    *,
    by: Officer,
    at: datetime,
) -> None:
    report = ViolationReport.objects.select_related("organisation").get(number=number)
    reward = reporting.reward(
        report, amount_yuan=yuan, basis=found.reason, payout_code=payout_code(report), by=by, at=at
    )
    Grant.objects.create(reward_case=reward_case, reward=reward, percent=percent)
    paperwork.rewarded(report, yuan, by=by, at=at)


def payout_code(report: ViolationReport) -> str:
    """Return the code under which a reward is paid: nobody finds the report from it, or guesses it."""
    digest = receipts.digest(report.number, "payout", settings.SECRET_KEY)
    return receipts.new_code(12, lambda length: bytes.fromhex(digest)[:length])


def _check_other_person(reward_case: RewardCase, by: Officer, tasks: Sequence[str]) -> None:
    """Two persons: of the steps before, counted from the newest assessment, none was the same officer's."""
    assert reward_case.case is not None
    for task in tasks:
        done = reward_case.case.work_items.filter(task=task, state="done").order_by("-finished_at", "-pk")
        last = done.first()
        if last is not None and is_one_of(by, {last.finished_by_id}):
            raise NotNow(
                f"“{last.name}”是您办的，这一步由另一个人办理；本单位没有别人的，请上级单位负责人办理。",
                f"You did “{last.task}”; somebody else takes this step, if need be a leader of the unit above.",
            )


def first_persons(reward_case: RewardCase) -> set[int]:
    """Return who assessed and who decided the reward up to now."""
    people = set(reward_case.assessments.values_list("officer_id", flat=True))
    people |= set(reward_case.grants.values_list("reward__decided_by_id", flat=True))
    return people | set(_refused_by(reward_case.report))


def _refused_by(report: ViolationReport) -> "QuerySet[Any, int]":
    return report.steps.filter(verb="refuse_reward", officer__isnull=False).values_list(
        "officer_id", flat=True
    )


def _check_new_persons(reward_case: RewardCase, by: Officer) -> None:
    """After a review, who assessed, looked at or refused the reward first does not do it again."""
    review = Review.objects.filter(report=reward_case.report, told_on__isnull=False).first()
    if review is None:
        return
    first = set(reward_case.assessments.filter(at__lt=review.asked_at).values_list("officer_id", flat=True))
    first |= _doers(case__number=reward_case.number)
    if is_one_of(by, first | set(_refused_by(reward_case.report))):
        raise NotNow(
            "复核以后重新认定的，由没有办过原决定的人办理。",
            "What is assessed anew after a review is done by people who had no part in the first decision.",
        )


def _check_note(is_returned: bool, note: str) -> None:
    if is_returned and not note.strip():
        raise Incomplete([Problem("reward_note", "退回时请写明意见。", "Say why you return it.")])


@transaction.atomic
def tell(reward_case: RewardCase, *, channel: str, by: Officer, at: datetime) -> date | None:
    """Write down that the reporter was told; the term to claim runs from today. Return its last day, if granted."""
    require(by, Permission.WORK_REWARD, division=reward_case.organisation.division_code)
    reward_case.told_on = statutory_day(at)
    reward_case.claim_until = rules.claim_until(reward_case.told_on) if reward_case.grants.exists() else None
    reward_case.save(update_fields=["told_on", "claim_until"])
    return reward_case.claim_until


@transaction.atomic
def extend_claim(reward_case: RewardCase, *, reason: str, by: Officer, at: datetime) -> date:
    """Extend the term to claim once, by ten working days at most, for special circumstances.

    Raises:
        Forbidden: only a leader.
        NotNow: nothing waits, it was extended already, or the term is over.
        Incomplete: no reason is given.
    """
    require(by, Permission.DECIDE_REWARD, division=reward_case.organisation.division_code)
    if not reason.strip():
        raise Incomplete([Problem("reason", "请写明延长领取期限的理由。", "Say why the term is extended.")])
    RewardCase.objects.select_for_update(of=("self",)).get(
        pk=reward_case.pk
    )  # two leaders wait for each other
    reward_case.refresh_from_db(fields=["claim_until", "is_extended"])
    if reward_case.claim_until is None or statutory_day(at) > reward_case.claim_until:
        raise NotNow("领取期限没有开始或者已经届满。", "The term to claim has not begun, or is over.")
    if reward_case.is_extended:
        raise NotNow("领取期限只能延长一次。", "The term is extended once only.")
    if not any(one.state == "waiting" for one in reward_case.grants.all()):
        raise NotNow("没有等待领取的奖励。", "Nothing waits to be claimed.")
    assert reward_case.case is not None
    before, after = reward_case.claim_until, rules.extended_until(reward_case.claim_until)
    reward_case.claim_until, reward_case.is_extended = after, True
    reward_case.save(update_fields=["claim_until", "is_extended"])
    data = {"claim_until": before.isoformat(), "extension_reason": reason.strip()[:300]}
    procedures.send_message(reward_case.case, EXTENDED, data, by=by, at=at)
    return after


# ------------------------------------------------------------------------------------------------- by the reporter


@transaction.atomic
def apply(
    report: ViolationReport, *, promises: bool, password: str, by: Officer | None, at: datetime
) -> Application:
    """The reporter asks for a reward, with the code alone; one without a name must set a password of the claim.

    Raises:
        NotNow: asked already, or the report is not one that is rewarded.
        Incomplete: no promise, or a password that is missing, too short or too long.
    """
    problems = []
    if not promises:
        problems.append(
            Problem(
                "promises",
                "请承诺不属于不予奖励的情形，才能申请。",
                "Promise that none of the exclusions holds for you.",
            )
        )
    if (password or not report.is_named) and not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        problems.append(
            Problem(
                "password",
                f"举报密码应为{LEAST_PASSWORD}至{MOST_PASSWORD}个字符。匿名举报凭它领取，请记牢。",
                f"The password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters. Without a name you claim by it.",
            )
        )
    policies.check_none(problems)
    if Application.objects.filter(report=report).exists():
        raise NotNow("您已经申请过。", "You have asked already.")
    if report.state in {ReportState.NO_CASE, ReportState.NO_AUTHORITY_TOLD, ReportState.REPEATED}:
        raise NotNow(
            f"这件举报的结果是“{report.state_words[0]}”，没有奖励。",
            f"The result of this report is “{report.state_words[1]}”; there is no reward.",
        )
    return Application.objects.create(
        report=report, password_digest=_digest(report, password) if password else "", at=at
    )


def _digest(report: ViolationReport, password: str) -> str:
    return mark_exactly(password, key=PAYOUTS, context=f"{report.number}/reward")


@transaction.atomic
def claim(
    reward: Reward,
    *,
    password: str,
    way: str,
    account: str,
    counter_officer: Officer | None = None,
    by: Officer | None,
    at: datetime,
) -> Claim:
    """Claim a reward within its term and make the order to pay; who comes twice gets the first order's answer.

    Raises:
        NotNow: not told yet, over, claimed or paid already.
        Incomplete: a wrong password, no way to pay, no account.
    """
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("reward_case__organisation", "reward__report")
        .get(reward=reward)
    )
    _check_claimable(grant, at)
    policies.check_none(_claim_problems(reward, password, way, account))
    sequence = grant.claims.count() + 1
    mark = receipts.digest(f"{reward.payout_code}/{sequence}", "order", settings.SECRET_KEY)
    number = f"FK{receipts.new_code(12, lambda length: bytes.fromhex(mark)[:length]).replace('-', '')}"
    return Claim.objects.create(
        grant=grant,
        sequence=sequence,
        order_number=number,
        way=way,
        account_sealed=seal(account.strip(), key=PAYOUTS, context=number) if way == Claim.ACCOUNT else "",
        amount_yuan=grant.due_yuan,
        counter_officer=counter_officer,
        at=at,
    )


def _check_claimable(grant: Grant, at: datetime) -> None:
    state, until = grant.state, grant.claim_until
    if until is None:
        raise NotNow("奖励决定还没有告知，请稍后再来。", "The decision is not told yet; come back later.")
    if state in {"claimed", "paid"}:
        raise NotNow(
            "这笔奖励已经领取，不能重复领取。", "This reward is claimed already; none is paid twice."
        )
    is_over = statutory_day(at) > until and not grant.is_under_review
    if state == "lapsed" or (state == "waiting" and is_over):
        raise NotNow(
            f"领取期限已于{until}届满，视为放弃。", f"The term to claim ended on {until}: it is given up."
        )


def _claim_problems(reward: Reward, password: str, way: str, account: str) -> list[Problem]:
    problems = []
    asked = Application.objects.filter(report=reward.report).first()
    kept = asked.password_digest if asked is not None else ""
    context = f"{reward.report.number}/reward"
    if kept and not is_exactly(password, kept, key=PAYOUTS, context=context):
        problems.append(
            Problem(
                "password",
                "举报密码不对。请核对大小写和空格。",
                "The password is wrong. Check case and spaces.",
            )
        )
    if way not in {Claim.ACCOUNT, Claim.CASH}:
        problems.append(Problem("way", "请选择领取方式。", "Choose how you want to be paid."))
    if way == Claim.ACCOUNT and not 8 <= len(account.strip()) <= LONGEST_ACCOUNT:
        problems.append(
            Problem(
                "account",
                "请写收款的户名、开户行和账号。",
                "Give the holder, the bank and the number of the account.",
            )
        )
    return problems


def find_by_code(code: str) -> Reward | None:
    """Return the reward of a payout code as somebody at a counter says it, or None."""
    plain = receipts.read_code(code)
    if len(plain) != 12:
        return None
    grouped = "-".join(plain[start : start + 4] for start in range(0, 12, 4))
    return Reward.objects.select_related("report__organisation").filter(payout_code=grouped).first()


# ------------------------------------------------------------------------------------------------------- by finance


@dataclass(frozen=True)
class Receipt:
    """What finance says of an order."""

    is_paid: bool
    paid_on: date | None
    receipt_number: str = ""
    note: str = ""


@transaction.atomic
def record_payment(order: Claim, receipt: Receipt, *, by: Officer, at: datetime) -> Payment:
    """Keep what finance says; when nothing is owed any more, the reward is settled.

    Raises:
        Forbidden: only finance of the unit or one above.
        NotNow: there is a receipt already, or the officer took the claim or had a part in the decision.
        Incomplete: a payment without its day and number, or a return without a word.
    """
    unit: Organisation = order.grant.reward_case.organisation
    require(by, Permission.PAY_REWARD, division=unit.division_code)
    order = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("grant__reward_case__case")
        .get(pk=order.pk)
    )
    check_pays(order, by)
    if Payment.objects.filter(claim=order).exists():
        raise NotNow("这张支付单已经有回执。", "This order has its receipt already.")
    policies.check_none(_receipt_problems(order, receipt, at))
    paid_on = receipt.paid_on or statutory_day(at)
    payment = Payment.objects.create(
        claim=order,
        is_paid=receipt.is_paid,
        paid_on=paid_on,
        receipt_number=receipt.receipt_number.strip(),
        note=receipt.note.strip()[:200],
        field_code=order.grant.reward.report.topic_code[:3],
        officer=by,
        at=at,
    )
    report = order.grant.reward.report
    reporting.note_payment(report, order.order_number, is_paid=receipt.is_paid, by=by, at=at)
    settle(order.grant.reward_case, by=None, at=at)
    return payment


def open_account(order: Claim, *, by: Officer, at: datetime) -> str:
    """Return the account of an order and write down who looked, for paying.

    Raises:
        Forbidden: only finance of the unit or one above.
        NotNow: paid already, or the officer took the claim or had a part in the decision.
    """
    require(by, Permission.PAY_REWARD, division=order.grant.reward_case.organisation.division_code)
    check_pays(order, by)
    if Payment.objects.filter(claim=order).exists():
        raise NotNow("这张支付单已经有回执。", "This order has its receipt already.")
    with transaction.atomic():
        record_look(by, order.order_number, "payout_account", at=at, reason="付款")
        return unseal(order.account_sealed, key=PAYOUTS, context=order.order_number)


def check_pays(order: Claim, by: Officer) -> None:
    """Two pairs of eyes: nobody pays, or opens the account of, what he took in at the counter or helped to decide.

    Raises:
        NotNow: the officer did.
    """
    reward_case = order.grant.reward_case
    busy = took_part(reward_case) | first_persons(reward_case) | _reviewers(reward_case)
    if is_one_of(by, busy | {order.counter_officer_id}):
        raise NotNow(
            "这笔奖励的领取或者认定、审批、复核是您办的，由另一个人付款。",
            "You took this claim, or had a part in the decision; somebody else pays it.",
        )


def took_part(reward_case: RewardCase) -> set[int]:
    """Return who did a step of a reward's cases, the first one and the one after a review, or had it done in his place."""
    return _doers(case__number=reward_case.number) | _doers(case=reward_case.case)


def _reviewers(reward_case: RewardCase) -> set[int]:
    """Return who did a step of a review of this reward."""
    return _doers(case__reward_review__reward_case=reward_case)


def _doers(**of: Any) -> set[int]:
    done = CaseEvent.objects.filter(verb="complete", **of)
    people = done.values_list("officer_id", "on_behalf_of_id")
    return {one for pair in people for one in pair if one is not None}


def _receipt_problems(order: Claim, receipt: Receipt, at: datetime) -> list[Problem]:
    problems = []
    if receipt.is_paid and not receipt.receipt_number.strip():
        problems.append(
            Problem("receipt_number", "请填写银行回单号或者现金收据号。", "Give the number of the receipt.")
        )
    if receipt.is_paid and (
        receipt.paid_on is None or not statutory_day(order.at) <= receipt.paid_on <= statutory_day(at)
    ):
        problems.append(
            Problem(
                "paid_on", "支付日期应在领取之后、今天以前。", "The day lies between the claim and today."
            )
        )
    if not receipt.is_paid and not receipt.note.strip():
        problems.append(Problem("note", "退回时请写明原因。", "Say why it came back."))
    return problems


def settle(reward_case: RewardCase, *, by: Officer | None, at: datetime, besides: Case | None = None) -> None:
    """Let the case end once every part is paid or given up, and that of a review once its own part is.

    `besides` is a case that is moving already and ends by itself.
    """
    owed = {one.reward.report_id for one in _parts(reward_case) if one.state not in _DONE}
    cases = [one.case for one in reward_case.reviews.select_related("case") if one.report_id not in owed]
    if not owed:
        cases.append(reward_case.case)
    for case in cases:
        if (
            case is not None
            and case != besides
            and case.waits.filter(kind="message", message=SETTLED).exists()
        ):
            procedures.send_message(case, SETTLED, {}, by=by, at=at)


def _parts(reward_case: RewardCase) -> "QuerySet[Grant]":
    return reward_case.grants.select_related("reward__report", "reward_case")


@transaction.atomic
def lapse(reward_case: RewardCase, *, by: Officer | None, at: datetime) -> bool:
    """Give up what nobody claimed within its term; what is under review waits. Return whether something is still owed."""
    today = statutory_day(at)
    for grant in _parts(reward_case):
        until = grant.claim_until
        if grant.state == "waiting" and not grant.is_under_review and until is not None and today > until:
            Lapse.objects.create(grant=grant, lapsed_on=today, at=at)
            reporting.note_lapse(grant.reward.report, by=by, at=at)
    return any(one.state not in _DONE for one in _parts(reward_case))

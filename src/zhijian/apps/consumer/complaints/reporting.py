"""The verbs of reports of violations. Each checks, decides, writes a step and records the fact, in one transaction.

A report's facts are about its own number: nothing of a report lies in a firm's file, and none names who reported. A
report is never closed by what happens to the complaint of the same envelope (IN-1).
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.complaints import paperwork, rules
from zhijian.apps.consumer.complaints.codes import ReportState
from zhijian.apps.consumer.complaints.entries import Verification
from zhijian.apps.consumer.complaints.ledger import REPORTS
from zhijian.apps.consumer.complaints.models import (
    ReporterIdentity,
    ReportStep,
    Reward,
    ViolationReport,
)
from zhijian.apps.consumer.complaints.rules import Repeat
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Permission, require
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

add_step, tell = REPORTS.add_step, REPORTS.tell


@transaction.atomic
def dispatch(
    report: ViolationReport, *, target: Organisation, reason: str, by: Officer | None, at: datetime
) -> ReportStep:
    """Let the competent unit take the report over; its clock starts with that unit's receipt (J-5)."""
    step = add_step(report, "dispatch", by=by, at=at, note=reason.strip(), data={"target": target.code})
    paperwork.dispatched(report, target, by=by, at=at)
    report.organisation, report.division_code = target, target.division_code
    report.competent_received_at, report.clock_started_on = at, statutory_day(at)
    report.save(update_fields=["organisation", "division_code", "competent_received_at", "clock_started_on"])
    return step


@transaction.atomic
def tell_no_authority(
    report: ViolationReport,
    *,
    competent: str,
    is_transferred: bool,
    in_writing: bool,
    by: Officer,
    at: datetime,
) -> ReportStep:
    """Tell the reporter who is competent (J-6). Food and farm products are transferred, and told in writing.

    Raises:
        Incomplete: nobody is named, or a special law wants the transfer and the writing.
    """

    def missing(report: ViolationReport) -> list[Problem]:
        problems = []
        if not competent.strip():
            problems.append(Problem("competent", "请写明有权处理的部门。", "Name who is competent."))
        duty = special_answer(report)
        if duty is not None and duty.must_transfer and not (is_transferred and in_writing):
            problems.append(
                Problem(
                    "is_transferred",
                    f"依{duty.article}，应移送有权部门并书面告知。",
                    "A special law orders the transfer and a notice in writing.",
                )
            )
        return problems

    step = add_step(
        report,
        "tell_no_authority",
        by=by,
        at=at,
        note=competent.strip(),
        data={"is_transferred": is_transferred, "in_writing": in_writing},
        check=missing,
    )
    payload = {"target": competent.strip(), "is_transferred": is_transferred}
    tell(report, "report.no_authority", payload, step, by=by, at=at)
    paperwork.told_no_authority(report, step, by=by, at=at)
    return step


@transaction.atomic
def note_repeat(report: ViolationReport, *, earlier: str, by: Officer, at: datetime) -> ReportStep:
    """End a report that says the same as an earlier one of the same person: not handled again (IN-5)."""
    step = add_step(report, "note_repeat", by=by, at=at, data={"earlier": earlier})
    tell(report, "report.repeated", {"earlier": earlier}, step, by=by, at=at)
    return step


@transaction.atomic
def merge(report: ViolationReport, newer: ViolationReport, *, by: Officer | None, at: datetime) -> ReportStep:
    """Merge a newer report with new facts of the same person; the period starts anew with its receipt (IN-5)."""
    restarted_on = received_on(newer)
    step = add_step(
        report,
        "merge",
        by=by,
        at=at,
        data={"merged": newer.number, "restarted_on": restarted_on.isoformat()},
    )
    report.clock_started_on = restarted_on
    report.save(update_fields=["clock_started_on"])
    newer.merged_into = report
    newer.save(update_fields=["merged_into"])
    add_step(newer, "note_repeat", by=by, at=at, data={"earlier": report.number, "is_merged": True})
    payload = {"merged_no": newer.number, "restarted_on": restarted_on.isoformat()}
    tell(report, "report.merged", payload, step, by=by, at=at)
    return step


def earlier_of(report: ViolationReport) -> tuple[ViolationReport | None, Repeat]:
    """Return an open report of the same person about the same firm, and what becomes of this one.

    Persons are compared by their mark, so that nobody is looked at. Whether the facts are new is proposed by the
    words of the clue; an officer decides.
    """
    mark = ReporterIdentity.objects.filter(report=report).values_list("person_mark", flat=True).first()
    if not mark:
        return None, Repeat.NEW
    same = ViolationReport.objects.filter(identity__person_mark=mark).exclude(pk=report.pk)
    same = (
        same.filter(respondent_code=report.respondent_code)
        if report.respondent_code
        else same.filter(respondent_name=report.respondent_name)
    )
    open_states = {ReportState.VERIFYING, ReportState.EXTENDED}
    earlier = next((one for one in same.order_by("-id")[:20] if one.state in open_states), None)
    if earlier is None:
        return None, Repeat.NEW
    is_new = _words(report.clue_text) - _words(earlier.clue_text) != set()
    return earlier, rules.repeat_of(same_reporter=True, same_reported=True, has_new_facts=is_new)


def _words(text: str) -> set[str]:
    """Pairs of neighbouring characters, without spaces and punctuation."""
    plain = "".join(one for one in text if one.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}


@transaction.atomic
def begin_verification(report: ViolationReport, *, by: Officer | None, at: datetime) -> ReportStep:
    """Take a report up for verification: 15 working days from receipt or discovery (D5)."""
    return add_step(report, "begin_verification", by=by, at=at)


@transaction.atomic
def extend(report: ViolationReport, *, reason: str, by: Officer, at: datetime) -> ReportStep:
    """Extend verification once by 15 working days, as the head of the authority approves.

    Raises:
        Incomplete: no reason is given.
    """

    def missing(report: ViolationReport) -> list[Problem]:
        problem = Problem("reason", "请写明延长的理由。", "Say why more time is needed.")
        return [] if reason.strip() else [problem]

    step = add_step(report, "extend", by=by, at=at, note=reason.strip(), check=missing)
    due_on = rules.verification_due_on(clock_started_on(report), is_extended=True)
    tell(report, "report.extended", {"due_on": due_on.isoformat()}, step, by=by, at=at)
    return step


@transaction.atomic
def file_case(report: ViolationReport, found: Verification, *, by: Officer, at: datetime) -> ReportStep:
    """File a case: all four tests are met. The fact is the signal for those who handle cases.

    Raises:
        Incomplete: a test is not met, or the finding is missing.
    """
    step = add_step(
        report,
        "file_case",
        by=by,
        at=at,
        note=found.finding.strip(),
        data={"tests": dict(found.tests)},
        check=lambda report: rules.filing_problems(
            "file", ground="", tests=found.tests, finding=found.finding
        ),
    )
    payload = {
        "entity": report.respondent_code,
        "entity_name": report.respondent_name,
        "clue": found.finding.strip()[:500],
        "division_code": report.division_code,
    }
    tell(report, "report.case_filed", payload, step, by=by, at=at)
    return step


@transaction.atomic
def decline_case(report: ViolationReport, found: Verification, *, by: Officer, at: datetime) -> ReportStep:
    """Decide that no case is filed, on a ground of article 20 or because the tests are not met.

    Raises:
        Incomplete: the ground does not hold, or the finding is missing.
    """
    step = add_step(
        report,
        "decline_case",
        by=by,
        at=at,
        ground=found.ground,
        note=found.finding.strip(),
        data={"tests": dict(found.tests)},
        check=lambda report: rules.filing_problems(
            "no_case", ground=found.ground, tests=found.tests, finding=found.finding
        ),
    )
    tell(report, "report.no_case", {"ground": found.ground}, step, by=by, at=at)
    return step


@transaction.atomic
def tell_filing(report: ViolationReport, *, channel: str, by: Officer, at: datetime) -> ReportStep:
    """Tell a named reporter whether a case was filed: earlier cases only (Order 20, article 31)."""
    step = add_step(report, "tell_filing", by=by, at=at, data={"channel": channel})
    tell(report, "report.told", {"duty": f"{rules.O20}第三十一条", "channel": channel}, step, by=by, at=at)
    paperwork.told_filing(report, by=by, at=at)
    return step


@transaction.atomic
def answer(
    report: ViolationReport, *, channel: str, text: str, in_writing: bool, by: Officer, at: datetime
) -> ReportStep:
    """Answer the reporter as a special law orders (Order 121, article 36).

    Raises:
        Incomplete: no law orders it, or the law wants it in writing.
    """
    duty = special_answer(report)

    def missing(report: ViolationReport) -> list[Problem]:
        problems = []
        if duty is None:
            problems.append(
                Problem("channel", "没有法律规定须答复这件举报。", "No law orders an answer here.")
            )
        elif duty.is_in_writing and not in_writing:
            problems.append(
                Problem("in_writing", f"依{duty.article}须书面答复。", "The law wants the answer in writing.")
            )
        if not text.strip():
            problems.append(Problem("text", "请写明答复内容。", "Write the answer."))
        return problems

    step = add_step(
        report,
        "answer",
        by=by,
        at=at,
        note=text.strip(),
        data={"channel": channel, "in_writing": in_writing},
        check=missing,
    )
    assert duty is not None
    tell(report, "report.told", {"duty": duty.article, "channel": channel}, step, by=by, at=at)
    paperwork.reporter_told(report, text, by=by, at=at)
    return step


@transaction.atomic
def reward(
    report: ViolationReport, *, amount_yuan: Decimal, basis: str, payout_code: str, by: Officer, at: datetime
) -> Reward:
    """Enter the reward that a leader approved (S228). It is paid under a code that no fact and no list holds.

    Raises:
        Forbidden: only a leader decides.
        NotNow: the report is not proven.
    """
    require(by, Permission.DECIDE_REWARD, division=report.organisation.division_code)
    step = add_step(report, "reward", by=by, at=at, note=basis.strip(), amount_yuan=amount_yuan)
    decided = Reward.objects.create(
        report=report,
        payout_code=payout_code,
        amount_yuan=amount_yuan,
        basis=basis.strip()[:300],
        decided_by=by,
        decided_at=at,
    )
    tell(report, "report.rewarded", {"amount_yuan": str(amount_yuan)}, step, by=by, at=at)
    return decided


@transaction.atomic
def refuse_reward(report: ViolationReport, *, ground: str, by: Officer, at: datetime) -> ReportStep:
    """Enter that no reward is given, as a leader approved.

    Raises:
        Forbidden: only a leader decides.
        NotNow: the report is not proven.
    """
    require(by, Permission.DECIDE_REWARD, division=report.organisation.division_code)
    step = add_step(report, "refuse_reward", by=by, at=at, data={"ground": ground})
    tell(report, "report.reward_refused", {"ground": ground}, step, by=by, at=at)
    return step


def note_payment(
    report: ViolationReport, order_number: str, *, is_paid: bool, by: Officer, at: datetime
) -> None:
    """Record that finance paid an order or sent it back."""
    REPORTS.note(report, "report.reward_paid", {"is_paid": is_paid}, key=order_number, by=by, at=at)


def note_lapse(report: ViolationReport, *, by: Officer | None, at: datetime) -> None:
    """Record that a reward was given up: nobody claimed it in time."""
    REPORTS.note(report, "report.reward_lapsed", {}, key="lapsed", by=by, at=at)


def note_review(report: ViolationReport, outcome: str, *, by: Officer | None, at: datetime) -> None:
    """Record that a review of the reward was asked for, or how it ended; the fact does not say why."""
    REPORTS.note(report, "report.reward_reviewed", {"outcome": outcome}, key=outcome, by=by, at=at)


def note_protection(
    report: ViolationReport, key: str, payload: Mapping[str, Any], *, by: Officer, at: datetime
) -> None:
    """Record what was done to protect the reporter; the fact does not say what happened."""
    REPORTS.note(report, "report.protected", payload, key=key, by=by, at=at)


def received_on(report: ViolationReport) -> date:
    """Return the day on which the competent authority got the material, else the first receipt."""
    return statutory_day(report.competent_received_at or report.first_received_at)


def clock_started_on(report: ViolationReport) -> date:
    """Return the day from which verification counts: receipt, discovery, or the last merged report."""
    return report.clock_started_on or received_on(report)


def special_answer(report: ViolationReport) -> rules.Answer | None:
    """Return the duty to answer that a special law sets for this report; None where there is none."""
    return rules.special_answer(report.special_field, received_on(report), is_named=report.is_named)

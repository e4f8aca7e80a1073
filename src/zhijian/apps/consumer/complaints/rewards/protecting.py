"""Protection of who reported: asked for with the code alone, assessed by a leader, looked at again until it is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from zhijian.apps.consumer.complaints import policies, reporting
from zhijian.apps.consumer.complaints.models import ViolationReport
from zhijian.apps.consumer.complaints.people import REPORTERS
from zhijian.apps.consumer.complaints.policies import NotNow
from zhijian.apps.consumer.complaints.rewards.models import Protection
from zhijian.apps.consumer.complaints.rewards.words import MEASURE_WORDS, THREAT_WORDS
from zhijian.engines.procedures import services as procedures
from zhijian.security.audit import record_look
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.security.sealed_text import seal, unseal
from zhijian.standards.bilingual import Problem
from zhijian.standards.calendar import statutory_day

PROCEDURE = "consumer/reporter_protection"
LEAST_WORDS, MOST_WORDS = 10, 2000


@transaction.atomic
def ask(report: ViolationReport, *, kind: str, words: str, by: Officer | None, at: datetime) -> Protection:
    """Ask for protection. What happened is sealed under the reporters' key; the case says nothing of it.

    Raises:
        NotNow: a request of the same report is open.
        Incomplete: no kind, or too few or too many words.
    """
    text = words.replace("\x00", "").strip()
    problems = []
    if kind not in THREAT_WORDS:
        problems.append(Problem("kind", "请选择遇到的情况。", "Choose what happened."))
    if not LEAST_WORDS <= len(text) <= MOST_WORDS:
        problems.append(
            Problem(
                "words",
                f"请写{LEAST_WORDS}至{MOST_WORDS}字：发生了什么，什么时候，谁做的。",
                f"Write {LEAST_WORDS} to {MOST_WORDS} characters: what happened, when, who did it.",
            )
        )
    policies.check_none(problems)
    if Protection.objects.filter(report=report, ended_on=None).exists():
        raise NotNow("您的保护请求已经收到，正在办理。", "Your request was received and is being handled.")
    count = Protection.objects.filter(report=report).count() + 1
    number = f"BH{report.number.removeprefix('JB')}-{count}"
    protection = Protection.objects.create(
        number=number,
        report=report,
        organisation=report.organisation,
        kind=kind,
        words_sealed=seal(text, key=REPORTERS, context=f"{number}/words"),
        asked_at=at,
        is_synthetic=report.is_synthetic,
    )
    protection.case = procedures.start_case(
        PROCEDURE,
        number=number,
        title=f"举报人保护 {number}",
        organisation=report.organisation,
        division_code=report.division_code,
        data={"asked_on": statutory_day(at), "unit_code": report.organisation.code},
        by=by,
        at=at,
        is_synthetic=report.is_synthetic,
    )
    protection.save(update_fields=["case"])
    return protection


def read_words(protection: Protection, *, purpose: str, by: Officer, at: datetime) -> str:
    """Return what the reporter wrote and write down who looked, when, and why.

    Raises:
        Forbidden: only a leader.
        Incomplete: no purpose is given.
    """
    require(by, Permission.DECIDE_REWARD, division=protection.organisation.division_code)
    policies.check_purpose(purpose)
    with transaction.atomic():
        record_look(by, protection.number, "reporter_protection", at=at, reason=purpose.strip()[:200])
        return unseal(protection.words_sealed, key=REPORTERS, context=f"{protection.number}/words")


@transaction.atomic
def decide(
    protection: Protection,
    *,
    is_protected: bool,
    measures: Sequence[str],
    reason: str,
    by: Officer,
    at: datetime,
) -> Protection:
    """A leader decides what is done. From then on only a leader opens the identity, where that is among it.

    An identity that was guarded once stays guarded, whatever a later assessment of the same request says.

    Raises:
        Forbidden: only a leader.
        Incomplete: no measure, or no reason.
    """
    require(by, Permission.DECIDE_REWARD, division=protection.organisation.division_code)
    problems = []
    if is_protected and not measures:
        problems.append(
            Problem("guards_identity", "请至少选择一项保护措施。", "Choose at least one measure.")
        )
    if any(one not in MEASURE_WORDS for one in measures):
        problems.append(Problem("guards_identity", "没有这项保护措施。", "There is no such measure."))
    if not reason.strip():
        problems.append(Problem("protection_reason", "请写明评估和理由。", "Say what was assessed, and why."))
    policies.check_none(problems)
    was_guarded = Protection.objects.select_for_update(of=("self",)).get(pk=protection.pk).guards_identity
    protection.measures = list(measures) if is_protected else []
    protection.guards_identity = was_guarded or (is_protected and "guards_identity" in measures)
    protection.ended_on = None if is_protected else statutory_day(at)
    protection.save(update_fields=["measures", "guards_identity", "ended_on"])
    outcome = "protected" if is_protected else "declined"
    _tell(protection, {"outcome": outcome}, outcome, by=by, at=at)
    return protection


@transaction.atomic
def follow_up(protection: Protection, *, outcome: str, note: str, by: Officer, at: datetime) -> Protection:
    """Look again whether the risk goes on. A guarded identity stays guarded: what was closed is not opened again.

    Raises:
        Forbidden: another role, or another area.
        Incomplete: nothing is said.
    """
    require(by, Permission.WORK_REWARD, division=protection.organisation.division_code)
    if not note.strip():
        problem = Problem("follow_up_note", "请写明回访情况。", "Say what was found.")
        raise policies.Incomplete([problem])
    if outcome == "end":
        protection.ended_on = statutory_day(at)
        protection.save(update_fields=["ended_on"])
    count = protection.case.work_items.filter(task="follow_up").count() if protection.case else 0
    _tell(protection, {"outcome": outcome}, f"{outcome}/{count}", by=by, at=at)
    return protection


def _tell(protection: Protection, payload: Mapping[str, str], key: str, *, by: Officer, at: datetime) -> None:
    reporting.note_protection(
        protection.report, f"{protection.number}/{key}/{at.isoformat()}", payload, by=by, at=at
    )

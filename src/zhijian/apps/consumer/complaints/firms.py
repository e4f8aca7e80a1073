"""Establish whom a complaint is about: a shop typed by hand becomes a firm of the register, by an officer, with a reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import transaction

from zhijian.apps.consumer.complaints import policies
from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.standards import uscc
from zhijian.standards.bilingual import Problem

LONGEST_REASON = 200


class Registered(Protocol):
    """A firm as the register has it."""

    uscc: str
    name: str


@transaction.atomic
def establish(
    complaint: Complaint,
    code: str,
    *,
    reason: str,
    find: Callable[[str], Registered | None],
    by: Officer,
    at: datetime,
) -> Complaint:
    """Set the firm of a complaint, with its registered name. Every time is an event of the case's time line.

    What an earlier firm was invited to, it may not open any more: an invitation is of the firm that it was issued to.

    Raises:
        Forbidden: no right, or another area. NotNow: the complaint is closed.
        Incomplete: no such code or firm, no reason, or the firm is set already.
    """
    policies.check_work_complaint(complaint, by)
    locked = Complaint.objects.select_for_update(of=("self",)).select_related("organisation", "case")
    kept: Complaint = locked.get(pk=complaint.pk)
    if kept.state == ComplaintState.CLOSED:
        raise policies.NotNow(
            "投诉已经办结，不能再核对被投诉人。", "The complaint is closed; its firm cannot be set any more."
        )
    firm, problems = _read(code, find)
    if firm is not None and firm.uscc == kept.respondent_code:
        problems.append(
            Problem("code", "被投诉人已经是这一户。", "The complaint is about this firm already.")
        )
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(
            Problem(
                "firm_reason",
                f"请写明核对的依据（1至{LONGEST_REASON}字），例如小票抬头、门头照片。",
                f"Say on what it rests, in 1 to {LONGEST_REASON} characters: a receipt, a photo of the shop.",
            )
        )
    policies.check_none(problems)
    assert firm is not None
    before = f"{kept.respondent_name}（{kept.respondent_code or '信用代码未核对'}）"
    kept.respondent_code, kept.respondent_name = firm.uscc, firm.name[:200]
    kept.save(update_fields=["respondent_code", "respondent_name"])
    if kept.case is not None:
        Case.objects.filter(pk=kept.case.pk).update(entity_code=firm.uscc)
        words = f"被投诉人核对为{firm.name}（{firm.uscc}），原为{before}。依据：{reason.strip()}"
        procedures.comment(kept.case, text=words, by=by, at=at)
    return kept


def _read(code: str, find: Callable[[str], Registered | None]) -> tuple[Registered | None, list[Problem]]:
    """Return the firm that the register has under a code, or what is wrong with the code."""
    if not code.strip():
        return None, [
            Problem("code", "请选一户，或者填写统一社会信用代码。", "Choose a firm, or give its credit code.")
        ]
    value = uscc.normalise(code)
    firm = find(value) if len(value) == 18 else None
    if firm is not None:
        return firm, []
    wrong = uscc.find_problems(value)
    if wrong:
        return None, [Problem("code", wrong[0].message_zh, wrong[0].message_en)]
    absent = Problem(
        "code", "登记信息里没有这个代码的主体。请核对。", "The register has no firm of this code. Check it."
    )
    return None, [absent]

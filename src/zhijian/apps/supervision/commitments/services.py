"""Verbs on promises: open the check of one, or of all that have none yet."""

from datetime import datetime

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.commitments import policies
from zhijian.apps.supervision.commitments.models import (
    ApprovalCommitment,
    CommitmentMatter,
    CommitmentText,
)
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, in_area, require
from zhijian.standards.calendar import statutory_day

CHECK = "supervision/commitment_check"


def open_check(key: str, *, by: Officer, at: datetime) -> Case:
    """Open the case that checks a promise; its period runs from the day of the promise.

    Raises:
        ProcedureRefused: no such promise, it does not stand, or a case checks it already.
        Forbidden: not the role, or not the area.
    """
    commitment = ApprovalCommitment.objects.filter(key=key).first()
    if commitment is None:
        raise ProcedureRefused("没有这个承诺编号。", "There is no promise of that number.")
    officer = require(by, Permission.KEEP_CREDIT_FILE, division=commitment.division_code)
    policies.check_unchecked(commitment, on=statutory_day(at))
    return _open(commitment, by=officer, at=at)


def open_checks(*, by: Officer, at: datetime) -> list[Case]:
    """Open the case of every standing promise of the officer's area that has none yet; return those opened."""
    officer, day = require(by, Permission.KEEP_CREDIT_FILE), statutory_day(at)
    taken = CommitmentMatter.objects.values("commitment")
    waiting = ApprovalCommitment.objects.exclude(key__in=taken).order_by("valid_from", "key")
    due = [one for one in waiting if one.stands_on(day) and in_area(officer, one.division_code)]
    return [_open(one, by=officer, at=at) for one in due]


def _open(commitment: ApprovalCommitment, *, by: Officer, at: datetime) -> Case:
    """Open the case and its matter; who comes second at the same moment is told so."""
    assert by.organisation is not None
    text = CommitmentText.objects.get(key=commitment.text)
    try:
        with transaction.atomic():
            case = procedures.start_case(
                CHECK,
                number=f"CN-{commitment.key}",
                title=f"告知承诺核查：{commitment.name}",
                organisation=by.organisation,
                division_code=commitment.division_code,
                data={
                    "commitment": commitment.key,
                    "approval_no": commitment.approval_no,
                    "conditions": text.conditions,
                    "promised_on": commitment.valid_from,
                    "may_be_cured": text.may_be_cured,
                },
                by=by,
                at=at,
                entity_code=commitment.uscc,
                is_synthetic=commitment.is_synthetic,
            )
            CommitmentMatter.objects.create(
                case=case, commitment=commitment.key, uscc=commitment.uscc, name=commitment.name
            )
    except IntegrityError:
        raise CaseMoved(
            "同时有人开立了这项核查，请刷新后再看。", "Somebody opened this check at this moment; look again."
        ) from None
    return case

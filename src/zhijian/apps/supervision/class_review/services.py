"""The verb on a class: ask that people look at it again. Nobody changes a class without a case."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from zhijian.apps.supervision.class_review.models import ReviewMatter
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import CaseMoved, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

REVIEW = "supervision/class_review"
GENERAL = "general"


@dataclass(frozen=True)
class Rated:
    """A class as the model gave it."""

    uscc: str
    name: str
    division: str
    scope: str
    class_code: str
    score: int
    month: str
    is_synthetic: bool


def ask_review(rated: Rated, *, reason: str, by: Officer, at: datetime) -> Case:
    """Open the case in which two officers look at a class again.

    Raises:
        ProcedureRefused: no reason, or a review of it is open.
        Forbidden: the officer may not see the class, or not of this area.
    """
    officer = require(by, Permission.VIEW_CREDIT_CLASS, division=rated.division)
    plain = reason.replace("\x00", "").strip()
    if not 10 <= len(plain) <= 1000:
        raise ProcedureRefused(
            "请写明为什么应当复核（10至1000字）：哪些事实模型没有看到，或者看错了。",
            "Say in 10 to 1000 characters which facts the model did not see or misread.",
        )
    pending = (
        ReviewMatter.objects.filter(uscc=rated.uscc, scope=rated.scope, outcome="")
        .select_related("case")
        .first()
    )
    if pending is not None:
        raise ProcedureRefused(
            f"案件{pending.case.number}正在复核这一等级，办结后再提。",
            f"Case {pending.case.number} reviews this class already; wait for its end.",
        )
    return _open(rated, plain, by=officer, at=at)


def _open(rated: Rated, reason: str, *, by: Officer, at: datetime) -> Case:
    assert by.organisation is not None
    day = statutory_day(at)
    try:
        with transaction.atomic():
            case = procedures.start_case(
                REVIEW,
                number=numbering.take_of_day("FH", day),
                title=f"分类人工复核：{rated.name}",
                organisation=by.organisation,
                division_code=rated.division,
                data={"asked_on": day, "reason": reason},
                by=by,
                at=at,
                entity_code=rated.uscc,
                is_synthetic=rated.is_synthetic,
            )
            ReviewMatter.objects.create(
                case=case, uscc=rated.uscc, name=rated.name, scope=rated.scope, model_class=rated.class_code,
                model_score=rated.score, month=rated.month,
            )  # fmt: skip
    except IntegrityError:
        raise CaseMoved(
            "同时有人提出复核，请刷新后再看。", "Somebody asked for it at this moment; look again."
        ) from None
    return case

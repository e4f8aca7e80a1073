"""A member objects to what its association says: heard, decided, told. The association's words stay its own.

What the platform decides is whether it goes on showing them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.member_files.models import MemberObjection, MemberRecord
from zhijian.engines.procedures import numbering
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case, CaseStatus
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, require
from zhijian.standards.calendar import statutory_day

CODE = "consumer/member_objection"
LEAST, MOST = 10, 2000


@transaction.atomic
def object_to(record_key: str, *, uscc: str, statement: str, by: Officer, at: datetime) -> Case:
    """Open the case of a member's objection to a record about itself.

    Raises:
        ProcedureRefused: no such record, another firm's, nothing said, or a case about it is open.
        Forbidden: not the role, or another area.
    """
    record = MemberRecord.objects.filter(key=record_key).first()
    if record is None or record.uscc != uscc:
        raise ProcedureRefused(
            "这条记录不是这家企业的。只能对关于本企业的记录提出异议。",
            "The record is not about this firm. A firm objects to what is said of itself.",
        )
    require(by, Permission.KEEP_CREDIT_FILE, division=record.division_code or None)
    text = statement.replace("\x00", "").strip()
    if not LEAST <= len(text) <= MOST:
        raise ProcedureRefused(
            f"请写明事实和理由（{LEAST}至{MOST}字），现在是{len(text)}字。",
            f"State facts and reasons in {LEAST} to {MOST} characters; these are {len(text)}.",
        )
    pending = MemberObjection.objects.filter(record=record.key, case__status=CaseStatus.OPEN).first()
    if pending is not None:
        raise ProcedureRefused(
            f"这条记录已有案件{pending.case.number}在办，办结后再提。",
            f"Case {pending.case.number} about this record is open; wait for its end.",
        )
    assert by.organisation is not None
    day = statutory_day(at)
    case = procedures.start_case(
        CODE,
        number=numbering.take_of_day("HY", day),
        title=f"会员对协会记录的异议：{record.name}",
        organisation=by.organisation,
        division_code=record.division_code or by.organisation.division_code,
        data={"record": record.key, "association": record.association, "said": record.said, "statement": text,
              "applied_on": day},
        by=by,
        at=at,
        entity_code=uscc,
        is_synthetic=record.is_synthetic,
    )  # fmt: skip
    MemberObjection.objects.create(
        case=case, record=record.key, association=record.association, uscc=uscc, handed_in_on=day
    )
    return case


def decide(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Keep the decision: shown on, or shown no more."""
    objection = MemberObjection.objects.select_for_update().get(case=case)
    objection.outcome, objection.decided_on = str(data.get("outcome", "")), statutory_day(at)
    objection.save(update_fields=["outcome", "decided_on"])
    return {"is_shown": objection.outcome != "stop"}

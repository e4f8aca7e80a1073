"""Registers onto which one comes by a procedure: the application opens a case, and its decision enters or refuses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared import paperwork, policies, registry, services
from zhijian.engines.registers.declared.checking import check
from zhijian.engines.registers.declared.declaration import Register
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

ENTER, REFUSE = "enter", "refuse"


def open_application(
    register: Register, row: Mapping[str, str], *, reason: str, by: Officer, at: datetime
) -> Case:
    """Open the case of an application; what is wrong with the row is said before anybody works on it.

    Raises:
        services.WrongRow: a field is wrong, or the number is taken.
        policies.Refusal, Forbidden, ProcedureRefused: no reason; not a keeper of this area; the number has a case.
    """
    policies.check_reason(reason)
    checked = check(register, row, on=statutory_day(at))
    if not checked.is_right:
        raise services.WrongRow(checked.problems)
    place = checked.values.get("division_code")
    policies.check_keeper(register, by, division=place)
    services.check_free(register, checked.values["key"])
    assert by.organisation is not None, "a keeper belongs to a unit"
    return procedures.start_case(
        register.procedure,
        number=f"{register.name}-{checked.values['key']}",
        title=f"{register.title.zh}：{checked.values['name']}",
        organisation=by.organisation,
        division_code=place or by.organisation.division_code,
        data={"row": dict(row), "applied_on": statutory_day(at), "application_reason": reason},
        by=by,
        at=at,
        entity_code=checked.values.get("uscc") or "",
        is_synthetic=bool(checked.values["is_synthetic"]),
    )


def decide(case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime) -> dict[str, Any]:
    """Service task of such a procedure: put the row on its register, or leave it off, as the officer decided, and
    issue the paper that tells the applicant.

    Raises:
        ProcedureRefused: the row cannot come in any more, with the reason.
    """
    register = next((one for one in registry.every() if one.procedure == case.procedure), None)
    if register is None or by is None:
        return {"entered": False}
    reason = str(data.get("decision_reason") or "").strip()
    entry = None
    try:
        if data.get("outcome") == ENTER:
            entry = services.add(
                register, data["row"], reason=f"案件{case.number}：{reason}"[:500], by=by, at=at
            )
        paper = paperwork.issue_decision(register, data["row"], entry, reason=reason, by=by, at=at)
    except services.WrongRow as wrong:
        told = [(one.field, one.reason.zh, one.reason.en) for one in wrong.problems]
        raise ProcedureRefused(
            "不能列入：" + "；".join(zh for _, zh, _ in told),
            "It cannot be entered: " + "; ".join(f"{field} {en}" for field, _, en in told),
        ) from None
    except (policies.Refusal, DocumentRefused) as refused:
        raise ProcedureRefused(refused.message_zh, refused.message_en) from None
    return {"entered": entry is not None, "paper": paper.number, **({"entry": entry.key} if entry else {})}

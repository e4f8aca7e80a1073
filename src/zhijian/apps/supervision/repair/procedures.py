"""The three procedures: repair, its revocation, the withdrawal of a publication; what the case page shows of them."""

from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.listing.rules import CreditTerm
from zhijian.apps.supervision.repair import deciding, paperwork, rules, services
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.documents.models import Document
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role
from zhijian.standards.parameters import NoValueInForce

_HERE = Path(__file__).parent
_VIEWERS = frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER, Role.AUDITOR, Role.ANALYST})


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the record, its two days, both regimes, what was handed in, and the papers."""
    matter = RepairMatter.objects.filter(case=case).first()
    if matter is None:
        return None
    return "repair/panel.html", {
        "matter": matter,
        "record": paperwork.KINDS[matter.fact_kind],
        "payload": matter.stood_as["payload"],
        "decided_on": date.fromisoformat(matter.stood_as["occurred_on"]),
        "published_on": date.fromisoformat(matter.stood_as["published_on"]),
        "credit_china": credit_china_of(matter),
        "papers": Document.objects.filter(owner_kind=paperwork.OF_MATTER, owner_id=case.number),
        "files": EvidenceFile.objects.filter(owner_kind=paperwork.OF_MATTER, owner_id=case.number),
    }


def credit_china_of(matter: RepairMatter) -> CreditTerm | None:
    """Return the other platform's term of a penalty; None for a listing, or before its text was in force."""
    if matter.fact_kind != "penalty.decided":
        return None
    payload = matter.stood_as["payload"]
    try:
        return rules.credit_china_term(
            payload.get("types") or (),
            is_low_fine=payload.get("is_low_fine") is True,
            decided_on=date.fromisoformat(matter.stood_as["occurred_on"]),
            on=matter.arose_on,
        )
    except NoValueInForce:
        return None


def _named(*steps: Any) -> dict[str, Any]:
    return {one.__name__: one for one in steps}


ALL = (
    Procedure(
        code=services.REPAIR,
        title_zh="信用修复（行政处罚、严重违法失信名单）",
        title_en="Repair of a penalty or a serious listing",
        drawing=_HERE / "credit_repair.bpmn",
        plan_ids=("S201",),
        services=_named(
            deciding.take_in,
            deciding.record_return,
            deciding.record_proof,
            deciding.record_decision,
            deciding.record_told,
        ),
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
    Procedure(
        code=services.REVOCATION,
        title_zh="撤销信用修复",
        title_en="Revoking a repair got by false papers",
        drawing=_HERE / "repair_revocation.bpmn",
        plan_ids=("S201",),
        services=_named(deciding.record_notice, deciding.record_answer, deciding.record_revocation),
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
    Procedure(
        code=services.WITHDRAWAL,
        title_zh="撤回公示",
        title_en="Withdrawal of a publication",
        drawing=_HERE / "publicity_withdrawal.bpmn",
        plan_ids=("S201", "S219"),
        services=_named(deciding.record_withdrawal),
        panel=panel,
        ends_early=False,
        viewers=_VIEWERS,
    ),
)

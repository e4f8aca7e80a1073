"""The procedure by which a promise is checked after the approval; what the case page shows of it."""

from pathlib import Path
from typing import Any

from zhijian.apps.supervision.commitments import deciding, paperwork, queries, services
from zhijian.apps.supervision.commitments.models import CommitmentMatter
from zhijian.engines.documents.models import Document
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role

_HERE = Path(__file__).parent


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the firm, the approval, what was promised, and the papers."""
    matter = CommitmentMatter.objects.filter(case=case).first()
    if matter is None:
        return None
    commitment, text = queries.promised(matter.commitment)
    return "commitments/panel.html", {
        "matter": matter,
        "commitment": commitment,
        "text": text,
        "papers": Document.objects.filter(owner_kind=paperwork.OF_MATTER, owner_id=case.number),
    }


CHECK = Procedure(
    code=services.CHECK,
    title_zh="告知承诺的事后核查",
    title_en="Check of a promise after the approval",
    drawing=_HERE / "check.bpmn",
    plan_ids=("S203",),
    services={
        one.__name__: one
        for one in (
            deciding.record_check,
            deciding.record_order,
            deciding.record_recheck,
            deciding.record_notice,
            deciding.record_hearing,
            deciding.record_decision,
        )
    },
    panel=panel,
    ends_early=False,
    viewers=frozenset({Role.INTAKE, Role.HANDLER, Role.LEADER, Role.AUDITOR, Role.ANALYST}),
)

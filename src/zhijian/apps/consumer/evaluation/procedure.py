"""The procedure of a firm's objection: its drawing, and what the case page shows of the evaluation."""

from pathlib import Path
from typing import Any

from zhijian.apps.consumer.evaluation import codes, services
from zhijian.apps.consumer.evaluation.models import Objection
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the evaluation and what the firm says against it; nothing tells who evaluated."""
    objection = Objection.objects.filter(case=case).select_related("evaluation__firm").first()
    if objection is None:
        return None
    return "evaluation/objection_panel.html", {
        "objection": objection,
        "evaluation": objection.evaluation,
        "ground": codes.OBJECTION_GROUNDS[objection.ground],
    }


OBJECTION = Procedure(
    code=services.OBJECTION,
    title_zh="评价异议审查",
    title_en="Objection to an evaluation",
    drawing=Path(__file__).parent / "procedure.bpmn",
    plan_ids=("S51",),
    services={"decide_objection": services.decide_objection},
    panel=panel,
    viewers=frozenset({Role.HANDLER, Role.LEADER, Role.AUDITOR}),
    ends_early=False,
)

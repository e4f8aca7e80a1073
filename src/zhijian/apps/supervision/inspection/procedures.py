"""The procedure of a blind re-inspection, and what its case shows: the firm and what to look at, never what was found."""

from pathlib import Path
from typing import Any

from zhijian.apps.supervision.inspection import quality
from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role

_HERE = Path(__file__).parent


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show whom to visit, who goes, and the items."""
    check = Check.objects.filter(number=quality.check_number(case.number)).select_related("task").first()
    if check is None:
        return None
    return "inspection/quality_panel.html", {"check": check, "items": check.task.ordered_items}


RECHECK = Procedure(
    code=quality.RECHECK,
    title_zh="检查质量复核",
    title_en="Blind re-inspection",
    drawing=_HERE / "quality.bpmn",
    plan_ids=("S221",),
    services={"compare": quality.compare},
    panel=panel,
    ends_early=False,
    viewers=frozenset({Role.INSPECTOR, Role.LEADER, Role.AUDITOR}),
)

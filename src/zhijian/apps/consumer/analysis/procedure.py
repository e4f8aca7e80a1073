"""The drawing of a consumer warning, and what its service tasks write down of what an officer handed in.

A service task calls the verb of `services` in the transaction of the step, so that a step means the same whether it is
taken on the warning's own page or from the inbox.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.analysis import services
from zhijian.apps.consumer.analysis.models import ConsumerWarning
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import Permission, may

_FOLDER = Path(__file__).parent


def _record(
    verb: str, case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Write the step down: the one named, or a return where the officer chose so. The opinion is used once."""
    assert by is not None, "every step of a warning is taken by an officer"
    is_judged = verb in ("check_expert", "check_law", "grade", "publish")
    services.record(
        ConsumerWarning.objects.select_for_update().get(case=case),
        "return" if is_judged and data.get("outcome") == "return" else verb,
        note=str(data.get("opinion") or ""),
        severity=str(data.get("severity") or ""),
        by=by,
        at=at,
    )
    return {"opinion": "", "severity": ""}


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return what the case page shows of the warning."""
    warning = ConsumerWarning.objects.filter(case=case).select_related("organisation").first()
    if warning is None:
        return None
    if not may(officer, Permission.VIEW_SIGNALS, division=warning.organisation.division_code):
        return None
    return "portal/analysis/warning_panel.html", {"warning": warning}


WARNING = Procedure(
    services.PROCEDURE,
    "消费警示",
    "Consumer warnings",
    _FOLDER / "warning.bpmn",
    plan_ids=("S55",),
    services={
        f"record_{verb}": partial(_record, verb)
        for verb in ("check_expert", "revise", "drop", "check_law", "grade", "publish", "review", "take_back")
    },
    panel=panel,
    viewers=frozenset({str(Role.ANALYST), str(Role.LEADER)}),
    ends_early=False,
)

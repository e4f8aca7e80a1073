"""What the case page shows of a contract matter."""

from typing import Any

from zhijian.apps.consumer.contracts.codes import SOURCES, STATES, TRADE_WORDS
from zhijian.apps.consumer.contracts.models import Matter
from zhijian.apps.consumer.contracts.paperwork import papers_of
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may


def contract_panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Return the template and content of the case page's panel, or None for who may not see it."""
    matter = Matter.objects.filter(case=case).first()
    if matter is None or not may(officer, Permission.VIEW_CONTRACT, division=matter.division_code):
        return None
    return "contracts/panel.html", {
        "matter": matter,
        "trade": TRADE_WORDS[matter.trade_code],
        "source": SOURCES[matter.source],
        "state": STATES[matter.state],
        "versions": list(matter.versions.all()),
        "papers": papers_of(matter),
        "own_unit": officer.organisation_id,
        "shows_source": may(officer, Permission.VIEW_REPORT, division=matter.division_code),
    }

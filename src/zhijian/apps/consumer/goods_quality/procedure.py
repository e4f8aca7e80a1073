"""The procedure of a risk of consumer goods: its drawing, and what the case page shows of the assessment."""

from pathlib import Path
from typing import Any

from zhijian.apps.consumer.goods_quality import codes, services
from zhijian.apps.consumer.goods_quality.models import RiskAssessment
from zhijian.engines.documents.models import Document
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the signal, the scenario with its level and how sure that is, and what was decided."""
    risk = RiskAssessment.objects.filter(case=case).select_related("assessed_by").first()
    if risk is None:
        return None
    return "goods_quality/risk_panel.html", {
        "risk": risk,
        "category": codes.CATEGORIES[risk.category_code].name,
        "signal": codes.SIGNALS[risk.signal],
        "level": codes.LEVELS.get(risk.level),
        "neighbours": [codes.LEVELS[one] for one in (risk.lower, risk.higher) if one],
        "is_sensitive": bool(risk.level) and (risk.lower != risk.level or risk.higher != risk.level),
        "measure": codes.MEASURES.get(risk.measure),
        "papers": Document.objects.filter(owner_kind=services.OF_RISK, owner_id=risk.number),
    }


RISK = Procedure(
    code=services.RISK,
    title_zh="消费品质量安全风险处置",
    title_en="Risk of consumer goods: from signal to measure",
    drawing=Path(__file__).parent / "procedure.bpmn",
    plan_ids=("S52",),
    services={
        one.__name__: one
        for one in (services.record_screening, services.record_assessment, services.record_decision)
    },
    panel=panel,
    viewers=frozenset({Role.ANALYST, Role.HANDLER, Role.LEADER, Role.AUDITOR}),
)

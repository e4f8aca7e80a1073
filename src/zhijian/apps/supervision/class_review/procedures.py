"""The procedure of a review: one officer examines, another decides; what the case page shows of it."""

from pathlib import Path
from typing import Any

from zhijian.apps.supervision.class_review import deciding, services
from zhijian.apps.supervision.class_review.models import ReviewMatter
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role

_HERE = Path(__file__).parent


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the firm and what the model said."""
    matter = ReviewMatter.objects.filter(case=case).first()
    return None if matter is None else ("class_review/panel.html", {"matter": matter})


REVIEW = Procedure(
    code=services.REVIEW,
    title_zh="分类人工复核",
    title_en="Review of a class by people",
    drawing=_HERE / "review.bpmn",
    plan_ids=("S202",),
    services={deciding.record_review.__name__: deciding.record_review},
    panel=panel,
    ends_early=False,
    viewers=frozenset({Role.INSPECTOR, Role.PUBLISHER, Role.DRAWER, Role.AUDITOR, Role.LEADER}),
)

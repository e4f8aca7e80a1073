"""The procedure by which a firm enters or leaves key supervision; what the case page shows of it."""

from pathlib import Path
from typing import Any

from zhijian.apps.supervision.key_files import deciding, services
from zhijian.apps.supervision.key_files.models import KeyMatter
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Role


def panel(case: Case, officer: Officer) -> tuple[str, dict[str, Any]] | None:
    """Show the firm, the field and the file."""
    matter = KeyMatter.objects.filter(case=case).select_related("file").first()
    return None if matter is None else ("key_files/panel.html", {"matter": matter})


KEY_FILE = Procedure(
    code=services.KEY_FILE,
    title_zh="重点监管企业的列入和退出",
    title_en="Entering and leaving key supervision",
    drawing=Path(__file__).parent / "key_file.bpmn",
    plan_ids=("S195",),
    services={deciding.record_decision.__name__: deciding.record_decision},
    panel=panel,
    ends_early=False,
    viewers=frozenset({Role.INSPECTOR, Role.HANDLER, Role.LEADER, Role.AUDITOR}),
)

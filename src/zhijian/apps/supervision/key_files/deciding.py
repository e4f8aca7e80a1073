"""What the service step of the procedure does: the decision opens the file, or closes it, with its fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhijian.apps.supervision.key_files import services
from zhijian.apps.supervision.key_files.models import KeyMatter
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day


def record_decision(
    case: Case, data: Mapping[str, Any], *, by: Officer | None, at: datetime
) -> dict[str, Any]:
    """Carry out what was decided: enter the firm, close its file, or neither."""
    matter = KeyMatter.objects.select_for_update(of=("self",)).select_related("file").get(case=case)
    assert by is not None
    reason = str(data.get("decision_reason") or "")
    is_agreed = data.get("outcome") == "agree"
    matter.outcome = "done" if is_agreed else "refused"
    if is_agreed and matter.act == services.ENTER:
        matter.file = services.opened(
            matter.uscc, name=matter.name, division=case.division_code, field=matter.field, ground=services.DECISION,
            reason=reason, by=by, at=at, is_synthetic=case.is_synthetic,
        )  # fmt: skip
    elif is_agreed and matter.file is not None and matter.file.left_on is None:
        matter.file.left_on, matter.file.left_reason = statutory_day(at), reason[:400]
        matter.file.save(update_fields=["left_on", "left_reason"])
        services.record(matter.file, "left", "left", by=by, at=at)
    matter.save()
    return {}

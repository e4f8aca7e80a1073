"""Two inspectors of the invented draw declare a tie: one is replaced, one is left for you; and a firm objects at the door."""

from datetime import datetime

from zhijian.apps.supervision.inspection import objecting, replacing
from zhijian.apps.supervision.inspection.models import Check, InspectionTask, Replacement
from zhijian.apps.supervision.inspection.objecting import Said
from zhijian.engines.recusal import services as recusal
from zhijian.security.models import Officer
from zhijian.standards.calendar import statutory_day

LEADER = "province-leader"
WORDS = "示例：这名检查人员的亲属在对门开店，和我们是竞争关系。"


def seed(task: InspectionTask, *, now: datetime) -> bool:
    """Tell the story on the last three open checks of a task; say whether it was new."""
    if Replacement.objects.exists():
        return False
    rows = task.checks.select_related("inspector_first", "inspector_second").order_by("-number")
    open_checks = [one for one in rows[:60] if one.state == "dispatched"][:3]
    if len(open_checks) < 3:
        return False
    gone, left, objected = open_checks
    for check in (gone, left):
        _declare_tie(check, now)
    replacing.replace(gone, gone.inspector_first, by=Officer.objects.get(username=LEADER), at=now)
    said = Said(objected.inspector_first_id, "relation", WORDS)
    objecting.object_at_door(objected, said, by=objected.inspector_second, at=now)
    return True


def _declare_tie(check: Check, now: datetime) -> None:
    recusal.declare(
        "family", check.uscc, "示例", starts_on=statutory_day(now), by=check.inspector_first, at=now
    )

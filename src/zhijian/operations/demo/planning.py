"""What the draws of the demonstration stand on: lists of items, inspectors, objects, tags, and an approved exclusion."""

from datetime import datetime

from zhijian.apps.supervision.planning import tagging
from zhijian.apps.supervision.planning.models import ObjectExclusion
from zhijian.apps.supervision.planning.object_registers import EXCLUSIONS
from zhijian.datazone.lake import Lake
from zhijian.engines.registers.declared import registry, services
from zhijian.engines.registers.declared.models import Delivery
from zhijian.operations.demo.days import DELIVERED
from zhijian.operations.demo.registers import KEEPER, open_moment
from zhijian.security.models import Officer

BEFORE_DRAWS = (
    "inspection_items", "inspectors", "inspection_objects", "object_tags", "object_tag_marks", "object_exclusions",
)  # fmt: skip
APPROVER, APPROVED = "province-steward", "EXC-2026-001"


def prepare(lake: Lake, *, now: datetime) -> bool:
    """Take in what a draw reads, approve one exclusion by a second officer, find the tags; say whether anything was new."""
    at = open_moment(DELIVERED, now=now)
    keeper, before = Officer.objects.get(username=KEEPER), Delivery.objects.count()
    for name in BEFORE_DRAWS:
        register = registry.find(name)
        assert register is not None and register.demo_file is not None
        services.take_in(register, register.demo_file.name, register.demo_file.read_bytes(), by=keeper, at=at)
    approved = _approve(at)
    changes = tagging.refresh(lake, at=at)
    return approved or Delivery.objects.count() > before or any(one.added or one.left for one in changes)


def _approve(at: datetime) -> bool:
    entry = ObjectExclusion.objects.get(key=APPROVED)
    if entry.approved_by:
        return False
    row = services.as_text(EXCLUSIONS, entry) | {"approved_by": APPROVER}
    by = Officer.objects.get(username=APPROVER)
    services.change(EXCLUSIONS, entry.key, row, seen=entry.version, reason="核对街道证明，属实", by=by, at=at)
    return True

"""What the draws of the demonstration stand on: lists of items, inspectors, objects, tags, and annual plans."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from zhijian.apps.supervision.planning import plans, tagging
from zhijian.apps.supervision.planning.models import AnnualPlan
from zhijian.apps.supervision.planning.object_registers import EXCLUSIONS, MARKS
from zhijian.datazone.lake import Lake
from zhijian.engines.registers.declared import registry, services
from zhijian.engines.registers.declared.models import Delivery
from zhijian.operations.demo.days import DELIVERED
from zhijian.operations.demo.registers import KEEPER, open_moment
from zhijian.operations.seed.officers import invented_officer, unit_code
from zhijian.security.models import Officer, Organisation, Role

BEFORE_DRAWS = (
    "inspection_items", "inspectors", "inspection_objects", "object_tags", "object_tag_marks", "object_exclusions",
)  # fmt: skip
# item, tag ('' for everybody), percent of them in the year, first and last month, kind
_PROVINCE = [
    ("REG-01", "", "5", 10, 12, "random"),
    ("REG-03", "", "5", 10, 12, "random"),
    ("PUB-01", "", "3", 10, 11, "random"),
    ("LAB-01", "", "1", 11, 12, "random"),
    ("FOO-02", "food", "10", 11, 12, "random"),
    ("PRI-01", "catering", "8", 12, 12, "random"),
]
_CITY = [
    ("REG-03", "", "6", 3, 6, "random"),
    ("PUB-01", "", "4", 7, 10, "random"),
    ("FOO-01", "food", "20", 4, 6, "random"),
    ("GZ-CUL-01", "catering", "3", 9, 9, "random"),
]
APPROVER = "province-steward"
_APPROVED = (
    (EXCLUSIONS, "EXC-2026-001", "核对街道证明，属实"),
    (MARKS, "MARK-2026-001", "核对测量照片，属实"),
)


def prepare(lake: Lake, *, now: datetime) -> bool:
    """Take in what a draw reads, approve one exclusion and one tag by a second officer, find the tags; say whether anything was new."""
    at = open_moment(DELIVERED, now=now)
    keeper, before = Officer.objects.get(username=KEEPER), Delivery.objects.count()
    for name in BEFORE_DRAWS:
        register = registry.find(name)
        assert register is not None and register.demo_file is not None
        services.take_in(register, register.demo_file.name, register.demo_file.read_bytes(), by=keeper, at=at)
    approved = _approve(at)
    changes = tagging.refresh(lake, at=at)
    planned = _plan(lake, at)
    is_moved = any(one.added or one.left for one in changes)
    return approved or planned or is_moved or Delivery.objects.count() > before


def _plan(lake: Lake, at: datetime) -> bool:
    """Publish and adjust the province's plan of this year, publish a city's of the next, and leave one being written."""
    if AnnualPlan.objects.exists():
        return False
    drawer, publisher = (
        Officer.objects.get(username=name) for name in ("province-drawer", "province-publisher")
    )
    plan = _written(plans.open_plan(at.year, by=drawer, at=at), _PROVINCE, lake, by=drawer, at=at)
    _published(plan, drawer, publisher, at)
    plan = plans.adjust(plan, "广告投诉增多，增加一项抽查", by=drawer, at=at)
    plan = _written(plan, [("ADV-01", "", "2", 11, 12, "random")], lake, by=drawer, at=at)
    _published(plan, drawer, publisher, at)
    city = Organisation.objects.get(code=unit_code("440100"))
    planner = invented_officer("city-planner", city, (Role.DRAWER,), "示例计划员", "Sample planner")
    leader = invented_officer("lists-leader", city, (Role.LEADER,), "示例负责人", "Sample leader")
    plan = _written(plans.open_plan(at.year + 1, by=planner, at=at), _CITY, lake, by=planner, at=at)
    _published(plan, planner, leader, at)
    plan = plans.open_plan(at.year, by=planner, at=at)
    _written(plan, _CITY[:2], lake, by=planner, at=at)
    return True


def _written(
    plan: AnnualPlan, lines: Sequence[tuple[str, str, str, int, int, str]], lake: Lake, *, by: Officer, at: datetime
) -> AnnualPlan:  # fmt: skip
    for code, tag, percent, first, last, kind in lines:
        typed = plans.Typed(code, tag, percent, str(first), str(last), kind)
        plan = plans.add_need(plan, typed, lake, seen=plan.version, by=by, at=at)
    return plan


def _published(plan: AnnualPlan, filer: Officer, publisher: Officer, at: datetime) -> None:
    filed = plans.file(plan, seen=plan.version, by=filer, at=at)
    plans.publish(filed, by=publisher, at=at)
    plan.refresh_from_db()


def _approve(at: datetime) -> bool:
    """Approve one exclusion and one tag by hand as a second officer; the others wait."""
    by, is_new = Officer.objects.get(username=APPROVER), False
    for register, key, reason in _APPROVED:
        entry: Any = register.model._default_manager.get(key=key)
        if not entry.approved_by:
            row = services.as_text(register, entry) | {"approved_by": APPROVER}
            services.change(register, key, row, seen=entry.version, reason=reason, by=by, at=at)
            is_new = True
    return is_new

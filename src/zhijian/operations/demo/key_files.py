"""What the demonstration has of key supervision: five invented firms, one with measures, and one proposed. Marked.

One of them is on the register, so that the tag of closer supervision has somebody to hide among others.
"""

from datetime import datetime, timedelta

from zhijian.apps.supervision.key_files import services
from zhijian.apps.supervision.key_files.models import KeyFile, KeyMatter
from zhijian.apps.supervision.planning import tagging
from zhijian.datazone.lake import Lake
from zhijian.infrastructure.home import current_home
from zhijian.operations.demo.listing import hand_in, staff
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.standards.calendar import statutory_day

_FIRMS = (
    (
        synthetic_code(865_001, "440100"),
        "440100",
        "示例丰源食品厂（合成）",
        "food",
        "近年多次因原料储存不当被责令改正（合成）",
    ),
    (
        synthetic_code(865_002, "440100"),
        "440100",
        "示例康泰药房（合成）",
        "drug",
        "冷链记录多次不完整（合成）",
    ),
    (
        synthetic_code(865_003, "440100"),
        "440100",
        "示例安顺电梯维保有限公司（合成）",
        "equipment",
        "维保质量抽查多次不达标（合成）",
    ),
    (
        synthetic_code(865_004, "440100"),
        "440100",
        "示例美佳酱园（合成）",
        "food",
        "添加剂使用台账不完整（合成）",
    ),
    (
        "91440113MAYY01H781",
        "440113",
        "广州示例嘉隆食品加工有限公司",
        "food",
        "进货查验记录多次不完整（合成）",
    ),
    (
        synthetic_code(865_005, "440100"),
        "440100",
        "示例荣兴糕饼厂（合成）",
        "food",
        "车间改造期间需要盯紧（合成）",
    ),
)


def seed(*, now: datetime) -> bool:
    """Bring five firms under key supervision and propose a sixth, find the tags anew; return whether anything was new."""
    if KeyMatter.objects.exists():
        return False
    _clerk, handler, leader = staff()
    for place, (code, division, name, field, reason) in enumerate(_FIRMS):
        case = services.propose(
            code, name=name, division=division, field=field, reason=reason, by=handler, at=now,
            is_synthetic=True,
        )  # fmt: skip
        if place == len(_FIRMS) - 1:
            break
        hand_in(case.pk, "check", handler, now, outcome="agree", found="情况属实（合成）")
        hand_in(case.pk, "decide", leader, now, outcome="agree", decision_reason=reason)
    first, day = KeyFile.objects.order_by("pk")[0], statutory_day(now)
    for text, who, days in (
        ("每季度抽检一次（合成）", "食品监管科", 90),
        ("约谈负责人，核对原料台账（合成）", "示例核实员", 20),
    ):
        services.add_measure(
            first, text=text, responsible=who, due_on=day + timedelta(days=days), by=handler, at=now
        )
    tagging.refresh(Lake(current_home().lake), at=now)
    return True

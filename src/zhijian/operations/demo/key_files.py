"""What the demonstration has of key supervision: four invented firms, one with measures and one proposed. Marked."""

from datetime import datetime, timedelta

from zhijian.apps.supervision.key_files import services
from zhijian.apps.supervision.key_files.models import KeyFile, KeyMatter
from zhijian.operations.demo.listing import hand_in, staff
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.standards.calendar import statutory_day

_FIRMS = (
    (865_001, "示例丰源食品厂（合成）", "food", "近年多次因原料储存不当被责令改正（合成）"),
    (865_002, "示例康泰药房（合成）", "drug", "冷链记录多次不完整（合成）"),
    (865_003, "示例安顺电梯维保有限公司（合成）", "equipment", "维保质量抽查多次不达标（合成）"),
    (865_004, "示例美佳酱园（合成）", "food", "添加剂使用台账不完整（合成）"),
    (865_005, "示例荣兴糕饼厂（合成）", "food", "车间改造期间需要盯紧（合成）"),
)


def seed(*, now: datetime) -> bool:
    """Bring four firms under key supervision and propose a fifth; return whether anything was new."""
    if KeyMatter.objects.exists():
        return False
    _clerk, handler, leader = staff()
    for place, (number, name, field, reason) in enumerate(_FIRMS):
        case = services.propose(
            synthetic_code(number, "440100"), name=name, division="440100", field=field, reason=reason, by=handler, at=now,
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
    return True

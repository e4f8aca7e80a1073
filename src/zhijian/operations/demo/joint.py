"""Two invented departments join the draw by risk before its seed, and carry out a few of its visits."""

from datetime import timedelta

from zhijian.apps.supervision.joint import queries, services
from zhijian.apps.supervision.joint.models import JointPlan, JointRecord, Participation
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.operations.demo.days import CERTIFICATES_UNTIL, moment
from zhijian.operations.seed.officers import invented_officer
from zhijian.security.models import Officer, Organisation, Role

PLAN = "GD-2026-0001"
ACCOUNTS = {
    "joint-fire-1": "参与部门人员：只看本部门的联合任务 / another department's inspector",
    "joint-fire-2": "参与部门人员：确认同事的记录 / confirms a colleague's record",
}
_DEPARTMENTS = (
    ("joint-fire", "示例消防救援机构", "Fire rescue (sample)", ("消防", "fire officer"), (
        ("消防安全重点单位检查", "《中华人民共和国消防法》第五十三条"),
    )),
    ("joint-culture", "示例文化和旅游部门", "Culture and tourism (sample)", ("文旅", "culture officer"), (
        ("娱乐场所经营活动检查", "《娱乐场所管理条例》第三十二条"),
    )),
)  # fmt: skip
_CARRIED_OUT = 6  # visits of each department; the rest are left for you to try


def ask(draw: Draw, *, drawer: Officer) -> bool:
    """Ask two departments and let them join, before the public number; say whether anything was new."""
    if draw.plan_id != PLAN or state_of(draw).value or JointPlan.objects.filter(draw=draw).exists():
        return False
    day = draw.plan.freeze_at
    plan = services.open_plan(draw, by=drawer, at=day.replace(hour=10, minute=30))
    for code, name, name_en, short, items in _DEPARTMENTS:
        unit = services.add_department(code, name, name_en, is_synthetic=True)
        people = [_person(unit, code, n, short) for n in (1, 2, 3, 4)]
        part = services.invite(plan, unit, items, by=drawer, at=day.replace(hour=10, minute=40))
        names = [one.username for one in people]
        services.join(part, names, by=people[0], at=day.replace(hour=10, minute=50))
    return True


def _person(unit: Organisation, code: str, number: int, short: tuple[str, str]) -> Officer:
    username = f"{code}-{number}"
    made = invented_officer(
        username, unit, (Role.PARTNER,), f"示例{short[0]}{number}", f"Sample {short[1]} {number}"
    )
    made.certificate_number = f"{code.upper()}-{number:03d}"
    made.certificate_valid_until = CERTIFICATES_UNTIL
    made.save(update_fields=["certificate_number", "certificate_valid_until"])
    return made


def carry_out(draw: Draw) -> tuple[int, bool]:
    """Give the visits out and carry a few of them out; return how many are published, and whether any is new."""
    plan = JointPlan.objects.filter(draw=draw).first()
    if plan is None:
        return 0, False
    is_new = services.give_out(plan, by=plan.opened_by, at=draw.plan.freeze_at.replace(hour=17)) > 0
    for part in plan.participations.all():
        is_new = _visits(part) or is_new
    return JointRecord.objects.filter(confirmation__isnull=False).count(), is_new


def _visits(part: Participation) -> bool:
    is_new = False
    for place, visit in enumerate(queries.visits_of(part)[:_CARRIED_OUT]):
        if visit.records.exists():
            continue
        first, second = queries.people_of(visit)
        found = ("nonconform", "示例：疏散通道堆放杂物，已当场清理。") if place == 0 else ("conform", "")
        findings = {one["code"]: found for one in part.items}
        on = services.visited_on(visit)
        at = moment(on.month, on.day, 16)
        made = services.record(visit, findings, by=first, at=at)
        services.confirm(visit, made.version, by=second, at=at + timedelta(minutes=20))
        is_new = True
    return is_new

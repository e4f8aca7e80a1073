"""What the demonstration has on the lists: one firm listed by its whole procedure, one clue being checked. Invented, marked."""

from datetime import datetime, timedelta

from zhijian.apps.supervision.listing import services
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import WorkItem
from zhijian.operations.seed.officers import invented_officer, unit_code
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards.calendar import statutory_day

_STAFF = (
    ("lists-clerk", Role.INTAKE, "示例登记员", "Sample clerk"),
    ("lists-handler", Role.HANDLER, "示例核实员", "Sample handler"),
    ("lists-leader", Role.LEADER, "示例负责人", "Sample leader"),
)
ACCOUNTS = {
    "lists-clerk": "登记列入和移出 / register listings and removals",
    "lists-handler": "核实列入事由 / check grounds",
    "lists-leader": "决定列入和移出 / decide",
}
_FIRMS = ((850_001, "示例灯饰有限公司（合成）"), (850_002, "示例五金商行（合成）"))


def seed(*, now: datetime) -> bool:
    """Open two cases and carry the first to its listing; return whether anything was new."""
    if ListingMatter.objects.filter(uscc=synthetic_code(_FIRMS[0][0], "440100")).exists():
        return False
    clerk, handler, leader = staff()
    days = timedelta(days=2)
    first, _second = (
        services.propose_listing(
            synthetic_code(number, "440100"), name=name, subject_kind="enterprise", ground="unreachable",
            arose_on=statutory_day(now - days), clue="双随机检查时通过登记的住所找不到（合成）", division="440100", by=clerk,
            at=now - days, is_synthetic=True,
        )
        for number, name in _FIRMS
    )  # fmt: skip
    hand_in(first.pk, "check", handler, now, outcome="grounded", found="住所已经拆除（合成）", proof="no_premises",
             visited_on=statutory_day(now - days).isoformat())  # fmt: skip
    hand_in(first.pk, "decide", leader, now, outcome="list", decision_reason="事由成立（合成）")
    return True


def staff() -> tuple[Officer, Officer, Officer]:
    """Return clerk, handler and leader of the unit that keeps the lists, made where they are missing."""
    unit = Organisation.objects.get(code=unit_code("440100"))
    clerk, handler, leader = (
        invented_officer(username, unit, (role,), *names) for username, role, *names in _STAFF
    )
    return clerk, handler, leader


def hand_in(case: int, task: str, officer: Officer, at: datetime, **data: str | bool) -> None:
    item = WorkItem.objects.get(case_id=case, task=task, state="open")
    procedures.complete(item, data=data, by=officer, at=at)

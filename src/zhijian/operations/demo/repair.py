"""What the demonstration has of repair: one penalty repaired by its whole procedure, one application that waits. Invented, marked."""

from datetime import datetime, timedelta

from zhijian.apps.supervision.repair import services
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.facts import services as facts
from zhijian.operations.demo.listing import hand_in, staff
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.standards.calendar import statutory_day

_FIRMS = ((850_011, "示例广告有限公司（合成）"), (850_012, "示例家具有限公司（合成）"))
_DECIDED, _PUBLISHED = timedelta(days=300), timedelta(days=290)


def seed(*, now: datetime) -> bool:
    """Punish two firms ten months ago, have both ask for repair and carry the first to its end; return whether it was new."""
    if RepairMatter.objects.filter(uscc=synthetic_code(_FIRMS[0][0], "440100")).exists():
        return False
    clerk, handler, leader = staff()
    assert clerk.organisation is not None
    cases = []
    for number, name in _FIRMS:
        uscc = synthetic_code(number, "440100")
        fact = facts.record(
            "penalty.decided", subject=uscc, occurred_on=statutory_day(now - _DECIDED), source="repair-demo",
            source_key=f"{number}", by="zhijian demo", at=now, is_synthetic=True,
            payload={
                "decision_no": f"示例市监处罚（合成）{number}号", "authority": clerk.organisation.name, "violation": "发布虚假广告（合成）",
                "procedure": "ordinary", "types": ["fine"], "fine_yuan": "60000", "field": "advertising",
                "published_on": statutory_day(now - _PUBLISHED).isoformat(),
            },
        )  # fmt: skip
        cases.append(
            services.ask_repair(
                uscc, str(fact.pk), name=name, statement="罚款已经缴清，广告已经全部撤下（合成）", is_committed=True, by=clerk, at=now
            )
        )  # fmt: skip
    first = cases[0].pk
    hand_in(first, "accept", handler, now, outcome="accept", decision_reason="材料齐全（合成）")
    done = {"duties_done": True, "harm_removed": True}
    hand_in(first, "verify", handler, now, way="documents", found="缴款凭证属实（合成）", **done)
    hand_in(first, "decide", leader, now, outcome="grant", decision_reason="符合条件（合成）")
    hand_in(first, "tell", handler, now, told_on=statutory_day(now).isoformat(), told_by="paper")
    return True

"""What the demonstration has of measures: a department with a grant, told about one listed firm, one answered, one for you. Marked."""

from datetime import date, datetime

from zhijian.apps.supervision.joint.services import add_department
from zhijian.apps.supervision.measures import services
from zhijian.apps.supervision.measures.models import MeasureMatch
from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import services as exchange
from zhijian.engines.feed import services as feed
from zhijian.operations.seed.officers import invented_officer
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import Officer, Role
from zhijian.standards.calendar import statutory_day

ACCOUNTS = {"joint-culture-2": "参与部门人员：反馈告知的惩戒措施 / answers measures told to the department"}
_FIRM = synthetic_code(850_001, "440100")  # the firm that the demonstration of the lists puts on one
_CASES = (("honour", "示例文旅荣誉〔2026〕3号"), ("procurement", "示例文旅采购〔2026〕5号"))


def seed(lake: Lake, keeper: Officer, *, now: datetime) -> bool:
    """Grant one invented department the matching, ask in two cases of its own, answer the first; return whether it was new."""
    if MeasureMatch.objects.filter(is_synthetic=True).exists():
        return False
    feed.feed(lake, at=now)  # the grant names the columns of this table; a served home is fed all day
    unit = add_department(
        "joint-culture", "示例文化和旅游部门", "Culture and tourism (sample)", is_synthetic=True
    )
    steward = invented_officer(
        "joint-culture-data", unit, (Role.STEWARD,), "示例文旅数据员", "Sample culture data officer"
    )
    partner = invented_officer(
        "joint-culture-2", unit, (Role.PARTNER,), "示例文旅2", "Sample culture officer 2"
    )
    grant = exchange.apply(
        lake, services.SERVICE, columns=["kind"], region="", purpose="supervision", reason="评选和采购时查询（合成）",
        legal_basis="国办发〔2020〕49号", until=date(now.year + 1, 12, 31), by=steward, at=now,
    )  # fmt: skip
    exchange.decide(grant, is_approved=True, level="public", rows_per_day=100, reason="符合规定（合成）", by=keeper, at=now)  # fmt: skip
    told = [
        services.ask_as_officer(grant.pk, _FIRM, matter, reference, by=partner, at=now)
        for matter, reference in _CASES
    ]
    _, match = told[0].measures[0]
    services.answer_as_officer(
        match.pk, action="considered", decision_no="", reason="评审时已作为考量因素，未授予（合成）", acted_on=statutory_day(now),
        by=partner, at=now,
    )  # fmt: skip
    return True

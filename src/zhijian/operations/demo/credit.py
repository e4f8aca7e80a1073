"""What the demonstration has in credit files: invented facts about invented firms, an objection and a request to repair."""

from datetime import date, datetime
from typing import Any

from zhijian.apps.consumer.credit_files import services
from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.consumer.member_files.registers import TRADE_LEVEL, organisation_code
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import registry
from zhijian.operations.seed.officers import unit_code
from zhijian.security.models import Officer, Organisation, Role

SOURCE, PREFIX = "synthetic", "credit-file/"
ACCOUNTS = {
    "association-clerk": "协会档案员：只能写本协会会员 / an association's clerk",
    "province-leader": "决定异议和修复 / decide objections and repairs",
}
_UNIT = "示例市场监督管理局"
_OURS = ("FX-0008", "FX-0011")  # decided by the keeper's unit, which alone may repair and correct them
_FACTS: tuple[tuple[str, str, date, dict[str, Any]], ...] = (
    ("FX-0008", "penalty.decided", date(2026, 1, 20), {
        "decision_no": "示例市监罚〔2026〕8号", "authority": _UNIT, "violation": "发布虚假广告", "content": "罚款20000元",
        "procedure": "ordinary", "types": ["fine"], "fine_yuan": "20000", "field": "advertising", "published_on": "2026-02-05"}),
    ("FX-0009", "penalty.decided", date(2026, 3, 9), {
        "decision_no": "示例市监罚〔2026〕21号", "authority": _UNIT, "violation": "收取预付款后拒不退还", "content": "责令停业整顿",
        "procedure": "ordinary", "types": ["suspension", "fine"], "fine_yuan": "50000", "published_on": "2026-03-20"}),
    ("FX-0011", "abnormal_list.listed", date(2026, 7, 10), {
        "ground_code": "annual_report", "authority": _UNIT, "decision_no": "示例异常〔2026〕103号"}),
    ("FX-0024", "serious_list.listed", date(2026, 5, 6), {
        "decision_no": "示例市监严失〔2026〕2号", "authority": _UNIT, "ground": "预付卡闭店后拒不退还预付款"}),
    ("FX-0001", "complaint.published", date(2026, 9, 1), {
        "complaint_no": "示例投诉2026-0901", "authority": _UNIT, "summary": "承诺七天无理由退货，消费者按时退货时拒绝办理。",
        "outcome": "已调解，退还货款", "received_on": "2026-08-20"}),
)  # fmt: skip


def fill(keeper: Officer, *, at: datetime) -> bool:
    """Record the facts and open the two cases; return whether anything was new."""
    register = registry.find("worry_free")
    assert register is not None
    firms = {one.key: one for one in register.model._default_manager.filter(key__in=[f[0] for f in _FACTS])}
    before = Fact.objects.filter(source=SOURCE, source_key__startswith=PREFIX).count()
    assert keeper.organisation is not None
    for key, kind, day, told in _FACTS:
        payload = told | {"authority": keeper.organisation.name} if key in _OURS else told
        if not Fact.objects.filter(source=SOURCE, source_key=PREFIX + key).exists():
            facts.record(
                kind, subject=firms[key].uscc, occurred_on=day, payload=payload, source=SOURCE, source_key=PREFIX + key,
                by="zhijian demo", at=at, is_synthetic=True,
            )  # fmt: skip
    opened = [_open(key, firms[key], keeper, at) for key in _OURS]
    return any(opened) or Fact.objects.filter(source=SOURCE, source_key__startswith=PREFIX).count() > before


def staff() -> bool:
    """Open the desk of one association, and a leader who decides; return whether anybody was new."""
    found = registry.find("associations")
    assert found is not None
    association = found.model._default_manager.get(key="XH-0001")
    unit, _ = Organisation.objects.get_or_create(
        code=organisation_code(association.key),
        defaults={"name": association.name, "name_en": "Sample catering association", "level": TRADE_LEVEL,
                  "division_code": "", "is_synthetic": True},
    )  # fmt: skip
    province = Organisation.objects.get(code=unit_code("440000"))
    made = [
        _officer("association-clerk", unit, Role.ASSOCIATION, "示例协会档案员", "Sample clerk"),
        _officer("province-leader", province, Role.LEADER, "示例负责人", "Sample leader"),
    ]
    return any(made)


def _officer(username: str, unit: Organisation, role: str, name: str, name_en: str) -> bool:
    _found, is_new = Officer.objects.get_or_create(
        username=username,
        defaults={"organisation": unit, "roles": [str(role)], "display_name": name, "display_name_en": name_en,
                  "staff_number": f"示例-{username}", "is_synthetic": True},
    )  # fmt: skip
    return is_new


def _open(key: str, firm: Any, keeper: Officer, at: datetime) -> bool:
    if FileMatter.objects.filter(source=SOURCE, source_key=PREFIX + key).exists():
        return False
    fact = Fact.objects.get(source=SOURCE, source_key=PREFIX + key, revision=0)
    if key == "FX-0008":
        services.ask_repair(
            firm.uscc, str(fact.pk), statement="罚款已经缴清，广告已全部撤下，承诺守法经营。（合成）", is_committed=True,
            division=firm.division_code, by=keeper, at=at,
        )  # fmt: skip
    else:
        services.object_to(
            firm.uscc, str(fact.pk), statement="年度报告已在六月二十八日公示，列入有误。（合成）",
            division=firm.division_code, by=keeper, at=at,
        )  # fmt: skip
    return True

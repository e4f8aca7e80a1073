"""Invented consumers evaluate invented firms; a few evaluations are made, the tests find them, an officer confirms one.

A risk of goods goes its way, too. Everything is marked 合成数据; a second run finds it there.
"""

from datetime import datetime, time, timedelta
from random import Random

from django.db import transaction

from zhijian.apps.consumer.evaluation import services
from zhijian.apps.consumer.evaluation.models import (
    EvaluatedFirm,
    Evaluation,
    ScreeningFinding,
)
from zhijian.apps.consumer.goods_quality import services as goods
from zhijian.apps.consumer.goods_quality.models import RiskAssessment
from zhijian.engines.facts.models import Seal
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import WorkItem
from zhijian.operations.demo import days
from zhijian.operations.seed.officers import unit_code
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards.calendar import ZONE

COUNTY = "440106"
FIRST, DAYS = days.moment(9, 1), 80
JUDGED = days.moment(11, 24, 10)
_WORDS = (
    ("菜上得快", "等了二十分钟", "排队的人不少", "中午去的", "带孩子来的", "朋友推荐来的", "路过进来坐坐"),
    ("服务员解释得清楚", "老板很客气", "前台有点忙", "师傅手艺不错", "店员答非所问", "没人招呼"),
    ("价格和标的一样", "比上次贵了两块", "结账给了小票", "可以开发票", "优惠没有用上"),
    ("环境干净", "有点吵", "空调太冷", "停车不方便", "座位宽敞", "灯光暗了些"),
)
_COPY = "环境一流服务周到性价比超高强烈推荐大家都来体验一次"


def seed() -> int:
    """Evaluate and judge; return how many evaluations were new. In a home whose days are sealed nothing is added."""
    if Evaluation.objects.exists() or Seal.objects.filter(sealed_through__gte=FIRST).exists():
        return 0
    with transaction.atomic():
        made = sum(_evaluate(firm, number) for number, firm in enumerate(_firms()))
        _reply_and_hold()
        services.run_screening(seed=0, by=None, at=JUDGED)
        handler = Officer.objects.get(username=f"{Role.HANDLER}-{COUNTY}")
        for finding in ScreeningFinding.objects.filter(test="copies", firm__division_code=COUNTY)[:1]:
            services.decide_finding(
                finding,
                confirms=True,
                reason="多条文本几乎逐字相同，店内核对没有对应消费",
                by=handler,
                at=JUDGED,
            )
    return made


def _firms() -> list[EvaluatedFirm]:
    return list(EvaluatedFirm.objects.filter(is_synthetic=True).order_by("key"))


def _evaluate(firm: EvaluatedFirm, number: int) -> int:
    """A firm's tickets and evaluations: as many as its custom; the second one has copies, the third a burst."""
    random = Random(f"evaluations {number}")  # noqa: S311 - invented data
    size = random.randint(21, 26) if number < 6 else random.randint(2, 6)
    moments = sorted(
        FIRST + timedelta(days=random.randrange(DAYS), hours=random.randrange(10)) for _ in range(size)
    )
    rows = [
        (at, random.choices((1, 2, 3, 4, 5), (6, 6, 14, 38, 36 + 3 * (number % 4)))[0], _words(random))
        for at in moments
    ]
    if number == 1:
        rows += [
            (FIRST + timedelta(days=40 + 3 * k), 5, _COPY[: 6 + k] + "！" + _COPY[6 + k :]) for k in range(8)
        ]
    if number == 2:
        rows += [(FIRST + timedelta(days=50, hours=k), 5, "") for k in range(12)]
    tickets: list[str] = []
    while (wanted := 6 * len(rows) + 12 - len(tickets)) > 0:
        most = min(wanted, services.MOST_TICKETS)
        tickets += services.issue_tickets(firm, most, randomness=random.randbytes, by="demo", at=FIRST)
    burst = iter(tickets[-12:])
    spread = iter(random.sample(tickets[:-12], len(rows) - 12 if number == 2 else len(rows)))
    for place, (at, score, text) in enumerate(sorted(rows, key=lambda row: row[0])):
        is_burst = number == 2 and score == 5 and not text
        device = f"burst-{place // 4}" if is_burst else f"{firm.key}-{place}"
        said = services.Said(score, text=text if is_burst or place % 3 == 0 or "一流" in text else "")
        services.evaluate(
            next(burst if is_burst else spread), said, device=device, at=at, randomness=random.randbytes
        )
    return len(rows)


def _words(random: Random) -> str:
    return "，".join(random.choice(part) for part in _WORDS) + "。"


def _reply_and_hold() -> None:
    """One reply, one objection, one text that waits."""
    firm = _firms()[0]
    low, other = list(firm.evaluations.order_by("score", "at")[:2])
    services.reply(low, "抱歉让您久等，我们加了人手，欢迎再来。", firm=firm, by=f"desk/{firm.key}", at=JUDGED)
    services.object_to(
        other, ground="not_consumer", statement="当天没有这位顾客的消费记录，请核对。", firm=firm, by=f"desk/{firm.key}", at=JUDGED
    )  # fmt: skip
    random = Random("held")  # noqa: S311 - invented data
    code = services.issue_tickets(firm, 1, randomness=random.randbytes, by="demo", at=JUDGED)[0]
    text = "联系老板13800000000可以打折"
    services.evaluate(
        code, services.Said(4, text=text), device="held", at=JUDGED, randomness=random.randbytes
    )


def assess_risks() -> int:
    """Two invented risks: one asks the producer to recall, one waits for the expert. Returns how many were new."""
    at = datetime.combine(JUDGED.date(), time(11), tzinfo=ZONE)
    if RiskAssessment.objects.exists() or Seal.objects.filter(sealed_through__gte=at).exists():
        return 0
    random = Random("risks")  # noqa: S311 - invented data
    unit = Organisation.objects.get(code=unit_code(COUNTY))
    analyst, _ = Officer.objects.get_or_create(
        username=f"{Role.ANALYST}-{COUNTY}",
        defaults={"organisation": unit, "roles": [str(Role.ANALYST)], "display_name": f"示例分析员（{COUNTY}）",
                  "display_name_en": f"Sample analyst, {COUNTY}",
                  "staff_number": f"示例-{Role.ANALYST}-{COUNTY}", "is_synthetic": True},
    )  # fmt: skip
    leader = Officer.objects.get(username=f"{Role.LEADER}-{COUNTY}")
    with transaction.atomic():
        first = goods.open_risk(
            category="M10", product="示例磁力珠", model_number="示例牌M5", signal="severe", producer="示例玩具厂（合成）",
            grounds="多起儿童误吞磁力珠的重伤报告", randomness=random.randbytes, by=analyst, at=at,
        )  # fmt: skip
        _do(first, "screen_signal", analyst, at, outcome="keep", screening_reason="三家医院报告，型号一致。")
        _do(
            first, "assess_risk", analyst, at, hazard="choking", scenario="儿童拆下珠子，误吞两粒以上，吸附肠壁致穿孔。",
            severity="4", steps="1/10, 1/50, 1/10",
        )  # fmt: skip
        _do(
            first,
            "decide_measure",
            leader,
            at,
            measure="recall_request",
            measure_reason="情景可信，等级严重，应当召回",
        )
        second = goods.open_risk(
            category="M08", product="示例电动自行车充电器", model_number="示例牌C48", signal="pass_rate",
            grounds="抽查合格率低于目标", randomness=random.randbytes, by=analyst, at=at,
        )  # fmt: skip
        _do(
            second,
            "screen_signal",
            analyst,
            at,
            outcome="keep",
            screening_reason="不合格项目涉及防触电保护。",
        )
    return 2


def _do(risk: RiskAssessment, task: str, by: Officer, at: datetime, **data: str) -> None:
    item = WorkItem.objects.get(case=risk.case, task=task, state="open")
    procedures.complete(item, data=data, by=by, at=at)


__all__ = ["assess_risks", "seed"]

"""Invented standard contracts under supervision in two counties, each at its own stage, by the same services as real ones."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import transaction

from zhijian.apps.consumer.contracts import services
from zhijian.apps.consumer.contracts.models import Matter
from zhijian.engines.procedures import services as procedures
from zhijian.operations.demo.registers import open_moment
from zhijian.operations.seed.officers import unit_code
from zhijian.security.models import Officer, Organisation
from zhijian.standards.calendar import ZONE

COUNTIES = ("440106", "440305")
_FIRST = datetime.combine(date(2026, 11, 2), time(10), tzinfo=ZONE)
_REASON = "多条提示涉及减轻经营者责任，需要核对"

GYM = """会员须知（合成）
第一条 会员卡一经售出，概不退款，不得转让。
第二条 会员在场内运动受伤，本店概不负责。
第三条 会员请自行保管财物，物品丢失本店概不负责。
第四条 本店有权随时调整课程价格，恕不另行通知。
第五条 本须知最终解释权归本店所有。"""
GYM_GOOD = """会员须知（合成）
第一条 会员可以随时提出解除，按照实际使用次数结算，十五日内退还余款。
第二条 因本店场地、设备或者服务造成会员受伤的，本店依法承担赔偿责任。
第三条 价格和课程需要调整的，提前三十日告知会员，会员不同意的可以解除合同。"""
TRAINING = """培训协议（合成）
1. 学费缴纳后不予退费，学员不得以任何理由退学。
2. 课时有效期6个月，过期自动清零。
3. 因本合同发生争议，由公司所在地人民法院管辖。"""
LAUNDRY = """洗衣须知（合成）
一、送洗衣物损坏的，赔偿最高不超过洗涤费的三倍。
二、贵重物品遗失的，本店不承担责任。"""
PROPERTY = """物业服务协议（合成）
第八条 业主逾期缴费的，每日按千分之五加收滞纳金。
第九条 业主家中物品被盗，物业公司不承担赔偿责任，但因物业公司未尽安全保障义务的，依法承担赔偿责任。"""

# firm, trade, title, text, source, stage
MATTERS = (
    ("示例跃动健身（合成）", "fitness", "会员须知", GYM, "complaint", "published"),
    ("示例优学培训中心（合成）", "training", "培训协议", TRAINING, "finding", "guided"),
    ("示例洁白洗衣（合成）", "laundry", "洗衣须知", LAUNDRY, "handed_in", "new"),
    ("示例山水物业（合成）", "property", "物业服务协议", PROPERTY, "filing", "asked"),
    ("示例力行健身（合成）", "fitness", "私教课协议", GYM, "complaint", "clue"),
)


def seed(*, now: datetime, step: Callable[[], None] = lambda: None) -> int:
    """Open the invented matters where they are not yet; return how many were new. All or none are written."""
    if Matter.objects.filter(is_synthetic=True).exists():
        return 0
    first = open_moment(_FIRST, now=now)
    with transaction.atomic():
        for place, row in enumerate(MATTERS):
            _Story(COUNTIES[place % len(COUNTIES)], row, first).tell()
            step()
    return len(MATTERS)


class _Story:
    """One firm's contract, from how it was found to its stage; a day passes with every step unless the days are sealed."""

    def __init__(self, county: str, row: tuple[str, str, str, str, str, str], first: datetime) -> None:
        firm, trade, title, text, source, self.stage = row
        self.handler = Officer.objects.get(username=f"handler-{county}")
        self.leader = Officer.objects.get(username=f"leader-{county}")
        self.at, self.passes = first, timedelta(days=1) if first == _FIRST else timedelta()
        unit = Organisation.objects.get(code=unit_code(county))
        opening = services.Opening(firm, "", trade, county, title, text, source, "", True)
        by = None if source == "handed_in" else self.handler
        self.matter = services.open_matter(opening, unit, by=by, at=self.at)

    def tell(self) -> None:
        """Take the steps that lead to the stage."""
        if self.stage == "new":
            return
        self._do("review", outcome="ask_firm", reason=_REASON)
        if self.stage == "asked":
            return
        self._do("explain", outcome="explained", explanation="认为是行业惯例。")
        if self.stage == "clue":
            self._do("assess", outcome="clue", reason="此前已经指导过，仍在使用")
            self._do(
                "decide_clue",
                by=self.leader,
                outcome="hand_over",
                clue_reason="使用免除人身伤害责任的格式条款",
            )
            return
        self._do("assess", outcome="guide", reason="不合理地减轻了经营者的责任", clauses="第一条\n第二条")
        if self.stage == "guided":
            return
        self._do("amend", outcome="amended", amended_text=GYM_GOOD)
        self._do("recheck", outcome="accepted", reason="已按建议书修改")
        summary = "经行政指导，已删去不退款、受伤不负责和最终解释权等条款。（合成）"
        self._do("publish", by=self.leader, outcome="publish", summary=summary)

    def _do(self, task: str, *, by: Officer | None = None, **data: str) -> None:
        self.at += self.passes
        assert self.matter.case is not None
        item = self.matter.case.work_items.get(task=task, state="open")
        procedures.complete(item, data=data, by=by or self.handler, at=self.at)

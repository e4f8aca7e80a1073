"""Three draws: real firms in rehearsal, invented firms by risk, invented firms without regard to it."""

import json
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.inspection import rosters
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import core, services
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.plan import Design, Item, Party, Plan, PublicSource, Rate
from zhijian.engines.draws.queries import state_of
from zhijian.infrastructure.home import Home
from zhijian.operations.demo import joint
from zhijian.operations.demo.days import moment
from zhijian.security.models import Officer

DRAWER, AUDITOR = "province-drawer", "province-auditor"


def plans() -> dict[str, Plan]:
    """The three plans by what they show."""
    return {
        "rehearsal": _plan(
            "GD-2026-R001", "真实登记样本抽签演练（不派发任务）", "salted", 11, 2,
            Design(rates=(Rate("R1", 500),), follows_class=False, area_level="prefecture", at_least_one=True),
            is_synthetic=False, rehearsal=True,
        ),
        "by_risk": _plan(
            "GD-2026-0001", "示例：登记事项双随机检查（按风险分层）", "salted", 11, 3,
            Design(
                rates=(Rate("R1", 300), Rate("R2", 800), Rate("R3", 2500), Rate("R4", 5000)),
                follows_class=True, area_level="prefecture", at_least_one=True,
            ),
            is_synthetic=True,
        ),
        "plain": _plan(
            "GD-2026-0002", "示例：公示信息不定向抽查", "open", 11, 13,
            Design(rates=(Rate("R1", 300),), follows_class=False, area_level="county"),
            is_synthetic=True,
        ),
    }  # fmt: skip


def _plan(
    plan_id: str, title: str, mode: Any, month: int, day: int, design: Design, *,
    is_synthetic: bool, rehearsal: bool = False,
) -> Plan:  # fmt: skip
    """A plan announced on a day at nine: frozen at once after, committed by noon, the value at three."""
    return Plan(
        plan_id=plan_id,
        title=title,
        items=(
            Item("REG-01", "营业执照规范使用情况", "《市场主体登记管理条例》第三十六条、第三十七条", "general"),
            Item("REG-03", "住所（经营场所）", "《市场主体登记管理条例》第八条、第三十八条", "general"),
        ),
        design=design,
        parties=(
            Party("province", "广东省市场监督管理局（示例）", "组织单位", DRAWER),
            Party("audit", "审计监督人员（示例）", "监督单位", AUDITOR),
        ),
        source=PublicSource(
            name="演示用公共随机数（正式抽签时为公告指定的彩票开奖号码或指数）",
            place="演示程序在承诺截止后生成；不代表任何真实开奖结果",
            shape="9999999999",
            exists_at=moment(month, day, 15),
        ),
        freeze_at=moment(month, day, 10),
        commit_until=moment(month, day, 12),
        reveal_until=moment(month, day, 18),
        inspection_until=date(2026, 12, 31),
        mode=mode,
        is_synthetic=is_synthetic,
        rehearsal=rehearsal,
    )  # fmt: skip


def hold(plan: Plan, lake: Lake, home: Home, progress: Callable[[], None]) -> tuple[Draw, bool]:
    """Hold a draw from announcement to publication, from wherever it stands; say whether anything was done."""
    drawer, auditor = (Officer.objects.get(username=name) for name in (DRAWER, AUDITOR))
    acting = {"province": drawer, "audit": auditor}
    draw = Draw.objects.filter(plan_id=plan.plan_id, attempt=1).first()
    before = len(state_of(draw).published) if draw else 0
    if draw is None:
        draw = services.announce(plan, by=drawer, at=plan.freeze_at.replace(hour=9))
    day = plan.freeze_at
    nonces = _Nonces(home.root / "demo" / "nonces.json")
    if not state_of(draw).frozen:
        found = rosters.frame_of(plan, lake)
        services.freeze(draw, found.objects, rosters.pool(plan), by=drawer, at=day, register_counts=found.register_counts,
                        exclusions=found.exclusions)  # fmt: skip
    joint.ask(draw, drawer=drawer)
    progress()
    for number, (party, officer) in enumerate(acting.items()):
        if party not in state_of(draw).commitments:
            commitment = core.commitment(plan.plan_id, plan.attempt, party, nonces.of(plan.plan_id, party))
            services.commit(draw, party, commitment, by=officer, at=day.replace(hour=11, minute=number))
    if not state_of(draw).value:
        value = f"{secrets.randbelow(10**10):010d}"
        services.record_public_value(draw, value, by=drawer, at=day.replace(hour=15, minute=5))
    for number, (party, officer) in enumerate(acting.items()):
        if party not in state_of(draw).nonces:
            nonce = nonces.of(plan.plan_id, party)
            services.reveal(draw, party, nonce, by=officer, at=day.replace(hour=15, minute=10 + number))
    progress()
    if not state_of(draw).drawn:
        services.run(draw, by=drawer, at=day.replace(hour=15, minute=20))
    if not state_of(draw).published:
        services.publish(draw, by=drawer, at=day.replace(hour=15, minute=30))
    progress()
    return draw, len(state_of(draw).published) > before


class _Nonces:
    """The parties' secret numbers, kept for the demonstration in a file only its owner reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def of(self, plan_id: str, party: str) -> str:
        key = f"{plan_id}/{party}"
        if key not in self.known:
            self.known[key] = secrets.token_hex(32)
            self.path.touch(mode=0o600)
            self.path.write_text(json.dumps(self.known), "utf-8")
        return self.known[key]

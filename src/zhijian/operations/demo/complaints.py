"""Invented consumers complain and report; five counties handle it. Everything is marked 合成数据.

Sixty-two submissions go through the same services as real ones, each to a stage of its own, so that every list, light and
register of the consumer field has something to show. A second run finds them there.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.analysis import services as analysis
from zhijian.apps.consumer.complaints.codes import RespondentKind, Scope
from zhijian.apps.consumer.complaints.entries import (
    ComplaintEntry,
    ReportEntry,
    Respondent,
    SubmissionEntry,
)
from zhijian.apps.consumer.complaints.intake import handing_in
from zhijian.apps.consumer.complaints.matters import services as matters
from zhijian.apps.consumer.complaints.models import Complaint, Party, Reward, Submission, ViolationReport
from zhijian.apps.consumer.complaints.people import Person
from zhijian.apps.consumer.complaints.representing import Mandate
from zhijian.apps.consumer.complaints.rewards import protecting, reviewing
from zhijian.apps.consumer.complaints.rewards import services as rewards
from zhijian.apps.consumer.complaints.rewards.models import RewardCase
from zhijian.engines.facts.models import Seal
from zhijian.engines.procedures import services as procedures
from zhijian.engines.registers.filters import EntityFilters
from zhijian.engines.registers.market_entities import EntityRegister
from zhijian.operations.seed.officers import unit_code
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import Officer, Organisation, Role
from zhijian.standards.calendar import ZONE, next_working_day

COUNTIES = ("440106", "440104", "440305", "440606", "440402")
SHOWN = COUNTIES[0]
PAID = COUNTIES[2]  # where the demonstration's reward is paid
ROLES = {
    Role.INTAKE: ("受理登记", "intake: examine, dispatch"),
    Role.HANDLER: ("办理", "handler: accept, refuse, verify, close"),
    Role.MEDIATOR: ("调解", "mediator: record mediation"),
    Role.LEADER: ("负责", "leader: recusal, extension, reward, supervise"),
}
SECOND, FINANCE = "handler2", "finance"  # the first words of the accounts of who looks again, and of who pays
REWARDERS = {
    SECOND: (Role.HANDLER, "复核", "second handler: looks again at rewards, examines reviews"),
    FINANCE: (Role.FINANCE, "财务", "finance: pays rewards by order"),
}
ACCOUNTS = {f"{role}-{SHOWN}": f"消费投诉举报：{zh}（天河区） / {en}" for role, (zh, en) in ROLES.items()}
ACCOUNTS |= {f"{name}-{SHOWN}": f"举报奖励：{zh}（天河区） / {en}" for name, (_, zh, en) in REWARDERS.items()}
_FIRST_DAY = date(2026, 9, 21)
_SPACE = uuid.UUID("6f2b6a0e-3f57-4c55-9d0e-5a1b7c7d2026")
Step = Callable[[], None]


@dataclass(frozen=True)
class Matter:
    """What one invented consumer complains about: goods, words, topic of the taxonomy, price in yuan."""

    goods: str
    text: str
    topic: str
    price: int


MATTERS = (
    Matter("饼干", "买到的饼干已经过期两个月，店家说特价商品概不退换。", "M0101", 58),
    Matter("健身卡", "健身房装修停业三个月，要求退还卡内余额被拒。", "M1102", 2680),
    Matter("手机", "新买的手机一周内两次黑屏，售后要收检测费。", "M0601", 3299),
    Matter("外卖套餐", "外卖少送两份菜，商家不补也不退。", "M0203", 86),
    Matter("热水器", "热水器安装时加收支架费和高空费，事前没有告知。", "M0503", 1499),
    Matter("羽绒服", "标称含绒量90%，洗一次就跑绒结块，要求退货。", "M0701", 899),
    Matter("英语课", "培训机构换了老师，要求退还剩余课时费。", "M1201", 6800),
    Matter("酒店房间", "提前五天退订，平台内商家扣全款。", "M1301", 468),
    Matter("面膜", "用后脸部红肿，商家拒绝提供批准文号。", "M0401", 199),
    Matter("汽油", "加油机显示的油量超过油箱容积。", "M1503", 400),
    Matter("奶粉", "罐内结块有异味，客服让自行丢弃。", "M1001", 328),
    Matter("搬家服务", "到场后加价，不加价就不卸货。", "M1703", 1200),
)


def staff(counties: Sequence[str] = COUNTIES) -> int:
    """Create the people of the counties where they are not yet; return how many were new."""
    made = 0
    for county in counties:
        for role, (zh, en) in ROLES.items():
            made += _person(role, county, role, zh, en)
        for name, (role, zh, en) in REWARDERS.items():
            made += _person(name, county, role, zh, en)
    made += _person(
        Role.LEADER, f"{SHOWN[:4]}00", Role.LEADER, *ROLES[Role.LEADER]
    )  # decides the county's reviews
    return made


def _person(name: str, division: str, role: str, zh: str, en: str) -> int:
    """Create one of a unit's people; return 1 where it was not there."""
    officer, created = Officer.objects.get_or_create(
        username=f"{name}-{division}",
        defaults={
            "organisation": Organisation.objects.get(code=unit_code(division)),
            "roles": [str(role)],
            "display_name": f"示例{zh}员（{division}）",
            "display_name_en": f"Sample {en.partition(':')[0]}, {division}",
            "staff_number": f"示例-{name}-{division}",
            "is_synthetic": True,
        },
    )
    if created:
        officer.set_unusable_password()
        officer.save()
    return int(created)


def seed(register: EntityRegister, step: Step, counties: Sequence[str] = COUNTIES) -> int:
    """Hand in `total` submissions and take each to its stage; return how many were new. All or none are written.

    In a home whose days are sealed already nothing can be recorded in them: then nothing is added.
    """
    first = datetime.combine(_FIRST_DAY, time(), tzinfo=ZONE)
    if (
        Seal.objects.filter(sealed_through__gte=first).exists()
        or Submission.objects.filter(send_key=uuid.uuid5(_SPACE, "0")).exists()
    ):
        return 0
    with transaction.atomic():
        for number, (stage, county) in enumerate(_told(counties)):
            _Story(number, county, register).tell(stage)
            step()
    return total(counties)


def total(counties: Sequence[str] = COUNTIES) -> int:
    """Return how many submissions `seed` hands in: each stage a county, and in the shown one those of several persons."""
    return len(_told(counties))


def _told(counties: Sequence[str]) -> list[tuple[str, str]]:
    """Return stage and county of every story; new ones stand at the end, so that the others keep their numbers."""
    return [*product(STAGES, counties), *((stage, SHOWN) for stage in SEVERAL if SHOWN in counties)]


def judge(home: Path) -> int:
    """Look at what every submission says, judge the day of the last one, and return how many signals were told."""
    last = Submission.objects.latest("first_received_at").first_received_at
    matters.understand_new(home, by=None, at=last)
    return analysis.run_day(last.astimezone(ZONE).date(), seed=0, by=None, at=last).told


class _Story:
    """One invented submission and what happens to it, day by day."""

    def __init__(self, number: int, county: str, register: EntityRegister) -> None:
        self.number = number
        self.random = Random(f"complaint {number}")  # noqa: S311 - invented data
        self.unit = Organisation.objects.get(code=unit_code(county))
        self.county = county
        self.matter = MATTERS[(number * 7 + number // len(COUNTIES)) % len(MATTERS)]
        self.respondent = self._respondent(register)
        self.day = _FIRST_DAY

    def tell(self, stage: str) -> None:
        (STAGES | SEVERAL)[stage](self)

    def _respondent(self, register: EntityRegister) -> Respondent:
        """An invented firm of the register where there is one, so that its file can be opened; else one of no register."""
        found = register.search(
            "", EntityFilters(is_synthetic=True, prefecture_code=f"{self.county[:4]}00"), size=20
        )
        firms = [one for one in found.records if one.is_synthetic]
        if firms:
            firm = firms[self.number % len(firms)]
            name, code, address = firm.name, firm.uscc, firm.address or ""
        else:
            name, code, address = (
                f"示例第{self.number}商行",
                synthetic_code(900 + self.number, self.county),
                "",
            )
        kind = RespondentKind.PLATFORM_MERCHANT if self.matter.topic == "M1301" else RespondentKind.ORDINARY
        platform = {"platform_name": "示例旅行平台", "platform_division_code": "440305"}
        more = platform if kind == RespondentKind.PLATFORM_MERCHANT else {}
        return Respondent(
            name,
            code,
            address,
            kind=kind,
            division_code=self.county,
            published_division_code=self.county,
            **more,
        )

    def at(self, hour: int = 10) -> datetime:
        return datetime.combine(self.day, time(hour), tzinfo=ZONE)

    def later(self, days: int) -> None:
        """Go on to the first working day at least so many days later."""
        self.day = next_working_day(self.day + timedelta(days=days), provisional=True)

    def officer(self, role: str) -> Officer:
        return Officer.objects.get(username=f"{role}-{self.county}")

    def receive(self, day: date, *, complaint: bool = True, report: bool = False, **more: Any) -> Submission:
        self.day = day
        price = Decimal(self.matter.price)
        person = Person(
            name=f"示例消费者{self.number}",
            phone=f"1380000{self.number:04d}",
            address=f"示例路{self.number + 1}号",
            id_type="resident",
            id_number=f"44010619900101{self.number:04d}",
        )
        entry = SubmissionEntry(
            receipt_number="",
            channel=("portal", "phone", "hotline_12345", "platform_12315", "counter")[self.number % 5],
            raw_text=self.matter.text,
            first_received_at=self.at(9),
            competent_received_at=self.at(9),
            received_by=self.unit,
            respondent=self.respondent,
            complaint=ComplaintEntry(
                facts_text=self.matter.text,
                claims=("refund", "compensate") if self.number % 3 else ("refund",),
                goods=self.matter.goods,
                topic_code=self.matter.topic,
                bought_on=day - timedelta(days=9),
                knew_on=more.get("knew_on", day - timedelta(days=6)),
                order_number=f"SL{self.number:06d}",
                amount_yuan=price,
                claim_amount_yuan=price * (3 if self.number % 4 == 0 else 1),
                consents_to_publish=self.number % 3 != 1,
                consents_to_delegation=self.number % 2 == 0,
                is_prepaid=self.matter.topic.startswith("M11"),
                organisation=self.unit,
            )
            if complaint
            else None,
            report=ReportEntry(
                clue_text=f"{self.matter.text}请依法查处。",
                factual_basis="购买小票和照片",
                goods=self.matter.goods,
                topic_code=self.matter.topic,
                special_field=more.get("field", ""),
                is_insider=more.get("is_insider", False),
                organisation=self.unit,
            )
            if report
            else None,
            parties=more.get("parties", lambda one: (one,))(person) if complaint else (),
            reporter=person if report and not more.get("is_anonymous") else None,
            send_key=uuid.uuid5(_SPACE, str(self.number)),
            is_synthetic=True,
        )
        receipt = handing_in.receive(entry, by=None, at=self.at(9), randomness=self.random.randbytes)
        return Submission.objects.get(receipt_number=receipt.number)

    def do(self, matter: Complaint | ViolationReport | RewardCase, task: str, role: str, **data: Any) -> None:
        assert matter.case is not None
        item = matter.case.work_items.get(task=task, state="open")
        procedures.complete(item, data=data, by=self.officer(role), at=self.at())

    # ---------------------------------------------------------------------------------------- complaints

    def received(self) -> None:
        self.receive(date(2026, 11, 23) + timedelta(days=self.number % 4))

    def by_agent(self) -> None:
        """An agent hands in for a consumer; papers of the mandate are still to come."""

        def side(agent: Person) -> tuple[Person, ...]:
            mandate = Mandate(
                f"{self.matter.goods}消费争议", Scope.GENERAL, self.day + timedelta(days=90), is_signed=True
            )
            consumer = replace(agent, name="示例委托人甲", phone="13800009001")
            return consumer, replace(agent, name="示例代理人乙", capacity=Party.AGENT, mandate=mandate.kept())

        self.receive(date(2026, 11, 24), parties=side)

    def jointly(self) -> None:
        """Five consumers complain together, by two representatives."""

        def side(first: Person) -> tuple[Person, ...]:
            return tuple(
                replace(
                    first, name=f"示例共同投诉人{n}", phone=f"1380000910{n}", id_number="", id_type="",
                    capacity=Party.REPRESENTATIVE if n <= 2 else Party.JOINT,
                )
                for n in range(1, 6)
            )  # fmt: skip

        self.receive(date(2026, 11, 25), parties=side)

    def overdue(self) -> None:
        self.receive(date(2026, 11, 12) + timedelta(days=self.number % 2))

    def id_pending(self) -> None:
        complaint = self.receive(date(2026, 11, 20)).complaint
        self.later(3)
        self.do(
            complaint, "examine", Role.INTAKE, outcome="ask_identity", identity_items="身份证复印件", identity_until="2026-12-04"
        )  # fmt: skip

    def accepted(self, day: date = date(2026, 11, 16)) -> Complaint:
        complaint: Complaint = self.receive(day).complaint
        self.later(1)
        self.do(complaint, "examine", Role.INTAKE, outcome="pass")
        self.later(2)
        self.do(
            complaint, "decide_acceptance", Role.HANDLER, outcome="accept", contact=f"示例办理员（{self.county}） 12315"
        )  # fmt: skip
        return complaint

    def refused(self) -> None:
        complaint = self.receive(date(2026, 10, 19), knew_on=date(2023, 4, 1)).complaint
        self.do(complaint, "examine", Role.INTAKE, outcome="pass")
        self.later(3)
        self.do(
            complaint, "decide_acceptance", Role.HANDLER, outcome="refuse", ground="R4",
            refusal_reason="购买和发现问题都在2023年4月，已超过三年。",
            remedies_text="可以与经营者协商，请消费者组织调解，提请仲裁，或者向人民法院起诉。",
        )  # fmt: skip

    def mediating(self, day: date = date(2026, 10, 26)) -> Complaint:
        complaint = self.accepted(day)
        self.later(3)
        self.do(
            complaint, "arrange_mediation", Role.HANDLER, outcome="mediate", mode="on_site", mediators="示例调解员"
        )  # fmt: skip
        return complaint

    def session(self, complaint: Complaint, outcome: str, **more: Any) -> None:
        self.do(
            complaint, "mediate", Role.MEDIATOR, outcome=outcome, mode="on_site", held_on=self.day.isoformat(),
            attended=["complainant", "respondent"], statement="双方到场，陈述了各自意见。", **more,
        )  # fmt: skip

    def testing(self) -> None:
        complaint = self.mediating()
        self.later(4)
        self.session(
            complaint, "testing", testing_body="示例检测中心", agree_on_body=True, cost_split="被投诉人先行承担",
            testing_from=self.day.isoformat(),
        )  # fmt: skip

    def agreed(self) -> None:
        complaint = self.mediating(_FIRST_DAY + timedelta(days=self.number % 5))
        self.later(6)
        self.session(
            complaint, "agreed", agreement=f"被投诉人退款{self.matter.price}元。", agreed_yuan=f"{self.matter.price}.00",
            performed_at_once=True,
        )  # fmt: skip
        self.later(1)
        is_published = complaint.consents_to_publish
        self.do(
            complaint, "close_complaint", Role.HANDLER, is_upheld=True, finding="核对小票与实物，情况属实。",
            wants_publication=is_published, public_summary=f"{self.matter.goods}消费争议，调解后退款。" if is_published else "",
        )  # fmt: skip

    def terminated(self) -> None:
        complaint = self.mediating(_FIRST_DAY + timedelta(days=1 + self.number % 4))
        self.later(8)
        self.session(complaint, "not_agreed")
        self.do(
            complaint, "terminate_mediation", Role.HANDLER, ground="T3", termination_statement="被投诉人明确表示不同意退款。"
        )  # fmt: skip
        self.later(2)
        self.do(complaint, "tell_termination", Role.HANDLER, notice_channels=["phone", "sms"])
        self.do(complaint, "close_complaint", Role.HANDLER, is_upheld=False)

    # ------------------------------------------------------------------------------------------- reports

    def verifying(self) -> None:
        field = ("food", "advertising", "published_information", "", "drugs")[self.number % 5]
        report = self.receive(date(2026, 11, 17), complaint=False, report=True, field=field).report
        self.later(1)
        self.do(report, "triage_report", Role.INTAKE, outcome="verify")

    def filed(self) -> None:
        report = self.receive(
            date(2026, 10, 12), complaint=False, report=True, is_insider=self.number % 2 == 0
        ).report
        self.do(report, "triage_report", Role.INTAKE, outcome="verify")
        self.later(8)
        self.do(
            report, "verify_clue", Role.HANDLER, outcome="file", finding="现场检查发现涉嫌违法事实。", has_evidence=True,
            is_punishable=True, is_ours=True, is_within_limitation=True,
        )  # fmt: skip
        if report.is_insider:
            self.rewarded(report)

    def rewarded(self, report: ViolationReport) -> None:
        """The insider's reward: one under review, one paid, one that waits for a second officer; one asks for protection."""
        self.later(20)
        self.do(
            report, "consider_reward", Role.LEADER, outcome="reward", conclusion="penalty",
            concluded_on=self.day.isoformat(), penalty_number=f"示例市监罚〔2026〕{self.number}号",
        )  # fmt: skip
        self.later(2)
        reward_case = RewardCase.objects.get(report=report)
        self.do(
            reward_case, "assess_reward", Role.HANDLER, outcome="reward", others_differ=True,
            reward_level="second", fine_yuan="60000", touches_life=True, finance_agrees=True,
            assessment_reason="提供了违法事实和直接证据，与查明的一致。",
        )  # fmt: skip
        if self.county == SHOWN:
            self.told(reward_case)
            self.later(2)
            words = "我交了内部出库单和录像，都是直接证据，请按一级认定。"
            reviewing.ask(report, words=words, by=None, at=self.at())
        elif self.county == PAID:
            self.paid(reward_case)
        protecting.ask(
            report, kind="exposed", words="车间里有人在打听是谁举报的，请替我保密。", by=None, at=self.at()
        )

    def told(self, reward_case: RewardCase) -> None:
        """A second officer agrees, a leader approves, the reporter is told."""
        self.do(reward_case, "review_reward", SECOND, outcome="agree")
        self.later(1)
        self.do(reward_case, "approve_reward", Role.LEADER, outcome="approve")
        self.do(reward_case, "tell_reward", Role.HANDLER, told_channel="status")

    def paid(self, reward_case: RewardCase) -> None:
        """The reporter claims in cash by code, and finance pays."""
        self.told(reward_case)
        self.later(1)
        part = Reward.objects.get(report=reward_case.report)
        order = rewards.claim(part, password="", way="cash", account="", by=None, at=self.at())
        self.later(1)
        receipt = rewards.Receipt(is_paid=True, paid_on=self.day, receipt_number=f"示例收据{self.number}")
        rewards.record_payment(order, receipt, by=self.officer(FINANCE), at=self.at())

    def both(self) -> None:
        submission = self.receive(date(2026, 11, 18), report=True)
        self.later(1)
        self.do(submission.complaint, "examine", Role.INTAKE, outcome="pass")
        self.do(submission.report, "triage_report", Role.INTAKE, outcome="verify")


STAGES: dict[str, Callable[[_Story], Any]] = {
    name: getattr(_Story, name)
    for name in (
        "received", "overdue", "id_pending", "accepted", "refused", "mediating", "testing", "agreed", "terminated",
        "verifying", "filed", "both",
    )
}  # fmt: skip
SEVERAL: dict[str, Callable[[_Story], Any]] = {"by_agent": _Story.by_agent, "jointly": _Story.jointly}

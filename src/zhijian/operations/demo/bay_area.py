"""Invented disputes handed over between Guangdong, Hong Kong and Macao, each at a stage of its own. 合成数据.

A second run finds them there and adds none; in a home whose days are sealed already nothing is added.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.bay_area import services
from zhijian.apps.consumer.bay_area.codes import COUNCILS, PERSONAL_FIELDS
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.apps.consumer.complaints.people import Person
from zhijian.engines.facts.models import Seal
from zhijian.engines.procedures import services as procedures
from zhijian.operations.demo.days import moment
from zhijian.operations.seed.officers import invented_officer
from zhijian.security.models import Officer, Organisation, Role

_BEGINS, _EVENING = moment(11, 21, 9), 18
ACCOUNTS = {
    "council-handler": "粤港澳转办：核对、联系、告知 / transfers with Hong Kong and Macao: check, contact, tell",
    "council-leader": "粤港澳转办：批准转出 / transfers: approve",
}
_AGREED = services.Agreed(tuple(PERSONAL_FIELDS), "在网上单独勾选")
_OUT: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("hk", "示例弥敦道表行", "M06", "手表", "12800", "买的手表走时不准，修了三次没有修好，店家拒绝退款。", "settled"),
    ("hk", "示例铜锣湾化妆品店", "M04", "面霜", "688", "面霜用后红肿，店家说开封不退。", "settled"),
    ("mo", "示例新马路手信店", "M01", "杏仁饼", "320", "买的手信第二天就发霉，店家不肯退款。", "talking"),
    ("hk", "示例尖沙咀药行", "M03", "药材", "2400", "按两报价却按钱收费，付款前没有说明。", "returned"),
    ("mo", "示例路氹珠宝店", "M07", "项链", "5600", "项链的成色和标签不一样，要求退货。", "sent"),
    ("hk", "示例旺角电器行", "M06", "耳机", "1299", "拆开发现不是全新，店家只肯换同款展示品。", "checked"),
    ("hk", "示例沙田书店", "M10", "童车", "880", "童车的轮子松脱，店家要求自己寄回厂家。", "new"),
    ("mo", "示例氹仔酒店", "M13", "房间", "1500", "提前一周退房，店家扣了全款。", "revoked"),
)  # fmt: skip
_IN: tuple[tuple[str, str, str, str, str, str, str, str], ...] = (
    ("hk", "440106", "示例天河電器行", "電飯煲", "699", "HKD", "買的電飯煲第二天就不通電，店家拒絕退換。", "settled"),
    ("mo", "440402", "示例拱北美容院", "美容卡", "3000", "MOP", "美容院停業，卡裡的錢退不到。", "escalated"),
    ("hk", "440305", "示例南山傢俬店", "沙發", "8200", "CNY", "送來的沙發顏色不對，店家不肯換。", "contacted"),
    ("hk", "440106", "示例天河診所", "看診", "500", "HKD", "看診收費與報價不同，要求退還差額。", "returned"),
    ("mo", "440104", "示例越秀茶行", "茶葉", "460", "CNY", "茶葉有霉味，店家說拆封不退。", "new"),
)  # fmt: skip


def seed() -> int:
    """Hand over the disputes; return how many were new. All or none are written."""
    if Transfer.objects.exists() or Seal.objects.filter(sealed_through__gte=_BEGINS).exists():
        return 0
    with transaction.atomic():
        desk = _Desk()
        for out in _OUT:
            desk.send_out(*out)
        for number, into in enumerate(_IN):
            desk.take_in(number, *into)
    return len(_OUT) + len(_IN)


class _Desk:
    """The council's desk: one act after the other through the working hours of some days."""

    def __init__(self) -> None:
        self.random = Random("bay area")  # noqa: S311 - invented data
        self.clock = _BEGINS
        unit, _ = Organisation.objects.get_or_create(
            code=services.COUNCIL_UNIT,
            defaults={
                "name": "示例广东省消费者委员会",
                "name_en": "Guangdong Consumer Council (example)",
                "level": "department",
                "parent": Organisation.objects.filter(code="amr-440000").first(),
                "division_code": services.AREA,
                "is_synthetic": True,
            },
        )
        self.handler = invented_officer(
            "council-handler", unit, (Role.HANDLER,), "示例转办员", "Sample officer of transfers"
        )
        self.leader = invented_officer(
            "council-leader", unit, (Role.LEADER,), "示例转办负责人", "Sample head of transfers"
        )

    @property
    def at(self) -> datetime:
        self.clock += timedelta(minutes=75)
        if self.clock.hour >= _EVENING:
            self.clock = (self.clock + timedelta(days=1)).replace(hour=_BEGINS.hour, minute=0)
        return self.clock

    def do(self, transfer: Transfer, task: str, by: Officer, **data: Any) -> None:
        assert transfer.case is not None
        item = transfer.case.work_items.get(task=task, state="open")
        procedures.complete(item, data=data, by=by, at=self.at)

    # --------------------------------------------------------------------------------------------------------- outgoing

    def send_out(
        self, council: str, trader: str, goods: str, what: str, amount: str, facts: str, stage: str
    ) -> None:
        number = Transfer.objects.count()
        made, _ = services.hand_in(
            services.Dispute(
                council=council,
                language="en" if number == 1 else "zh-hant",
                trader_name=trader,
                facts=facts,
                goods_code=goods,
                goods=what,
                claim="退款",
                currency=COUNCILS[council].currency,
                amount=Decimal(amount),
                bought_on=date(2026, 10, 3 + number),
                evidence="单据照片1张",
                division_code=("440106", "440305")[number % 2],
            ),
            Person(name=f"示例消费者{number}", phone=f"1380000{4300 + number}"),
            _AGREED,
            by=None,
            at=self.at,
            randomness=self.random.randbytes,
            is_synthetic=True,
        )
        if stage == "revoked":
            services.revoke_consent(made, by=None, at=self.at)
        elif stage != "new":
            self._go(made, stage)

    def _go(self, made: Transfer, stage: str) -> None:
        self.do(made, "check_package", self.handler, outcome="send", check_reason="材料齐全，同意有效。")
        if stage == "checked":
            return
        self.do(made, "send_package", self.leader, decision="send", decision_reason="同意转出。")
        if stage == "sent":
            return
        if stage == "returned":
            self._hear(made, "RETURNED", "藥材由衛生部門監管，不屬本會範圍。")
            return
        self._hear(made, "ACKNOWLEDGED", "")
        self._hear(made, "IN_CONTACT", "已去信商戶。")
        if stage == "settled":
            self._hear(made, "SETTLED", "商戶同意退款。")
            self.do(made, "tell_consumer", self.handler, way="phone", words="商户同意退款，七日内原路退回。")

    def _hear(self, made: Transfer, status: str, note: str) -> None:
        message = f"{made.number[-8:]}-{status}"
        services.reply(
            made.partner,
            made.number,
            message_no=message,
            status=status,
            note=note,
            reference=f"{made.council.upper()}-S-{made.pk:04d}",
            by=None,
            at=self.at,
        )

    # --------------------------------------------------------------------------------------------------------- incoming

    def take_in(
        self, number: int, council: str, place: str, trader: str, goods: str, amount: str, currency: str, facts: str, stage: str
    ) -> None:  # fmt: skip
        row = {
            "reference": f"{council.upper()}-2026-{1000 + number}",
            "language": "zh-hant",
            "consumer_name": f"示例黃{number}",
            "consumer_phone": f"+852 5500 00{number:02d}",
            "id_type": "hk_macao_permit",
            "id_number": f"{'H' if council == 'hk' else 'M'}0000000{number}",
            "consents_to_transfer": True,
            "trader_name": trader,
            "division_code": place,
            "goods": goods,
            "facts": facts,
            "claim": "退款",
            "currency": currency,
            "amount": amount,
        }
        taken = services.receive(
            COUNCILS[council], row, by=None, at=self.at, randomness=self.random.randbytes, is_synthetic=True
        )
        made = Transfer.objects.get(number=taken.number)
        outcome = {"returned": "return", "escalated": "escalate", "new": ""}.get(stage, "contact")
        if not outcome:
            return
        reason = "医疗服务的收费由卫生健康部门处理。" if stage == "returned" else "商户在广东，属于消费争议。"
        self.do(made, "examine", self.handler, outcome=outcome, examination_reason=reason)
        if stage == "settled":
            self.do(made, "contact_trader", self.handler, result="settled", answer="商户同意换新。")

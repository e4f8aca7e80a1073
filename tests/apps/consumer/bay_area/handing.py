"""What the tests of the platform share: disputes, deliveries, and the steps of their cases."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.apps.consumer.complaints.casework import at
from zhijian.apps.consumer.bay_area import services
from zhijian.apps.consumer.bay_area.codes import COUNCILS, PERSONAL_FIELDS
from zhijian.apps.consumer.bay_area.models import Transfer
from zhijian.apps.consumer.complaints.people import Person
from zhijian.engines.procedures import services as procedures

HK, MO = COUNCILS["hk"], COUNCILS["mo"]
DISPUTE = services.Dispute(
    council="hk",
    language="zh-hant",
    trader_name="示例港岛钟表行",
    trader_address="香港示例道1号",
    facts="买的手表走时不准，店家三次修理都没有修好，拒绝退款。",
    goods_code="M06",
    goods="手表",
    claim="退款",
    currency="HKD",
    amount=Decimal("12800.00"),
    bought_on=date(2026, 8, 15),
    evidence="单据照片2张",
    division_code="440106",
)
PERSON = Person(
    name="示例陈小明", phone="13800004321", email="ming@example.com", address="示例街8号", id_number="X1"
)
AGREED = services.Agreed(tuple(PERSONAL_FIELDS), "在网上单独勾选")
ROW = {
    "reference": "HKCC-2026-0001",
    "language": "zh-hant",
    "consumer_name": "示例黃大文",
    "consumer_phone": "+852 5500 0000",
    "id_type": "hk_macao_permit",
    "id_number": "H01234567",
    "consents_to_transfer": True,
    "trader_name": "示例廣東電器有限公司",
    "division_code": "440106",
    "goods": "電飯煲",
    "facts": "在天河買的電飯煲第二天就不通電，店家拒絕退換。",
    "claim": "退款",
    "currency": "HKD",
    "amount": "699.00",
}


class Desk:
    """The council's desk. `day` is the day of the next act."""

    def __init__(self, journey, handler, leader):
        self.journey, self.handler, self.leader = journey, handler, leader
        self.day = date(2026, 9, 21)
        self.random = Random("bay area")

    @property
    def at(self):
        return at(self.day)

    def later(self, days=1):
        self.day += timedelta(days=days)
        self.journey.day = self.day

    def hand_in(self, dispute=DISPUTE, person=PERSON, consent=AGREED, **more):
        return services.hand_in(
            dispute,
            person,
            consent,
            by=None,
            at=self.at,
            randomness=self.random.randbytes,
            is_synthetic=True,
            **more,
        )[0]

    def receive(self, council=HK, **changed):
        return services.receive(
            council,
            {**ROW, **changed},
            by=None,
            at=self.at,
            randomness=self.random.randbytes,
            is_synthetic=True,
        )

    def received(self, **changed):
        return Transfer.objects.get(number=self.receive(**changed).number)

    def do(self, transfer, task, by, **data):
        item = transfer.case.work_items.get(task=task, state="open")
        procedures.complete(item, data=data, by=by, at=self.at)
        return Transfer.objects.get(pk=transfer.pk)

    def tasks(self, transfer):
        return set(transfer.case.work_items.filter(state="open").values_list("task", flat=True))

    def checked(self, transfer):
        return self.do(transfer, "check_package", self.handler, outcome="send", check_reason="材料齐全")

    def sent(self):
        return self.do(
            self.checked(self.hand_in()), "send_package", self.leader, decision="send", decision_reason="同意"
        )

    def hear(self, transfer, status, note="", message_no="", council=HK):
        self.heard = getattr(self, "heard", 0) + 1
        services.reply(
            council, transfer.number, message_no=message_no or f"m{self.heard}", status=status, note=note, by=None, at=self.at
        )  # fmt: skip
        return Transfer.objects.get(pk=transfer.pk)

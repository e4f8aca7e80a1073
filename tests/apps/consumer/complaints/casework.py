"""What journeys share: a submission of a given day, and a step handed in by its name."""

from datetime import date, datetime, time
from decimal import Decimal

from zhijian.apps.consumer.complaints import receiving
from zhijian.apps.consumer.complaints.entries import (
    ComplaintEntry,
    ReportEntry,
    Respondent,
    SubmissionEntry,
)
from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport
from zhijian.apps.consumer.complaints.people import Person
from zhijian.engines.procedures import services as procedures
from zhijian.standards.calendar import ZONE

SHOP = Respondent(
    name="示例禾满食品有限公司", code="91440106MA9XH0T01X", address="示例路1号", division_code="440106"
)
CONSUMER = Person(
    name="示例张三",
    phone="13800001234",
    address="示例街2号",
    id_type="resident",
    id_number="440106199001010011",
)
DISPUTE = ComplaintEntry(
    facts_text="买到的饼干已经过期，商家不退。",
    claims=("refund", "compensate"),
    goods="饼干",
    knew_on=date(2026, 9, 1),
    amount_yuan=Decimal("58.00"),
    consents_to_publish=True,
)
GYM = Respondent(name="示例闪光健身", code="91440106MA9XH0T02X", address="示例路2号", division_code="440106")
CARD = ComplaintEntry(
    facts_text="办了健身卡，店门关了，打电话没人接，卡里的钱退不了。",
    claims=("refund",),
    goods="健身卡",
    topic_code="M1101",
    is_prepaid=True,
)
CLUE = ReportEntry(clue_text="该店货架上摆放过期饼干。", factual_basis="照片三张", special_field="")


def at(day: date, hour: int = 10) -> datetime:
    """A moment of a day in China time."""
    return datetime.combine(day, time(hour), tzinfo=ZONE)


class Journey:
    """One office at work. `day` is the day on which the next step happens."""

    def __init__(self, office):
        self.office = office
        self.day = date(2026, 9, 21)
        self.count = 0

    def receive(self, *, complaint=DISPUTE, report=None, reporter=None, respondent=SHOP, **more):
        self.count += 1
        entry = SubmissionEntry(
            receipt_number=f"{self.day:%Y%m%d}-{self.count:06d}-0",
            channel="portal",
            raw_text="示例",
            first_received_at=at(self.day, 9),
            competent_received_at=at(self.day, 9),
            received_by=self.office.unit,
            respondent=respondent,
            complaint=complaint,
            report=report,
            reporter=reporter,
            is_synthetic=True,
            **{"parties": (CONSUMER,) if complaint else (), **more},
        )
        return receiving.register(entry, by=None, at=at(self.day, 9))

    def complaint(self, **more) -> Complaint:
        return Complaint.objects.get(submission=self.receive(**more))

    def report(self, *, clue=CLUE, reporter=CONSUMER, **more) -> ViolationReport:
        submission = self.receive(complaint=None, report=clue, reporter=reporter, **more)
        return ViolationReport.objects.get(submission=submission)

    def do(self, matter, task, by, **data):
        """Hand in the open step `task` of a matter's case."""
        item = self.step(matter, task)
        procedures.complete(item, data=data, by=by, at=at(self.day))
        return type(matter).objects.get(pk=matter.pk)

    def step(self, matter, task):
        return matter.case.work_items.get(task=task, state="open")

    def open_steps(self, matter) -> set[str]:
        return set(matter.case.work_items.filter(state="open").values_list("task", flat=True))

    def message(self, matter, name, **data):
        procedures.send_message(matter.case, name, data, by=None, at=at(self.day))
        return type(matter).objects.get(pk=matter.pk)

    def accepted(self, **more) -> Complaint:
        """A complaint that the county accepted today."""
        complaint = self.complaint(**more)
        self.do(complaint, "examine", self.office.intake, outcome="pass")
        return self.do(
            complaint,
            "decide_acceptance",
            self.office.handler,
            outcome="accept",
            contact="示例李 020-00000000",
        )

    def in_mediation(self, **more) -> Complaint:
        complaint = self.accepted(**more)
        return self.do(
            complaint,
            "arrange_mediation",
            self.office.handler,
            outcome="mediate",
            mode="on_site",
            mediators="示例王、示例赵",
        )

    def mediate(self, complaint, outcome, **more) -> Complaint:
        session = {
            "mode": "on_site",
            "held_on": self.day.isoformat(),
            "attended": ["complainant", "respondent"],
            "statement": "示例调解情况",
        }
        return self.do(complaint, "mediate", self.office.mediator, outcome=outcome, **session, **more)

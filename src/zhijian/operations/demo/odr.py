"""Rooms of online dispute resolution on the invented complaints: each county's stand at stages of their own. 合成数据.

A second run finds the rooms there and adds none; in a home whose days are sealed already nothing is added.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from random import Random

from django.conf import settings
from django.db import transaction
from PIL import Image

from zhijian.apps.consumer.complaints.codes import ComplaintState
from zhijian.apps.consumer.complaints.intake import handing_in
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.odr import opening, packages, referrals, rules, services
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, DisputeBody, Invitation, OdrEnterprise, Room
from zhijian.apps.consumer.odr.registers import ODR_ENTERPRISES
from zhijian.engines.facts.models import Seal
from zhijian.engines.registers.declared import services as declared
from zhijian.operations.demo.complaints import COUNTIES
from zhijian.operations.demo.days import moment
from zhijian.operations.seed.officers import unit_code
from zhijian.security.models import Officer, Role

_BEGINS = moment(11, 26, 14)
_DONE_BY, _OPEN_UNTIL = "2026-12-10", "2026-12-04"


def seed(counties: Sequence[str] = COUNTIES) -> int:
    """Open the rooms and refer some complaints; return how many rooms were new. All or none are written."""
    if Room.objects.exists() or Seal.objects.filter(sealed_through__gte=_BEGINS).exists():
        return 0
    with transaction.atomic():
        for place, county in enumerate(counties):
            _County(place, county).tell()
    return Room.objects.count()


class _County:
    """What happens in the rooms of one county."""

    def __init__(self, place: int, county: str) -> None:
        self.place, self.county = place, county
        self.random = Random(f"odr {county}")  # noqa: S311 - invented data
        self.minutes = 0

    def at(self) -> datetime:
        """Return the next moment: one act after the other, three minutes apart."""
        self.minutes += 3
        return moment(11, 26, 14 + self.minutes // 60, self.minutes % 60)

    def officer(self, role: str) -> Officer:
        return Officer.objects.get(username=f"{role}-{self.county}")

    def complaint(self, state: str) -> Complaint | None:
        found = Complaint.objects.filter(is_synthetic=True, organisation__code=unit_code(self.county))
        several = found.select_related("organisation", "submission").prefetch_related("steps").order_by("pk")
        return next((one for one in several if one.state == state and not hasattr(one, "odr_room")), None)

    def tell(self) -> None:
        mediated = self.complaint(ComplaintState.MEDIATING)
        if mediated is not None:
            room = opening.open_room(mediated, by=self.officer(Role.MEDIATOR), at=self.at())
            _MEDIATIONS[self.place % len(_MEDIATIONS)](self, room)
        early = self.complaint(ComplaintState.RECEIVED)
        if early is not None and self.place < len(_EARLY):
            _EARLY[self.place](self, self.enterprise(early))
        accepted = self.complaint(ComplaintState.ACCEPTED)
        if accepted is not None and accepted.consents_to_delegation:
            self.refer(accepted)

    # ------------------------------------------------------------------------------------------------ what they do

    def enter(self, room: Room) -> tuple[str, Invitation]:
        """The firm is invited and both come in; returns the firm's code with its invitation."""
        by = self.officer(Role.HANDLER)  # another one than the mediator who seals
        code = opening.invite(room, by=by, at=self.at(), randomness=self.random.randbytes)
        opening.come_in(room, CONSUMER, by=None, at=self.at())
        opening.come_in(room, FIRM, by=None, at=self.at())
        return code, room.invitations.latest("issued_at")

    def offer(self, room: Room, side: str, amount: int, what: str) -> int:
        made = services.offer(
            room, amount=str(amount), what=what, done_by=_DONE_BY, open_until=_OPEN_UNTIL, side=side, by=None, at=self.at()
        )  # fmt: skip
        return int(made.number)

    def price(self, room: Room) -> int:
        return int(room.complaint.amount_yuan or Decimal(100))

    def haggle(self, room: Room) -> int:
        """The consumer asks for all, the firm offers half; returns the number of the firm's offer."""
        self.offer(room, CONSUMER, self.price(room), "退货，运费由商家承担。")
        services.say(room, "商品没有质量问题，可以先退一半。", side=FIRM, by=None, at=self.at())
        return self.offer(room, FIRM, self.price(room) // 2, "商品由消费者留用。")

    def agree(self, room: Room) -> tuple[str, Invitation]:
        """Up to a text that waits for confirmation."""
        code, invitation = self.enter(room)
        self.haggle(room)
        number = self.offer(room, CONSUMER, self.price(room) * 4 // 5, "商品由消费者退回。")
        services.accept(room, number, side=FIRM, by=None, at=self.at())
        return code, invitation

    def sign(self, room: Room, side: str, code: str, invitation: Invitation | None = None) -> None:
        text = services.pending_agreement(room)
        assert text is not None
        services.confirm(
            room, code=code, side=side, digest=text.digest, invitation=invitation, by=None, at=self.at()
        )

    def consumer_code(self, room: Room) -> str:
        key = room.complaint.submission.send_key
        assert key is not None
        return handing_in.code_for(key)

    def picture(self, room: Room, side: str, shade: int, *, discloses: bool) -> None:
        out = io.BytesIO()
        Image.new("RGB", (640, 480), (shade, 200, 180)).save(out, "PNG")
        services.hand_in(
            room, [out.getvalue()], "示例凭证.png", side=side, discloses=discloses, media=settings.HOME.media, by=None, at=self.at()
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------------- in mediation

    def talking(self, room: Room) -> None:
        self.enter(room)
        self.picture(room, CONSUMER, 120 + self.place, discloses=True)
        self.picture(room, FIRM, 60 + self.place, discloses=False)
        self.haggle(room)
        services.note_to(
            room, "对方愿意退一半，您的底线是多少？只有您和我看得到。", to=CONSUMER, by=self.officer(Role.MEDIATOR), at=self.at()
        )  # fmt: skip

    def concluded(self, room: Room) -> None:
        code, invitation = self.agree(room)
        self.sign(room, CONSUMER, self.consumer_code(room))
        self.sign(room, FIRM, code, invitation)
        mediator = self.officer(Role.MEDIATOR)
        services.conclude(room, by=mediator, at=self.at())
        for side in (CONSUMER, FIRM):
            services.ask_for_court(room, side=side, by=None, at=self.at())
        packages.issue_judicial(room, by=mediator, at=self.at())

    def failed(self, room: Room) -> None:
        self.enter(room)
        number = self.haggle(room)
        services.decline(room, number, side=CONSUMER, by=None, at=self.at())
        mediator = self.officer(Role.MEDIATOR)
        services.end_without(room, statement="消费者明确表示不接受。", by=mediator, at=self.at())
        claim = packages.Claim(Decimal(self.price(room)), {want.code: True for want in rules.WANTS})
        packages.issue_small_claim(room, claim, by=mediator, at=self.at())

    def half_signed(self, room: Room) -> None:
        self.agree(room)
        self.sign(room, CONSUMER, self.consumer_code(room))

    def appointed(self, room: Room) -> None:
        self.enter(room)
        made = services.appoint(
            room, starts="2026-12-03T10:00", way="phone", place="届时由调解员分别拨打。", by=self.officer(Role.MEDIATOR), at=self.at()
        )  # fmt: skip
        services.answer_appointment(room, made.sequence, comes=True, side=CONSUMER, by=None, at=self.at())

    # --------------------------------------------------------------------------------------------- before acceptance

    def enterprise(self, complaint: Complaint) -> tuple[Room, str]:
        """The firm joined; it is asked first."""
        if not OdrEnterprise.objects.filter(uscc=complaint.respondent_code).exists():
            row = {
                "key": f"ODR-9{self.place:03d}", "name": complaint.respondent_name, "uscc": complaint.respondent_code,
                "division_code": self.county, "trade_code": "retail", "promise_days": "5", "service_phone": "020-00000000",
                "contact_name": "示例联络人", "valid_from": "2026-06-01", "valid_to": "", "tags": "消费", "is_synthetic": "1",
            }  # fmt: skip
            declared.add(
                ODR_ENTERPRISES, row, reason="演示：企业签署承诺", by=self.officer(Role.LEADER), at=self.at()
            )
        return opening.invite_enterprise(
            complaint, by=self.officer(Role.INTAKE), at=self.at(), randomness=self.random.randbytes
        )

    def waiting(self, opened: tuple[Room, str]) -> None:
        """Nobody has come in yet."""

    def negotiating(self, opened: tuple[Room, str]) -> None:
        room, _code = opened
        opening.come_in(room, FIRM, by=None, at=self.at())
        self.offer(room, FIRM, self.price(room) * 7 // 10, "")

    def settled(self, opened: tuple[Room, str]) -> None:
        room, code = opened
        opening.come_in(room, FIRM, by=None, at=self.at())
        number = self.offer(room, FIRM, self.price(room), "商品由消费者退回，运费由商家承担。")
        opening.come_in(room, CONSUMER, by=None, at=self.at())
        services.accept(room, number, side=CONSUMER, by=None, at=self.at())
        self.sign(room, CONSUMER, self.consumer_code(room))
        self.sign(room, FIRM, code, room.invitations.latest("issued_at"))
        services.conclude(room, by=self.officer(Role.HANDLER), at=self.at())

    def refer(self, complaint: Complaint) -> None:
        body = DisputeBody.objects.order_by("key").first()
        if body is None:
            return
        by = self.officer(Role.HANDLER)
        made = referrals.refer(
            complaint, body_key=body.key, reason="双方愿意由行业组织调解。", by=by, at=self.at()
        )
        if self.place == 1:
            referrals.answer(made, outcome="taken", text="已联系双方，下周调解。", by=by, at=self.at())


_MEDIATIONS = (_County.talking, _County.concluded, _County.failed, _County.half_signed, _County.appointed)
_EARLY = (_County.waiting, _County.negotiating, _County.settled)

"""What tests of rooms share: a room in mediation, both codes, and the acts of each side."""

from datetime import date, timedelta

from django.conf import settings

from tests.apps.consumer.complaints.casework import at
from zhijian.apps.consumer.complaints.intake import handing_in, receipts
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.apps.consumer.complaints.people import PARTIES, address_for_notices
from zhijian.apps.consumer.odr import opening, services
from zhijian.apps.consumer.odr.models import CONSUMER, FIRM, OdrEnterprise
from zhijian.security.sealed_text import seal

CODE = "7K4M-22QX"


def drawn(length):
    """Randomness that is none: each call gives other bytes."""
    drawn.count = getattr(drawn, "count", 0) + 1
    return bytes((drawn.count * 7 + place * 11) % 256 for place in range(length))


class Table:
    """One complaint in mediation, its room, the consumer's code and the firm's."""

    def __init__(self, journey):
        self.journey, self.office = journey, journey.office
        journey.day = date(2026, 9, 21)
        self.complaint = give_receipt(journey.in_mediation(), 4821)
        self.room = opening.open_room(self.complaint, by=self.office.mediator, at=self.now)
        self.firm_code = self.invite()
        for side in (CONSUMER, FIRM):
            opening.come_in(self.room, side, by=None, at=self.now)

    @property
    def now(self):
        return at(self.journey.day, 11)

    @property
    def invitation(self):
        return self.room.invitations.order_by("-pk").first()

    def invite(self, by=None):
        by = by or self.office.handler
        return opening.invite(self.room, by=by, at=self.now, randomness=drawn)

    def another_mediator(self):
        mediator = self.office.mediator
        return type(mediator).objects.create(
            username="m2", organisation=self.office.unit, roles=["mediator"], is_synthetic=True
        )

    def later(self, days):
        self.journey.day += timedelta(days=days)

    def offer(self, side, amount="58", what="退货", *, days=10, **more):
        last = (self.journey.day + timedelta(days=days)).isoformat()
        given = {"done_by": last, "open_until": last, **more}
        return services.offer(self.room, amount=amount, what=what, side=side, by=None, at=self.now, **given)

    def accept(self, number, side):
        return services.accept(self.room, number, side=side, by=None, at=self.now)

    def confirm(self, side, code=None):
        text = services.pending_agreement(self.room)
        code = code or (CODE if side == CONSUMER else self.firm_code)
        invitation = self.invitation if side == FIRM else None
        return services.confirm(
            self.room, code=code, side=side, digest=text.digest, invitation=invitation, by=None, at=self.now
        )

    def agree(self):
        """Offer, counter-offer, acceptance: a text that waits."""
        self.offer(CONSUMER, "58.00")
        made = self.offer(FIRM, "40.00", "商品留用")
        return self.accept(made.number, CONSUMER)

    def conclude(self):
        self.agree()
        self.confirm(CONSUMER)
        self.confirm(FIRM)
        return services.conclude(self.room, by=self.office.mediator, at=self.now)

    def state(self):
        return Complaint.objects.get(pk=self.complaint.pk).state


def give_receipt(complaint, drawn_number):
    """Give a complaint the receipt that a consumer would hold; an e-mail address is sealed anew under its number."""
    submission = complaint.submission
    emails = {one: address_for_notices(one) for one in submission.parties.all()}
    submission.receipt_number = receipts.new_number(
        date(2026, 9, 21), lambda length: drawn_number.to_bytes(length, "big")
    )
    submission.receipt_code_hash = receipts.digest(CODE, handing_in.STATUS, settings.SECRET_KEY)
    submission.save()
    for party, email in emails.items():
        party.email_sealed = seal(email, key=PARTIES, context=f"{submission.receipt_number}/email")
        party.save()
    return complaint


def enterprise(uscc, at):
    """Put a firm on the register of ODR enterprises."""
    return OdrEnterprise.objects.create(
        key="ODR-T001", name="示例企业", uscc=uscc, division_code="440106", trade_code="retail", promise_days=5,
        service_phone="020-00000000", is_synthetic=True, valid_from=date(2026, 1, 1), changed_at=at,
    )  # fmt: skip

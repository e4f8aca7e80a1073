"""What is kept of a room: what each side said, offered, handed in and confirmed. Rows are added, never changed."""

from django.db import models

from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.documents.models import Document
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer

CONSUMER, FIRM, MEDIATOR, OFFICE, SYSTEM = "consumer", "firm", "mediator", "office", "system"
PARTIES = (CONSUMER, FIRM)
ALL = "all"  # whom an event is for: everybody in the room; else one party and the mediator


def other(side: str) -> str:
    """Return the other party."""
    return FIRM if side == CONSUMER else CONSUMER


class DisputeBody(DeclaredEntry):
    """A third-party body that settles consumer disputes (第三方争议解决机构)."""

    kind_code = models.CharField(max_length=20)
    scope = models.CharField(max_length=300)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=40)
    is_free = models.BooleanField(default=False)
    works_online = models.BooleanField(default=False)
    contact_name = models.CharField(max_length=60, blank=True)


class ServiceStation(DeclaredEntry):
    """A station where consumers are helped on the spot (消费维权服务站)."""

    kind_code = models.CharField(max_length=20)
    host = models.CharField(max_length=200)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=40)
    hours = models.CharField(max_length=100)
    settled_last_year = models.PositiveIntegerField(null=True, blank=True)
    contact_name = models.CharField(max_length=60, blank=True)


class OdrEnterprise(DeclaredEntry):
    """A firm that settles disputes with consumers online before they become complaints (ODR企业)."""

    trade_code = models.CharField(max_length=20)
    promise_days = models.PositiveSmallIntegerField()
    service_phone = models.CharField(max_length=40)
    contact_name = models.CharField(max_length=60, blank=True)


class Room(models.Model):
    """The parties' room of one complaint; a report has none. The row itself is only the lock that acts wait for."""

    number = models.CharField(max_length=60, unique=True)
    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="odr_room")
    is_for_enterprise = models.BooleanField(default=False)  # begun by the firm before acceptance
    created_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return str(self.number)


class RoomEvent(AppendOnlyModel):
    """One thing that happened in a room. Each carries the hash of the one before it."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()  # from 1 without a gap
    verb = models.CharField(max_length=24)
    side = models.CharField(max_length=10)
    audience = models.CharField(max_length=10, default=ALL)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["room_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["room", "sequence"], name="odr_events_in_order")]


class Invitation(AppendOnlyModel):
    """The code by which the registered entity comes in. Only its hash is kept."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="invitations")
    uscc = models.CharField(max_length=60)
    firm_name = models.CharField(max_length=200)
    code_hash = models.CharField(max_length=64)
    issued_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_at", "-id"]


class InvitationEnd(AppendOnlyModel):
    """An invitation was taken back, or another took its place."""

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=200)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class NoticeAddress(models.Model):
    """Where a side wants to be told by e-mail that something is new; sealed, for the messenger alone.

    The firm's holds as long as the invitation under which it was given. Taken back, the row is gone.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="addresses")
    side = models.CharField(max_length=10)
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.PROTECT, related_name="+")
    email_sealed = models.TextField()
    mask = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "side"], name="odr_one_address_a_side")]


class Offer(AppendOnlyModel):
    """What one side offers: what the firm pays and does, by when, and until when it may be accepted."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="offers")
    number = models.PositiveIntegerField()  # within the room, from 1
    side = models.CharField(max_length=10)
    answers = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="counters"
    )  # the offer that it counters
    amount_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    what = models.CharField(max_length=500)
    done_by = models.DateField()
    expires_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["room_id", "number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="odr_offers_in_order")]


class OfferEnd(AppendOnlyModel):
    """How an offer ended, once: accepted, declined, withdrawn or countered."""

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="end")
    verb = models.CharField(max_length=12)
    side = models.CharField(max_length=10)
    at = models.DateTimeField()


class RoomFile(AppendOnlyModel):
    """A document of one side, kept by the engine of evidence."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=10)
    file = models.OneToOneField(EvidenceFile, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["room_id", "number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="odr_files_in_order")]


class Disclosure(AppendOnlyModel):
    """The side that handed a document in lets the other side see it. It cannot be unseen, so it is not taken back."""

    room_file = models.OneToOneField(RoomFile, on_delete=models.PROTECT, related_name="disclosure")
    at = models.DateTimeField()


class Agreement(AppendOnlyModel):
    """The text that an accepted offer makes, with its digest: what both sides confirm."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="agreements")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="agreement")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["room_id", "id"]


class AgreementEnd(AppendOnlyModel):
    """A side, or the mediator, does not stand by the text: the talk goes on."""

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="end")
    side = models.CharField(max_length=10)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()


class Confirmation(AppendOnlyModel):
    """One side's signature: with its code typed once more, under the digest of the text."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="confirmations")
    side = models.CharField(max_length=10)
    mark = models.CharField(max_length=64)  # keyed hash of code and digest
    invitation = models.ForeignKey(
        Invitation, null=True, on_delete=models.PROTECT, related_name="+"
    )  # the firm's: the code that was typed
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "side"], name="odr_one_signature_a_side")]


class Conclusion(AppendOnlyModel):
    """The agreement took effect: as a mediation agreement with its paper, or as a settlement before mediation.

    `officer` sealed it; none where a settlement took effect by the signatures alone, as it did before.
    """

    room = models.OneToOneField(Room, on_delete=models.PROTECT, related_name="conclusion")
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="conclusion")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField()
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class CourtRequest(AppendOnlyModel):
    """One side asks that the agreement go to the court; it goes when both did."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="court_requests")
    side = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "side"], name="odr_one_request_a_side")]


class Package(AppendOnlyModel):
    """A hand-over to the court as it was issued: its bytes lie under their hash."""

    JUDICIAL, SMALL_CLAIM = "judicial", "small_claim"

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="packages")
    kind = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    manifest = models.JSONField()
    issued_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-issued_at", "-id"]


class Referral(AppendOnlyModel):
    """A complaint was referred to a third-party body, which answers by a day."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="odr_referrals")
    body_key = models.CharField(max_length=40, db_index=True)
    body_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    referred_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    referred_at = models.DateTimeField()
    due_on = models.DateField()

    class Meta:
        ordering = ["-referred_at", "-id"]


class ReferralAnswer(AppendOnlyModel):
    """What the body answered, once."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="answer")
    outcome = models.CharField(max_length=12)
    text = models.CharField(max_length=500)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ReferralResult(AppendOnlyModel):
    """What came of a referral that the body took on, once."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="result")
    outcome = models.CharField(max_length=12)
    text = models.CharField(max_length=500)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

"""What is kept of a transfer. What names the consumer lies sealed; a status is the last of the steps, never stored beside them."""

from typing import ClassVar

from django.db import models

from zhijian.apps.consumer.bay_area.codes import (
    COUNCILS,
    CURRENCIES,
    DIRECTION_WORDS,
    LANGUAGES,
    STATUS_WORDS,
    Council,
    Status,
)
from zhijian.apps.consumer.complaints.intake.models import IntakeKey
from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer


class Transfer(models.Model):
    """One dispute that is handed over the border, in either direction. Sums are in `currency`, as given."""

    number = models.CharField(max_length=40, unique=True)
    direction = models.CharField(
        max_length=3, choices=[(code, zh) for code, (zh, _) in DIRECTION_WORDS.items()]
    )
    council = models.CharField(max_length=2, choices=[(one.code, one.name[0]) for one in COUNCILS.values()])
    reference = models.CharField(max_length=80, blank=True)  # the other side's number
    content_digest = models.CharField(max_length=64, blank=True)  # of what came in under the reference
    case = models.OneToOneField(Case, null=True, on_delete=models.PROTECT, related_name="bay_area")
    complaint = models.ForeignKey(
        Complaint, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )  # out: the one it arose from; in: the one that an authority got
    language = models.CharField(max_length=8, choices=[(code, zh) for code, (zh, _) in LANGUAGES.items()])
    trader_name = models.CharField(max_length=200)
    trader_address = models.CharField(max_length=300, blank=True)
    trader_code = models.CharField(
        max_length=18, blank=True
    )  # in: the firm of the register, where one was found
    division_code = models.CharField(
        max_length=9, blank=True
    )  # in: where the trader is; out: where the consumer is
    goods_code = models.CharField(max_length=10)  # a field of the taxonomy of consumer matters
    goods = models.CharField(max_length=200, blank=True)
    facts = models.TextField()
    claim = models.CharField(max_length=300, blank=True)
    currency = models.CharField(max_length=3, choices=[(code, zh) for code, (zh, _) in CURRENCIES.items()])
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    bought_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=500, blank=True)  # a list in words; files follow on request
    person_sealed = models.TextField()
    person_mask = models.CharField(max_length=20)
    code_hash = models.CharField(max_length=64, blank=True)  # of the code that opens the status page
    send_key = models.UUIDField(
        null=True, blank=True, unique=True
    )  # the same form sent twice is one transfer
    received_at = models.DateTimeField(db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["council", "reference"],
                condition=models.Q(direction="in"),
                name="bay_area_one_transfer_per_reference",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def partner(self) -> Council:
        return COUNCILS[self.council]

    @property
    def history(self) -> "list[TransferStep]":
        return sorted(self.steps.all(), key=lambda step: step.sequence)

    @property
    def status(self) -> Status:
        return Status(self.history[-1].status)

    @property
    def status_words(self) -> tuple[str, str]:
        return STATUS_WORDS[self.status]


class Consent(models.Model):
    """The separate consent to hand personal data across the border: which data, to whom, when; revocable until sent."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="consent")
    fields = models.JSONField()
    receiver = models.CharField(max_length=100)
    given_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    way = models.CharField(max_length=300)  # on the page, or how an officer asked
    revoked_at = models.DateTimeField(null=True, blank=True)


class TransferStep(AppendOnlyModel):
    """Who said or did what, and where the transfer stood afterwards."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    status = models.CharField(max_length=24, db_index=True)
    origin = models.CharField(max_length=10)  # us, them, consumer
    officer = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    message_no = models.CharField(max_length=80, blank=True)  # of the other side's message, which comes once

    class Meta:
        ordering: ClassVar = ["transfer", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transfer", "sequence"], name="bay_area_steps_in_order"),
            models.UniqueConstraint(
                fields=["transfer", "message_no"],
                condition=~models.Q(message_no=""),
                name="bay_area_a_message_once",
            ),
        ]

    @property
    def words(self) -> tuple[str, str]:
        return STATUS_WORDS[self.status]


class Line(models.Model):
    """Where a council is told of what is new. Without a line it reads by its key, and packages go as files."""

    council = models.CharField(max_length=2, unique=True)
    address = models.CharField(max_length=300)
    key = models.ForeignKey(IntakeKey, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()


class Message(models.Model):
    """What leaves for the other side: a package or an echo. Sealed until it arrived, then only its digest is kept."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=8)  # package, echo
    body_sealed = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, db_index=True)  # None: no line, read or carried
    state = models.CharField(
        max_length=8, default="waiting", db_index=True
    )  # waiting, sending, sent, dead, file
    tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

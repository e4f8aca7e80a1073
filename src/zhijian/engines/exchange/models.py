"""Application, decision, key, revocation, delivery, arrival. Each is written once: together they are the audit record."""

from datetime import date

from django.db import models

from zhijian.engines.exchange.catalogue import DataService, data_services
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class Purpose(models.TextChoices):
    SUPERVISION = "supervision", "监管执法"
    SERVICE = "service", "政务服务"
    STATISTICS = "statistics", "统计分析"


class DataLevel(models.TextChoices):
    PUBLIC = "public", "公开"
    INTERNAL = "internal", "内部"
    PERSONAL = "personal", "个人信息"


class Application(AppendOnlyModel):
    """Who wants which columns, of which area, for what, on which legal basis, until when."""

    service = models.CharField(max_length=60)
    columns = models.JSONField()
    region = models.CharField(max_length=6, blank=True)  # a division; empty: the whole province
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    reason = models.CharField(max_length=500)
    legal_basis = models.CharField(max_length=300)
    until = models.DateField()  # the last day
    webhook = models.URLField(max_length=300, blank=True)
    applicant = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="exchange_applications")
    organisation_name = models.CharField(max_length=100)
    applied_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-applied_at", "-id"]

    def __str__(self) -> str:
        return f"{self.service} {self.organisation_name}"

    @property
    def state(self) -> str:
        """One of waiting, approved, rejected, revoked."""
        if not hasattr(self, "decision"):
            return "waiting"
        if hasattr(self, "revocation"):
            return "revoked"
        return "approved" if self.decision.is_approved else "rejected"

    @property
    def declared(self) -> DataService | None:
        """The service applied for; None where it is offered no more."""
        return data_services().get(self.service)

    def state_on(self, day: date) -> str:
        """As `state`, or ended where an approved grant's last day is over."""
        return "ended" if self.state == "approved" and day > self.until else self.state


class Decision(AppendOnlyModel):
    """What a steward of the owning unit decided: up to which level, how many rows a day."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="decision")
    is_approved = models.BooleanField()
    level = models.CharField(max_length=10, choices=DataLevel.choices)
    rows_per_day = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="exchange_decisions")
    decided_at = models.DateTimeField()


class Key(AppendOnlyModel):
    """A key's digest. The newest key of an application counts; the key itself is nowhere."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_to = models.CharField(max_length=150)

    class Meta:
        ordering = ["-id"]


class Revocation(AppendOnlyModel):
    """The end of a grant before its day."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=500)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="exchange_revocations")
    revoked_at = models.DateTimeField()


class Delivery(AppendOnlyModel):
    """What left: to whom, which columns and rows, and the digest of the very bytes."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="deliveries")
    way = models.CharField(max_length=10)  # pull or push
    columns = models.JSONField()
    version = models.BigIntegerField()
    since = models.BigIntegerField(null=True)  # empty: the whole table
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=200)  # sent; of a push: sending, and its arrival says how it ended
    delivered_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-delivered_at", "-id"]

    @property
    def result(self) -> str:
        """How it ended: sent, why it did not arrive, or sending where nobody came back to say."""
        return str(self.arrival.outcome if hasattr(self, "arrival") else self.outcome)


class Arrival(AppendOnlyModel):
    """How a push ended. The push itself is on record before its first byte leaves."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="arrival")
    outcome = models.CharField(max_length=200)  # sent, or why it did not arrive
    arrived_at = models.DateTimeField()

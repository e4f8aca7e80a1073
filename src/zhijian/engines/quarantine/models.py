"""One act on one refused row: who, when, why, what it said before and what it says now. Added to, never changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class Action(models.TextChoices):
    FIX = "fix", "修正并重交"
    WAIVE = "waive", "按原样放行"
    RETURN = "return", "退回来源"


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", "已收下"
    REFUSED = "refused", "又错"
    RETURNED = "returned", "已退回"


class Resolution(AppendOnlyModel):
    """The `step`-th act on a row of the quarantine; the row itself stays in the lake as it was delivered."""

    contract = models.CharField(max_length=100)
    delivery_sha256 = models.CharField(max_length=64)
    source_line = models.BigIntegerField()
    step = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    changes = models.JSONField(default=list)  # [{field, before, after}]
    rule_ids = models.JSONField(default=list)  # the rules that the row had broken
    findings = models.JSONField(default=list)  # what it breaks still, where it was refused again
    reason = models.CharField(max_length=500, blank=True)
    correction_sha256 = models.CharField(
        max_length=64, blank=True
    )  # the delivery that carries the corrected row
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="quarantine_resolutions")
    organisation_name = models.CharField(max_length=100)
    resolved_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-resolved_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "delivery_sha256", "source_line", "step"], name="one_act_per_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.delivery_sha256[:8]}#{self.source_line} {self.step} {self.outcome}"

    @property
    def key(self) -> tuple[str, str, int]:
        return self.contract, self.delivery_sha256, self.source_line

    @property
    def is_final(self) -> bool:
        """Whether the row is done with: taken in, or back at its source."""
        return self.outcome != Outcome.REFUSED

    @property
    def state(self) -> str:
        """One of fixed, waived, returned, refused."""
        if self.outcome == Outcome.ACCEPTED:
            return "fixed" if self.action == Action.FIX else "waived"
        return str(self.outcome)

"""What repair keeps of its own: which public record a case is about, how it stood, and what came of it. Records are facts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhijian.engines.procedures.models import Case


class Act(models.TextChoices):
    """What a case does to a public record."""

    REPAIR = "repair", "信用修复"
    REVOKE = "revoke", "撤销修复"
    WITHDRAW = "withdraw", "撤回公示"


class RepairMatter(models.Model):
    """A case that ends the publicity of a record, takes such an end back, or withdraws the record. One at a time."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="repair_matter")
    act = models.CharField(max_length=20, choices=Act.choices)
    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    fact_kind = models.CharField(max_length=60)
    source = models.CharField(max_length=80)
    source_key = models.CharField(max_length=200)
    stood_as = models.JSONField()  # occurred_on, published_on, payload, legal_basis, is_synthetic
    regime = models.CharField(max_length=20)  # by which text it is repaired; see rules.Regime
    asked_by = models.CharField(
        max_length=60, blank=True
    )  # the firm's person; empty: registered by an officer
    of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="revocations"
    )  # of a revocation: the repair that is taken back
    arose_on = models.DateField()  # the application; of a withdrawal: when the decision fell
    decision_no = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(
        max_length=20, blank=True
    )  # granted, refused, returned; revoked, kept; withdrawn, changed, kept
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_key"],
                condition=Q(outcome=""),
                name="repair_one_open_case_per_record",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["source", "source_key"], name="repair_by_record")]

    def __str__(self) -> str:
        return f"{self.case} {self.act} {self.fact_kind}"

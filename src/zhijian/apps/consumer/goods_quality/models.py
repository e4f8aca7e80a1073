"""Sampling rounds, injuries without persons, recalls; notices of injuries that wait; assessments of risks."""

from django.db import models

from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Officer

WHOLE_PROVINCE = "440000"


class SamplingRound(DeclaredEntry):
    """The published result of one round of sampling: how many batches, how many failed, in what."""

    category_code = models.CharField(max_length=10, db_index=True)
    design_code = models.CharField(max_length=20)
    stage_code = models.CharField(max_length=20)
    batches = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    failed_items = models.CharField(max_length=500, blank=True)
    authority = models.CharField(max_length=100)


class InjuryReport(DeclaredEntry):
    """One injury with a product, without anybody's data: `name` is the product."""

    category_code = models.CharField(max_length=10, db_index=True)
    model_number = models.CharField(max_length=100, blank=True)
    age_code = models.CharField(max_length=10)
    sex_code = models.CharField(max_length=10)
    place_code = models.CharField(max_length=10)
    activity = models.CharField(max_length=100, blank=True)
    hazard_code = models.CharField(max_length=20)
    nature_code = models.CharField(max_length=20)
    body_part_code = models.CharField(max_length=20)
    severity_code = models.CharField(max_length=10)
    source_code = models.CharField(max_length=20)
    suspects_defect = models.BooleanField(default=False)
    narrative = models.CharField(max_length=500, blank=True)


class GoodsRecall(DeclaredEntry):
    """A recall as it was published: `name` is the product, `uscc` the producer's."""

    category_code = models.CharField(max_length=10, db_index=True)
    model_number = models.CharField(max_length=100)
    batches = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    remedied = models.PositiveIntegerField(default=0)
    hazard_code = models.CharField(max_length=20)
    defect = models.CharField(max_length=500)
    remedy_code = models.CharField(max_length=20)


class InjuryNotice(models.Model):
    """A report of an injury as it was handed in; an officer enters it on the register or leaves it, with a reason."""

    number = models.CharField(max_length=24, unique=True)
    row = models.JSONField()
    received_at = models.DateTimeField(db_index=True)
    decision = models.CharField(max_length=10, blank=True)  # entered, left
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return self.number

    @property
    def division_code(self) -> str:
        """Where it happened; a report that does not say so is for the province's unit."""
        return str(self.row.get("division_code") or "") or WHOLE_PROVINCE


class RiskAssessment(models.Model):
    """A risk of a product, beside its case: why it came up, how it was assessed, what was decided."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="goods_risk")
    number = models.CharField(max_length=24, unique=True)
    category_code = models.CharField(max_length=10, db_index=True)
    product = models.CharField(max_length=100)
    model_number = models.CharField(max_length=100, blank=True)
    producer = models.CharField(max_length=100, blank=True)
    producer_code = models.CharField(max_length=18, blank=True)
    signal = models.CharField(max_length=12)
    grounds = models.CharField(max_length=500)
    hazard_code = models.CharField(max_length=20, blank=True)
    scenario = models.CharField(max_length=500, blank=True)
    severity = models.PositiveSmallIntegerField(null=True, blank=True)
    steps = models.JSONField(default=list)  # probabilities
    level = models.CharField(max_length=10, blank=True)
    lower = models.CharField(max_length=10, blank=True)
    higher = models.CharField(max_length=10, blank=True)
    assessed_by = models.ForeignKey(
        Officer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    measure = models.CharField(max_length=20, blank=True)
    measure_reason = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True, db_index=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.number

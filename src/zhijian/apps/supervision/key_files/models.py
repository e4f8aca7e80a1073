"""Which firms are under key supervision, why and until when, and what is done about each. Their history is facts, not copied."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer


class Field(models.TextChoices):
    """For what a firm is supervised more closely."""

    FOOD = "food", "食品"
    DRUG = "drug", "药品和医疗器械"
    EQUIPMENT = "equipment", "特种设备"
    PRODUCT = "product", "工业产品"
    OTHER = "other", "其他"


class KeyFile(models.Model):
    """A firm under key supervision in one field."""

    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9, db_index=True)
    field = models.CharField(max_length=20, choices=Field.choices)
    ground = models.CharField(max_length=30)  # a rule's code, or "decision"
    reason = models.CharField(max_length=400)
    entered_on = models.DateField()
    review_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    left_reason = models.CharField(max_length=400, blank=True)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["uscc", "field"], condition=Q(left_on=None), name="key_files_one_open_per_field"
            )
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {self.field}"


class KeyMeasure(models.Model):
    """One measure for one firm (一企一策): what, who, until when, and whether it was done."""

    file = models.ForeignKey(KeyFile, on_delete=models.PROTECT, related_name="measures")
    text = models.CharField(max_length=400)
    responsible = models.CharField(max_length=100)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_note = models.CharField(max_length=400, blank=True)
    added_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    added_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["done_on", "due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.file} {self.due_on}"


class KeyMatter(models.Model):
    """The case that decides whether a firm enters, or leaves."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="key_matter")
    act = models.CharField(max_length=10)  # enter, leave
    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    field = models.CharField(max_length=20, choices=Field.choices)
    file = models.ForeignKey(KeyFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, blank=True)  # done, refused

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["uscc", "field"], condition=Q(outcome=""), name="key_files_one_open_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.act}"

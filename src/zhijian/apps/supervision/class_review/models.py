"""A class that people look at again: what the model said, who asked, and what two officers decided. Internal."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhijian.engines.procedures.models import Case


class ReviewMatter(models.Model):
    """One request to look at a class again. The letters stand here alone: neither title nor log says a class."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="class_review")
    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    scope = models.CharField(max_length=20)  # general, or the code of a sector
    model_class = models.CharField(max_length=1)
    model_score = models.PositiveSmallIntegerField()
    month = models.CharField(max_length=7)
    decided_class = models.CharField(max_length=1, blank=True)
    until = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)  # changed, kept
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["uscc", "scope"], condition=Q(outcome=""), name="class_review_one_open_per_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.scope}"

"""What the lists keep of their own: which firm and ground a case is about, and what came of it. The listings are facts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from zhijian.engines.procedures.models import Case


class Act(models.TextChoices):
    """What a case does to a list."""

    LIST = "list", "列入经营异常名录"
    REMOVE = "remove", "移出经营异常名录"
    LIST_SERIOUS = "list_serious", "列入严重违法失信名单"


class ListingMatter(models.Model):
    """A case that puts a firm on a list or takes it off, for one ground or one penalty."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="listing_matter")
    act = models.CharField(max_length=20, choices=Act.choices)
    uscc = models.CharField(max_length=18, db_index=True)
    name = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=20)  # enterprise, individual
    ground_code = models.CharField(max_length=60)  # of the abnormal list; of the serious list: the family
    penalty_no = models.CharField(max_length=100, blank=True)
    penalty_types = models.JSONField(default=list, blank=True)
    restricted_until = models.DateField(null=True, blank=True)
    arose_on = models.DateField()  # the day from which the listing runs; of a removal: the application
    notified_on = models.DateField(
        null=True, blank=True
    )  # the notice of an intended serious listing was served
    decision_no = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["uscc", "act", "ground_code", "penalty_no"],
                condition=Q(outcome=""),
                name="listing_one_open_case_per_ground",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.act}"

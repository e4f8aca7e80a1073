"""What firms published when it arose. Every version is added and none is changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel, Fact


class Information(AppendOnlyModel):
    """One piece of information as it was published; a correction is a further version of the same number."""

    uscc = models.CharField(max_length=18, db_index=True)
    number = models.PositiveIntegerField()
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    firm_name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9, blank=True)
    arose_on = models.DateField()
    values = models.JSONField()
    filed_by = models.CharField(max_length=100)
    filed_at = models.DateTimeField()
    is_late = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)  # of a correction
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["uscc", "-number", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["uscc", "number", "version"], name="information_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {self.number} v{self.version}"

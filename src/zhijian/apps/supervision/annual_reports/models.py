"""What firms filed and what they are filling in. Every version is added and none is changed."""

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel, Fact


class Draft(AppendOnlyModel):
    """What somebody of the firm typed so far. Each save is a version: nothing typed is lost."""

    uscc = models.CharField(max_length=18)
    year = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    typed = models.JSONField()
    chosen = models.JSONField(default=list)
    saved_by = models.CharField(max_length=100)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["uscc", "year", "version"]
        constraints = [models.UniqueConstraint(fields=["uscc", "year", "version"], name="drafts_in_order")]


class Report(AppendOnlyModel):
    """A filed report. A correction is a further version beside the first."""

    uscc = models.CharField(max_length=18)
    year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=30)
    firm_name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9, blank=True)
    values = models.JSONField()
    chosen = models.JSONField(default=list)  # fields that are public because the firm chose so
    filed_by = models.CharField(max_length=100)
    filed_at = models.DateTimeField()
    is_late = models.BooleanField()
    received_on = models.DateField(
        null=True
    )  # the day a report on paper came in; none where the firm filed itself
    reason = models.CharField(max_length=300, blank=True)  # of a correction
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["uscc", "-year", "-version"]
        constraints = [models.UniqueConstraint(fields=["uscc", "year", "version"], name="reports_in_order")]
        indexes = [models.Index(fields=["year", "division_code"], name="reports_by_place")]

    def __str__(self) -> str:
        return f"{self.uscc} {self.year} v{self.version}"

"""What a declared register stores beside its entries: deliveries of files, and the rows that were refused."""

from datetime import date

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.engines.registers.models import RegisterEntry
from zhijian.security.models import Officer


class DeclaredEntry(RegisterEntry):
    """Base of every entry: a stable key, where it lies, whom it concerns, from when until when it holds."""

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    division_code = models.CharField(max_length=9, blank=True, db_index=True)
    tags = models.JSONField(default=list, blank=True)
    is_synthetic = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day; empty: no end is set
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-valid_from", "key"]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    def stands_on(self, day: date) -> bool:
        """Whether the entry holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Delivery(AppendOnlyModel):
    """One file that a keeper handed in: its hash, and what became of its rows."""

    register = models.CharField(max_length=64, db_index=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    organisation_name = models.CharField(max_length=100)
    delivered_at = models.DateTimeField()

    class Meta:
        ordering = ["-delivered_at", "-id"]
        indexes = [models.Index(fields=["register", "sha256"], name="deliveries_by_file")]

    def __str__(self) -> str:
        return f"{self.register} {self.file_name}"


class RefusedRow(AppendOnlyModel):
    """A row that did not come in: as it was delivered, and each reason with its remedy."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="refused_rows")
    line = models.PositiveIntegerField()
    row = models.JSONField()
    problems = models.JSONField()

    class Meta:
        ordering = ["delivery", "line"]
        constraints = [models.UniqueConstraint(fields=["delivery", "line"], name="a_row_is_refused_once")]

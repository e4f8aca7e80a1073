"""A file as it was handed in, and everything that happened to it since. Rows are added, never changed."""

import uuid

from django.db import models

from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class CustodyVerb(models.TextChoices):
    RECEIVED = "received", "收到"
    VIEWED = "viewed", "查看"
    HANDED_OVER = "handed_over", "移交"
    EXPORTED = "exported", "导出"


class EvidenceFile(AppendOnlyModel):
    """One file of one case. Its bytes lie under their hash and are never written again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_kind = models.CharField(max_length=60)
    owner_id = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    mime = models.CharField(max_length=100)
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=150)
    note = models.CharField(max_length=200, blank=True)
    received_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    received_from = models.CharField(max_length=60, blank=True)  # in words, where no officer handed it in
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [models.Index(fields=["owner_kind", "owner_id"], name="evidence_owner")]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:8]}"

    @property
    def is_picture(self) -> bool:
        return str(self.mime).startswith("image/")


class CustodyEvent(AppendOnlyModel):
    """One link of the chain: who had the file in hand, what for, when. Each carries the hash of the one before it."""

    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="custody")
    sequence = models.PositiveIntegerField()  # from 1 without a gap
    verb = models.CharField(max_length=12, choices=CustodyVerb.choices)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    who = models.CharField(max_length=160)  # name and unit at that time
    whom = models.CharField(max_length=160, blank=True)  # of a handing over: to whom
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["file_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["file", "sequence"], name="evidence_custody_place")]

"""Recordings of checks by their hash: the film itself stays where it is kept. Rows are added and never changed."""

from django.db import models

from zhijian.apps.supervision.inspection.models import Check
from zhijian.engines.facts.models import AppendOnlyModel
from zhijian.security.models import Officer


class Recording(AppendOnlyModel):
    """One file of a body camera: which, from when to when, who keeps it, until when at least."""

    check_record = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="recordings")
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    device = models.CharField(max_length=40)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    keeper = models.CharField(max_length=100)
    keep_until = models.DateField()
    origin = models.CharField(
        max_length=10
    )  # browser: its file was hashed here; station: from the station's list
    registered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["check_record", "begun_at"]


class RefusedRow(AppendOnlyModel):
    """A row of a collecting station's list that was not taken, with the reasons. Its sender mends and sends it again."""

    file_name = models.CharField(max_length=150)
    line = models.PositiveIntegerField()
    row = models.JSONField()
    reasons = models.JSONField()
    sent_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "line"]


class RecordingUse(AppendOnlyModel):
    """That somebody asked the keeper for the film, for which purpose and in which matter."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=20)
    matter = models.CharField(max_length=100)
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
